"""Make the pictures that the tests send: every format, each slot of metadata filled, each with a canary in it.

Everything is generated, always the same bytes of pixels from the same seed (the legacy generator of numpy is frozen
for good), and nothing comes from a stranger's file. `CANARY` stands in every slot that can hold a text.
"""

import functools
import io
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pillow_heif
from numpy.typing import NDArray
from PIL import Image, ImageCms

CANARY = "Canari-Fatima-6A"
_C = CANARY.encode()
ALL = frozenset({"author", "comment", "device", "place", "thumbnail", "time"})

pillow_heif.register_heif_opener()


@dataclass(frozen=True)
class Picture:
    """A file as sent, the size a person would see, and what its metadata tells."""

    name: str
    data: bytes
    size: tuple[int, int]
    tells: frozenset[str] = frozenset()


@functools.lru_cache(maxsize=64)
def texture(width: int, height: int, seed: int = 1) -> NDArray[np.uint8]:
    """Return (height, width, 3) pixels that look like a photo: soft shapes, an edge, grain. Integer arithmetic only."""
    random = np.random.RandomState(seed)
    grid = random.randint(0, 256, (9, 9, 3)).astype(np.int64)
    y, x = np.arange(height) * 8 * 256 // height, np.arange(width) * 8 * 256 // width
    iy, ix, fy, fx = y >> 8, x >> 8, (y & 255)[:, None, None], (x & 255)[None, :, None]
    upper = grid[iy][:, ix] * (256 - fx) + grid[iy][:, ix + 1] * fx
    lower = grid[iy + 1][:, ix] * (256 - fx) + grid[iy + 1][:, ix + 1] * fx
    pixels = (upper * (256 - fy) + lower * fy) >> 16
    pixels[height // 3 : height // 2, width // 4 : width // 2] //= 2
    pixels += random.randint(-5, 6, (height, width, 1))
    made = np.clip(pixels, 0, 255).astype(np.uint8)
    made.flags.writeable = False  # shared by all who ask for the same
    return made


def photo(width: int = 420, height: int = 300, seed: int = 1) -> Image.Image:
    """Return `texture` as an image."""
    return Image.fromarray(texture(width, height, seed))


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    """Encode with Pillow."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


# --- EXIF, XMP, IPTC, ICC ---


def exif(orientation: int = 1, order: str = "<") -> bytes:
    """Return a TIFF block with place, time, device, author, comment and an embedded thumbnail."""
    thumbnail = with_segments(saved(photo(80, 60), "JPEG"), [segment(0xFE, _C)])
    text = _C + b"\0"
    main: list[tuple[int, int, bytes | int]] = [
        (0x010E, 2, text), (0x010F, 2, b"Kamera\0"), (0x0110, 2, b"Model " + text), (0x0112, 3, orientation),
        (0x0131, 2, b"App " + text), (0x0132, 2, b"2026:03:08 10:11:12\0"), (0x013B, 2, text), (0x8298, 2, text),
        (0x8769, 4, 0), (0x8825, 4, 0), (0x9C9D, 1, CANARY.encode("utf-16-le")),
    ]  # fmt: skip
    detail: list[tuple[int, int, bytes | int]] = [
        (0x9003, 2, b"2026:03:08 10:11:12\0"), (0x927C, 7, b"MAKER\0" + _C * 3), (0x9286, 7, b"ASCII\0\0\0" + _C),
        (0xA430, 2, text), (0xA431, 2, b"SN " + text),
    ]  # fmt: skip
    rational = struct.pack(order + "6I", 34, 1, 1, 1, 1514, 100)
    gps: list[tuple[int, int, bytes | int]] = [
        (0, 1, b"\2\3\0\0"), (1, 2, b"N\0"), (2, 5, rational), (3, 2, b"W\0"), (4, 5, rational), (0x1D, 2, text),
    ]  # fmt: skip
    small: list[tuple[int, int, bytes | int]] = [(0x0103, 3, 6), (0x0201, 4, 0), (0x0202, 4, len(thumbnail))]
    sizes = [len(_directory(d, order, 0, 0)) for d in (main, detail, gps, small)]
    starts = [8 + sum(sizes[:index]) for index in range(5)]
    main[8], main[9], small[1] = (0x8769, 4, starts[1]), (0x8825, 4, starts[2]), (0x0201, 4, starts[4])
    blocks = [
        _directory(d, order, start, starts[3] if d is main else 0)
        for d, start in zip((main, detail, gps, small), starts, strict=False)
    ]
    return (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8) + b"".join(blocks) + thumbnail


def _directory(entries: list[tuple[int, int, bytes | int]], order: str, start: int, following: int) -> bytes:
    sizes = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1}
    data_at, head, data = start + 2 + 12 * len(entries) + 4, struct.pack(order + "H", len(entries)), b""
    for tag, kind, value in entries:
        raw = struct.pack(order + ("H" if kind == 3 else "I"), value) if isinstance(value, int) else value
        count = len(raw) // sizes[kind]
        if len(raw) > 4:
            where = struct.pack(order + "I", data_at + len(data))
            data += raw + b"\0" * (len(raw) % 2)
        else:
            where = raw.ljust(4, b"\0")
        head += struct.pack(order + "HHI", tag, kind, count) + where
    return head + struct.pack(order + "I", following) + data


def xmp() -> bytes:
    """Return a packet that names an author, a place and a time."""
    return (
        '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:dc="http://purl.org/dc/'
        'elements/1.1/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" '
        f'photoshop:City="{CANARY}" xmp:CreateDate="2026-03-08"><dc:creator><rdf:Seq><rdf:li>{CANARY}</rdf:li>'
        '</rdf:Seq></dc:creator></rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode()


def iptc() -> bytes:
    """Return a Photoshop block with by-line, caption, city and date."""
    fields = b"".join(
        b"\x1c\x02" + bytes([number]) + struct.pack(">H", len(text)) + text
        for number, text in ((80, _C), (120, _C), (90, _C), (55, b"20260308"))
    )
    return b"Photoshop 3.0\x008BIM\x04\x04\0\0" + struct.pack(">I", len(fields)) + fields + b"\0" * (len(fields) % 2)


def srgb_profile() -> bytes:
    """Return the plain sRGB profile."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


# Display P3 under D50, as Apple's phones write it; columns are red, green and blue.
WIDE = np.array([[0.51512, 0.29198, 0.15710], [0.24120, 0.69225, 0.06657], [-0.00105, 0.04189, 0.78407]])
WIDE_GAMMA = 563 / 256


def wide_profile() -> bytes:
    """Return a display profile with the primaries of P3, the gamma 2.2 and the canary in its texts."""

    def xyz(values: NDArray[np.float64]) -> bytes:
        return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(value * 65536) for value in values))

    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(WIDE_GAMMA * 256)) + b"\0\0"
    name = _C + b"\0"
    tags = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", len(name)) + name + b"\0" * 78,
        b"cprt": b"text\0\0\0\0" + name,
        b"wtpt": xyz(np.array([0.9642, 1.0, 0.8249])),
        b"rXYZ": xyz(WIDE[:, 0]), b"gXYZ": xyz(WIDE[:, 1]), b"bXYZ": xyz(WIDE[:, 2]),
        b"rTRC": curve, b"gTRC": curve, b"bTRC": curve,
    }  # fmt: skip
    table, body, at = struct.pack(">I", len(tags)), b"", 128 + 4 + 12 * len(tags)
    for tag, block in tags.items():
        table += tag + struct.pack(">II", at + len(body), len(block))
        body += block + b"\0" * (-len(block) % 4)
    head = struct.pack(">I", 128 + len(table) + len(body)) + b"test" + struct.pack(">I", 0x02100000) + b"mntrRGB XYZ "
    head += b"\x07\xea\0\x03\0\x08\0\0\0\0\0\0" + b"acsp" + b"\0" * 28
    return (head + struct.pack(">3i", 63190, 65536, 54061)).ljust(128, b"\0") + table + body


# --- containers ---


def segment(marker: int, body: bytes) -> bytes:
    """Return one JPEG segment."""
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(body) + 2) + body


def with_segments(jpeg: bytes, segments: list[bytes], tail: bytes = b"") -> bytes:
    """Put segments right after the start of a JPEG and bytes behind its end."""
    return jpeg[:2] + b"".join(segments) + jpeg[2:] + tail


def loaded_jpeg(image: Image.Image, orientation: int = 1, order: str = "<", **options: object) -> bytes:
    """Return a JPEG with everything a phone and a photo program write, and an archive behind the end."""
    segments = [
        segment(0xE1, b"Exif\0\0" + exif(orientation, order)),
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp()),
        segment(0xED, iptc()),
        segment(0xEB, b"JP\0\1\0\0\0\1" + _C),
        segment(0xFE, _C),
    ]
    return with_segments(saved(image, "JPEG", **{"quality": 90, **options}), segments, b"PK\3\4" + _C)


def chunk(name: bytes, body: bytes) -> bytes:
    """Return one PNG chunk."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def with_chunks(png: bytes, chunks: list[bytes], tail: bytes = b"") -> bytes:
    """Put chunks right after the header chunk of a PNG and bytes behind its end."""
    return png[:33] + b"".join(chunks) + png[33:] + tail


def loaded_png(image: Image.Image, orientation: int = 1, **options: object) -> bytes:
    """Return a PNG with each kind of text, EXIF, XMP, a time, a private chunk and a tail."""
    chunks = [
        chunk(b"tEXt", b"Author\0" + _C),
        chunk(b"tEXt", b"Software\0" + _C),
        chunk(b"zTXt", b"Comment\0\0" + zlib.compress(_C)),
        chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp()),
        chunk(b"eXIf", exif(orientation)),
        chunk(b"tIME", struct.pack(">HBBBBB", 2026, 3, 8, 10, 11, 12)),
        chunk(b"caNy", _C),
    ]
    return with_chunks(saved(image, "PNG", **options), chunks, b"PK\3\4" + _C)


def gif_blocks(body: bytes) -> bytes:
    """Cut bytes into the counted blocks of a GIF."""
    pieces = [body[at : at + 255] for at in range(0, len(body), 255)]
    return b"".join(bytes([len(piece)]) + piece for piece in pieces) + b"\0"


def loaded_gif(gif: bytes) -> bytes:
    """Add a comment, a program's own block and XMP to a GIF."""
    at = 13 + (3 << (gif[10] & 7) + 1 if gif[10] & 0x80 else 0)
    trailer = b"\1" + bytes(range(255, -1, -1)) + b"\0"
    blocks = (
        b"\x21\xfe" + gif_blocks(_C) + b"\x21\xff\x0bCANARI  1.0" + gif_blocks(_C)
        + b"\x21\xff\x0bXMP DataXMP" + xmp() + trailer
    )  # fmt: skip
    return gif[:at] + blocks + gif[at:] + _C


def loaded_webp(image: Image.Image, orientation: int = 1, **options: object) -> bytes:
    """Return a WebP with EXIF, XMP, a profile and a chunk of nobody's."""
    webp = saved(image, "WEBP", exif=exif(orientation), xmp=xmp(), icc_profile=wide_profile(), **options)
    body = webp[12:] + b"CNRY" + struct.pack("<I", len(_C)) + _C
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def moving(kind: str, frames: int = 6, size: tuple[int, int] = (360, 270), duration: int = 80) -> bytes:
    """Return an animation whose frames differ."""
    pictures = [photo(*size, seed=seed) for seed in range(4)]
    if kind == "GIF":
        pictures = [picture.quantize(32) for picture in pictures]
    strip = [pictures[index % 4] for index in range(frames)]
    return saved(strip[0], kind, save_all=True, append_images=strip[1:], duration=duration, loop=0)


def in_wide_colours(image: Image.Image) -> Image.Image:
    """Return the pixel values that show the same colours under `wide_profile`, computed without any colour library."""
    srgb = np.array([[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.01392, 0.09708, 0.71410]])
    value = np.asarray(image, dtype=np.float64) / 255
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    wide = np.clip(linear @ srgb.T @ np.linalg.inv(WIDE).T, 0, 1) ** (1 / WIDE_GAMMA)
    return Image.fromarray(np.round(wide * 255).astype(np.uint8))


def _through(image: Image.Image) -> Image.Image:
    """Give a picture an alpha channel with a soft slope and a hole."""
    width, height = image.size
    slope = np.tile(np.linspace(0, 255, width).astype(np.uint8), (height, 1))
    slope[: height // 4] = 0
    image.putalpha(Image.fromarray(slope))
    return image


def _mpo() -> bytes:
    return saved(photo(), "MPO", save_all=True, append_images=[photo(seed=2)], exif=b"Exif\0\0" + exif())


def _adobe_rgb(image: Image.Image) -> bytes:
    return loaded_jpeg(in_wide_colours(image), icc_profile=wide_profile())


def _makers() -> dict[str, Callable[[], tuple[bytes, frozenset[str]]]]:
    grey16 = Image.fromarray((texture(420, 300)[:, :, 1].astype(np.uint16) << 8) + 7)
    palette = photo().quantize(64)
    no_thumbnail = ALL - {"thumbnail"}  # Pillow leaves it out when it writes AVIF
    some = frozenset({"author", "comment", "place", "time"})
    makers: dict[str, Callable[[], tuple[bytes, frozenset[str]]]] = {
        "jpeg-plain": lambda: (saved(photo(), "JPEG"), frozenset()),
        "jpeg-progressive": lambda: (loaded_jpeg(photo(), progressive=True), ALL),
        "jpeg-444-big-endian": lambda: (loaded_jpeg(photo(), order=">", subsampling=0), ALL),
        "jpeg-grey": lambda: (loaded_jpeg(photo().convert("L")), ALL),
        "jpeg-cmyk": lambda: (loaded_jpeg(photo().convert("CMYK")), ALL),
        "jpeg-srgb-profile": lambda: (loaded_jpeg(photo(), icc_profile=srgb_profile()), ALL),
        "jpeg-wide": lambda: (_adobe_rgb(photo()), ALL),
        "jpeg-large": lambda: (loaded_jpeg(photo(1900, 1000)), ALL),
        "jpeg-iptc-only": lambda: (with_segments(saved(photo(), "JPEG"), [segment(0xED, iptc())]), some),
        "jpeg-restarts": lambda: (loaded_jpeg(photo(), restart_marker_rows=1), ALL),
        "mpo": lambda: (_mpo(), ALL),
        "png-rgb": lambda: (loaded_png(photo()), ALL),
        "png-rgba": lambda: (loaded_png(_through(photo())), ALL),
        "png-grey": lambda: (loaded_png(photo().convert("L")), ALL),
        "png-grey-alpha": lambda: (loaded_png(_through(photo().convert("L"))), ALL),
        "png-grey-16": lambda: (loaded_png(grey16), ALL),
        "png-palette": lambda: (loaded_png(palette), ALL),
        "png-palette-hole": lambda: (loaded_png(palette, transparency=3), ALL),
        "png-1-bit": lambda: (loaded_png(photo().convert("1")), ALL),
        "png-wide": lambda: (loaded_png(in_wide_colours(photo()), icc_profile=wide_profile()), ALL),
        "apng": lambda: (loaded_png(photo(), save_all=True, append_images=[photo(seed=2)]), ALL),
        "gif": lambda: (loaded_gif(saved(palette, "GIF")), some),
        "gif-hole": lambda: (loaded_gif(saved(palette, "GIF", transparency=3)), some),
        "gif-moving": lambda: (loaded_gif(moving("GIF")), some),
        "webp": lambda: (loaded_webp(photo()), ALL),
        "webp-alpha": lambda: (loaded_webp(_through(photo())), ALL),
        "webp-lossless": lambda: (loaded_webp(photo(), lossless=True), ALL),
        "webp-moving": lambda: (moving("WEBP"), frozenset()),
        "heic": lambda: (saved(photo(), "HEIF", exif=exif(), xmp=xmp(), icc_profile=wide_profile()), ALL),
        "heic-alpha": lambda: (saved(_through(photo()), "HEIF", exif=exif()), ALL),
        "avif": lambda: (
            saved(photo(), "AVIF", exif=exif(), xmp=xmp(), icc_profile=wide_profile(), speed=9),
            no_thumbnail,
        ),
        "avif-alpha": lambda: (saved(_through(photo()), "AVIF", exif=exif(), speed=9), no_thumbnail),
    }
    return makers


def everything() -> list[Picture]:
    """Make all ordinary pictures: each format and pixel layout, with all the metadata it can carry."""
    pictures = []
    for name, make in _makers().items():
        data, tells = make()
        size = {"jpeg-large": (1900, 1000), "gif-moving": (360, 270), "webp-moving": (360, 270)}.get(name, (420, 300))
        pictures.append(Picture(name, data, size, tells))
    return pictures
