"""What waits for a moderator: danger first, then lane by lane, oldest first. Reads only."""

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, tuple_
from sqlalchemy.orm import Session, aliased

from memes import privacy
from memes.errors import NotAllowed
from memes.lanes import OPEN_LANES, Lane
from memes.models import Entry, EntryEvent
from moderation import claims, workplace
from moderation.history import ANSWERS, SENDINGS, answered_by, is_second_reading
from moderation.models import HiddenEntry, Moderator, Workplace
from moderation.roles import READERS, SAFEGUARDS

PAGE_SIZE = 50
#: Entries in danger shown on top of every other lane.
ON_TOP = 20
#: What the list can be filtered by.
FILTERS = ("kind", "language", "theme")
_EXCERPT = 90

_COLUMNS = (
    Entry.id, Entry.lane, Entry.kind, Entry.theme, Entry.language, Entry.age, Entry.received_at, Entry.has_image,
    Entry.text, Entry.caption, Entry.alt,
)  # fmt: skip

#: Lanes that an entry comes to after somebody has answered: a part of them is for others only.
_READ_BEFORE = (Lane.SECOND, Lane.APPEALS)

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
    excerpt: str
    second_reading: bool
    answered: bool
    reader: str | None
    position: Position


@dataclass(frozen=True, slots=True)
class Page:
    """At most PAGE_SIZE rows, and the cursor of the next page if there is one."""

    rows: list[Row]
    next: str | None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many wait in each lane, and how many of them are for this person. `escalated` is None for who may not know."""

    waiting: Mapping[Lane, int]
    mine: Mapping[Lane, int]
    escalated: int | None

    @property
    def all_mine(self) -> int:
        """What this person could read now: can reach zero."""
        return sum(self.mine.values())

    @property
    def all_waiting(self) -> int:
        """What waits for anybody."""
        return sum(self.waiting.values())


def wish_of(place: Workplace, reader: Moderator, filters: Mapping[str, str] | None = None) -> Wish:
    """What a person wishes to read, from their place at the desk."""
    return Wish(reader, frozenset(place.muted), workplace.spared(place), filters or {})


def waiting(session: Session, wish: Wish, lane: Lane | None = None, after: str | None = None) -> Page:
    """One lane, or all but danger, which stands above them. Raises NotAllowed for roles that do not read."""
    if wish.reader.role not in READERS or lane is Lane.ESCALATED:
        raise NotAllowed("does not read the backlog")
    return _page(session, wish, _of_lane(lane), _parse_cursor(after))


def in_danger(session: Session, wish: Wish) -> list[Row]:
    """The oldest entries that point to danger."""
    return _page(session, wish, _of_lane(Lane.DANGER), None, ON_TOP).rows


def escalated(session: Session, reader: Moderator, after: str | None = None) -> Page:
    """What was moved to safeguarding. Raises NotAllowed for every other role."""
    if reader.role not in SAFEGUARDS:
        raise NotAllowed("is not safeguarding")
    return _page(session, Wish(reader), _of_lane(Lane.ESCALATED), _parse_cursor(after))


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
            page = _page(session, wish, _of_lane(way), after)
            for row in page.rows:
                if not (row.answered or row.reader or row.id == position[1] or row.id in skipped):
                    return row.id
            if page.next is None:
                break
            after = page.rows[-1].position
    return None


def counts(session: Session, wish: Wish) -> Counts:
    """How many wait, as far as the role may know."""
    reader = wish.reader
    groups: Any = session.execute(
        select(Entry.lane, Entry.theme, func.count()).where(Entry.lane.is_not(None)).group_by(Entry.lane, Entry.theme)
    )
    waiting, mine = Counter[Lane](), Counter[Lane]()
    for lane, theme, number in groups:
        waiting[lane] += number
        if _offered(wish, lane, theme):
            mine[lane] += number
    for lane, theme in _not_for(session, reader).values():
        if _offered(wish, lane, theme):
            mine[lane] -= 1
    escalated = waiting.pop(Lane.ESCALATED, 0)
    mine.pop(Lane.ESCALATED, None)
    if reader.role not in READERS:
        waiting, mine = Counter(), Counter()
    return Counts(waiting, mine, escalated if reader.role in SAFEGUARDS else None)


def position_of(entry: Entry) -> Position:
    """Where an entry stands; to be asked before a decision, which rounds its time."""
    return entry.received_at, entry.id


def _offered(wish: Wish, lane: Lane, theme: str) -> bool:
    heavy = lane is Lane.DANGER or theme in workplace.heavy_themes()
    return theme not in wish.muted and not (wish.spared and heavy)


def _not_for(session: Session, reader: Moderator) -> dict[UUID, tuple[Lane, str]]:
    """What waits, but for others: left to them, or answered by this person already."""
    hidden = select(Entry.id, Entry.lane, Entry.theme).join(HiddenEntry, HiddenEntry.entry_id == Entry.id)
    hidden = hidden.where(HiddenEntry.moderator_id == reader.id, Entry.lane.is_not(None))
    later, read = aliased(EntryEvent), select(Entry.id, Entry.lane, Entry.theme)
    sent_again = select(later.seq).where(
        later.entry_id == Entry.id, later.seq > EntryEvent.seq, later.action.in_(SENDINGS)
    )  # fmt: skip
    read = read.join(EntryEvent, EntryEvent.entry_id == Entry.id).where(
        Entry.lane.in_(_READ_BEFORE), EntryEvent.actor == str(reader.id), EntryEvent.action.in_(ANSWERS),
        ~sent_again.exists(),
    )  # fmt: skip
    return {row.id: (row.lane, row.theme) for query in (hidden, read) for row in session.execute(query)}


def _of_lane(lane: Lane | None) -> tuple[ColumnElement[bool], ...]:
    if lane is None:
        return Entry.lane.is_not(None), Entry.lane.not_in((Lane.DANGER, Lane.ESCALATED))
    return (Entry.lane == lane,)


def _offers(wish: Wish) -> Iterator[ColumnElement[bool]]:
    for name, value in wish.filters.items():
        yield getattr(Entry, name) == value
    if wish.muted:
        yield Entry.theme.not_in(sorted(wish.muted))
    if wish.spared:
        yield Entry.lane != Lane.DANGER
        yield Entry.theme.not_in(sorted(workplace.heavy_themes()))


def _page(
    session: Session, wish: Wish, conditions: Iterable[ColumnElement[bool]], after: Position | None,
    size: int = PAGE_SIZE,
) -> Page:  # fmt: skip
    query = select(*_COLUMNS).where(*conditions, *_offers(wish))
    # A short list, asked for first: joined, it would tempt the database away from the index that has the order.
    hidden = session.scalars(select(HiddenEntry.entry_id).where(HiddenEntry.moderator_id == wish.reader.id)).all()
    if hidden:
        query = query.where(Entry.id.not_in(hidden))
    if after is not None:
        query = query.where(tuple_(Entry.received_at, Entry.id) > tuple_(*after))
    found = session.execute(query.order_by(Entry.received_at, Entry.id).limit(size + 1)).all()
    kept, now = found[:size], privacy.now()
    ids = [row.id for row in kept]
    events, readers = _events(session, ids), claims.holders(session, ids, wish.reader, now)
    rows = [
        Row(
            row.id, row.lane, row.kind, row.theme, row.language, max(now - row.received_at, timedelta()), row.age,
            row.has_image, _excerpt(row.text or row.caption or row.alt), is_second_reading(events[row.id]),
            str(wish.reader.id) in answered_by(events[row.id]), readers.get(row.id), (row.received_at, row.id),
        )
        for row in kept
    ]  # fmt: skip
    return Page(rows, _cursor(rows[-1].position) if len(found) > size else None)


def _events(session: Session, ids: list[UUID]) -> dict[UUID, list[EntryEvent]]:
    found: dict[UUID, list[EntryEvent]] = defaultdict(list)
    for event in session.scalars(select(EntryEvent).where(EntryEvent.entry_id.in_(ids)).order_by(EntryEvent.seq)):
        found[event.entry_id].append(event)
    return found


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
