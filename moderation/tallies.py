"""How many entries wait for one person, lane by lane."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from memes.lanes import OPEN_LANES, Lane
from memes.lifecycle import Action
from memes.models import Entry, EntryEvent
from moderation.backlog import Wish, hidden_by, of_lane, offers
from moderation.history import ANSWERS, SENDINGS
from moderation.roles import READERS, SAFEGUARDS

#: Nobody needs to know exactly how many more there are.
MANY = 500

#: Lanes that an entry comes to after somebody has answered: a part of them is for others only.
_READ_BEFORE = (Lane.SECOND, Lane.APPEALS)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many wait for this person in each lane, up to MANY. `escalated` is None for who may not know."""

    mine: Mapping[Lane, int]
    escalated: int | None

    @property
    def all_mine(self) -> int:
        """What this person could read now: can reach zero."""
        return sum(self.mine.values())


def counts(session: Session, wish: Wish) -> Counts:
    """How many wait for this person, as far as the role may know. Nothing is counted beyond MANY, so it costs the same
    whatever waits.
    """
    role = wish.reader.role
    lanes = (OPEN_LANES if role in READERS else ()) + ((Lane.ESCALATED,) if role in SAFEGUARDS else ())
    if not lanes:
        return Counts({}, None)
    hidden = tuple(hidden_by(session, wish.reader))
    numbers = session.execute(_counting(lanes, wish.reader.id, wish.muted, wish.spared, hidden)).one()
    found = dict(zip(lanes, numbers, strict=True))
    return Counts({lane: found.get(lane, 0) for lane in OPEN_LANES}, found.get(Lane.ESCALATED))


@lru_cache(maxsize=256)
def _counting(
    lanes: tuple[Lane, ...], reader: UUID, muted: frozenset[str], spared: bool, hidden: tuple[UUID, ...]
) -> Select[*tuple[int, ...]]:  # fmt: skip
    """One question with a number for each lane. It is the same from page to page, and making it takes longer than asking."""

    def number(lane: Lane) -> ColumnElement[int]:
        some = select(Entry.id).where(*of_lane(lane))
        if lane is not Lane.ESCALATED:
            some = some.where(*offers(muted, spared, {}), Entry.id.not_in(hidden))
        if lane in _READ_BEFORE:
            some = some.where(_not_answered(reader))
        return select(func.count()).select_from(some.limit(MANY).subquery()).scalar_subquery()

    return select(*(number(lane) for lane in lanes))


def _not_answered(reader: UUID) -> ColumnElement[bool]:
    """The rule of `history.answered_by`, for the database. One entry at a time, along its own story: as an anti-join,
    PostgreSQL compares every entry with everything this person has ever answered.
    """
    mine, later = aliased(EntryEvent), aliased(EntryEvent)
    taken_back = and_(later.action == Action.UNDO, later.actor == mine.actor)
    over = select(later.seq).where(
        later.entry_id == mine.entry_id, later.seq > mine.seq, or_(later.action.in_(SENDINGS), taken_back)
    )
    answer = select(mine.seq).where(
        mine.entry_id == Entry.id, mine.actor == str(reader), mine.action.in_(ANSWERS), ~over.exists()
    )
    return answer.correlate(Entry).limit(1).scalar_subquery().is_(None)
