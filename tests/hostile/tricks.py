"""Pictures put together in ways nobody writes them: parts missing, twice, in a foreign order, or with impossible numbers."""

import random
import struct
from collections.abc import Iterator

from tests.hostile.bombs import canvas, gif, piece, png, riff, said
from tests.hostile.file import File, given
from tests.hostile.strangers import SIZE, whole
from tests.workers.pictures import chunk, gif_blocks, moving, photo, saved, segment, with_chunks, with_segments


def junk(seed: int, length: int) -> bytes:
    """Bytes without sense, always the same."""
    return random.Random(seed).randbytes(length)  # noqa: S311


def _png_tricks() -> Iterator[File]:
    data = whole("PNG")
    at = data.index(b"IDAT") - 4
    head, pixels, end = data[:33], data[33:-12], data[-12:]
    assert at == 33
    empty = chunk(b"IDAT", b"")
    header = struct.pack(">IIBBBBB", *SIZE, 8, 2, 0, 0, 0)
    tricks = {
        "no-end": head + pixels,
        "no-pixels": head + end,
        "no-header": data[:8] + pixels + end,
        "header-last": data[:8] + pixels + head[8:] + end,
        "two-headers": head + png(9_000, 9_000, packed=b"")[8:33] + pixels + end,
        "wrong-checksum": data[:-20] + b"\1\2\3\4" + data[-16:],
        "empty-pixels": head + empty * 4_000 + pixels + end,
        "length-2g": said(data, b"IDAT", -4, ">I", 2**31),
        "length-4g": said(data, b"IDAT", -4, ">I", 2**32 - 1),
        "length-1": said(data, b"IDAT", -4, ">I", 1),
        "apple": data[:8] + chunk(b"CgBI", b"\x50\0\x20\6") + data[8:],
        "unknown-critical": with_chunks(data, [chunk(b"ABCD", b"x")]),
        "no-palette": png(8, 8, 8, 3),
        "palette-odd": with_chunks(png(8, 8, 8, 3), [chunk(b"PLTE", b"\0" * 7)]),
        "palette-twice": with_chunks(png(8, 8, 8, 3), [chunk(b"PLTE", b"\0\1\2"), chunk(b"PLTE", b"\3\4\5" * 256)]),
        "transparency-long": with_chunks(data, [chunk(b"tRNS", b"\0" * 900)]),
        "gamma-zero": with_chunks(data, [chunk(b"gAMA", bytes(4))]),
        "gamma-huge": with_chunks(data, [chunk(b"gAMA", b"\xff" * 4)]),
        "gamma-short": with_chunks(data, [chunk(b"gAMA", b"\1")]),
        "profile-broken": with_chunks(data, [chunk(b"iCCP", b"x\0\0" + b"junk")]),
        "profile-nameless": with_chunks(data, [chunk(b"iCCP", b"")]),
        "frames-none": with_chunks(data, [chunk(b"acTL", bytes(8))]),
        "frame-data-loose": with_chunks(data, [chunk(b"fdAT", b"\0\0\0\1junk")]),
        "frame-outside": with_chunks(
            data,
            [
                chunk(b"acTL", b"\0\0\0\2\0\0\0\0"),
                chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, 9_000, 9_000, 9_000, 9_000, 1, 1, 0, 0)),
            ],
        ),
        "nul-name": with_chunks(data, [chunk(b"\0\0\0\0", b"x")]),
        "end-with-body": data[:-12] + chunk(b"IEND", b"x" * 99),
        "time-broken": with_chunks(data, [chunk(b"tIME", b"\1")]),
        "physical-zero": with_chunks(data, [chunk(b"pHYs", bytes(9))]),
        "text-without-end": with_chunks(data, [chunk(b"tEXt", b"x" * 200)]),
    }
    odd = (
        (24, "depth", (3, 0, 32)),
        (25, "colour", (1, 5, 7)),
        (26, "packing", (1,)),
        (27, "filter", (9,)),
        (28, "laced", (2,)),
    )
    for place, name, values in odd:
        for value in values:
            body = bytearray(header)
            body[place - 16] = value
            tricks[f"{name}-{value}"] = data[:8] + chunk(b"IHDR", bytes(body)) + pixels + end
    for name, trick in tricks.items():
        yield given(f"chunks/png-{name}", trick)


def _jpeg_tricks() -> Iterator[File]:
    data = whole("JPEG")
    scan, frame = data.index(b"\xff\xda"), data.index(b"\xff\xc0")
    tables = [place for place in range(len(data) - 1) if data[place : place + 2] == b"\xff\xc4"]
    tricks = {
        "no-huffman": data[: tables[0]] + data[scan:],
        "no-quantization": data[:20] + data[data.index(b"\xff\xc0") :],
        "scan-first": data[:2] + data[scan:],
        "two-starts": data[:2] * 2 + data[2:],
        "end-first": data[:2] + b"\xff\xd9" + data[2:],
        "no-scan": data[:scan] + b"\xff\xd9",
        "restart-of-one": with_segments(data, [segment(0xDD, b"\0\1")]),
        "segment-of-nothing": data[:2] + b"\xff\xe1\0\0" + data[2:],
        "segment-of-one": data[:2] + b"\xff\xe1\0\1" + data[2:],
        "segment-too-long": data[:2] + b"\xff\xe1\xff\xff" + data[2:],
        "fill": data[:2] + b"\xff" * 50_000 + data[2:],
        "adobe-odd": with_segments(data, [segment(0xEE, b"Adobe\0\x64\0\0\0\0\xff")]),
        "adobe-short": with_segments(data, [segment(0xEE, b"Adobe")]),
        "huffman-overfull": with_segments(data, [segment(0xC4, b"\0" + b"\xff" * 16 + bytes(255))]),
        "huffman-empty": with_segments(data, [segment(0xC4, b"")]),
        "parts-255": said(data, b"\xff\xc0", 9, ">B", 255),
        "parts-0": said(data, b"\xff\xc0", 9, ">B", 0),
        "sampling-0": said(data, b"\xff\xc0", 11, ">B", 0),
        "sampling-44": said(data, b"\xff\xc0", 11, ">B", 0x44),
        "precision-12": said(data, b"\xff\xc0", 4, ">B", 12),
        "table-99": said(data, b"\xff\xc0", 12, ">B", 99),
        "dac": with_segments(data, [segment(0xCC, b"\0\0")]),
        "number-of-lines": data[:-2] + segment(0xDC, struct.pack(">H", 9_000)) + data[-2:],
        "random-scan": data[: scan + 14] + junk(5, 3_000) + b"\xff\xd9",
        "scan-of-ff": data[: scan + 14] + b"\xff" * 5_000 + b"\xff\xd9",
        "restarts-everywhere": data[: scan + 14] + b"\xff\xd0" * 20_000 + b"\xff\xd9",
        "height-later": said(data, b"\xff\xc0", 5, ">H", 0),
    }
    for marker in (0xC1, 0xC2, 0xC3, 0xC5, 0xC9, 0xCA, 0xCB, 0xF7):
        tricks[f"coded-as-{marker:x}"] = data[: frame + 1] + bytes([marker]) + data[frame + 2 :]
    for name, trick in tricks.items():
        yield given(f"chunks/jpeg-{name}", trick)


def _gif_tricks() -> Iterator[File]:
    data = whole("GIF")
    picture = b"\x2c" + struct.pack("<HHHHB", 0, 0, 8, 8, 0)
    head = b"GIF89a" + struct.pack("<HHBBB", 8, 8, 0x80, 0, 0) + bytes(6)
    tricks = {
        "no-palette": b"GIF89a"
        + struct.pack("<HHBBB", 8, 8, 0, 0, 0)
        + picture
        + b"\2"
        + gif_blocks(b"\x84\x51")
        + b"\x3b",
        "frame-of-nothing": gif(8, 8, frame=(0, 0)),
        "no-frame": head + b"\x3b",
        "no-trailer": data[:-1],
        "extension-without-end": head + b"\x21\xfe\xff" + b"x" * 255,
        "background-255": head[:11] + b"\xff" + head[12:] + picture + b"\2\0\x3b",
        "disposal-7": head + b"\x21\xf9\4\x1c\0\0\0\0" + picture + b"\2" + gif_blocks(b"\x84\x51") + b"\x3b",
        "junk-between": head + b"\x99\x99" + picture + b"\2\0\x3b",
        "laced": data[:10] + data[10:].replace(b"\0@\x000\0\0", b"\0@\x000\0\x40", 1),
        "transparent-outside": head + b"\x21\xf9\4\1\0\0\xff\0" + picture + b"\2" + gif_blocks(b"\x84\x51") + b"\x3b",
    }
    for bits in (0, 1, 9, 12, 13, 255):
        tricks[f"code-size-{bits}"] = head + picture + bytes([bits]) + gif_blocks(junk(bits, 600)) + b"\x3b"
    for name, trick in tricks.items():
        yield given(f"chunks/gif-{name}", trick)


def _webp_tricks() -> Iterator[File]:
    lossy, clear = whole("WEBP"), saved(photo(*SIZE), "WEBP", lossless=True)
    still = moving("WEBP", 2, (40, 30))
    at = still.index(b"ANMF")
    frame = still[at : at + 8 + struct.unpack_from("<I", still, at + 4)[0]]
    tricks = {
        "canvas-alone": riff(canvas(8, 8)),
        "canvas-smaller": riff(canvas(8, 8), lossy[12:]),
        "canvas-larger": riff(canvas(4_000, 4_000), lossy[12:]),
        "alpha-alone": riff(canvas(*SIZE, 0x10), piece(b"ALPH", b"\0" * 100)),
        "alpha-junk": riff(canvas(*SIZE, 0x10), piece(b"ALPH", b"\xff" * 100), lossy[12:]),
        "frame-outside": riff(canvas(8, 8, 2), piece(b"ANIM", bytes(6)), frame),
        "frame-in-frame": riff(canvas(40, 30, 2), piece(b"ANIM", bytes(6)), piece(b"ANMF", frame[8:24] + frame)),
        "says-moving": riff(canvas(*SIZE, 2), lossy[12:]),
        "two-pictures": riff(lossy[12:], clear[12:]),
        "total-0": said(lossy, b"RIFF", 4, "<I", 0),
        "total-4g": said(lossy, b"RIFF", 4, "<I", 2**32 - 1),
        "total-odd": said(lossy, b"RIFF", 4, "<I", len(lossy) - 9),
        "chunk-4g": said(lossy, b"VP8 ", 4, "<I", 2**32 - 1),
        "chunk-0": said(lossy, b"VP8 ", 4, "<I", 0),
        "lossless-odd": said(clear, b"VP8L", 8, "<B", 0),
        "junk-first": riff(piece(b"JUNK", b"x" * 9), lossy[12:]),
        "frames-without-canvas": riff(still[at:]),
    }
    for name, trick in tricks.items():
        yield given(f"chunks/webp-{name}", trick)


def _box_tricks() -> Iterator[File]:
    for kind in ("HEIF", "AVIF"):
        data, coding = whole(kind), b"hvc1" if kind == "HEIF" else b"av01"
        meta, location = data.index(b"meta") - 4, data.index(b"iloc")
        tricks = {
            "meta-twice": data + data[meta:],
            "meta-to-the-end": said(data, b"meta", -4, ">I", 0),
            "meta-of-one": said(data, b"meta", -4, ">I", 1),
            "place-outside": data[: location + 20] + b"\xff\xff\xff\xf0" + data[location + 24 :],
            "no-place": data[:location] + b"free" + data[location + 4 :],
            "no-properties": data.replace(b"ipma", b"free"),
            "no-primary": data.replace(b"pitm", b"free"),
            "no-coding": data.replace(b"hvcC" if kind == "HEIF" else b"av1C", b"free"),
            "other-coding": data.replace(b"hvc1", b"av01").replace(b"av01", b"hvc1", 1),
            "grid": data.replace(coding, b"grid"),
            "overlay": data.replace(coding, b"iovl"),
            "identity": data.replace(coding, b"iden"),
            "sequence": data.replace(data[8:12], b"msf1", 1),
            "deep": data[:meta]
            + b"".join(struct.pack(">I4s", 80_000 - 8 * step, b"meta") for step in range(9_000))
            + data[meta:],
            "junk-pixels": data[: data.index(b"mdat") + 4] + junk(7, len(data) - data.index(b"mdat") - 4),
        }
        for name, trick in tricks.items():
            yield given(f"chunks/{kind.lower()}-{name}", trick)


def files() -> Iterator[File]:
    """All of them: whether a decoder forgives is its own affair."""
    for tricks in (_png_tricks, _jpeg_tricks, _gif_tricks, _webp_tricks, _box_tricks):
        yield from tricks()
