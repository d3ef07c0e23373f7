"""What tells who a child is, in each place where a file can carry it: twenty kinds and more, in six formats."""

import struct
import uuid
import zlib
from collections.abc import Callable, Iterator

from PIL import Image

from tests.hostile.bombs import piece, riff
from tests.hostile.file import File, Outcome
from tests.hostile.strangers import KINDS, SIZE, whole
from tests.workers.pictures import (
    CANARY,
    chunk,
    exif,
    gif_blocks,
    iptc,
    photo,
    saved,
    segment,
    wide_profile,
    with_chunks,
    with_segments,
    xmp,
)

_C = CANARY.encode()
#: Names the signer of a picture, and the boxes that carry it where a format has no place of its own for it.
JUMBF = b"\0\0\0\x60jumb\0\0\0\x22jumdc2pa\0\x11\0\x10\x80\0\0\xaa\0\x38\x9b\x71\3c2pa\0" + b"signed by " + _C * 2
C2PA = uuid.UUID("d8fec3d6-1b0e-483c-9297-5828877ec481").bytes


def tags(
    main: dict[int, object] | None = None, detail: dict[int, object] | None = None, gps: dict[int, object] | None = None
) -> bytes:
    """An EXIF block (TIFF) of these tags."""
    made = Image.Exif()
    made.update(main or {})
    made.get_ifd(0x8769).update(detail or {})
    made.get_ifd(0x8825).update(gps or {})
    return made.tobytes().removeprefix(b"Exif\0\0")


def packet(body: str) -> bytes:
    """An XMP packet of this description."""
    return (
        '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
        f'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">{body}</rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode()


HISTORY = (
    '<rdf:Description xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/" xmlns:stEvt="http://ns.adobe.com/xap/1.0/sType/'
    'ResourceEvent#"><xmpMM:History><rdf:Seq><rdf:li stEvt:action="saved" stEvt:when="2026-03-08" '
    f'stEvt:softwareAgent="{CANARY}"/></rdf:Seq></xmpMM:History></rdf:Description>'
)
REGIONS = (
    '<rdf:Description xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/"><mwg-rs:Regions><rdf:Bag>'
    f'<rdf:li mwg-rs:Name="{CANARY}" mwg-rs:Type="Face"/></rdf:Bag></mwg-rs:Regions></rdf:Description>'
)
EXIF: dict[str, Callable[[], bytes]] = {
    "gps": lambda: tags(gps={1: "N", 2: (34.0, 1.0, 15.0), 3: "W", 4: (6.0, 50.0, 1.0), 0x1D: CANARY}),
    "maker-note": lambda: tags(detail={0x927C: b"Apple iOS\0\0\1" + _C * 3}),
    "serial-number": lambda: tags(detail={0xA431: CANARY, 0xA435: CANARY, 0xA420: CANARY}),
    "owner": lambda: tags({0x013B: CANARY, 0x8298: CANARY}, {0xA430: CANARY}),
    "user-comment": lambda: tags(detail={0x9286: b"ASCII\0\0\0" + _C}),
    "description": lambda: tags({0x010E: CANARY}),
    "time": lambda: tags({0x0132: "2026:03:08 10:11:12"}, {0x9003: "2026:03:08 10:11:12", 0x9011: "+01:00"}),
    "device": lambda: tags({0x010F: "Kamera", 0x0110: CANARY, 0x0131: CANARY, 0x013C: CANARY}),
    "windows-author": lambda: tags({0x9C9D: CANARY.encode("utf-16-le"), 0x9C9C: CANARY.encode("utf-16-le")}),
    "thumbnail": exif,
    "orientation-and-canary": lambda: tags({0x0112: 6, 0xC4A5: b"PrintIM\0" + _C, 0xEA1C: _C}),
}
XMP: dict[str, Callable[[], bytes]] = {
    "xmp": xmp,
    "xmp-history": lambda: packet(HISTORY),
    "xmp-faces": lambda: packet(REGIONS),
}
OTHERS: dict[str, Callable[[], bytes]] = {
    "iptc": iptc,
    "photoshop": lambda: b"Photoshop 3.0\x008BIM\x04\x0c\0\0" + struct.pack(">I", 200) + _C + whole("JPEG")[:150],
    "c2pa": lambda: JUMBF,
    "comment": lambda: _C,
    "private": lambda: b"PRIV" + _C,
    "tail": lambda: _C,
}


def _jpeg(kind: str, block: bytes) -> bytes:
    marks = {"iptc": 0xED, "photoshop": 0xED, "c2pa": 0xEB, "comment": 0xFE, "private": 0xEF}
    if kind in XMP:
        return with_segments(whole("JPEG"), [segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + block)])
    if kind in EXIF:
        return with_segments(whole("JPEG"), [segment(0xE1, b"Exif\0\0" + block)])
    body = b"JP\0\1\0\0\0\1" + block if kind == "c2pa" else block
    return with_segments(whole("JPEG"), [segment(marks[kind], body)])


def _png(kind: str, block: bytes) -> bytes:
    if kind in XMP:
        return with_chunks(whole("PNG"), [chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + block)])
    if kind in ("iptc", "photoshop"):  # as ImageMagick writes them
        text = f"\n{kind}\n{len(block):8d}\n{block.hex()}\n".encode()
        return with_chunks(whole("PNG"), [chunk(b"zTXt", b"Raw profile type iptc\0\0" + zlib.compress(text))])
    names = {"c2pa": b"caBX", "comment": b"tEXt", "private": b"prVt"}
    body = b"Comment\0" + block if kind == "comment" else block
    return with_chunks(whole("PNG"), [chunk(names.get(kind, b"eXIf"), body)])


def _gif(kind: str, block: bytes) -> bytes:
    gif = whole("GIF")
    if kind == "comment":
        return gif[:-1] + b"\x21\xfe" + gif_blocks(block) + b"\x3b"
    if kind in XMP:
        return gif[:-1] + b"\x21\xff\x0bXMP DataXMP" + block + b"\1" + bytes(range(255, -1, -1)) + b"\0\x3b"
    name = {"c2pa": b"C2PA_GIF\1\0\0", "icc-text": b"ICCRGBG1012"}.get(kind, b"EXIF    1.0")
    return gif[:-1] + b"\x21\xff\x0b" + name + gif_blocks(block) + b"\x3b"


def _webp(kind: str, block: bytes) -> bytes:
    if kind in EXIF:
        return saved(photo(*SIZE), "WEBP", exif=block)
    if kind in XMP:
        return saved(photo(*SIZE), "WEBP", xmp=block)
    return riff(whole("WEBP")[12:], piece({"c2pa": b"C2PA", "comment": b"META"}.get(kind, b"PRIV"), block))


def _boxed(format: str) -> Callable[[str, bytes], bytes]:
    def made(kind: str, block: bytes) -> bytes:
        if kind in EXIF or kind in XMP:
            return saved(photo(*SIZE), format, **{"exif" if kind in EXIF else "xmp": block})
        name, body = {"c2pa": (b"uuid", C2PA + block), "comment": (b"free", block)}.get(
            kind, (b"uuid", bytes(16) + block)
        )
        return whole(format) + struct.pack(">I", len(body) + 8) + name + body

    return made


CARRIERS: dict[str, Callable[[str, bytes], bytes]] = {
    "JPEG": _jpeg,
    "PNG": _png,
    "GIF": _gif,
    "WEBP": _webp,
    "HEIF": _boxed("HEIF"),
    "AVIF": _boxed("AVIF"),
}


def _carried(format: str, kind: str, block: bytes) -> bytes:
    return whole(format) + block if kind == "tail" else CARRIERS[format](kind, block)


def _with_profile(format: str) -> bytes:
    if format == "GIF":
        return _gif("icc-text", wide_profile())
    return saved(photo(*SIZE), format, icc_profile=wide_profile())


def files() -> Iterator[File]:
    """Each kind in each format, with the canary wherever a text can stand."""
    for format in KINDS:
        for kind, block in (EXIF | XMP | OTHERS).items():
            make = lambda f=format, k=kind, b=block: _carried(f, k, b())  # noqa: E731
            yield File(f"metadata/{format.lower()}-{kind}", make, Outcome.CLEAN)
        yield File(f"metadata/{format.lower()}-icc-text", lambda f=format: _with_profile(f), Outcome.CLEAN)
    jpeg = whole("JPEG")
    inside = b"\xff\xd8\xff\xe1" + b"face"
    for name, marker, body in (
        ("jfif-thumbnail", 0xE0, b"JFIF\0\1\2\0\0\1\0\1\10\10" + (_C * 20)[:192]),
        ("jfxx-thumbnail", 0xE0, b"JFXX\0\x10" + whole("JPEG", 2)),
        ("mpf", 0xE2, b"MPF\0II*\0" + _C),
        ("flashpix", 0xE2, b"FPXR\0\0" + _C),
        ("ducky", 0xEC, b"Ducky\0\2\0" + _C),
        ("meta", 0xE3, b"META\0\0" + _C),
        ("xmp-extended", 0xE1, b"http://ns.adobe.com/xmp/extension/\0" + bytes(40) + _C),
        ("spiff", 0xE8, b"SPIFF\0\1" + _C),
        ("adobe-note-with-more", 0xEE, b"Adobe\0\x64\0\0\0\0\1" + _C),
        ("depth-map", 0xE1, b"Exif\0\0" + inside + _C),
        ("profile-in-pieces", 0xE2, b"ICC_PROFILE\0\1\2" + _C),
    ):
        data = with_segments(jpeg, [segment(marker, body)])
        yield File(f"metadata/jpeg-{name}", lambda d=data: d, Outcome.CLEAN)
