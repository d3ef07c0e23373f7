"""Pictures that a careless pipeline turns, mirrors, inverts or fades, each with what a person would see."""

import struct
import zlib
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.hostile.file import File, Outcome
from tests.hostile.metadata import tags
from tests.hostile.strangers import SIZE
from tests.workers.pictures import (
    chunk,
    exif,
    in_wide_colours,
    photo,
    saved,
    segment,
    srgb_profile,
    texture,
    wide_profile,
    with_chunks,
    with_segments,
)

Pixels = NDArray[np.uint8]

#: EXIF's eight ways to hold a phone, as index arithmetic: nothing that the platform uses has a part in it.
TURNED: dict[int, Callable[[Pixels], Pixels]] = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: a.swapaxes(0, 1)[:, ::-1],
    7: lambda a: a[::-1, ::-1].swapaxes(0, 1),
    8: lambda a: a.swapaxes(0, 1)[::-1],
}


def shown(pixels: Pixels) -> Callable[[], Image.Image]:
    """A reference of these pixels."""
    return lambda: Image.fromarray(np.ascontiguousarray(pixels))


def _png(
    rows: list[bytes], depth: int, kind: int, size: tuple[int, int] = SIZE, *, laced: bool = False, more: bytes = b""
) -> bytes:
    head = struct.pack(">IIBBBBB", *size, depth, kind, 0, 0, laced)
    body = zlib.compress(b"".join(b"\0" + row for row in rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + more + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def laced(pixels: Pixels) -> bytes:
    """An interlaced PNG: seven passes, each finer than the one before."""
    passes = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
    rows = [row.tobytes() for left, top, right, down in passes for row in pixels[top::down, left::right]]
    return _png(rows, 8, 2, laced=True)


def _without_note(jpeg: bytes) -> bytes:
    """The same JPEG without Adobe's note on how colours are stored."""
    at = jpeg.index(b"\xff\xee")
    return jpeg[:at] + jpeg[at + 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big") :]


def _turned() -> Iterator[File]:
    pixels = texture(*SIZE)
    for format in ("JPEG", "PNG", "WEBP", "HEIF", "AVIF"):
        for turn, turned in TURNED.items():
            made = lambda f=format, t=turn: saved(photo(*SIZE), f, exif=b"Exif\0\0" + tags({0x0112: t}))  # noqa: E731
            yield File(f"turned/{format.lower()}-{turn}", made, Outcome.CLEAN, shown(turned(pixels)), 12)
    for turn in (0, 9, 65_535):
        made = lambda t=turn: saved(photo(*SIZE), "JPEG", exif=b"Exif\0\0" + exif(t))  # noqa: E731
        yield File(f"turned/jpeg-{turn}", made, Outcome.CLEAN, shown(pixels), 12)
    twice = [segment(0xE1, b"Exif\0\0" + tags({0x0112: turn})) for turn in (6, 3)]
    yield File("turned/jpeg-says-two-things", lambda: with_segments(saved(photo(*SIZE), "JPEG"), twice), Outcome.CLEAN)


def _ways_of_writing() -> dict[str, Callable[[], bytes]]:
    """Each shows the very picture that `photo` is."""
    image = photo(*SIZE)
    cmyk, pixels = image.convert("CMYK"), texture(*SIZE)
    deep = ((pixels.astype(np.uint16) << 8) | 0x7F).astype(">u2")
    profile = {"icc_profile": wide_profile()}
    ways: dict[str, Callable[[], bytes]] = {
        "mpo": lambda: saved(image, "MPO", save_all=True, append_images=[photo(*SIZE, seed=2)]),
        "jpeg-cmyk-inverted": lambda: saved(cmyk, "JPEG", quality=95),
        # Browsers take it as if the note were there.
        "jpeg-cmyk-without-note": lambda: _without_note(saved(cmyk, "JPEG", quality=95)),
        "jpeg-rgb": lambda: saved(image, "JPEG", keep_rgb=True),
        "jpeg-restarts": lambda: saved(image, "JPEG", restart_marker_blocks=1),
        "jpeg-progressive": lambda: saved(image, "JPEG", progressive=True, quality=90),
        "png-16-bit": lambda: _png([row.tobytes() for row in deep], 16, 2),
        "png-laced": lambda: laced(pixels),
        "png-palette": lambda: saved(image.quantize(256), "PNG"),
        "png-no-compression": lambda: saved(image, "PNG", compress_level=0),
        "png-gamma-of-srgb": lambda: with_chunks(saved(image, "PNG"), [chunk(b"gAMA", struct.pack(">I", 45_455))]),
        "png-srgb-chunk": lambda: with_chunks(
            saved(image, "PNG"), [chunk(b"sRGB", b"\0"), chunk(b"gAMA", struct.pack(">I", 100_000))]
        ),
        "gif": lambda: saved(image.quantize(256), "GIF"),
        "gif-laced": lambda: saved(image.quantize(256), "GIF", interlace=1),
        "webp-lossless": lambda: saved(image, "WEBP", lossless=True),
        "jpeg-srgb": lambda: saved(image, "JPEG", icc_profile=srgb_profile()),
        "jpeg-foreign-profile": lambda: saved(
            image, "JPEG", icc_profile=wide_profile().replace(b"RGB XYZ ", b"CMYKXYZ ")
        ),
        "jpeg-broken-profile": lambda: saved(image, "JPEG", icc_profile=wide_profile()[:300]),
    }
    ways |= {
        f"jpeg-{name}": lambda n=name: saved(image, "JPEG", subsampling=n.replace("-", ":"), quality=90)
        for name in ("4-4-4", "4-2-2", "4-2-0")
    }
    for format in ("JPEG", "PNG", "WEBP", "HEIF", "AVIF"):
        ways[f"{format.lower()}-wide"] = lambda f=format: saved(in_wide_colours(image), f, **profile)
    return ways


def _others() -> Iterator[File]:
    image, pixels = photo(*SIZE), texture(*SIZE)
    grey = np.asarray(image.convert("L"))
    wide = lambda: Image.fromarray(grey).convert("RGB")  # noqa: E731
    ways: dict[str, Callable[[], bytes]] = {
        "jpeg-grey": lambda: saved(image.convert("L"), "JPEG"),
        "png-grey": lambda: saved(image.convert("L"), "PNG"),
        "png-grey-16": lambda: saved(Image.fromarray((grey.astype(np.uint16) << 8) + 9), "PNG"),
        "webp-grey": lambda: saved(image.convert("L").convert("RGB"), "WEBP", lossless=True),
    }
    for name, make in ways.items():
        yield File(f"colours/{name}", make, Outcome.CLEAN, wide)
    for bits in (1, 2, 4):
        few = image.quantize(1 << bits)
        yield File(
            f"colours/png-{bits}-bit",
            lambda f=few, b=bits: saved(f, "PNG", bits=b),
            Outcome.CLEAN,
            lambda f=few: f.convert("RGB"),
            14,
        )
    ink = image.convert("1")
    yield File("colours/png-ink", lambda: saved(ink, "PNG"), Outcome.CLEAN, lambda: ink.convert("RGB"), 30)
    linear = np.round(255 * (pixels / 255) ** (1 / 2.2)).astype(np.uint8)
    dark = with_chunks(saved(image, "PNG"), [chunk(b"gAMA", struct.pack(">I", 100_000))])
    yield File("colours/png-gamma-1", lambda: dark, Outcome.CLEAN, shown(linear))
    alpha = np.tile(np.linspace(0, 255, SIZE[0]).astype(np.uint8), (SIZE[1], 1))
    on_white = np.round(pixels * (alpha[..., None] / 255) + 255 - alpha[..., None]).astype(np.uint8)
    soft = Image.fromarray(np.dstack([pixels, alpha]))
    for format in ("PNG", "WEBP", "HEIF", "AVIF"):
        yield File(
            f"colours/{format.lower()}-alpha", lambda f=format: saved(soft, f), Outcome.CLEAN, shown(on_white), 12
        )
    both = Image.merge("LA", (Image.fromarray(grey), Image.fromarray(alpha)))
    faded = np.round(grey * (alpha / 255) + 255 - alpha).astype(np.uint8)
    yield File(
        "colours/png-grey-alpha",
        lambda: saved(both, "PNG"),
        Outcome.CLEAN,
        lambda: Image.fromarray(faded).convert("RGB"),
    )


def files() -> Iterator[File]:
    """All of them."""
    yield from _turned()
    for name, make in _ways_of_writing().items():
        yield File(f"colours/{name}", make, Outcome.CLEAN, lambda: photo(*SIZE), 12)
    yield from _others()
