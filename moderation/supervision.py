"""When this moderator's yes needs a second one: what the entry asks for, and the first steps of who is new."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from memes import log, quorum
from memes.models import Entry, EntryEvent
from moderation.history import ANSWERS
from moderation.models import Moderator
from moderation.roles import READERS

#: The first decisions of somebody new are looked at by somebody experienced. Our own guess: about a day's work.
FIRST = 20


def why_second(session: Session, entry: Entry, moderator: Moderator) -> list[str]:
    """Why a yes of `moderator` would be a first one only, by name (`quorum.why_two`, and `new`); nothing if it shows the entry."""
    events = log.of_entry(session, entry.id)
    if quorum.endorsed_by(events) - {str(moderator.id)}:
        return []
    new = ["new"] if is_supervised(session, moderator) else []
    return [*quorum.why_two(entry, events), *new]


def is_supervised(session: Session, moderator: Moderator) -> bool:
    """Whether somebody is new and there is somebody experienced to look with them: a first team has nobody, and must begin."""
    if _is_experienced(session, moderator):
        return False
    others = select(Moderator).where(Moderator.active, Moderator.role.in_(READERS), Moderator.id != moderator.id)
    return any(_is_experienced(session, other) for other in session.scalars(others))


def _is_experienced(session: Session, moderator: Moderator) -> bool:
    answers = (
        select(EntryEvent.seq)
        .where(EntryEvent.actor == str(moderator.id), EntryEvent.action.in_(ANSWERS))
        .limit(FIRST)
        .subquery()
    )
    return session.scalar(select(func.count()).select_from(answers)) == FIRST
