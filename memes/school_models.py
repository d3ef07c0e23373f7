"""What teachers leave here: collections of public entries, and codes for their classes. Nothing about a teacher, a school or a
pupil: no entry names a collection, no code names an entry, and an entry names a code only while its teacher reads it first."""

from datetime import date
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import Date, ForeignKey, Index, LargeBinary, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column, relationship

from memes.columns import name_of
from memes.db import Base


class Words(StrEnum):
    """Whether the team has looked at what a teacher wrote. Only `shown` is public."""

    WAITING = "waiting"
    SHOWN = "shown"
    HIDDEN = "hidden"


class Granted(StrEnum):
    """What became of a teacher's wish for a code."""

    ASKED = "asked"
    GRANTED = "granted"
    REFUSED = "refused"


class Collection(Base):
    """Public entries that a teacher picked, under a short address."""

    __tablename__ = "collections"

    short: Mapped[str] = mapped_column(String(8), primary_key=True)
    #: Of the key that opens it for changes, as receipts are kept.
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    language: Mapped[str] = mapped_column(String(2))
    theme: Mapped[str | None] = mapped_column(String(32))
    title: Mapped[str] = mapped_column(String(80))
    note: Mapped[str] = mapped_column(Text, default="")
    words: Mapped[Words] = mapped_column(name_of(Words, 8), index=True)
    #: Raised whenever the words change or an entry joins: the team decides on what it has read.
    version: Mapped[int] = mapped_column(default=1)
    #: Gone after this day, unless its key is used before.
    kept_until: Mapped[date] = mapped_column(Date, index=True)

    items: Mapped[list["CollectionItem"]] = relationship(
        order_by="CollectionItem.place", cascade="all, delete-orphan", passive_deletes=True
    )


class CollectionItem(Base):
    """One entry of a collection, and what the teacher says about it."""

    __tablename__ = "collection_items"

    short: Mapped[str] = mapped_column(ForeignKey("collections.short", ondelete="CASCADE"), primary_key=True)
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("entries.id", ondelete="CASCADE"), primary_key=True, index=True)
    place: Mapped[int]
    note: Mapped[str] = mapped_column(Text, default="")


class ClassCode(Base):
    """A teacher's wish for a class code and, once granted, the code."""

    __tablename__ = "class_codes"
    __table_args__ = (Index("ix_class_codes_ends", "granted", "good_until", "id"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    #: Of the key with which the teacher comes back, as receipts are kept.
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    #: What the class types; nothing until it is granted.
    code: Mapped[str | None] = mapped_column(String(8), unique=True)
    region: Mapped[str | None] = mapped_column(String(8))
    age: Mapped[str | None] = mapped_column(String(8))
    #: Its teacher reads what comes through it before the team does (`first_reading`).
    teacher_first: Mapped[bool] = mapped_column(default=False)
    #: Pupils.
    expected: Mapped[int]
    granted: Mapped[Granted] = mapped_column(name_of(Granted, 8))
    #: The last day on which it can be used, or on which an answer may come.
    good_until: Mapped[date] = mapped_column(Date, index=True)
    #: Somebody has sent something with it, and how much was sent: a number, and never which. Both known in the night after.
    begun: Mapped[bool] = mapped_column(default=False)
    sent: Mapped[int] = mapped_column(default=0)
