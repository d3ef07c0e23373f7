"""Read from a picture's metadata what it would have told about a child, in six plain words, before it is destroyed.

"place": where; "time": when; "device": which phone, camera or program; "author": whose; "comment": texts written into
the file; "thumbnail": a small earlier copy, which often still shows what was cropped away. Only the presence is
reported, never a value. Standard library only, bounded in time, and never the reason why a picture is refused.
"""

import re
import struct
from collections.abc import Iterable, Iterator

MAX_TAGS = 200  # in one EXIF directory; cameras write under 80
ORIENTATION, EXIF_IFD, GPS_IFD = 0x0112, 0x8769, 0x8825

EXIF_TAGS = {
    **dict.fromkeys((0x0132, 0x9003, 0x9004, 0x9010, 0x9011, 0x9012, 0x9290, 0x9291, 0x9292), "time"),
    **dict.fromkeys((0x010F, 0x0110, 0x0131, 0x013C, 0x927C, 0xA431, 0xA433, 0xA434, 0xA435, 0xC62F), "device"),
    **dict.fromkeys((0x013B, 0x8298, 0x9C9D, 0xA430), "author"),
    **dict.fromkeys((0x010E, 0x9286, 0x9C9B, 0x9C9C, 0x9C9E, 0x9C9F), "comment"),
}
IPTC_FIELDS = {
    **dict.fromkeys((80, 85, 110, 115, 116, 118, 122), "author"),
    **dict.fromkeys((5, 25, 40, 105, 120), "comment"),
    **dict.fromkeys((30, 35, 55, 60, 62, 63), "time"),
    **dict.fromkeys((26, 27, 90, 92, 95, 100, 101), "place"),
    **dict.fromkeys((65, 70), "device"),
}
XMP_NAMES = {
    "author": re.compile(
        rb"dc:creator|dc:rights|photoshop:(?:Credit|AuthorsPosition)|xmpRights:Owner|CreatorContactInfo"
    ),
    "comment": re.compile(rb"dc:(?:description|title|subject)|photoshop:Headline|exif:UserComment"),
    "device": re.compile(
        rb"tiff:(?:Make|Model|Software)|xmp:CreatorTool|aux:|exifEX:|SerialNumber|stEvt:softwareAgent"
    ),
    "place": re.compile(rb"exif:GPS|photoshop:(?:City|State|Country)|Iptc4xmp\w+:Location"),
    "thumbnail": re.compile(rb"xmp:Thumbnails|xmpGImg:image"),
    "time": re.compile(rb"xmp:(?:CreateDate|ModifyDate|MetadataDate)|DateTime|photoshop:DateCreated|stEvt:when"),
}
PNG_WORDS = {
    "author": "author", "copyright": "author", "creation time": "time", "date:create": "time", "date:modify": "time",
    "software": "device", "source": "device", "xml:com.adobe.xmp": "",
}  # fmt: skip


def found(parts: Iterable[tuple[str, bytes]]) -> set[str]:
    """Name what the blocks set aside by `containers.unpack` (or handed out by a decoder) told about the child."""
    words: set[str] = set()
    for kind, block in parts:
        if kind in ("exif", "png:eXIf"):
            words |= {word for word in map(_exif_word, _exif_tags(block)) if word}
        elif kind == "xmp":
            words |= _xmp_words(block)
        elif kind == "photoshop":
            words |= _photoshop_words(block)
        elif kind == "png:tIME":
            words.add("time")
        elif kind in ("png:tEXt", "png:iTXt", "png:zTXt"):
            words |= _png_words(block)
        elif kind in ("comment", "thumbnail"):
            words.add(kind)
    return words


def orientation(block: bytes) -> int:
    """Return the EXIF orientation, 1 to 8; 1 for none, a broken or an impossible one."""
    for place, tag, value in _exif_tags(block):
        if (place, tag) == ("main", ORIENTATION):
            return value if 1 <= value <= 8 else 1
    return 1


def _exif_word(entry: tuple[str, int, int]) -> str:
    place, tag, _ = entry
    if place == "gps":
        return "place" if tag else ""  # tag 0 is the version of the format
    return "thumbnail" if place == "thumbnail" else EXIF_TAGS.get(tag, "")


def _exif_tags(block: bytes) -> Iterator[tuple[str, int, int]]:
    """Yield (directory, tag, value as a short number) of the main, detail, place and thumbnail directories."""
    tiff = block[6:] if block.startswith(b"Exif\0") else block
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if not order:
        return
    try:
        (start,) = struct.unpack_from(order + "I", tiff, 4)
        inner = {EXIF_IFD: "detail", GPS_IFD: "gps"}
        following = start
        for tag, short, long in _directory(tiff, order, start):
            yield "main", tag, short
            if tag in inner:
                place = inner.pop(tag)  # each is followed once, however often it is named
                yield from ((place, deep, value) for deep, value, _ in _directory(tiff, order, long))
            following += 12
        (after,) = struct.unpack_from(order + "I", tiff, following + 2)
        if after:
            yield from (("thumbnail", tag, short) for tag, short, _ in _directory(tiff, order, after))
    except struct.error:
        return  # cut off: what was read so far counts


def _directory(tiff: bytes, order: str, start: int) -> Iterator[tuple[int, int, int]]:
    """Yield (tag, value as short, value as long) of one directory."""
    (count,) = struct.unpack_from(order + "H", tiff, start)
    for index in range(min(count, MAX_TAGS)):
        at = start + 2 + 12 * index
        (tag,) = struct.unpack_from(order + "H", tiff, at)
        (short,) = struct.unpack_from(order + "H", tiff, at + 8)
        (long,) = struct.unpack_from(order + "I", tiff, at + 8)
        yield tag, short, long


def _xmp_words(packet: bytes) -> set[str]:
    text = packet.replace(b"\0", b"")  # so that UTF-16 reads like UTF-8
    return {word for word, names in XMP_NAMES.items() if names.search(text)}


def _photoshop_words(block: bytes) -> set[str]:
    words = {"thumbnail"} if b"8BIM\x04\x0c" in block or b"8BIM\x04\x09" in block else set()
    at = block.find(b"8BIM\x04\x04")
    at = block.find(b"\x1c\x02", at) if at >= 0 else -1
    while at >= 0 and block[at : at + 2] == b"\x1c\x02" and at + 5 <= len(block):
        words.add(IPTC_FIELDS.get(block[at + 2], ""))
        at += 5 + int.from_bytes(block[at + 3 : at + 5], "big")
    return words - {""}


def _png_words(block: bytes) -> set[str]:
    keyword = block.split(b"\0", 1)[0].decode("latin-1").lower()
    return (_xmp_words(block) if "xmp" in keyword else set()) | {PNG_WORDS.get(keyword, "comment")} - {""}
