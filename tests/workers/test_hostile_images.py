"""Bytes made to hurt: each is refused with a reason or becomes an ordinary picture, and never costs much first."""

import io
import struct
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from tests.workers import pictures
from tests.workers.pictures import CANARY, chunk, gif_blocks, photo, saved, segment, with_chunks, with_segments
from workers import containers, images, pixels
from workers.images import MAX_BYTES, UnreadableImage, render

REASONS = {"type", "damaged", "too_large", "too_slow"}


def reason(data: bytes) -> str:
    """Why the bytes are refused, or "" if they are not; any other exception fails the test."""
    try:
        render(data)
    except UnreadableImage as refused:
        return refused.reason if refused.reason in REASONS else f"unknown reason {refused.reason}"
    return ""


def png_header(width: int, height: int, depth: int = 8, kind: int = 6) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def patched_jpeg(width: int, height: int) -> bytes:
    jpeg = bytearray(saved(photo(64, 64), "JPEG"))
    at = jpeg.index(b"\xff\xc0") + 5
    jpeg[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(jpeg)


def gif_header(width: int, height: int, frame: tuple[int, int] = (1, 1)) -> bytes:
    picture = b"\x2c" + struct.pack("<HHHHB", 0, 0, *frame, 0) + b"\x02" + gif_blocks(b"\x44\x01")
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(6) + picture + b"\x3b"


def webp_header(width: int, height: int) -> bytes:
    body = b"VP8X" + struct.pack("<I", 10) + bytes(4)
    body += (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def heic_saying(size: tuple[int, int]) -> bytes:
    heic = bytearray(saved(photo(64, 64), "HEIF"))
    at = heic.index(b"ispe") + 8
    heic[at : at + 8] = struct.pack(">II", *size)
    return bytes(heic)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\0", b"GIF", b"just a text", b"\xff\xd8", "ميم".encode(), b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><svg>&a;</svg>",
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", b"%!PS-Adobe-3.0 EPSF-3.0\n", b"PK\3\4" + bytes(100), b"SIMPLE  =  T",
        b"\0\0\0\x0cjP  \r\n\x87\n", b"\xff\x0a" + bytes(50), b"8BPS\0\1", b"RIFF\x24\0\0\0WAVEfmt ",
        b"\0\0\0\x1cftypisom\0\0\2\0isomiso2", saved(photo(40, 40), "TIFF"), saved(photo(40, 40), "BMP"),
        saved(photo(40, 40), "PPM"), saved(photo(40, 40), "ICO"), saved(photo(40, 40), "TGA"),
    ],
)  # fmt: skip
def test_what_is_none_of_the_six_formats_is_refused_by_its_content(data: bytes) -> None:
    assert reason(data) == "type"


@pytest.mark.parametrize(
    ("kind", "make"),
    [
        ("JPEG", lambda: pictures.loaded_jpeg(photo(90, 60))),
        ("JPEG progressive", lambda: saved(photo(90, 60), "JPEG", progressive=True)),
        ("PNG", lambda: pictures.loaded_png(photo(90, 60))),
        ("GIF", lambda: pictures.loaded_gif(saved(photo(90, 60).quantize(16), "GIF"))),
        ("moving GIF", lambda: pictures.moving("GIF", 4, (60, 40))),
        ("WEBP", lambda: pictures.loaded_webp(photo(90, 60))),
        ("moving WEBP", lambda: pictures.moving("WEBP", 4, (60, 40))),
        ("HEIF", lambda: saved(photo(90, 60), "HEIF", exif=pictures.exif())),
        ("AVIF", lambda: saved(photo(90, 60), "AVIF", speed=9)),
    ],
)
def test_a_picture_cut_anywhere_or_with_flipped_bits_is_refused_or_clean(kind: str, make: Callable[[], bytes]) -> None:
    data = make()
    for tenth in range(10):
        why = reason(data[: len(data) * tenth // 10])
        assert why in ({"type", "damaged"} if tenth < 3 else {"", "damaged"}), f"{kind} after {tenth} tenths"
    for where in range(8, len(data), len(data) // 12):
        broken = bytearray(data)
        broken[where] ^= 0x55
        assert reason(bytes(broken)) in REASONS | {""}


@pytest.mark.parametrize(
    "data",
    [
        png_header(65_000, 65_000), png_header(8_000, 8_000), png_header(13_000, 13_000, 1, 0), png_header(12_001, 1),
        patched_jpeg(65_000, 65_000), patched_jpeg(8_000, 8_000), gif_header(65_535, 65_535),
        gif_header(1, 1, frame=(65_535, 65_535)), webp_header(16_383, 16_383), webp_header(8_000, 8_000),
        heic_saying((20_000, 20_000)), bytes(MAX_BYTES + 1),
    ],
)  # fmt: skip
def test_a_bomb_is_refused_from_its_header(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    def decoded(*_: object) -> None:
        raise AssertionError("the bomb was decoded")

    monkeypatch.setattr(Image.Image, "convert", decoded)
    monkeypatch.setattr(Image.Image, "resize", decoded)
    assert reason(data) == "too_large"


@pytest.mark.parametrize("size", [(0, 0), (0, 5), (5, 0)])
def test_a_picture_without_pixels_is_damaged(size: tuple[int, int]) -> None:
    assert reason(patched_jpeg(*size)) == "damaged"
    assert reason(png_header(*size)) == "damaged"


@pytest.mark.parametrize("size", [(8064, 6048), (8192, 6144), (6048, 8064)])
def test_a_phone_of_50_megapixels_is_welcome(size: tuple[int, int]) -> None:
    data = saved(Image.new("L", size, 90), "JPEG")
    result = render(data)
    assert (result.width, result.height) == size


def test_eight_megabytes_of_exif_segments_cost_nothing() -> None:
    # Handed to the decoder as they are, segments like these take seconds and, with more of them, minutes.
    segments = [segment(0xE1, b"Exif\0\0" + b"\1" * 2000)] * 4000
    data = with_segments(saved(photo(), "JPEG"), segments)
    assert len(data) > 8_000_000
    box = containers.unpack(data, 1)
    assert len(box.data) < 20_000
    assert reason(data) == ""


@pytest.mark.parametrize(
    "data",
    [
        with_segments(saved(photo(64, 64), "JPEG"), [segment(0xE1, b"")] * 10_000),
        with_segments(saved(photo(64, 64), "JPEG"), [segment(0xFE, b"x")] * 10_000),
        with_chunks(saved(photo(64, 64), "PNG"), [chunk(b"tEXt", b"a\0b")] * 10_000),
        b"GIF89a" + bytes([1, 0, 1, 0, 0, 0, 0]) + (b"\x21\xfe" + gif_blocks(b"x")) * 10_000,
        b"RIFF" + struct.pack("<I", 80_004) + b"WEBP" + b"XXXX\0\0\0\0" * 10_000,
    ],
    ids=["jpeg-exif", "jpeg-comments", "png", "gif", "webp"],
)
def test_thousands_of_empty_parts_are_refused(data: bytes) -> None:
    assert reason(data) == "too_slow"


def test_a_jpeg_of_countless_scans_is_refused() -> None:
    jpeg = saved(photo(64, 64), "JPEG", progressive=True)
    at = jpeg.rindex(b"\xff\xda")
    assert reason(jpeg[:at] + jpeg[at:-2] * 200 + b"\xff\xd9") == "too_slow"


@pytest.mark.parametrize("filler", [b"\xff" * 3_000_000, b"\xff\0" * 1_500_000, b"\xff\xd0" * 1_500_000])
def test_markers_that_are_none_are_passed_in_one_stride(filler: bytes) -> None:
    jpeg = saved(photo(64, 64), "JPEG")
    assert reason(jpeg[:-2] + filler + jpeg[-2:]) in {"", "damaged"}
    assert reason(jpeg[:2] + filler + jpeg[2:]) in {"", "damaged"}


def test_text_that_inflates_is_never_inflated() -> None:
    bomb = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(30_000_000)))
    assert reason(with_chunks(saved(photo(), "PNG"), [bomb])) == ""
    profile = chunk(b"iCCP", b"x\0\0" + zlib.compress(bytes(30_000_000)))
    assert reason(with_chunks(saved(photo(), "PNG"), [profile])) in {"damaged", ""}


def test_frames_are_counted_before_any_is_walked(monkeypatch: pytest.MonkeyPatch) -> None:
    def walked(*_: object) -> None:
        raise AssertionError("the frames were walked")

    monkeypatch.setattr(images, "_moving", walked)
    small = pictures.moving("GIF", frames=2, size=(8, 8))
    start = small.index(b"\x21\xf9")
    many = small[:start] + small[start:-1] * 700 + b"\x3b"
    blank = [Image.new("L", (900, 900), shade) for shade in (10, 200)]
    large = saved(blank[0], "GIF", save_all=True, append_images=blank[1:], duration=90)
    start = large.index(b"\x21\xf9")
    heavy = large[:start] + large[start:-1] * 60 + b"\x3b"
    for data in (many, heavy):
        assert not render(data).animated


def test_a_canvas_of_webp_that_grows_with_every_frame_stays_one_picture() -> None:
    data = pictures.moving("WEBP", frames=2, size=(8, 8))
    at = data.index(b"ANMF")
    body = data[12:at] + data[at:] * 700
    assert not render(b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body).animated


@pytest.mark.parametrize("stowaway", [b"<?php system($_GET[0]); ?>", b"<script>alert(1)</script>", b"PK\3\4"])
def test_programs_hidden_in_pixels_texts_and_tails_do_not_survive(stowaway: bytes) -> None:
    hidden = np.frombuffer((stowaway * 5000)[: 90 * 60 * 3], np.uint8).reshape(60, 90, 3)
    for data in (
        saved(Image.fromarray(hidden), "PNG", compress_level=0),
        saved(Image.fromarray(hidden), "WEBP", lossless=True),
        with_segments(saved(photo(), "JPEG"), [segment(0xFE, stowaway)], stowaway),
        with_chunks(saved(photo(), "PNG"), [chunk(b"tEXt", b"a\0" + stowaway)], stowaway),
    ):
        assert all(stowaway not in rendition.data for rendition in render(data).renditions)


def test_what_a_crop_left_behind_the_end_is_gone() -> None:
    for kind in ("JPEG", "PNG", "WEBP"):
        whole = saved(photo(), kind) + saved(photo(seed=9), kind) + CANARY.encode()
        result = render(whole)
        assert (result.width, result.height) == (420, 300)
        first = Image.open(io.BytesIO(result.renditions[1].data)).convert("RGB")
        assert np.abs(np.asarray(first, float) - np.asarray(photo(), float)).mean() < 6


@pytest.mark.parametrize(
    "exif",
    [
        b"", b"II*\0", b"II*\0\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\xff\xff" + b"\x87\x69\0\4\0\0\0\1\0\0\0\x08" * 600,
        b"II*\0\x08\0\0\0\1\0\x12\1\3\0\1\0\0\0\x63\0\0\0\0\0\0\0", pictures.exif()[:90], b"\xff" * 5000,
    ],
)  # fmt: skip
def test_broken_exif_is_no_reason_to_refuse_a_picture(exif: bytes) -> None:
    assert reason(with_segments(saved(photo(90, 60), "JPEG"), [segment(0xE1, b"Exif\0\0" + exif)])) == ""
    assert reason(with_chunks(saved(photo(90, 60), "PNG"), [chunk(b"eXIf", exif)])) == ""


def test_running_out_of_memory_is_called_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(pixels, "scaled", exhausted)
    assert reason(saved(photo(), "PNG")) == "too_large"
