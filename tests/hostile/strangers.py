"""Files of another kind than pictures, files of two kinds at once, and what hides behind a picture's end."""

import io
import zipfile
import zlib
from collections.abc import Callable, Iterator

import numpy as np
from PIL import Image

from tests.hostile.file import File, Outcome, given
from tests.workers.pictures import CANARY, chunk, gif_blocks, photo, saved, segment, with_chunks, with_segments

REJECT, CLEAN, EITHER = Outcome.REJECT, Outcome.CLEAN, Outcome.EITHER
SIZE = (64, 48)
KINDS = ("JPEG", "PNG", "GIF", "WEBP", "HEIF", "AVIF")
#: What must be in no stored size, wherever it was in the file that was sent.
STOWAWAYS = {
    "php": b"<?php system($_GET['c']); ?>",
    "script": b"<script>alert(document.domain)</script>",
    "zip": b"PK\3\4",
    "pdf": b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj",
    "program": b"\x7fELF\2\1\1" + bytes(9) + b"MZ\x90\0",
}


def whole(kind: str, seed: int = 1) -> bytes:
    """A small picture of a kind."""
    image = photo(*SIZE, seed=seed)
    return saved(image.quantize(64) if kind == "GIF" else image, kind)


def archive() -> bytes:
    """A ZIP with a page in it; its directory stands at the end, so that it opens behind a picture too."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr(zipfile.ZipInfo("index.html"), STOWAWAYS["script"] + CANARY.encode())
    return file.getvalue()


def _others() -> dict[str, bytes]:
    image = photo(40, 40)
    beginnings = {
        "empty": b"", "one-byte": b"\xff", "nul": b"\0" * 4096, "text": "حشومة عليك".encode(), "html": b"<!doctype html><p>",
        "svg-onload": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        "svg-xxe": b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><svg>&a;</svg>",
        "svg-laughs": b"<!DOCTYPE l [<!ENTITY a 'ha'><!ENTITY b '" + b"&a;" * 5000 + b"'>]><svg>&b;&b;&b;</svg>",
        "svgz": zlib.compress(b"<svg/>"), "pdf": STOWAWAYS["pdf"], "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n(x) run\n",
        "eps-binary": b"\xc5\xd0\xd3\xc6" + bytes(60), "psd": b"8BPS\0\1" + bytes(60), "xcf": b"gimp xcf v011\0" + bytes(40),
        "fits": b"SIMPLE  =                    T" + bytes(2850), "fits-gz": b"\x1f\x8b\x08\0" + bytes(40),
        "dds": b"DDS |\0\0\0" + bytes(120), "jp2": b"\0\0\0\x0cjP  \r\n\x87\n\0\0\0\x14ftypjp2 ", "j2k": b"\xff\x4f\xff\x51\0\x29",
        "jxl": b"\xff\x0a" + bytes(50), "jxl-boxes": b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(30), "jxr": b"II\xbc\1" + bytes(40),
        "emf": b"\1\0\0\0" + bytes(36) + b" EMF", "wmf": b"\xd7\xcd\xc6\x9a" + bytes(40), "qoi": b"qoif" + bytes(40),
        "xbm": b"#define x_width 8\n#define x_height 8\n", "exr": b"\x76\x2f\x31\1" + bytes(40), "hdr": b"#?RADIANCE\n",
        "icns": b"icns\0\0\0\x40" + bytes(56), "flif": b"FLIF44" + bytes(20), "bpg": b"BPG\xfb" + bytes(20),
        "dicom": bytes(128) + b"DICM" + bytes(40), "mng": b"\x8aMNG\r\n\x1a\n" + bytes(40), "jng": b"\x8bJNG\r\n\x1a\n" + bytes(40),
        "mp4": b"\0\0\0\x1cftypisom\0\0\2\0isomiso2mp41heic", "mov": b"\0\0\0\x18ftypqt  \0\0\0\0qt  heic",
        "raw": b"\0\0\0\x18ftypcrx \0\0\0\1crx isom", "wave": b"RIFF\x24\0\0\0WAVEfmt ", "avi": b"RIFF\x24\0\0\0AVI LIST",
        "zip": archive(), "7z": b"7z\xbc\xaf\x27\x1c" + bytes(40), "elf": STOWAWAYS["program"], "exe": b"MZ\x90\0" + bytes(60),
        "class": b"\xca\xfe\xba\xbe\0\0\0\x3d", "shell": b"#!/bin/sh\nid\n", "ole": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(60),
        "gif-88": b"GIF88a" + bytes(40), "jpeg-two-bytes": b"\xff\xd8", "png-without-end-of-line": b"\x89PNG\n\x1a\n" + bytes(40),
        "space-before-jpeg": b" " + whole("JPEG"), "zip-before-jpeg": archive() + whole("JPEG"),
        "bom": b"\xef\xbb\xbf" + whole("GIF"),
    }  # fmt: skip
    written = {
        kind.lower(): saved(image, kind) for kind in ("TIFF", "BMP", "PPM", "ICO", "TGA", "PCX", "SGI", "JPEG2000")
    }
    pages = saved(image, "TIFF", save_all=True, append_images=[image] * 40, compression="tiff_lzw")
    return beginnings | written | {"tiff-pages-lzw": pages}


def _polyglots() -> Iterator[File]:
    jpeg, png, gif, webp = (whole(kind) for kind in KINDS[:4])
    for name, hidden in STOWAWAYS.items():
        yield given(f"polyglot/jpeg-comment-{name}", with_segments(jpeg, [segment(0xFE, hidden)]), CLEAN)
        yield given(f"polyglot/jpeg-exif-{name}", with_segments(jpeg, [segment(0xE1, b"Exif\0\0" + hidden)]), CLEAN)
        yield given(f"polyglot/png-text-{name}", with_chunks(png, [chunk(b"tEXt", b"a\0" + hidden)]), CLEAN)
        yield given(f"polyglot/gif-comment-{name}", gif[:-1] + b"\x21\xfe" + gif_blocks(hidden) + b"\x3b", CLEAN)
        pixels = np.frombuffer((hidden * 5000)[: 90 * 60 * 3], np.uint8).reshape(60, 90, 3)
        for kind, options in (("PNG", {"compress_level": 0}), ("WEBP", {"lossless": True})):
            raw = saved(Image.fromarray(pixels), kind, **options)
            yield given(f"polyglot/{kind.lower()}-pixels-{name}", raw, CLEAN)
        palette = photo(*SIZE).quantize(256)
        palette.putpalette((hidden * 60)[:768])
        yield given(f"polyglot/png-palette-{name}", saved(palette, "PNG"), CLEAN)
        yield given(f"polyglot/gif-palette-{name}", saved(palette, "GIF"), CLEAN)
        for kind in KINDS:
            yield given(f"polyglot/{kind.lower()}-tail-{name}", whole(kind) + hidden, CLEAN)
    # The width is a comment's beginning: what follows the end runs as a program in old browsers.
    yield given("polyglot/gif-script", gif[:6] + b"/*" + gif[8:-1] + b"*/=1;alert(1)" + b"\x3b", EITHER)
    yield given("polyglot/gifar", gif + archive(), CLEAN)
    yield given("polyglot/jpeg-zip", jpeg + archive(), CLEAN)
    yield given("polyglot/pdf-in-jpeg", with_segments(jpeg, [segment(0xFE, STOWAWAYS["pdf"])], b"%%EOF"), CLEAN)
    yield given("polyglot/phone-film", jpeg + b"\0\0\0\x1cftypmp42" + bytes(40) + b"mdat" + CANARY.encode(), CLEAN)
    yield given("polyglot/webp-php-in-exif", saved(photo(*SIZE), "WEBP", exif=STOWAWAYS["php"]), CLEAN)
    yield given("polyglot/riff-webp-then-wave", webp + b"RIFF\x24\0\0\0WAVEfmt ", CLEAN)


def _tails() -> Iterator[File]:
    """A crop tool wrote the smaller picture over the larger one and left the rest (CVE-2023-21036)."""
    larger: dict[str, Callable[[], bytes]] = {
        "jpeg": lambda: saved(photo(200, 150, seed=9), "JPEG", quality=95),
        "png": lambda: saved(photo(200, 150, seed=9), "PNG"),
        "gif": lambda: saved(photo(200, 150, seed=9).quantize(64), "GIF"),
        "webp": lambda: saved(photo(200, 150, seed=9), "WEBP", lossless=True),
    }
    for kind, make in larger.items():
        small, old = whole(kind.upper()), make()
        yield File(f"tail/{kind}-cropped", lambda s=small, o=old: s + o[len(s) :], CLEAN, lambda: photo(*SIZE), 12)
        yield File(
            f"tail/{kind}-twice", lambda s=small, o=old: s + o + CANARY.encode(), CLEAN, lambda: photo(*SIZE), 12
        )
    for kind in KINDS:
        yield given(f"tail/{kind.lower()}-zeros", whole(kind) + bytes(100_000), CLEAN)


def files() -> Iterator[File]:
    """All of them."""
    for name, data in _others().items():
        yield given(f"stranger/{name}", data, REJECT)
    yield from _polyglots()
    yield from _tails()
