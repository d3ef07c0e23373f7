"""How long what has come to its end is kept: so many days for each state (`running.KEEP_DAYS`, or what an admin has set).

The days begin when the week is over in which an entry ended, because the day is not kept. A state without days keeps what it has.
Sealed entries have no clock: they are evidence. A talk with safeguarding that still goes on is not broken off.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from memes import entries, running
from memes.errors import IllegalTransition, StaleDecision
from memes.lifecycle import State
from memes.models import Entry, Message
from memes.ports import MediaStore

_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Due:
    """So many entries of a state are erased on this day."""

    on: date
    state: State
    number: int


def due(session: Session, until: date) -> list[Due]:
    """What is erased up to and including `until`, by day and state, the next first."""
    days = running.read(session).keep_days
    query = select(Entry.state, Entry.ended_in, func.count()).where(_due(days, until)).group_by(Entry.state, Entry.ended_in)
    found = [
        Due(ended_in + _WEEK + timedelta(days=days[state]), state, number)
        for state, ended_in, number in session.execute(query) if ended_in is not None
    ]  # fmt: skip
    return sorted(found, key=lambda one: (one.on, one.state))


def due_ids(session: Session, today: date, most: int) -> list[UUID]:
    """Ids of entries whose days are over, at most so many."""
    return list(session.scalars(select(Entry.id).where(_due(running.read(session).keep_days, today)).limit(most)))


def erase(session: Session, entry_id: UUID, today: date, *, store: MediaStore) -> bool:
    """Erase one entry, unless something has happened to it meanwhile; whether it was."""
    days = running.read(session).keep_days
    entry = session.scalar(select(Entry).where(Entry.id == entry_id, _due(days, today)))
    if entry is None:
        return False
    try:
        entries.erase(session, entry, store=store)
    except (StaleDecision, IllegalTransition):
        session.rollback()
        return False
    return True


def _due(days: dict[State, int], until: date) -> ColumnElement[bool]:
    over = [
        and_(
            Entry.state == state, Entry.ended_in <= until - _WEEK - timedelta(days=number),
            ~exists().where(Message.entry_id == Entry.id, Message.week > until - _WEEK - timedelta(days=number)),
        )
        for state, number in days.items()
    ]  # fmt: skip
    return or_(*over) if over else Entry.id.is_(None)
