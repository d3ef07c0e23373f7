"""What an upload is, from its own bytes alone: format, pixel size, wholeness. Nothing is decoded here.

The web process reads headers and steps over everything else; decoding happens in the worker's cage. The file name and
the declared type are never looked at. Whoever decodes later must not trust the size found here: a header can lie.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from io import SEEK_END
from typing import BinaryIO

from memes.errors import UploadRefused
from memes.formats import READERS, File, Size, recognised

#: Pixels. Phones said to have 48 or 50 megapixels write up to 8192 x 6144 = 50.3 million. These are the limits of the
#: worker (`workers/images.py`, a test compares them): what it would refuse is better refused while the child waits.
MAX_PIXELS = 52_000_000
#: Pixels in formats that no camera writes that large; their decoders hold several whole canvases.
MAX_PIXELS_DRAWN = 20_000_000
#: Pixels on one side; a screenshot of a long conversation reaches about 10 000.
MAX_SIDE = 12_000

_CAMERA_FORMATS = frozenset({"jpeg", "heif"})


@dataclass(frozen=True, slots=True)
class Inspected:
    """An upload worth handing to the worker: pixels before rotation, bytes.

    `format` is one of jpeg, png, gif, webp, heif, avif.
    """

    format: str
    width: int
    height: int
    size: int


def inspect(stream: BinaryIO, *, limit: int) -> Inspected:
    """Look at a seekable stream of at most `limit` bytes and leave it rewound.

    Raises UploadRefused with the reason `empty`, `too_big`, `type`, `damaged` or `too_many_pixels`.
    Takes time in proportion to the size and holds one block of 64 kB at a time.
    """
    try:
        stream.seek(0, SEEK_END)
        size = stream.tell()
        if size == 0:
            raise UploadRefused("empty")
        if size > limit:
            raise UploadRefused("too_big")
        file = File(stream, size)
        kind = recognised(file.at(0, min(size, 256)))
        if kind is None:
            raise UploadRefused("type")
        width, height = _largest(READERS[kind](file), MAX_PIXELS if kind in _CAMERA_FORMATS else MAX_PIXELS_DRAWN)
        return Inspected(kind, width, height, size)
    finally:
        stream.seek(0)


def _largest(sizes: Iterator[Size], most: int) -> Size:
    """The size with the most pixels; each is checked as soon as it is read, before anything behind it."""
    largest: Size = (0, 0)
    for width, height in sizes:
        if width == 0 or height == 0:
            raise UploadRefused("damaged")
        if width * height > most or max(width, height) > MAX_SIDE:
            raise UploadRefused("too_many_pixels")
        largest = max(largest, (width, height), key=lambda size: size[0] * size[1])
    if largest == (0, 0):
        raise UploadRefused("damaged")
    return largest
