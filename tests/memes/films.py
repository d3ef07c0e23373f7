"""Small files of each sort that editors may add, and what is wrong with others."""

import io
import struct

from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, StreamObject, TextStringObject


def box(kind: bytes, content: bytes = b"") -> bytes:
    """One box of an MP4."""
    return struct.pack(">I4s", 8 + len(content), kind) + content


def paper(*, photo: bytes = b"", author: str = "") -> bytes:
    """A PDF of one page, as an office writes it: with the author in every place where there can be one, and a photo."""
    made = PdfWriter()
    page = made.add_blank_page(200, 200)
    if photo:
        picture = StreamObject()
        picture._data = photo
        picture.update({NameObject("/Type"): NameObject("/XObject"), NameObject("/Subtype"): NameObject("/Image"),
                        NameObject("/Filter"): NameObject("/DCTDecode")})  # fmt: skip
        shown = DictionaryObject({NameObject("/Photo"): made._add_object(picture)})
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/XObject"): shown})
    if author:
        made.add_metadata({"/Author": author, "/Title": f"of {author}", "/CreationDate": "D:20260304121314", "/Creator": author})
        told = StreamObject()
        told._data = f"<x:xmpmeta><dc:creator>{author}</dc:creator></x:xmpmeta>".encode()
        made.root_object[NameObject("/Metadata")] = made._add_object(told)
        page[NameObject("/PieceInfo")] = DictionaryObject({NameObject("/Office"): TextStringObject(author)})
        remark = DictionaryObject({NameObject("/Type"): NameObject("/Annot"), NameObject("/Subtype"): NameObject("/Text"),
                                   NameObject("/T"): TextStringObject(author),
                                   NameObject("/Contents"): TextStringObject("Well said")})  # fmt: skip
        page[NameObject("/Annots")] = ArrayObject([made._add_object(remark)])
    stream = io.BytesIO()
    made.write(stream)
    return stream.getvalue()


PDF = paper()
MP4 = box(b"ftyp", b"isom\0\0\2\0isommp41") + box(b"moov", bytes(40)) + box(b"mdat", bytes(3000))
WEBM = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm\x42\x87\x81\x04" + b"\x18\x53\x80\x67\x41\xf4" + bytes(500)
VTT = "WEBVTT\n\n00:00.000 --> 00:02.000\nمرحبا\n".encode()
