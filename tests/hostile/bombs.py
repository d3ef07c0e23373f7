"""Files that are cheap to send and dear to open: sizes, streams, segments, frames and scans beyond all reason."""

import struct
import zlib
from collections.abc import Iterator

from PIL import Image

from tests.hostile.file import File, Outcome, given
from tests.workers.pictures import (
    chunk,
    gif_blocks,
    moving,
    photo,
    saved,
    segment,
    srgb_profile,
    with_chunks,
    with_segments,
)

REJECT, CLEAN, EITHER = Outcome.REJECT, Outcome.CLEAN, Outcome.EITHER
MB = 1 << 20


def zeros(count: int) -> bytes:
    """A zlib stream of that many zero bytes, made without them: the block of one megabyte over and over."""
    packer, last = (zlib.compressobj(9, zlib.DEFLATED, -15) for _ in range(2))
    block = packer.compress(bytes(MB)) + packer.flush(zlib.Z_FULL_FLUSH)
    tail = last.compress(bytes(count % MB)) + last.flush()
    # Adler-32 of zeros: the lower half stays 1, the upper one counts them.
    return b"\x78\xda" + block * (count // MB) + tail + (count % 65521 << 16 | 1).to_bytes(4, "big")


def png(width: int, height: int, depth: int = 8, kind: int = 6, *, packed: bytes | None = None) -> bytes:
    """A black PNG, whole unless `packed` says what is in it."""
    samples = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[kind]
    head = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    body = zeros(height * (1 + -(-width * samples * depth // 8))) if packed is None else packed
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def gif(width: int, height: int, *, frame: tuple[int, int] = (1, 1), at: tuple[int, int] = (0, 0)) -> bytes:
    """A GIF of one small frame on a canvas of any size."""
    picture = b"\x2c" + struct.pack("<HHHHB", *at, *frame, 0) + b"\x02" + gif_blocks(b"\x44\x01")
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(6) + picture + b"\x3b"


def gif_of(frames: int, side: int, *, delay: int = 4, loop: int = 0) -> bytes:
    """A GIF that repeats two full frames; `delay` in hundredths of a second."""
    shades = [Image.new("P", (side, side), shade) for shade in (0, 1)]
    for shade in shades:
        shade.putpalette([0, 0, 0, 200, 30, 30])
    first, second = (saved(shade, "GIF", optimize=False) for shade in shades)
    head = 13 + (3 << (first[10] & 7) + 1)
    looping = b"\x21\xff\x0bNETSCAPE2.0\3\1" + struct.pack("<HB", loop, 0)
    timed = b"\x21\xf9\4\4" + struct.pack("<HH", delay, 0)
    pair = b"".join(timed + made[made.index(b"\x2c", head) : -1] for made in (first, second))
    return first[:head] + looping + pair * (frames // 2) + b"\x3b"


def riff(*chunks: bytes) -> bytes:
    """A WebP of these chunks."""
    body = b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def piece(name: bytes, body: bytes) -> bytes:
    """One chunk of a WebP."""
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def canvas(width: int, height: int, flags: int = 0) -> bytes:
    """The chunk that gives a WebP a canvas."""
    return piece(
        b"VP8X", bytes([flags, 0, 0, 0]) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    )


def webp_of(frames: int, side: int) -> bytes:
    """A WebP that repeats two frames."""
    data = moving("WEBP", 2, (side, side))
    at = data.index(b"ANMF")
    return riff(data[12:at], data[at:] * (frames // 2))


def progressive(width: int, height: int, scans: int, *, parts: int = 1, again: bool = False) -> bytes:
    """A black progressive JPEG whose scans are a few bytes each and cost a walk over every block.

    `again`: each scan claims to refine all coefficients, which costs most.
    """
    blocks = -(-width // 8) * -(-height // 8)
    places = b"".join(bytes([number, 0x11, 0]) for number in range(1, parts + 1))
    made = [b"\xff\xd8", segment(0xDB, b"\0" + b"\1" * 64)]
    made.append(segment(0xC2, struct.pack(">BHHB", 8, height, width, parts) + places))
    # One code of one bit in each table: "no difference", and "the next 16384 blocks are empty".
    made += [segment(0xC4, b"\x00\1" + bytes(15) + b"\x00"), segment(0xC4, b"\x10\1" + bytes(15) + b"\xe0")]
    first = bytes([parts]) + b"".join(bytes([number, 0]) for number in range(1, parts + 1)) + b"\0\0\0"
    made += [segment(0xDA, first), bytes(-(-blocks * parts // 8) + 8)]
    for scan in range(scans):
        span = bytes([1, 63, 0x10]) if again else bytes([scan % 63 + 1, scan % 63 + 1, 0])
        made += [segment(0xDA, bytes([1, scan % parts + 1, 0]) + span), bytes(-(-blocks // 16384) * 15 // 8 + 8)]
    return b"".join(made) + b"\xff\xd9"


def said(data: bytes, mark: bytes, offset: int, form: str, *values: int) -> bytes:
    """The same file with other numbers behind a mark."""
    changed = bytearray(data)
    struct.pack_into(form, changed, changed.index(mark) + offset, *values)
    return bytes(changed)


def flat(width: int, height: int, kind: str, mode: str = "RGB", **options: object) -> bytes:
    """A picture of one colour: small to send, as dear as any to open."""
    return saved(
        Image.new(mode, (width, height), 90 if mode == "L" else (90, 60, 30, 120)[: len(mode)]), kind, **options
    )


def _sizes() -> Iterator[File]:
    jpeg, heic, avif = (saved(photo(64, 64), kind) for kind in ("JPEG", "HEIF", "AVIF"))
    lossless = saved(photo(64, 64), "WEBP", lossless=True)
    for width, height in ((65_000, 65_000), (65_535, 1), (8_000, 8_000), (0, 64), (64, 0)):
        yield given(f"bomb/jpeg-says-{width}x{height}", said(jpeg, b"\xff\xc0", 5, ">HH", height, width), REJECT)
    for width, height in (
        (2**31 - 1, 2**31 - 1),
        (65_000, 65_000),
        (12_001, 1),
        (1, 12_001),
        (5_200, 5_200),
        (0, 1),
        (2**31, 1),
    ):
        yield given(f"bomb/png-says-{width}x{height}", png(width, height, packed=b""), REJECT)
    for side, depth, kind in ((13_000, 8, 6), (13_000, 1, 0), (20_000, 1, 0), (20_000, 8, 3)):
        yield File(f"bomb/png-{side}-{depth}-{kind}", lambda s=side, d=depth, k=kind: png(s, s, d, k), REJECT)
    for width, height in ((65_535, 65_535), (12_001, 10), (0, 10)):
        yield given(f"bomb/gif-canvas-{width}x{height}", gif(width, height), REJECT)
    yield given("bomb/gif-frame-65535", gif(1, 1, frame=(65_535, 65_535)), REJECT)
    yield given("bomb/gif-frame-far-outside", gif(8, 8, frame=(8, 8), at=(60_000, 60_000)), REJECT)
    for width, height in ((16_383, 16_383), (1 << 24, 1 << 24), (12_001, 1)):
        yield given(f"bomb/webp-canvas-{width}x{height}", riff(canvas(width, height)), REJECT)
    yield given("bomb/webp-lossless-16384", said(lossless, b"VP8L", 9, "<I", 0x0FFFFFFF), REJECT)
    yield given(
        "bomb/webp-lossy-16383", said(saved(photo(64, 64), "WEBP"), b"\x9d\x01\x2a", 3, "<HH", 16_383, 16_383), REJECT
    )
    for name, data in (("heic", heic), ("avif", avif)):
        for side in (0, 20_000, 2**32 - 1):
            yield given(f"bomb/{name}-says-{side}", said(data, b"ispe", 8, ">II", side, side), REJECT)
        yield given(f"bomb/{name}-says-smaller", said(data, b"ispe", 8, ">II", 8, 8))
    small = jpeg[2 : jpeg.index(b"\xff\xda")]
    yield given("bomb/jpeg-two-frame-headers", said(jpeg, b"\xff\xc0", 5, ">HH", 20_000, 20_000)[:2] + small + said(
        jpeg, b"\xff\xc0", 5, ">HH", 20_000, 20_000)[2:], REJECT)  # fmt: skip


def _streams() -> Iterator[File]:
    plain = saved(photo(64, 48), "PNG")
    bomb = b"\0\0" + zeros(200 * MB)
    for name, body in ((b"zTXt", b"Comment" + bomb), (b"iTXt", b"Comment\0\1\0\0" + bomb[1:]), (b"iCCP", b"x" + bomb)):
        yield given(f"bomb/png-{name.decode()}-inflates", with_chunks(plain, [chunk(name, body)]))
    yield File("bomb/png-idat-inflates", lambda: png(64, 48, packed=zeros(200 * MB)), EITHER)
    yield File("bomb/png-70-mb-of-text", lambda: with_chunks(plain, [chunk(b"tEXt", b"a\0" + b"x" * MB)] * 70), REJECT)
    yield File("bomb/png-14-mb-of-text", lambda: with_chunks(plain, [chunk(b"tEXt", b"a\0" + b"x" * MB)] * 14), CLEAN)
    yield File("bomb/png-tiny-texts", lambda: with_chunks(plain, [chunk(b"tEXt", b"a\0b")] * 100_000), REJECT)
    yield File("bomb/png-idat-by-bytes", lambda: _cut_up(plain), EITHER)
    jpeg = saved(photo(64, 48), "JPEG")
    for size, count in ((2_000, 4_000), (60_000, 140), (20, 200_000), (30_000, 480)):
        body = segment(0xE1, b"Exif\0\0" + b"\1" * size)
        yield File(f"bomb/jpeg-{count}-exif-of-{size}", lambda b=body, c=count: with_segments(jpeg, [b] * c), EITHER)
    for marker in (0xE2, 0xEB, 0xED, 0xFE):
        body = segment(marker, b"ICC_PROFILE\0\1\1" + bytes(60_000))
        yield File(f"bomb/jpeg-10-mb-of-{marker:x}", lambda b=body: with_segments(jpeg, [b] * 160), EITHER)
    whole = with_segments(jpeg, [segment(0xE1, b"Exif\0\0" + bytes(60_000))] * 1_700)
    yield given("bomb/jpeg-100-mb-of-exif", whole, REJECT)
    tables = segment(0xC4, b"\x00\1" + bytes(15) + b"\0" + b"\x10\1" + bytes(15) + b"\0") + segment(
        0xDB, b"\0" + b"\1" * 64
    )
    yield given("bomb/jpeg-250-tables", with_segments(jpeg, [tables] * 125))
    yield File(
        "bomb/gif-comments", lambda: gif(8, 8)[:-1] + (b"\x21\xfe" + gif_blocks(b"x")) * 300_000 + b"\x3b", REJECT
    )
    yield File("bomb/gif-pieces-of-a-byte", lambda: gif(8, 8)[:-2] + b"\1\x44" * 4_000_000 + b"\0\x3b", REJECT)
    yield File("bomb/webp-empty-chunks", lambda: riff(canvas(8, 8), piece(b"XXXX", b"") * 500_000), REJECT)
    yield File("bomb/webp-profile-of-14-mb", lambda: riff(
        canvas(64, 48, 0x20), piece(b"ICCP", bytes(14 * MB)), saved(photo(64, 48), "WEBP")[12:]), EITHER)  # fmt: skip
    for kind in ("HEIF", "AVIF"):
        data = saved(photo(64, 48), kind)
        yield File(f"bomb/{kind.lower()}-empty-boxes", lambda d=data: d + b"\0\0\0\x08free" * 1_000_000, EITHER)
    profile = srgb_profile() + bytes(13 * MB)
    yield File("bomb/jpeg-profile-of-13-mb", lambda: saved(photo(64, 48), "JPEG", icc_profile=profile), EITHER)


def _cut_up(data: bytes) -> bytes:
    """The same PNG with a chunk for each byte of its pixels."""
    at = data.index(b"IDAT") - 4
    (length,) = struct.unpack_from(">I", data, at)
    pieces = b"".join(chunk(b"IDAT", data[place : place + 1]) for place in range(at + 8, at + 8 + length))
    return data[:at] + pieces + data[at + 12 + length :]


def _frames() -> Iterator[File]:
    for count, side in ((10_000, 200), (598, 365), (700, 8)):
        yield File(f"bomb/gif-{count}-frames-of-{side}", lambda c=count, s=side: gif_of(c, s), EITHER)
    yield File("bomb/gif-without-delay", lambda: gif_of(20, 40, delay=0), CLEAN)
    yield File("bomb/gif-loops-for-ever", lambda: gif_of(4, 40, loop=65_535), CLEAN)
    for count, side in ((10_000, 64), (598, 120), (700, 8)):
        yield File(f"bomb/webp-{count}-frames-of-{side}", lambda c=count, s=side: webp_of(c, s), EITHER)
    grown = [photo(64, 48), photo(64, 48, seed=2)]
    apng = saved(grown[0], "PNG", save_all=True, append_images=grown[1:])
    yield given("bomb/apng", apng, CLEAN)
    yield given("bomb/apng-says-two-thousand-million-frames", said(apng, b"acTL", 4, ">I", 2**31 - 1))
    yield File("bomb/mpo-of-100", lambda: saved(grown[0], "MPO", save_all=True, append_images=grown[1:] * 50), CLEAN)
    tall = Image.new("P", (40, 9_000))
    yield File("bomb/gif-tall", lambda: saved(tall, "GIF"), CLEAN)


def _dear() -> Iterator[File]:
    """Just within the limits, and as costly as they allow."""
    yield File("dear/png-20-megapixels", lambda: png(5_000, 4_000), CLEAN)
    yield File("dear/png-16-bit", lambda: png(5_000, 4_000, 16, 6), CLEAN)
    yield File("dear/png-over-the-limit", lambda: png(5_200, 5_100, 16, 6), REJECT)
    yield File("dear/webp", lambda: flat(5_000, 4_000, "WEBP", "RGBA", lossless=True, method=0), CLEAN)
    yield File("dear/webp-lossy", lambda: flat(5_000, 4_000, "WEBP", "RGBA", method=0), CLEAN)
    for count, side in ((2_000, 1_200), (60, 1_100)):
        yield File(f"dear/gif-{count}-frames-of-{side}", lambda c=count, s=side: gif_of(c, s), EITHER)
    for kind, options in (("AVIF", {"speed": 10}), ("HEIF", {})):
        hidden = lambda k=kind, o=options: said(flat(3_000, 3_000, k, **o), b"ispe", 8, ">II", 64, 64)  # noqa: E731
        yield File(f"dear/{kind.lower()}-hides-9-megapixels", hidden, EITHER)
    yield File("dear/gif", lambda: saved(Image.new("P", (5_000, 4_000)), "GIF"), CLEAN)
    yield File("dear/avif", lambda: flat(5_000, 4_000, "AVIF", "RGBA", speed=10, subsampling="4:4:4"), CLEAN)
    yield File("dear/avif-as-large-as-photos", lambda: flat(8_192, 6_144, "AVIF", speed=10), REJECT)
    yield File("dear/heic-50-megapixels", lambda: flat(8_192, 6_144, "HEIF", quality=30), CLEAN)
    yield File("dear/heic-no-phone-writes", lambda: flat(8_192, 6_144, "HEIF", "RGBA", quality=30, chroma=444), EITHER)
    yield File("dear/jpeg-52-megapixels", lambda: flat(8_192, 6_144, "JPEG"), CLEAN)
    yield File("dear/jpeg-cmyk", lambda: flat(8_192, 6_144, "JPEG", "CMYK"), CLEAN)
    for parts, scans, again in (
        (1, 12, False),
        (3, 90, False),
        (3, 90, True),
        (4, 12, False),
        (4, 90, True),
        (1, 95, True),
    ):
        name = f"dear/jpeg-progressive-{parts}-parts-{scans}-scans{'-again' * again}"
        yield File(name, lambda p=parts, s=scans, a=again: progressive(8_192, 6_144, s, parts=p, again=a), EITHER)
    yield File("dear/jpeg-200-scans", lambda: progressive(640, 480, 200), REJECT)


def files() -> Iterator[File]:
    """All of them; what is dear to make is made when it is asked for."""
    yield from _sizes()
    yield from _streams()
    yield from _frames()
    yield from _dear()
