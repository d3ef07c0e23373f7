"""An MP4 without what tells of its making: places, dates, devices, titles. Nothing is decoded and nothing moves.

What only describes becomes free space of the same length, so that every picture and sound stays where the film says it is.
Inside of pictures and sound nothing is looked for: some encoders write their name there.
"""

from collections.abc import Iterator
from typing import BinaryIO

from memes.errors import UploadRefused
from memes.formats import File, boxes

#: Boxes that hold others (ISO 14496-12).
_PARENTS = frozenset({b"moov", b"trak", b"mdia", b"minf", b"moof", b"traf", b"edts", b"mvex"})
#: Boxes that only describe.
_DESCRIBE = frozenset({b"udta", b"meta", b"uuid"})
#: Boxes that hold nothing, or what somebody has hidden there.
_FREE = frozenset({b"free", b"skip"})
#: Boxes that begin with the moments of making and changing, in 8 bytes or, in their version 1, in 16.
_DATED = frozenset({b"mvhd", b"tkhd", b"mdhd"})
#: What a track may be: pictures, sound, words.
_TRACKS = frozenset({b"vide", b"soun", b"text", b"sbtl", b"subt", b"clcp", b"hint"})
_BLOCK = 64 * 1024


def forget(stream: BinaryIO, size: int) -> bool:
    """Blank it in a seekable, writable stream, and leave that rewound; whether there was anything.

    Raises UploadRefused("tracks") for a film with a track of data, which cameras fill with places.
    """
    found = list(_blanks(File(stream, size), 0, size))
    for place, length, free in found:
        stream.seek(place)
        if free:
            stream.write(b"free")
            continue
        while length > 0:
            length -= stream.write(bytes(min(length, _BLOCK)))
    stream.seek(0)
    return bool(found)


def _blanks(file: File, place: int, end: int) -> Iterator[tuple[int, int, bool]]:
    """Place and length of what is to be nothing, or of a name that is to be `free`."""
    for kind, body, stop in boxes(file, place, end):
        if stop > end:
            raise UploadRefused("damaged")
        if kind in _DESCRIBE | _FREE:
            yield place + 4, 4, True
            yield body, stop - body, False
        elif kind in _PARENTS:
            yield from _blanks(file, body, stop)
        elif kind in _DATED and stop - body >= 20:
            yield body + 4, 16 if file.at(body, 1) == b"\1" else 8, False
        elif kind == b"hdlr" and stop - body >= 24:
            if file.at(body + 8, 4) not in _TRACKS:
                raise UploadRefused("tracks")
            yield body + 24, stop - body - 24, False
        place = stop
