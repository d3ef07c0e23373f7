"""What is kept: entries, their receipts, and the append-only log of what happened to them. Nothing about who sent them."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID, uuid4

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    Uuid,
    text,
)
from sqlalchemy.orm import Mapped, Session, foreign, mapped_column, object_session, relationship, validates

from memes.columns import Moment, name_of
from memes.db import Base, keyring_of
from memes.keys import EntryKey, Words, in_the_clear
from memes.lanes import Lane
from memes.lifecycle import Action, State

#: What is to be encrypted yet: of an entry, of a message.
PLAIN_ENTRY, PLAIN_MESSAGE = in_the_clear("text", "caption", "alt", "note", "placeholder"), in_the_clear("text")


#: How the index of combinations is asked for. A condition of its own: SQLite, which knows nothing about how much there is of what,
#: would go that way with any filter.
COMBINED = "published_on > '2000-01-01'"


class Entry(Base):
    """What a child sent, whatever its kind. `state` is written by `entries.transition` alone."""

    __tablename__ = "entries"
    __table_args__ = (
        # The last line of defence: whatever a program does, nothing but an approved, consented entry has a day of publication.
        CheckConstraint("published_on IS NULL OR (state = 'approved' AND consent_gallery)", name="published_is_approved"),
        # All that the gallery filters by is in it, so that only the rows of one page are read.
        Index("ix_entries_published", "published_on", "id", "theme", "kind", "language", "age",
              postgresql_where=text("published_on IS NOT NULL"), sqlite_where=text("published_on IS NOT NULL")),
        # For filters that find few.
        Index("ix_entries_combined", "kind", "theme", "language", "age", "published_on", "id", "consent_schools", "for_screen",
              postgresql_where=text(COMBINED), sqlite_where=text(COMBINED)),
        Index("ix_entries_due", "due_on", "id", postgresql_where=text("due_on IS NOT NULL"),
              sqlite_where=text("due_on IS NOT NULL")),
        # Every screen in every class asks twice a minute.
        Index("ix_entries_screened", "published_on", "id", "theme", "kind", "language", "age",
              postgresql_where=text("for_screen"), sqlite_where=text("for_screen = 1")),
        Index("ix_entries_quotable", "theme", "published_on", "id",
              postgresql_where=text("published_on IS NOT NULL AND consent_print AND kind = 'solution'"),
              sqlite_where=text("published_on IS NOT NULL AND consent_print = 1 AND kind = 'solution'")),
        Index("ix_entries_ended", "state", "ended_in", "id", postgresql_where=text("ended_in IS NOT NULL"),
              sqlite_where=text("ended_in IS NOT NULL")),
        Index("ix_entries_received", "received_at", "id", postgresql_where=text("state = 'received'"),
              sqlite_where=text("state = 'received'")),
        Index("ix_entries_sealed", "received_at", "id", postgresql_where=text("state = 'sealed'"),
              sqlite_where=text("state = 'sealed'")),
        # Nothing stands in it, once all is encrypted.
        Index("ix_entries_plain", "id", postgresql_where=text(PLAIN_ENTRY), sqlite_where=text(PLAIN_ENTRY)),
        # All that the desk filters by is in its indexes, so that only the rows of one page are read.
        Index("ix_entries_lane", "lane", "waits_since", "id", "theme", "kind", "language",
              postgresql_where=text("lane IS NOT NULL"), sqlite_where=text("lane IS NOT NULL")),
        Index("ix_entries_backlog", "waits_since", "id", "lane", "theme", "kind", "language",
              postgresql_where=text("lane IS NOT NULL"), sqlite_where=text("lane IS NOT NULL")),
        Index("ix_entries_first_reader", "first_reader", "id",
              postgresql_where=text("state = 'pending' AND lane IS NULL"),
              sqlite_where=text("state = 'pending' AND lane IS NULL")),
    )  # fmt: skip

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    kind: Mapped[str] = mapped_column(String(16))
    language: Mapped[str] = mapped_column(String(8))
    theme: Mapped[str] = mapped_column(String(32))
    kept_text: Mapped[str] = mapped_column("text", Text, default="")
    kept_caption: Mapped[str] = mapped_column("caption", Text, default="")
    kept_alt: Mapped[str] = mapped_column("alt", Text, default="")
    text, caption, alt = Words(), Words(), Words()
    age: Mapped[str | None] = mapped_column(String(8))
    region: Mapped[str | None] = mapped_column(String(8))
    #: How it felt: for the people who read, never public.
    mood: Mapped[str | None] = mapped_column(String(16))
    #: From the list, shown beside the entry.
    nickname: Mapped[str | None] = mapped_column(String(16))
    consent_gallery: Mapped[bool]
    consent_schools: Mapped[bool]
    consent_print: Mapped[bool]

    state: Mapped[State] = mapped_column(name_of(State))
    version: Mapped[int] = mapped_column(nullable=False)
    #: Why it waits for people (`lanes.lane_of`), written together with the state; nothing when it does not.
    lane: Mapped[Lane | None] = mapped_column(name_of(Lane))
    #: Since when, exact as `received_at` and forgotten with the lane: of what was reported or appealed, since that.
    waits_since: Mapped[datetime | None] = mapped_column(Moment)
    #: Kinds of what the guard found in the words ("phone", "danger", …), never the words themselves.
    signals: Mapped[list[str]] = mapped_column(JSON, default=list)
    #: Above nothing: something in it points to danger, and it is read first.
    priority: Mapped[int] = mapped_column(default=0)
    #: Exact until the decision (the oldest is read first), then the Monday of its week.
    received_at: Mapped[datetime] = mapped_column(Moment)
    published_on: Mapped[date | None] = mapped_column(Date)
    #: Approved, and shown with the batch of this day (`publishing`); nothing once it is shown.
    due_on: Mapped[date | None] = mapped_column(Date)
    #: A moderator thinks that it can stand before a whole class. Forgotten with the approval.
    for_screen: Mapped[bool] = mapped_column(default=False)
    #: The Monday of the week in which it came to its end (`lifecycle.ENDED`): from then on its days are counted (`retention`).
    ended_in: Mapped[date | None] = mapped_column(Date)
    reason: Mapped[str | None] = mapped_column(String(32))
    kept_note: Mapped[str] = mapped_column("note", Text, default="")
    note = Words()

    #: The class code whose teacher reads it before the team (`first_reading`), and whether the teacher can see it. Both only as
    #: long as it waits for that, and in no backup.
    first_reader: Mapped[UUID | None] = mapped_column(Uuid, info={"backup": False})
    first_shown: Mapped[bool | None] = mapped_column(info={"backup": False})

    #: Where the untouched upload lies until the worker has made the clean sizes; then nothing.
    source: Mapped[str | None] = mapped_column(String(120))
    sent_at: Mapped[datetime | None] = mapped_column(Moment)
    attempts: Mapped[int] = mapped_column(default=0)
    #: When the attempt began that is being made now; nothing while nobody is at it. Both times go when the worker is done.
    attempted_at: Mapped[datetime | None] = mapped_column(Moment)
    has_image: Mapped[bool] = mapped_column(default=False)
    renditions: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    animated: Mapped[bool] = mapped_column(default=False)
    kept_placeholder: Mapped[str] = mapped_column("placeholder", Text, default="")
    placeholder = Words()
    likeness: Mapped[str] = mapped_column(String(64), default="")
    #: Kinds of hidden details that were found in the picture and destroyed ("place", "time", …).
    removed: Mapped[list[str]] = mapped_column(JSON, default=list)
    #: Where the worker thinks it sees faces: [x, y, width, height] as fractions of the picture. It proposes, nothing more.
    faces: Mapped[list[list[float]]] = mapped_column(JSON, default=list)
    #: What was covered: {"kind", "version"} with "box" (as above) or "field" and "at" (see `redaction`). Never what was there.
    redactions: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    #: Places on the picture that the answer is about, as `faces`.
    marks: Mapped[list[list[float]]] = mapped_column(JSON, default=list)

    #: What its words and pictures are encrypted under; nothing once it is gone for good.
    key: Mapped[EntryKey | None] = relationship(lazy="joined", cascade="all, delete-orphan")

    __mapper_args__ = {"version_id_col": version}

    @validates("state")
    def _only_by_transition(self, _name: str, value: State) -> State:
        """Refuse a free assignment: the state is written through `_moved`, which `entries.transition` alone calls."""
        if not self.__dict__.get("_moving"):
            raise AttributeError("the state of an entry is written by entries.transition only")
        return value

    def _moved(self, state: State) -> None:
        self.__dict__["_moving"] = True
        try:
            self.state = state
        finally:
            del self.__dict__["_moving"]

    def place(self) -> str:
        """Its id, which keeps its words from being taken for another's."""
        return self.id.hex

    def secret_if_any(self) -> bytes | None:
        """Its key, unless that is gone or was never made."""
        return self.key.secret if self.key else None

    def secret(self) -> bytes:
        """Its key, made if there is none yet."""
        if self.key is None:
            self.key = EntryKey.new(self.id, keyring_of(_session_of(self)))
        return self.key.secret

    @property
    def is_public(self) -> bool:
        """Whether everyone may see it."""
        return self.state is State.APPROVED and self.consent_gallery and self.published_on is not None


def _session_of(row: Base) -> Session:
    found = object_session(row)
    if found is None:
        raise LookupError("no words can be written outside of a session")
    return found


class Receipt(Base):
    """Which entry a receipt opens. Apart from the entry, so that no list of entries ever loads it."""

    __tablename__ = "receipts"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("entries.id", ondelete="CASCADE"), unique=True)


class Line:
    """One line of a log. Chained: each `digest` covers the line's facts and the digest before it (`memes.log`)."""

    #: Which row of `log_head` is the last line of this log.
    LOG: ClassVar[int]

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    #: A moderator's id, or who else it can be: `child`, `worker`, `operator`.
    actor: Mapped[str] = mapped_column(String(40))
    #: The day for what moderators do, the week for all else: the log must not tell when a child was online.
    at: Mapped[datetime] = mapped_column(Moment)
    digest: Mapped[str] = mapped_column(String(64))

    def facts(self) -> list[str | int | None]:
        """What the digest covers, in its order, without the number."""
        raise NotImplementedError


class EntryEvent(Line, Base):
    """What happened to an entry."""

    __tablename__ = "entry_events"
    __table_args__ = (
        Index("ix_entry_events_actor", "actor", "seq"), Index("ix_entry_events_at", "at", "seq"),
        Index("ix_entry_events_left", "entry_id", "seq", "at", "after", "action",
              postgresql_where=text("before = 'approved'"), sqlite_where=text("before = 'approved'")),
        Index("ix_entry_events_recalled", "at", "entry_id", "seq", "after", "action",
              postgresql_where=text("before = 'approved'"), sqlite_where=text("before = 'approved'")),
    )  # fmt: skip
    LOG = 1

    entry_id: Mapped[UUID] = mapped_column(Uuid, index=True)
    action: Mapped[Action] = mapped_column(name_of(Action))
    before: Mapped[State | None] = mapped_column(name_of(State))
    after: Mapped[State] = mapped_column(name_of(State))
    version: Mapped[int]
    reason: Mapped[str | None] = mapped_column(String(32))

    def facts(self) -> list[str | int | None]:
        """Entry, action, before, after, who, version, reason, when."""
        return [
            self.entry_id.hex, self.action.value, self.before.value if self.before else None, self.after.value,
            self.actor, self.version, self.reason, _stamp(self.at),
        ]  # fmt: skip


class DeskEvent(Line, Base):
    """What somebody at the desk did beside deciding: looked at what few may see, changed an account or a setting."""

    __tablename__ = "desk_events"
    __table_args__ = (Index("ix_desk_events_actor", "actor", "seq"), Index("ix_desk_events_at", "at", "seq"))
    LOG = 2

    action: Mapped[str] = mapped_column(String(32))
    #: The id of an entry or of an account, a collection's short address, or the name of a setting; never free words.
    subject: Mapped[str] = mapped_column(String(64), index=True)

    def facts(self) -> list[str | int | None]:
        """Who, action, subject, when."""
        return [self.actor, self.action, self.subject, _stamp(self.at)]


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


class LogHead(Base):
    """The last line of each log: one row a log, locked while a line is added, so that the chain never forks."""

    __tablename__ = "log_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(BigInteger)
    digest: Mapped[str] = mapped_column(String(64))


class Likeness(Base):
    """The likeness (PDQ) of one picture. As long as its entry lives, what was decided is read there.

    When a child takes back something refused for the harm in it, the likeness parts from the entry: it keeps outcome,
    reason and week of its own, no link to the entry, and a day on which it goes.
    """

    __tablename__ = "likenesses"
    __table_args__ = ({"sqlite_autoincrement": True},)  # a number is never given twice: workers remember them

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    entry_id: Mapped[UUID | None] = mapped_column(ForeignKey("entries.id", ondelete="SET NULL"), unique=True)
    outcome: Mapped[State | None] = mapped_column(name_of(State))
    reason: Mapped[str | None] = mapped_column(String(32))
    decided_in: Mapped[date | None] = mapped_column(Date)
    expires_on: Mapped[date | None] = mapped_column(Date, index=True)


class Cousin(Base):
    """An entry's picture looks like one that was there before it."""

    __tablename__ = "cousins"

    entry_id: Mapped[UUID] = mapped_column(ForeignKey("entries.id", ondelete="CASCADE"), primary_key=True)
    likeness_id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), ForeignKey("likenesses.id", ondelete="CASCADE"), primary_key=True,
        index=True,
    )  # fmt: skip
    #: How many of the 256 bits differ; of the flip or turn that comes closest.
    distance: Mapped[int]
    turned: Mapped[bool]


class Message(Base):
    """A word between safeguarding and the child behind an entry, by the week."""

    __tablename__ = "messages"
    __table_args__ = (
        Index("ix_messages_unread", "entry_id", "week", postgresql_where=text("unread"), sqlite_where=text("unread = 1")),
        Index("ix_messages_plain", "entry_id", postgresql_where=text(PLAIN_MESSAGE), sqlite_where=text(PLAIN_MESSAGE)),
    )  # fmt: skip

    entry_id: Mapped[UUID] = mapped_column(ForeignKey("entries.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    from_child: Mapped[bool]
    kept_text: Mapped[str] = mapped_column("text", Text)
    text = Words()
    week: Mapped[date] = mapped_column(Date)
    #: The child said it, and nobody has read it.
    unread: Mapped[bool]

    #: The entry's.
    key: Mapped[EntryKey | None] = relationship(
        primaryjoin=lambda: foreign(Message.entry_id) == EntryKey.entry_id, lazy="joined"
    )

    def place(self) -> str:
        """The entry's id and its number."""
        return f"{self.entry_id.hex} {self.number}"

    def secret(self) -> bytes:
        """The entry's key, which is there before anybody writes."""
        if self.key is None:
            raise LookupError("the entry has no key")
        return self.key.secret


class Setting(Base):
    """One thing that an admin has set at the desk; what it may be is said in `running`."""

    __tablename__ = "settings"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)
    version: Mapped[int] = mapped_column(nullable=False)

    __mapper_args__ = {"version_id_col": version}


class SearchWord(Base):
    """A word by which a published entry is found (`search`); there is none for anything that is not published."""

    __tablename__ = "search_words"
    __table_args__ = ({"sqlite_with_rowid": False, "info": {"backup": False}},)

    #: In this order, so that the newest entries of a word stand beside each other as the gallery shows them.
    word: Mapped[str] = mapped_column(String(40), primary_key=True)
    published_on: Mapped[date] = mapped_column(Date, primary_key=True)
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("entries.id", ondelete="CASCADE"), primary_key=True, index=True)


class MonthlyFigures(Base):
    """What was counted in one month (`figures`), once it was over: written once, never changed, published in part."""

    __tablename__ = "monthly_figures"

    #: The 1st of the month.
    month: Mapped[date] = mapped_column(Date, primary_key=True)
    #: Name -> number; what did not happen is not there.
    numbers: Mapped[dict[str, int]] = mapped_column(JSON)
    #: The digests of the last lines of both logs when it was counted.
    entries_head: Mapped[str] = mapped_column(String(64))
    desk_head: Mapped[str] = mapped_column(String(64))


class HelpConfirmation(Base):
    """When an operator last called or opened a help channel. Without one, the page says that nobody checked it yet."""

    __tablename__ = "help_confirmations"

    channel: Mapped[str] = mapped_column(String(32), primary_key=True)
    confirmed_on: Mapped[date] = mapped_column(Date)
    #: The number or address that was tried; nothing in rows from before it was kept.
    value: Mapped[str | None] = mapped_column(String(300))
