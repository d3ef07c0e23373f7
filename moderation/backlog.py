"""What waits for a moderator, oldest first. Reads only."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, text, tuple_
from sqlalchemy.orm import Session

from memes import privacy
from memes.errors import NotAllowed
from memes.lifecycle import State
from memes.models import Entry, EntryEvent
from moderation.history import answered_by, is_second_reading
from moderation.models import Moderator
from moderation.roles import READERS, SAFEGUARDS, Role

PAGE_SIZE = 50
_EXCERPT = 90

#: The condition of the partial index, word for word: SQLite uses `ix_entries_waiting` only where it finds it again.
_WAITING = text("state IN ('received', 'pending', 'escalated')")

_COLUMNS = (
    Entry.id, Entry.kind, Entry.theme, Entry.language, Entry.age, Entry.received_at, Entry.has_image, Entry.text,
    Entry.caption, Entry.alt,
)  # fmt: skip

#: Where an entry stands in the order of reading.
Position = tuple[datetime, UUID]


@dataclass(frozen=True, slots=True)
class Row:
    """One entry that waits. `age` is how long; `age_band` is the child's. `answered`: this moderator has had a say already."""

    id: UUID
    kind: str
    theme: str
    language: str
    age: timedelta
    age_band: str | None
    has_image: bool
    excerpt: str
    second_reading: bool
    answered: bool
    position: Position


@dataclass(frozen=True, slots=True)
class Page:
    """At most PAGE_SIZE rows, and the cursor of the next page if there is one."""

    rows: list[Row]
    next: str | None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many wait. None where the role may not know."""

    pending: int | None
    escalated: int | None


def oldest_pending(session: Session, reader: Moderator, after: str | None = None) -> Page:
    """What anybody may read. Raises NotAllowed for roles that do not read."""
    if reader.role not in READERS:
        raise NotAllowed("does not read the backlog")
    return _page(session, reader, State.PENDING, _parse_cursor(after))


def escalated(session: Session, reader: Moderator, after: str | None = None) -> Page:
    """What was moved to safeguarding. Raises NotAllowed for every other role."""
    if reader.role not in SAFEGUARDS:
        raise NotAllowed("is not safeguarding")
    return _page(session, reader, State.ESCALATED, _parse_cursor(after))


def next_after(session: Session, reader: Moderator, position: Position, state: State = State.PENDING) -> UUID | None:
    """The next entry that `reader` may answer: after `position`, else from the start; never the one at `position`."""
    for start, stop in ((position, None), (None, position)):
        after = start
        while True:
            page = _page(session, reader, state, after)
            for row in page.rows:
                if stop is not None and row.position >= stop:
                    return None
                if not row.answered:
                    return row.id
            if page.next is None:
                break
            after = page.rows[-1].position
    return None


def counts(session: Session, role: Role) -> Counts:
    """How many wait, as far as the role may know."""
    return Counts(
        _count(session, State.PENDING) if role in READERS else None,
        _count(session, State.ESCALATED) if role in SAFEGUARDS else None,
    )


def position_of(entry: Entry) -> Position:
    """Where an entry stands; to be asked before a decision, which rounds its time."""
    return entry.received_at, entry.id


def _page(session: Session, reader: Moderator, state: State, after: Position | None) -> Page:
    query = select(*_COLUMNS).where(_WAITING, Entry.state == state)
    if after is not None:
        query = query.where(_is_after(after))
    found = session.execute(query.order_by(Entry.received_at, Entry.id).limit(PAGE_SIZE + 1)).all()
    kept, now = found[:PAGE_SIZE], privacy.now()
    events = _events(session, [row.id for row in kept])
    rows = [
        Row(
            row.id, row.kind, row.theme, row.language, max(now - row.received_at, timedelta()), row.age, row.has_image,
            _excerpt(row.text or row.caption or row.alt), is_second_reading(events[row.id]),
            str(reader.id) in answered_by(events[row.id]), (row.received_at, row.id),
        )
        for row in kept
    ]  # fmt: skip
    return Page(rows, _cursor(rows[-1].position) if len(found) > PAGE_SIZE else None)


def _is_after(position: Position) -> ColumnElement[bool]:
    return tuple_(Entry.received_at, Entry.id) > tuple_(*position)


def _events(session: Session, ids: list[UUID]) -> dict[UUID, list[EntryEvent]]:
    found: dict[UUID, list[EntryEvent]] = defaultdict(list)
    for event in session.scalars(select(EntryEvent).where(EntryEvent.entry_id.in_(ids)).order_by(EntryEvent.seq)):
        found[event.entry_id].append(event)
    return found


def _count(session: Session, state: State) -> int:
    return session.scalar(select(func.count()).select_from(Entry).where(_WAITING, Entry.state == state)) or 0


def _excerpt(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= _EXCERPT else line[:_EXCERPT].rsplit(" ", 1)[0] + "…"


def _cursor(position: Position) -> str:
    return f"{position[0].timestamp():.6f}~{position[1].hex}"


def _parse_cursor(cursor: str | None) -> Position | None:
    stamp, _, hex_id = (cursor or "").partition("~")
    try:
        return datetime.fromtimestamp(float(stamp), UTC), UUID(hex=hex_id)
    except (ValueError, OverflowError, OSError):
        return None
