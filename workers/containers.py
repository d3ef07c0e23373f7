"""Take a picture file apart without decoding it: what it is, how large, and the same picture without its baggage.

Every decoder has costly corners in the parts that no pixel needs: thousands of EXIF segments take quadratic time in a
JPEG, so do comments in a GIF; compressed text fills memory in a PNG. So the file is rebuilt first from the chunks that
make pixels, and only that reaches the decoder; the rest is kept aside for `traces`, which says what it told about the
child. Standard library only: pure functions on bytes, in time linear in the file.
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

# A walk in Python costs about 1 us a step; real files have under 300 segments, chunks or extension blocks. More is
# an attack and is refused while it is still cheap.
MAX_PARTS = 5_000
# Real progressive JPEGs have about 10 scans, the most thorough encoders under 70; each costs a pass over all pixels.
MAX_SCANS = 100
# An ICC profile of a screen or a camera has 0.5 to 4 kB, of a printing press up to 3 MB.
MAX_PROFILE = 4_000_000
# What is read of the metadata, to tell the child what was in it; longer is destroyed just the same.
MAX_TRACE = 1_000_000

JPEG_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")  # any marker but padding, escaped bytes and restarts
HEVC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs")
PNG_KEPT = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"gAMA", b"sRGB", b"iCCP")
WEBP_KEPT = (b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP")
GIF_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")


class UnreadableImage(Exception):
    """The bytes will never become a picture. `reason` is "type", "damaged", "too_large" or "too_slow"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(slots=True)
class Container:
    """A picture file taken apart; HEIF and AVIF keep their size as 0 x 0, their own decoders read it from the header.

    `data` holds the pixels' part; `parts` are (kind, bytes) of what was left out, for `traces.found`.
    `frames` counts up to and including the first one too many that `unpack` was asked to look for.
    """

    format: str
    data: bytes = b""
    width: int = 0
    height: int = 0
    frames: int = 1
    parts: list[tuple[str, bytes]] = field(default_factory=list)
    room: int = MAX_TRACE

    def set_aside(self, kind: str, block: bytes) -> None:
        """Keep a block of metadata for reading, within bounds."""
        if kind and len(block) <= self.room:
            self.room -= len(block)
            self.parts.append((kind, block))


def unpack(data: bytes, most_frames: int) -> Container:
    """Take the file apart by its content alone; UnreadableImage("type") if it is none of the six formats."""
    kind = sniff(data)
    if not kind:
        raise UnreadableImage("type")
    box = Container(kind, data)
    try:
        if kind == "JPEG":
            _unpack_jpeg(box, data)
        elif kind == "PNG":
            _unpack_png(box, data)
        elif kind == "GIF":
            _unpack_gif(box, data, most_frames)
        elif kind == "WEBP":
            _unpack_webp(box, data, most_frames)
    except (IndexError, struct.error) as error:
        raise UnreadableImage("damaged") from error
    if kind not in ("HEIF", "AVIF") and not (box.width and box.height):
        raise UnreadableImage("damaged")
    return box


def sniff(data: bytes) -> str:
    """Return JPEG, PNG, GIF, WEBP, HEIF, AVIF or "" from the first bytes; names and declared types are never asked."""
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp":
        return _iso_kind(data)
    return ""


def _iso_kind(data: bytes) -> str:
    """Tell HEIC from AVIF: both may call themselves `mif1` and name the codec among the compatible brands."""
    listed = data[16 : max(16, min(int.from_bytes(data[:4], "big"), 256))]
    brands = [data[8:12], *(listed[i : i + 4] for i in range(0, len(listed), 4))]
    if brands[0] in (b"avif", b"avis") or (brands[0] in (b"mif1", b"msf1") and b"avif" in brands):
        return "AVIF"
    return "HEIF" if brands[0] in (*HEVC_BRANDS, b"mif1", b"msf1") else ""


def _unpack_jpeg(box: Container, data: bytes) -> None:
    kept, at, scans, profile = [b"\xff\xd8"], 2, 0, 0
    for _ in range(MAX_PARTS):
        found = JPEG_MARKER.search(data, at)
        if scans:  # entropy-coded bytes belong to the scan
            kept.append(data[at : found.start() if found else len(data)])
        if not found or found.group()[1] == 0xD9:
            # What follows the end mark (a second picture, a ZIP, what a crop tool left) is not part of the picture.
            box.data = b"".join(kept) + (b"\xff\xd9" if found else b"")
            return
        marker, start = found.group()[1], found.end()
        at = start + struct.unpack_from(">H", data, start)[0]
        body = data[start + 2 : at]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            box.height, box.width = struct.unpack_from(">HH", body, 1)
        scans += marker == 0xDA
        profile += len(body) if marker == 0xE2 else 0
        if scans > MAX_SCANS:
            break
        if _keeps_segment(marker, body, profile):
            kept.append(data[start - 2 : at])
        else:
            box.set_aside(_jpeg_kind(marker, body), body)
    raise UnreadableImage("too_slow")


def _keeps_segment(marker: int, body: bytes, profile: int) -> bool:
    """Keep what makes pixels: tables, frames, scans, the colour profile and Adobe's note on how colours are stored."""
    if marker == 0xE2:
        return body.startswith(b"ICC_PROFILE\0") and profile <= MAX_PROFILE
    if marker == 0xEE:
        return body.startswith(b"Adobe")
    return not (0xE0 <= marker <= 0xEF or marker >= 0xF0)


def _jpeg_kind(marker: int, body: bytes) -> str:
    if marker == 0xFE:
        return "comment"
    if marker == 0xE1:
        return "exif" if body.startswith(b"Exif\0") else "xmp"
    return "photoshop" if marker == 0xED else ""


def _unpack_png(box: Container, data: bytes) -> None:
    box.width, box.height = struct.unpack_from(">II", data, 16)
    kept, at, dropped = [data[:8]], 8, 0
    while at + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        name, end = data[at + 4 : at + 8], at + 12 + length
        if name in PNG_KEPT and (name != b"iCCP" or length <= MAX_PROFILE):
            kept.append(data[at:end])
        else:
            box.set_aside("png:" + name.decode("latin-1"), data[at + 8 : end - 4])
            dropped += 1
        at = end
        if name == b"IEND":
            break
        if dropped > MAX_PARTS:
            raise UnreadableImage("too_slow")
    box.data = b"".join(kept)


def _unpack_webp(box: Container, data: bytes, most_frames: int) -> None:
    kept, frames = [], 0
    for name, body in _riff_chunks(data):
        if name == b"ANMF":
            frames += 1
            box.frames = max(frames, 1)
        if name in (b"EXIF", b"XMP "):
            box.set_aside(name.decode().strip().lower(), body)
        elif name in WEBP_KEPT and not (name == b"ANMF" and frames > most_frames):
            wide, high = _webp_size(name, body)
            box.width, box.height = max(box.width, wide), max(box.height, high)
            if name == b"VP8X":
                body = bytes([body[0] & 0b11110011]) + body[1:]  # clears the flags that announce EXIF and XMP
            kept.append(name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2))
    chunks = b"".join(kept)
    box.data = b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WEBP" + chunks


def _riff_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at, parts = 12, 0
    end = min(len(data), 8 + int.from_bytes(data[4:8], "little"))  # what lies behind is not part of the picture
    while at + 8 <= end:
        (length,) = struct.unpack_from("<I", data, at + 4)
        if at + 8 + length > end:
            raise UnreadableImage("damaged")
        yield data[at : at + 4], data[at + 8 : at + 8 + length]
        at += 8 + length + length % 2
        parts += 1
        if parts > MAX_PARTS:
            raise UnreadableImage("too_slow")


def _webp_size(name: bytes, body: bytes) -> tuple[int, int]:
    """Read the size from a chunk that has one, the canvas or a single picture; 0 x 0 from any other."""
    if name == b"VP8X":
        return int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1
    if name == b"VP8 ":
        wide, high = struct.unpack_from("<HH", body, 6)
        return wide & 0x3FFF, high & 0x3FFF
    if name == b"VP8L":
        (bits,) = struct.unpack_from("<I", body, 1)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return 0, 0


def _unpack_gif(box: Container, data: bytes, most_frames: int) -> None:
    box.width, box.height = struct.unpack_from("<HH", data, 6)
    at = 13 + _gif_table(data[10])
    kept, frames = [data[:at]], 0
    for _ in range(MAX_PARTS):
        kind, start = data[at] if at < len(data) else 0x3B, at  # many files lack the end mark
        if kind == 0x3B:
            break
        if kind == 0x2C:
            frames += 1
            if frames > most_frames:
                break
            left, top, wide, high, flags = struct.unpack_from("<HHHHB", data, at + 1)
            # A frame may stick out of the canvas, and the decoder then makes the canvas larger.
            box.width, box.height = max(box.width, left + wide), max(box.height, top + high)
            at = _gif_blocks(data, at + 11 + _gif_table(flags))
            kept.append(data[start:at])
        elif kind == 0x21:
            at = _gif_blocks(data, at + 2)
            _sort_extension(box, kept, data[start:at])
        else:
            raise UnreadableImage("damaged")
    else:
        raise UnreadableImage("too_slow")
    box.frames = max(frames, 1)
    box.data = b"".join(kept) + b"\x3b"


def _gif_table(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _gif_blocks(data: bytes, at: int) -> int:
    while size := data[at]:
        at += size + 1
    return at + 1


def _sort_extension(box: Container, kept: list[bytes], block: bytes) -> None:
    """Keep timing and looping; set comments and what programs wrote aside."""
    if block[1] == 0xF9 or (block[1] == 0xFF and block[3:14] in GIF_LOOPS):
        kept.append(block)
    elif block[1] == 0xFE:
        box.set_aside("comment", block[3:])
    elif block[1] == 0xFF and block[3:11] == b"XMP Data":
        box.set_aside("xmp", block[14:])
