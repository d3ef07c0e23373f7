"""Who reads what now, so that two people do not read one entry. Soft: a claim runs out, and anybody can take it over.

Verbs take the session first and never commit. What decides in the end is the entry's version, never a claim.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from sqlalchemy import CursorResult, and_, delete, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from memes import privacy
from memes.errors import StaleDecision
from memes.models import Entry
from moderation.models import Claim, HiddenEntry, Moderator

#: How long a claim holds without being renewed. An open page renews it (`static/js/desk-claim.js`) well before.
LEASE = timedelta(minutes=5)


class Held(StaleDecision):
    """Somebody else reads it. `holder` is that person."""

    def __init__(self, holder: Moderator) -> None:
        super().__init__("somebody else reads it")
        self.holder = holder


def take(session: Session, entry_id: UUID, moderator: Moderator, now: datetime | None = None) -> bool:
    """Claim an entry, or renew the claim. False if somebody else holds it."""
    now = now or privacy.now()
    free = or_(Claim.moderator_id == moderator.id, Claim.until <= now)
    claim = update(Claim).where(Claim.entry_id == entry_id, free)
    values = {"moderator_id": moderator.id, "until": now + LEASE}
    if cast("CursorResult[None]", session.execute(claim.values(values))).rowcount:
        return True
    try:
        with session.begin_nested():
            session.add(Claim(entry_id=entry_id, **values))
    except IntegrityError:  # there is one, and it is neither old nor ours
        return False
    return True


def take_over(session: Session, entry_id: UUID, moderator: Moderator, now: datetime | None = None) -> None:
    """Claim an entry whoever holds it: both people are told, and the other one's words are kept."""
    session.execute(delete(Claim).where(Claim.entry_id == entry_id))
    take(session, entry_id, moderator, now)


def drop(session: Session, entry_id: UUID, moderator: Moderator) -> None:
    """Give it back, if it was ours."""
    session.execute(delete(Claim).where(Claim.entry_id == entry_id, Claim.moderator_id == moderator.id))


def hide(session: Session, entry_id: UUID, moderator: Moderator) -> None:
    """Leave an entry to colleagues for good, without a reason. Forgets those that wait no more."""
    drop(session, entry_id, moderator)
    waiting = select(Entry.id).where(Entry.lane.is_not(None))
    session.execute(
        delete(HiddenEntry).where(HiddenEntry.moderator_id == moderator.id, HiddenEntry.entry_id.not_in(waiting))
    )
    if session.get(HiddenEntry, (moderator.id, entry_id)) is None:
        session.add(HiddenEntry(moderator_id=moderator.id, entry_id=entry_id))
    session.flush()


def show_hidden(session: Session, moderator: Moderator) -> None:
    """Take back everything that was left to colleagues."""
    session.execute(delete(HiddenEntry).where(HiddenEntry.moderator_id == moderator.id))


def holder(session: Session, entry_id: UUID, reader: Moderator, now: datetime | None = None) -> Moderator | None:
    """Who else reads it now, if anybody does."""
    query = select(Moderator).join(Claim, Claim.moderator_id == Moderator.id)
    query = query.where(Claim.entry_id == entry_id, Claim.until > (now or privacy.now()))
    return session.scalar(query.where(Claim.moderator_id != reader.id))


def holders(session: Session, ids: Iterable[UUID], reader: Moderator, now: datetime | None = None) -> dict[UUID, str]:
    """The addresses of who else reads which of these entries now."""
    held = and_(Claim.until > (now or privacy.now()), Claim.moderator_id != reader.id, Claim.entry_id.in_(list(ids)))
    query = select(Claim.entry_id, Moderator.email).join(Moderator, Claim.moderator_id == Moderator.id).where(held)
    return {row.entry_id: row.email for row in session.execute(query)}


def check(session: Session, entry: Entry, moderator: Moderator) -> None:
    """Raise Held if somebody else reads it: two people must not decide by accident."""
    other = holder(session, entry.id, moderator)
    if other is not None:
        raise Held(other)
