"""Small files of each sort that editors may add, and what is wrong with others."""

import struct


def box(kind: bytes, content: bytes = b"") -> bytes:
    """One box of an MP4."""
    return struct.pack(">I4s", 8 + len(content), kind) + content


PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"
MP4 = box(b"ftyp", b"isom\0\0\2\0isommp41") + box(b"moov", bytes(40)) + box(b"mdat", bytes(3000))
WEBM = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm\x42\x87\x81\x04" + b"\x18\x53\x80\x67\x41\xf4" + bytes(500)
VTT = "WEBVTT\n\n00:00.000 --> 00:02.000\nمرحبا\n".encode()
