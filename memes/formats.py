"""Picture formats, as far as can be told without decoding: which one, the sizes it states, whether its end is there.

Used by `uploads.py` in the web process. Readers yield each size as they come to it and raise UploadRefused("damaged")
where the structure breaks off. What lies behind the end is no damage: phones put films and notes there.
"""

import re
import struct
from collections.abc import Callable, Iterator
from typing import BinaryIO

from memes.errors import UploadRefused

#: A JPEG's metadata comes in segments of up to 64 kB: 15 MB are 240. Many small ones cost the decoder quadratic time.
MOST_SEGMENTS = 512
#: Looks at a file in all. A GIF of 15 MB needs most: 60 000 pieces of 255 bytes. Each look takes about 1 µs.
MOST_LOOKS = 250_000

_BLOCK = 64 * 1024
Size = tuple[int, int]

_START_OF_SCAN, _END_OF_IMAGE = 0xDA, 0xD9
_START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
#: The next marker that has a segment, or the end: not a stuffed or fill byte, not a restart, not a start of image.
_NO_MARKER = frozenset({0x00, 0x01, *range(0xD0, 0xD9), 0xFF})
_MARKER = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]")

_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})
#: Brands that say "a picture in boxes" and leave the coding to the brands behind them.
_OPEN_BRANDS = frozenset({b"mif1", b"mif2", b"msf1", b"miaf"})
#: If one of these does not fit, the end is missing; anything else behind the picture is a phone's own data.
_BOXES = frozenset({b"ftyp", b"meta", b"mdat", b"moov", b"moof"})


class File:
    """A stream looked at through one block, with a bound on the number of looks."""

    def __init__(self, stream: BinaryIO, size: int) -> None:
        self.size = size
        self._stream = stream
        self._start = 0
        self._block = b""
        self._looks = 0

    def at(self, place: int, length: int) -> bytes:
        """`length` bytes (at most 256) from `place`; it is damage if there are fewer."""
        offset = self._show(place, length)
        return self._block[offset : offset + length]

    def find(self, found: Callable[[bytes, int], int], place: int) -> tuple[bytes, int]:
        """The first two bytes that are `found` in a block, and the place behind them; it is damage if there are none."""
        while True:
            offset = self._show(place, 2)
            if (start := found(self._block, offset)) >= 0:
                return self._block[start : start + 2], self._start + start + 2
            place = self._start + len(self._block) - 1  # the last byte may be the first half

    def _show(self, place: int, length: int) -> int:
        self._looks += 1
        offset = place - self._start
        if offset < 0 or offset + length > len(self._block):
            self._stream.seek(place)
            self._start, self._block, offset = place, self._stream.read(_BLOCK), 0
        if self._looks > MOST_LOOKS or offset + length > len(self._block):
            raise UploadRefused("damaged")
        return offset


def recognised(head: bytes) -> str | None:
    """The format by its first bytes."""
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "webp"
    return _kind_by_brands(head) if head[4:8] == b"ftyp" else None


def _kind_by_brands(head: bytes) -> str | None:
    # Video files have the same boxes: the first brand decides, and only an open one lets those behind it speak.
    end = min(int.from_bytes(head[:4], "big"), len(head))
    brands = [head[8:12]]
    if brands[0] in _OPEN_BRANDS:
        brands += [head[place : place + 4] for place in range(16, end - 3, 4)]
    for brand in brands:
        if brand in _AVIF_BRANDS:
            return "avif"
        if brand in _HEIF_BRANDS:
            return "heif"
    return "heif" if brands[0] in _OPEN_BRANDS else None


def _jpeg(file: File) -> Iterator[Size]:
    # From marker to marker up to the end of the first image. Searching for each marker forgives what lies between two.
    place, scanned = 2, False
    for _ in range(MOST_SEGMENTS):
        marker, place = file.find(_marker, place)
        if marker[1] == _END_OF_IMAGE:
            break
        if marker[1] in _START_OF_FRAME:
            height, width = struct.unpack(">HH", file.at(place + 3, 4))
            yield width, height
        scanned = scanned or marker[1] == _START_OF_SCAN
        place += int.from_bytes(file.at(place, 2), "big")
    else:
        raise UploadRefused("damaged")
    if not scanned:
        raise UploadRefused("damaged")


def _marker(block: bytes, place: int) -> int:
    """Where the next marker begins, -1 if there is none. A byte alone is found much faster than a pattern, which bears hostile
    blocks in which it is everywhere; in a photo it is there once in some hundreds."""
    for _ in range(MOST_SEGMENTS):
        place = block.find(b"\xff", place)
        if place < 0 or place + 1 == len(block):
            return -1
        if block[place + 1] not in _NO_MARKER:
            return place
        place += 1
    match = _MARKER.search(block, place)
    return match.start() if match else -1


def _png(file: File) -> Iterator[Size]:
    if file.at(8, 8) != b"\0\0\0\rIHDR":
        raise UploadRefused("damaged")
    width, height = struct.unpack(">II", file.at(16, 8))
    yield width, height
    place, kind = 33, b"IHDR"
    while kind != b"IEND":
        length, kind = struct.unpack(">I4s", file.at(place, 8))
        place += 8 + length
        file.at(place, 4)  # the checksum is there, so all before it is
        place += 4


def _gif(file: File) -> Iterator[Size]:
    width, height, flags = struct.unpack("<HHB", file.at(6, 5))
    yield width, height
    place, pictures = 13 + _colours(flags), 0
    while (kind := file.at(place, 1)) != b";":
        if kind == b",":
            left, top, width, height, flags = struct.unpack("<HHHHB", file.at(place + 1, 9))
            # Decoders make room for pictures that stick out of the screen.
            yield left + width, top + height
            pictures += 1
            place = _behind_pieces(file, place + 11 + _colours(flags))
        elif kind == b"!":
            place = _behind_pieces(file, place + 2)
        elif kind == b"\0":
            place += 1  # some writers end a block twice
        else:
            raise UploadRefused("damaged")
    if not pictures:
        raise UploadRefused("damaged")


def _colours(flags: int) -> int:
    """Bytes of the colour table that the flags announce."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _behind_pieces(file: File, place: int) -> int:
    while length := file.at(place, 1)[0]:
        place += 1 + length
    return place + 1


def _webp(file: File) -> Iterator[Size]:
    total, kind, length = struct.unpack("<I4x4sI", file.at(4, 16))
    if kind == b"VP8X":
        yield 1 + int.from_bytes(file.at(24, 3), "little"), 1 + int.from_bytes(file.at(27, 3), "little")
    elif kind == b"VP8L" and file.at(20, 1) == b"\x2f":
        bits = int.from_bytes(file.at(21, 4), "little")
        yield 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    elif kind == b"VP8 " and file.at(23, 3) == b"\x9d\x01\x2a":
        width, height = struct.unpack("<HH", file.at(26, 4))
        yield width & 0x3FFF, height & 0x3FFF
    if not 20 + length <= 8 + total <= file.size:
        raise UploadRefused("damaged")


def _boxed(file: File) -> Iterator[Size]:
    """HEIF and AVIF (ISO 14496-12 boxes): the `ispe` properties of pictures, tiles and previews."""
    seen = set()
    for kind, body, end in boxes(file, 0, file.size):
        if end > file.size:
            if kind in _BOXES:
                raise UploadRefused("damaged")
            break
        seen.add(kind)
        if kind == b"meta":
            yield from _extents(file, body + 4, end, (b"iprp", b"ipco", b"ispe"))
    if not seen >= {b"meta", b"mdat"}:
        raise UploadRefused("damaged")


def _extents(file: File, place: int, end: int, path: tuple[bytes, ...]) -> Iterator[Size]:
    for kind, body, stop in boxes(file, place, end):
        if stop > end:
            raise UploadRefused("damaged")
        if kind == path[0] and len(path) > 1:
            yield from _extents(file, body, stop, path[1:])
        elif kind == path[0]:
            width, height = struct.unpack(">II", file.at(body + 4, 8))
            yield width, height


def boxes(file: File, place: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start of the content and end of each box; the end of one that cannot be lies behind the file."""
    while place + 8 <= end:
        length, kind = struct.unpack(">I4s", file.at(place, 8))
        body = place + 8
        if length == 1:
            length, body = int.from_bytes(file.at(body, 8), "big"), body + 8
        elif length == 0:
            length = end - place
        stop = place + length if length >= body - place else file.size + 1
        yield kind, body, stop
        place = stop


#: Format -> reader of (width, height) in pixels.
READERS: dict[str, Callable[[File], Iterator[Size]]] = {
    "jpeg": _jpeg,
    "png": _png,
    "gif": _gif,
    "webp": _webp,
    "heif": _boxed,
    "avif": _boxed,
}
