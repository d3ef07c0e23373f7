"""Uploads are judged by their bytes alone, without decoding, and never with anything but an answer or a refusal."""

import contextlib
import io
import struct
import zlib
from collections.abc import Callable
from functools import cache
from typing import Any

import pillow_heif
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from memes import formats
from memes.errors import UploadRefused
from memes.formats import MOST_LOOKS, MOST_SEGMENTS
from memes.uploads import MAX_PIXELS, MAX_PIXELS_DRAWN, MAX_SIDE, Inspected, inspect
from workers import images

LIMIT = 15 * 1024 * 1024
#: Multiples of 64, because HEIF states the size of the coded blocks.
WIDTH, HEIGHT = 192, 128


def judged(data: bytes, limit: int = LIMIT) -> Inspected:
    return inspect(io.BytesIO(data), limit=limit)


def refusal(data: bytes, limit: int = LIMIT) -> str:
    with pytest.raises(UploadRefused) as refused:
        judged(data, limit)
    return refused.value.reason


def picture(mode: str = "RGB") -> Image.Image:
    gradient = Image.linear_gradient("L").resize((WIDTH, HEIGHT))
    return Image.merge("RGB", (gradient, gradient.transpose(Image.Transpose.ROTATE_180), gradient)).convert(mode)


def saved(format: str, mode: str = "RGB", **options: Any) -> bytes:
    file = io.BytesIO()
    picture(mode).save(file, format, **options)
    return file.getvalue()


def heic() -> bytes:
    file = io.BytesIO()
    pillow_heif.from_pillow(picture()).save(file)
    return file.getvalue()


@cache
def samples() -> dict[str, bytes]:
    exif = Image.Exif()
    exif[0x010E] = "about \xff\xd9 this picture"
    frames = [picture().rotate(angle) for angle in (90, 180)]
    return {
        "jpeg": saved("JPEG"),
        "jpeg progressive": saved("JPEG", progressive=True, exif=exif, comment=b"\xff\xd9\xff\xda"),
        "jpeg grey": saved("JPEG", "L"),
        "jpeg cmyk": saved("JPEG", "CMYK"),
        "jpeg restarts": saved("JPEG", restart_marker_blocks=1),
        "png": saved("PNG"),
        "png palette": saved("PNG", "P"),
        "png animated": saved("PNG", save_all=True, append_images=frames),
        "gif": saved("GIF"),
        "gif animated": saved("GIF", save_all=True, append_images=frames, duration=100, loop=0, comment=b"; , !"),
        "webp": saved("WEBP"),
        "webp lossless": saved("WEBP", lossless=True),
        "webp extended": saved("WEBP", exif=exif),
        "webp animated": saved("WEBP", save_all=True, append_images=frames),
        "avif": saved("AVIF"),
        "heif": heic(),
    }


KINDS = list(samples())
each_sample = pytest.mark.parametrize("name", KINDS)


@each_sample
def test_a_whole_picture_is_taken_with_format_and_size(name: str) -> None:
    data = samples()[name]
    seen = judged(data)
    assert (seen.format, seen.width, seen.height) == (name.split()[0], WIDTH, HEIGHT)
    assert seen.size == len(data)


@each_sample
def test_what_phones_put_behind_the_picture_is_no_damage(name: str) -> None:
    for tail in (b"\0" * 40, b"\0\0\0\x05junk", b"\0\0\xff\xffSEFT and more", b"PK\x03\x04" * 9, samples()["jpeg"]):
        assert judged(samples()[name] + tail).width == WIDTH


@each_sample
def test_a_picture_cut_anywhere_is_damaged(name: str) -> None:
    data = samples()[name]
    for tenth in range(1, 10):
        assert refusal(data[: max(16, len(data) * tenth // 10)]) == "damaged"
    # The last pieces: a PNG's last checksum, a GIF's last byte, a JPEG's end mark.
    assert refusal(data[:-1]) == "damaged"


PIECES = st.sampled_from([b"\xff", b"\0", b"\xd8", b"\xd9", b"\xda", b"abc", b"\xff\0" * 600])


@given(st.lists(PIECES).map(b"".join), st.integers(0, 20))
def test_a_marker_is_found_where_the_pattern_says(block: bytes, place: int) -> None:
    match = formats._MARKER.search(block, place)
    assert formats._marker(block, place) == (match.start() if match else -1)


@each_sample
def test_the_stream_is_left_rewound(name: str) -> None:
    for data in (samples()[name], samples()[name][:-1]):
        stream = io.BytesIO(data)
        stream.seek(7)
        with contextlib.suppress(UploadRefused):
            inspect(stream, limit=LIMIT)
        assert stream.tell() == 0


def answer(data: bytes) -> Inspected | str:
    try:
        return judged(data)
    except UploadRefused as refused:
        return refused.reason


@given(st.sampled_from(KINDS), st.data())
def test_flipped_and_missing_bytes_give_a_size_or_a_refusal(name: str, data: st.DataObject) -> None:
    broken = bytearray(samples()[name])
    for _ in range(data.draw(st.integers(1, 8))):
        # Most of the structure is in the first bytes.
        place = data.draw(st.integers(0, 120) | st.integers(0, len(broken) - 1))
        broken[place % len(broken)] = data.draw(st.sampled_from([0, 1, 2, 0x7F, 0x80, 0xFF]) | st.integers(0, 255))
    del broken[data.draw(st.integers(1, len(broken))) :]
    seen = answer(bytes(broken))
    if isinstance(seen, Inspected):
        assert 0 < seen.width * seen.height <= MAX_PIXELS
    else:
        assert seen in {"type", "damaged", "too_many_pixels"}


@given(st.sampled_from([data[:16] for data in samples().values()]), st.binary(max_size=300))
def test_anything_behind_a_known_beginning_gives_a_size_or_a_refusal(head: bytes, rest: bytes) -> None:
    seen = answer(head + rest)
    assert isinstance(seen, Inspected) or seen in {"type", "damaged", "too_many_pixels"}


def test_nothing_is_refused_as_empty() -> None:
    assert refusal(b"") == "empty"


def test_a_file_beyond_the_limit_is_refused_and_one_at_the_limit_is_not() -> None:
    data = samples()["png"]
    assert refusal(data, limit=len(data) - 1) == "too_big"
    assert judged(data, limit=len(data)).size == len(data)


@pytest.mark.parametrize(
    "data",
    [
        b"\xff",
        b"GIF88a" + bytes(40),
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<!doctype html><script>alert(1)</script>",
        b"%PDF-1.7\n",
        b"%!PS-Adobe-3.0 EPSF-3.0",
        b"BM" + bytes(60),
        b"II*\0" + bytes(60),
        b"MM\0*" + bytes(60),
        b"\0\0\x01\0" + bytes(60),
        b"8BPS\0\x01" + bytes(60),
        b"SIMPLE  =                    T",
        b"DDS " + bytes(60),
        b"\xff\x0a" + bytes(60),
        b"\0\0\0\x0cJXL \r\n\x87\n",
        b"\0\0\0\x0cjP  \r\n\x87\n",
        b"\0\0\0\x1cftypisom\0\0\x02\0isomiso2mp41heic",
        b"\0\0\0\x18ftypqt  \0\0\0\0qt  heic",
        b"\0\0\0\x18ftypcrx \0\0\0\x01crx isom",
        b"RIFF\x24\0\0\0WAVEfmt ",
        b"RIFF\x24\0\0\0AVI LIST",
        b"PK\x03\x04" + bytes(60),
        b"\x7fELF" + bytes(60),
        b"une histoire",
        bytes(64),
    ],
    ids=lambda data: ascii(data[:12]),
)
def test_anything_else_is_refused_by_its_content(data: bytes) -> None:
    assert refusal(data) == "type"


@pytest.mark.parametrize("name", ["avif", "heif"])
@pytest.mark.parametrize("brand", [b"mif1", b"miaf"])
def test_an_open_brand_lets_the_next_brands_say_the_coding(name: str, brand: bytes) -> None:
    data = samples()[name]
    known = data[8:12]
    end = int.from_bytes(data[:4], "big")
    ftyp = struct.pack(">I", end + 4) + b"ftyp" + brand + data[12:end] + known
    # One more brand moves what follows by four bytes; nothing here follows the offsets to it.
    assert judged(ftyp + data[end:]).format == name


def test_a_header_alone_is_damaged() -> None:
    for data in samples().values():
        assert refusal(data[:12]) == "damaged"


# Sizes that a header states: made by hand, a few bytes each.


def jpeg(width: int, height: int, frames: int = 1) -> bytes:
    small = b"\xff\xc0\0\x0b\x08" + struct.pack(">HH", 1, 1) + b"\x01\x01\x11\0"
    frame = b"\xff\xc2\0\x0b\x08" + struct.pack(">HH", height, width) + b"\x01\x01\x11\0"
    return b"\xff\xd8" + small * (frames - 1) + frame + b"\xff\xda\0\x08\x01\x01\0\0\x3f\0" + b"\x12\xff\0\x34\xff\xd9"


def png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes = b"") -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT") + chunk(b"IEND")


def gif(width: int, height: int, left: int = 0) -> bytes:
    screen = b"GIF89a" + struct.pack("<HHBBB", 1 if left else width, 1 if left else height, 0, 0, 0)
    return screen + b"," + struct.pack("<HHHHB", left, 0, width, height, 0) + b"\x02\x02\x4c\x01\0;"


def webp(chunk: bytes) -> bytes:
    return b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk


def webp_lossy(width: int, height: int) -> bytes:
    return webp(b"VP8 " + struct.pack("<I", 10) + b"\x30\x01\0\x9d\x01\x2a" + struct.pack("<HH", width, height))


def webp_lossless(width: int, height: int) -> bytes:
    bits = max(width - 1, 0) | max(height - 1, 0) << 14
    return webp(b"VP8L" + struct.pack("<I", 6) + b"\x2f" + struct.pack("<I", bits) + b"\0")


def webp_extended(width: int, height: int) -> bytes:
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return webp(b"VP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + sides)


def box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", 8 + len(body)) + kind + body


def boxed(brand: bytes, *sizes: tuple[int, int], mdat: bytes = b"\0\0\0\x0cmdat\1\2\3\4") -> bytes:
    extents = b"".join(box(b"ispe", b"\0\0\0\0" + struct.pack(">II", *size)) for size in sizes)
    meta = box(b"meta", b"\0\0\0\0" + box(b"hdlr", b"") + box(b"iprp", box(b"ipco", box(b"pixi", b"") + extents)))
    return box(b"ftyp", brand + b"\0\0\0\0") + meta + mdat


def avif(width: int, height: int) -> bytes:
    return boxed(b"avif", (1, 1), (width, height), (64, 64))


def heif(width: int, height: int) -> bytes:
    return boxed(b"heic", (width, height), (512, 512))


MAKERS: list[Callable[[int, int], bytes]] = [jpeg, png, gif, webp_lossy, webp_lossless, webp_extended, avif, heif]
each_maker = pytest.mark.parametrize("make", MAKERS)


def most_pixels(make: Callable[[int, int], bytes]) -> int:
    return MAX_PIXELS if make in (jpeg, heif) else MAX_PIXELS_DRAWN


@each_maker
def test_sizes_up_to_both_limits_are_taken(make: Callable[[int, int], bytes]) -> None:
    for width, height in ((MAX_SIDE, 1000), (1000, MAX_SIDE), (10_000, most_pixels(make) // 10_000)):
        seen = judged(make(width, height))
        assert (seen.width, seen.height) == (width, height)


@each_maker
def test_sizes_beyond_either_limit_are_refused(make: Callable[[int, int], bytes]) -> None:
    for width, height in ((MAX_SIDE + 1, 700), (700, MAX_SIDE + 1), (10_000, most_pixels(make) // 10_000 + 1)):
        assert refusal(make(width, height)) == "too_many_pixels"


def test_the_largest_picture_of_common_phones_is_taken() -> None:
    for make in (jpeg, heif):
        assert judged(make(8192, 6144)).width == 8192


def test_the_worker_has_the_same_limits() -> None:
    assert (images.MAX_PIXELS, images.MAX_PIXELS_DRAWN, images.MAX_SIDE) == (MAX_PIXELS, MAX_PIXELS_DRAWN, MAX_SIDE)


@pytest.mark.parametrize("make", [jpeg, png, gif, webp_lossy, avif, heif])
def test_a_side_of_nothing_is_damage(make: Callable[[int, int], bytes]) -> None:
    assert refusal(make(0, 600)) == refusal(make(600, 0)) == "damaged"


@pytest.mark.parametrize("make", [jpeg, png, gif])
def test_a_bomb_of_a_few_bytes_is_refused_for_its_size(make: Callable[[int, int], bytes]) -> None:
    assert refusal(make(65_535, 65_535)) == "too_many_pixels"
    # Even where the file is broken as well, as bombs are: the header is judged first.
    assert refusal(make(65_535, 65_535)[:30]) == "too_many_pixels"


def test_the_largest_of_several_frame_headers_counts() -> None:
    # Decoders take the last one, so a small first one must not hide it.
    assert refusal(jpeg(20_000, 20_000, frames=2)) == "too_many_pixels"
    assert judged(jpeg(800, 600, frames=2)).width == 800


def test_a_gif_that_grows_beyond_its_screen_is_measured_with_it() -> None:
    assert judged(gif(500, 400, left=20)).width == 520
    assert refusal(gif(40_000, 40_000, left=1)) == "too_many_pixels"


def test_a_gif_without_a_picture_is_damaged() -> None:
    assert refusal(b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0, 0, 0) + b";") == "damaged"


def test_a_riff_longer_than_the_file_is_damaged() -> None:
    data = webp_lossy(8, 8)
    assert refusal(data[:4] + struct.pack("<I", len(data)) + data[8:]) == "damaged"


@pytest.mark.parametrize(
    "mdat",
    [
        b"\0\0\0\x0dmdat\1\2\3\4",
        b"\0\0\0\x03mdat\1\2\3\4",
        b"\0\0\0\x01mdat\0\0\0\0\0\0\0\x15\1\2\3\4",
        b"\0\0\0\x01mdat\xff\xff\xff\xff\xff\xff\xff\xff\1\2\3\4",
        b"\0\0\0\x01mdat",
        b"",
    ],
    ids=["longer", "shorter", "long form, longer", "long form, endless", "long form, cut", "missing"],
)
def test_picture_data_that_does_not_fit_the_file_is_damage(mdat: bytes) -> None:
    assert refusal(boxed(b"avif", (8, 8), mdat=mdat)) == "damaged"


@pytest.mark.parametrize("mdat", [b"\0\0\0\0mdat\1\2\3\4", b"\0\0\0\x01mdat\0\0\0\0\0\0\0\x14\1\2\3\4"])
def test_picture_data_up_to_the_end_or_with_a_long_length_is_taken(mdat: bytes) -> None:
    assert judged(boxed(b"avif", (8, 8), mdat=mdat)).width == 8


def test_a_box_that_sticks_out_of_the_one_around_it_is_damage() -> None:
    data = heif(8, 8)
    place = data.index(b"ipco") - 4
    assert refusal(data[:place] + b"\0\0\xff\xff" + data[place + 4 :]) == "damaged"


def test_a_heif_that_states_no_size_is_damaged() -> None:
    assert refusal(boxed(b"heic")) == "damaged"


def test_a_jpeg_of_very_many_segments_is_refused() -> None:
    data = jpeg(8, 8)
    few, many = (b"\xff\xe1\0\x0eExif\0\0pixels" * count for count in (MOST_SEGMENTS - 3, MOST_SEGMENTS))
    assert judged(data[:2] + few + data[2:]).width == 8
    assert refusal(data[:2] + many + data[2:]) == "damaged"


@pytest.mark.parametrize(
    "data",
    [
        gif(8, 8)[:-2] + b"\x01\x00" * (LIMIT // 2 - 100),
        gif(8, 8)[:-1] + b"\0" * (LIMIT - 100) + b";",
        gif(8, 8)[:-1] + b"!\xfe\0" * (LIMIT // 3 - 100) + b";",
        png(8, 8)[:33] + b"\0\0\0\0teXt\0\0\0\0" * (LIMIT // 12 - 100) + png(8, 8)[33:],
        box(b"ftyp", b"avif\0\0\0\0") + b"\0\0\0\x08free" * (LIMIT // 8 - 100),
    ],
    ids=["gif pieces", "gif fill", "gif comments", "png chunks", "boxes"],
)
def test_a_file_of_nothing_but_tiny_pieces_is_given_up_early(data: bytes) -> None:
    class Counting(io.BytesIO):
        taken = 0

        def read(self, size: int | None = -1) -> bytes:
            taken = super().read(size)
            Counting.taken += len(taken)
            return taken

    with pytest.raises(UploadRefused, match="damaged"):
        inspect(Counting(data), limit=LIMIT)
    assert Counting.taken < 13 * MOST_LOOKS


def test_a_scan_full_of_stuffed_bytes_is_stepped_over() -> None:
    data = jpeg(8, 8)
    for filler in (b"\xff\0", b"\xff\xff", b"\xff\xd0", b"\0\0"):
        assert judged(data[:-2] + filler * ((LIMIT - 200) // 2) + data[-2:]).width == 8


def test_an_end_mark_across_two_blocks_is_found() -> None:
    data = jpeg(8, 8)
    for size in range(64 * 1024 - 60, 64 * 1024 + 4):
        assert judged(data[:-2] + b"\x12" * size + data[-2:]).width == 8


def test_reading_holds_no_more_than_one_block() -> None:
    class Blocks(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            assert size is not None
            assert 0 < size <= 64 * 1024
            return super().read(size)

    for data in samples().values():
        inspect(Blocks(data + bytes(1_000_000)), limit=LIMIT)
