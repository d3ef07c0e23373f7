"""Files that editors add to an article: documents, films with their captions, pictures. Known by their bytes.

A file is public while it is in the public version of its article; what no version names any more stays for the older ones.
Pictures and documents are made anew by the worker, as children's pictures are, and the original with its metadata is destroyed;
in an MP4 what tells of its making is blanked (`films`); all else is kept as it is.
"""

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import partial
from io import SEEK_END
from typing import BinaryIO
from uuid import UUID, uuid4

from sqlalchemy import Date, ForeignKey, String, Uuid, and_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from memes import films, uploads
from memes.articles import Article, ArticleVersion, Content
from memes.db import Base, on_commit
from memes.errors import UploadRefused
from memes.formats import File as Bytes
from memes.formats import boxes, recognised
from memes.ports import MediaStore
from memes.privacy import now

MEGABYTE = 1_000_000

#: Where they lie in the media store, and where pictures wait for the worker.
PREFIX, WAITING = "campaign/", "private/campaign/"

#: What is taken, the most bytes of it, and how it is served. A film of 60 MB is six minutes for a phone; with the form
#: around it, it is still within what the platform takes at all (`Settings.body_limit`).
LIMITS = {"pdf": 20 * MEGABYTE, "mp4": 60 * MEGABYTE, "webm": 60 * MEGABYTE, "vtt": MEGABYTE // 2, "webp": 15 * MEGABYTE}
TYPES = {"pdf": "application/pdf", "mp4": "video/mp4", "webm": "video/webm", "vtt": "text/vtt; charset=utf-8",
         "webp": "image/webp"}  # fmt: skip
#: What the worker makes anew.
MADE_ANEW = frozenset({"webp", "pdf"})
#: The format of a file that the worker could not read.
BROKEN = "broken"

#: Files that the worker makes anew in one round.
MOST_AT_ONCE = 5

#: Of a clean file: bytes, digest in hex, pixels of a picture.
Clean = tuple[int, str, int | None, int | None]

_BLOCK = 64 * 1024
#: First brands of MP4 films that browsers play (ISO 14496-12; "qt  " is QuickTime, which they do not).
_BRANDS = frozenset({b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"dash", b"MSNV"})
#: What makes a document act by itself. Compressed parts are not looked into: it is served to be saved, not opened here.
_ACTIVE = re.compile(rb"/(?:JavaScript|JS|Launch)\b")


class Attachment(Base):
    """One file."""

    __tablename__ = "attachments"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    article_id: Mapped[UUID | None] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"), index=True)
    format: Mapped[str] = mapped_column(String(8))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    day: Mapped[date] = mapped_column(Date)
    #: Where the original lies until the worker has made the clean one; then nothing.
    source: Mapped[str | None] = mapped_column(String(120))
    width: Mapped[int | None]
    height: Mapped[int | None]

    @property
    def is_ready(self) -> bool:
        """Whether it can be shown."""
        return self.source is None and self.format != BROKEN

    @property
    def key(self) -> str:
        """Where it lies in the media store."""
        return f"{PREFIX}{self.id.hex}.{self.format}"


@dataclass(frozen=True, slots=True)
class Inspected:
    """A file that can be taken."""

    format: str
    size: int
    sha256: str


def inspect(stream: BinaryIO) -> Inspected:
    """Look at a seekable stream and leave it rewound.

    Raises UploadRefused with the reason `empty`, `too_big`, `type`, `damaged`, or `active` for a document that does
    things by itself. Neither the file's name nor the type that a browser declared is looked at.
    """
    size = stream.seek(0, SEEK_END)
    stream.seek(0)
    head = stream.read(256)
    if not head:
        raise UploadRefused("empty")
    if recognised(head) is not None:
        uploads.inspect(stream, limit=LIMITS["webp"])
        return Inspected("webp", size, _digest(stream))
    found = next((name for name, (begins, _whole) in _FORMATS.items() if begins(head)), None)
    if found is None:
        raise UploadRefused("type")
    if size > LIMITS[found]:
        raise UploadRefused("too_big")
    _FORMATS[found][1](stream, size)
    return Inspected(found, size, _digest(stream))


def _digest(stream: BinaryIO) -> str:
    stream.seek(0)
    digest = hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]
    stream.seek(0)
    return digest


def keep(session: Session, stream: BinaryIO, *, store: MediaStore) -> Attachment:
    """Put a file into the store and make its row, flushed; its article is named once that is saved. Raises UploadRefused."""
    seen = inspect(stream)
    if seen.format == "mp4" and films.forget(stream, seen.size):
        seen = inspect(stream)
    attachment = Attachment(id=uuid4(), format=seen.format, size=seen.size, sha256=seen.sha256, day=now().date())
    if seen.format in MADE_ANEW:
        attachment.source = f"{WAITING}{attachment.id.hex}"
    store.put(attachment.source or attachment.key, stream)
    session.add(attachment)
    session.flush()
    return attachment


def waiting(session: Session) -> list[Attachment]:
    """Files that the worker has not made anew yet, some of them."""
    return list(session.scalars(select(Attachment).where(Attachment.source.is_not(None)).limit(MOST_AT_ONCE)))


def settle(session: Session, attachment: Attachment, clean: Clean | None, *, store: MediaStore) -> None:
    """The worker has put a clean one in its place, or (None) could not read it. The original goes after the commit."""
    source, attachment.source = attachment.source, None
    if clean is None:
        attachment.format = BROKEN
    else:
        attachment.size, attachment.sha256, attachment.width, attachment.height = clean
    if source is not None:
        on_commit(session, partial(store.delete, source))


def of(session: Session, content: Content) -> dict[UUID, Attachment]:
    """The files that a version names."""
    wanted = [file.id for file in content.files]
    return {one.id: one for one in session.scalars(select(Attachment).where(Attachment.id.in_(wanted)))} if wanted else {}


def formats(found: Iterable[Attachment]) -> set[str]:
    """What there is."""
    return {one.format for one in found}


def public(session: Session, file_id: UUID) -> Attachment | None:
    """A file of a public version, or None."""
    version = and_(ArticleVersion.article_id == Article.id, ArticleVersion.number == Article.published)
    query = select(Attachment, ArticleVersion.head).join(Article, Article.id == Attachment.article_id)
    row = session.execute(query.join(ArticleVersion, version).where(Attachment.id == file_id)).one_or_none()
    if row is None or not row.Attachment.is_ready or all(file["id"] != file_id.hex for file in row.head["files"]):
        return None
    attachment: Attachment = row.Attachment
    return attachment


def _whole_pdf(stream: BinaryIO, size: int) -> None:
    stream.seek(max(size - 2048, 0))
    if b"%%EOF" not in stream.read():
        raise UploadRefused("damaged")
    stream.seek(0)
    tail = b""
    while block := stream.read(_BLOCK):
        if _ACTIVE.search(tail + block):
            raise UploadRefused("active")
        tail = block[-16:]


def _whole_mp4(stream: BinaryIO, size: int) -> None:
    seen = set()
    for kind, _body, end in boxes(Bytes(stream, size), 0, size):
        if end > size:
            raise UploadRefused("damaged")
        seen.add(kind)
    if not {b"moov"} <= seen or not seen & {b"mdat", b"moof"}:
        raise UploadRefused("damaged")


def _whole_webm(stream: BinaryIO, size: int) -> None:
    stream.seek(0)
    head = stream.read(1024)
    place = head.find(b"\x18\x53\x80\x67") + 4  # the segment that holds everything, and its length: the first bit set
    width = 9 - head[place].bit_length() if 4 <= place < len(head) else 9  # says of how many bytes it is written
    length = int.from_bytes(head[place : place + width], "big") & ((1 << 7 * width) - 1)
    unknown = length == (1 << 7 * width) - 1  # as browsers record
    if width > 8 or not (unknown or place + width + length <= size):
        raise UploadRefused("damaged")


def _whole_vtt(stream: BinaryIO, _size: int) -> None:
    stream.seek(0)
    try:
        text = stream.read().decode("utf-8")
    except UnicodeDecodeError:
        raise UploadRefused("damaged") from None
    if "-->" not in text or "\0" in text:
        raise UploadRefused("damaged")


def _is_webm(head: bytes) -> bool:
    # EBML with the document type "webm": Matroska begins the same way and is not played.
    return head.startswith(b"\x1a\x45\xdf\xa3") and b"\x42\x82\x84webm" in head[:64]


#: Format -> whether a file begins so, and what raises unless it is whole.
_FORMATS: dict[str, tuple[Callable[[bytes], bool], Callable[[BinaryIO, int], None]]] = {
    "pdf": (lambda head: re.match(rb"%PDF-[12]\.\d", head) is not None, _whole_pdf),
    "mp4": (lambda head: head[4:8] == b"ftyp" and head[8:12] in _BRANDS, _whole_mp4),
    "webm": (_is_webm, _whole_webm),
    "vtt": (lambda head: re.match(rb"(?:\xef\xbb\xbf)?WEBVTT[ \t\r\n]", head) is not None, _whole_vtt),
}
