"""What waits for a moderator: danger first, then lane by lane, oldest first. Reads only."""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select, tuple_
from sqlalchemy.orm import Session

from memes import keys, privacy
from memes.db import keyring_of
from memes.errors import NotAllowed, Unreadable
from memes.keys import EntryKey
from memes.lanes import OPEN_LANES, Lane
from memes.models import Entry, EntryEvent
from memes.vault import Keyring
from moderation import claims, workplace
from moderation.history import answered_by, is_second_reading
from moderation.models import HiddenEntry, Moderator, Workplace
from moderation.roles import READERS, SAFEGUARDS

PAGE_SIZE = 30
#: Entries in danger shown on top of every other lane.
ON_TOP = 10
#: Entries shown that are approved and wait for their batch.
MOST_DUE = 100
#: What the list can be filtered by.
FILTERS = ("kind", "language", "theme")
_EXCERPT = 90

_COLUMNS = (
    Entry.id, Entry.lane, Entry.kind, Entry.theme, Entry.language, Entry.age, Entry.waits_since, Entry.has_image,
    Entry.kept_text, Entry.kept_caption, Entry.kept_alt, EntryKey.wrapped,
)  # fmt: skip

#: Where an entry stands in the order of reading.
Position = tuple[datetime, UUID]


@dataclass(frozen=True, slots=True)
class Wish:
    """What one person is offered: not the themes in `muted`, nothing heavy if `spared`; only what fits `filters`."""

    reader: Moderator
    muted: frozenset[str] = frozenset()
    spared: bool = False
    filters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """One entry that waits. `age` is how long; `age_band` is the child's. `answered`: this moderator has had a say already.

    `reader` is the address of a colleague who has it open.
    """

    id: UUID
    lane: Lane
    kind: str
    theme: str
    language: str
    age: timedelta
    age_band: str | None
    has_image: bool
    #: None where the words cannot be opened.
    excerpt: str | None
    second_reading: bool
    answered: bool
    reader: str | None
    position: Position


@dataclass(frozen=True, slots=True)
class Page:
    """At most PAGE_SIZE rows, and the cursor of the next page if there is one."""

    rows: list[Row]
    next: str | None


def wish_of(place: Workplace, reader: Moderator, filters: Mapping[str, str] | None = None) -> Wish:
    """What a person wishes to read, from their place at the desk."""
    return Wish(reader, frozenset(place.muted), workplace.spared(place), filters or {})


def waiting(session: Session, wish: Wish, lane: Lane | None = None, after: str | None = None) -> Page:
    """One lane, or all but danger, which stands above them. Raises NotAllowed for roles that do not read."""
    if wish.reader.role not in READERS or lane is Lane.ESCALATED:
        raise NotAllowed("does not read the backlog")
    return _page(session, wish, of_lane(lane), position_at(after))


def in_danger(session: Session, wish: Wish) -> list[Row]:
    """The oldest entries that point to danger."""
    return _page(session, wish, of_lane(Lane.DANGER), None, ON_TOP).rows


def escalated(session: Session, reader: Moderator, after: str | None = None) -> Page:
    """What was moved to safeguarding. Raises NotAllowed for every other role."""
    if reader.role not in SAFEGUARDS:
        raise NotAllowed("is not safeguarding")
    return _page(session, Wish(reader), of_lane(Lane.ESCALATED), position_at(after))


def next_for(
    session: Session, wish: Wish, lane: Lane | None, position: Position, skipped: Container[UUID] = ()
) -> UUID | None:
    """The next entry that this person may answer and nobody else reads; never the one at `position`, none of `skipped`.

    Whatever points to danger; then on in the same lane, and from its start; then the other lanes. Within safeguarding's
    own list, nothing else.
    """
    if lane is Lane.ESCALATED:
        ways: list[tuple[Lane, Position | None]] = [(lane, position), (lane, None)]
    else:
        here = lane or Lane.ORDINARY
        ways = [(Lane.DANGER, None), (here, position), (here, None), *((other, None) for other in OPEN_LANES)]
    for way, start in ways:
        after = start
        while True:
            page = _page(session, wish, of_lane(way), after)
            for row in page.rows:
                if not (row.answered or row.reader or row.id == position[1] or row.id in skipped):
                    return row.id
            if page.next is None:
                break
            after = page.rows[-1].position
    return None


def something_waits(session: Session) -> bool:
    """Whether anything waits for anybody who reads."""
    return session.scalar(select(Entry.id).where(Entry.lane.in_(OPEN_LANES)).limit(1)) is not None


def position_of(entry: Entry) -> Position:
    """Where an entry stands; to be asked before a decision, which rounds its time."""
    return entry.waits_since or entry.received_at, entry.id


def hidden_by(session: Session, reader: Moderator) -> Sequence[UUID]:
    """A short list, asked for first: joined, it would tempt the database away from the index that has the order."""
    return session.scalars(select(HiddenEntry.entry_id).where(HiddenEntry.moderator_id == reader.id)).all()


def of_lane(lane: Lane | None) -> tuple[ColumnElement[bool], ...]:
    """What stands in one lane, or in all but danger and what was escalated."""
    if lane is None:
        return Entry.lane.is_not(None), Entry.lane.not_in((Lane.DANGER, Lane.ESCALATED))
    return (Entry.lane == lane,)


def offers(muted: frozenset[str], spared: bool, filters: Mapping[str, str]) -> Iterator[ColumnElement[bool]]:
    """What one person is offered, apart from single entries that they left to others."""
    for name, value in filters.items():
        yield getattr(Entry, name) == value
    if muted:
        yield Entry.theme.not_in(sorted(muted))
    if spared:
        yield Entry.lane != Lane.DANGER
        yield Entry.theme.not_in(sorted(workplace.heavy_themes()))


def _page(
    session: Session, wish: Wish, conditions: Iterable[ColumnElement[bool]], after: Position | None,
    size: int = PAGE_SIZE,
) -> Page:  # fmt: skip
    query = select(*_COLUMNS).outerjoin(EntryKey, EntryKey.entry_id == Entry.id)
    query = query.where(*conditions, *offers(wish.muted, wish.spared, wish.filters))
    hidden = hidden_by(session, wish.reader)
    if hidden:
        query = query.where(Entry.id.not_in(hidden))
    if after is not None:
        query = query.where(tuple_(Entry.waits_since, Entry.id) > tuple_(*after))
    keyring = keyring_of(session)
    found = session.execute(query.order_by(Entry.waits_since, Entry.id).limit(size + 1)).all()
    kept, now = found[:size], privacy.now()
    ids = [row.id for row in kept]
    events = _events(session, ids)
    readers = claims.holders(session, ids, wish.reader, now)
    rows = [
        Row(
            row.id, row.lane, row.kind, row.theme, row.language, max(now - row.waits_since, timedelta()), row.age,
            row.has_image, _excerpt(_words(row, keyring)), is_second_reading(events[row.id]),
            str(wish.reader.id) in answered_by(events[row.id]), readers.get(row.id), (row.waits_since, row.id),
        )
        for row in kept
    ]  # fmt: skip
    return Page(rows, cursor(rows[-1].position) if len(found) > size else None)


def _events(session: Session, ids: list[UUID]) -> dict[UUID, list[EntryEvent]]:
    found: dict[UUID, list[EntryEvent]] = defaultdict(list)
    for event in session.scalars(select(EntryEvent).where(EntryEvent.entry_id.in_(ids)).order_by(EntryEvent.seq)):
        found[event.entry_id].append(event)
    return found


def _words(row: Any, keyring: Keyring) -> str | None:
    """The first words that there are; None where they were damaged, which must not take the whole list from its readers."""
    with suppress(Unreadable):
        return _opened(row, keyring)
    return None


def _opened(row: Any, keyring: Keyring) -> str:
    key = keyring.unwrap(row.id, row.wrapped) if row.wrapped is not None else None
    kept = {"text": row.kept_text, "caption": row.kept_caption, "alt": row.kept_alt}
    return next((keys.opened(key, words, f"entries.{name}", row.id.hex) for name, words in kept.items() if words), "")


def _excerpt(words: str | None) -> str | None:
    if words is None:
        return None
    line = " ".join(words.split())
    return line if len(line) <= _EXCERPT else line[:_EXCERPT].rsplit(" ", 1)[0] + "…"


def cursor(position: Position) -> str:
    """As it stands in an address."""
    return f"{position[0].timestamp():.6f}~{position[1].hex}"


def position_at(text: str | None) -> Position | None:
    """What an address says; None for what is no position."""
    stamp, _, hex_id = (text or "").partition("~")
    try:
        return datetime.fromtimestamp(float(stamp), UTC), UUID(hex=hex_id)
    except (ValueError, OverflowError, OSError):
        return None


def due(session: Session) -> list[Entry]:
    """What is approved and waits for its batch, the next one first; at most MOST_DUE."""
    waits = select(Entry).where(Entry.due_on.is_not(None)).order_by(Entry.due_on, Entry.id).limit(MOST_DUE)
    return list(session.scalars(waits))
