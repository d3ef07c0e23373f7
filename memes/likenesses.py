"""The likenesses of pictures: kept while their entry lives, and longer, on a clock, where it was refused for harm."""

from collections.abc import Iterable
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from memes import privacy
from memes.lifecycle import State
from memes.models import Cousin, Entry, Likeness
from memes.taxonomy import taxonomy

#: Decisions after which the same picture should not come back unseen.
REFUSED = frozenset({State.DECLINED, State.SUPPORTED, State.REMOVED, State.SEALED})


class Alike(NamedTuple):
    """A likeness that was found, the number of bits (of 256) that differ, and whether it is flipped or turned."""

    likeness_id: int
    distance: int
    turned: bool


def keep(session: Session, entry_id: UUID, digest: bytes) -> Likeness:
    """Keep what an entry's picture looks like. A repeat changes nothing, another picture takes the place of the first."""
    known = session.scalar(select(Likeness).where(Likeness.entry_id == entry_id))
    if known is not None and known.digest == digest:
        return known
    forget(session, entry_id)
    made = Likeness(digest=digest, entry_id=entry_id)
    session.add(made)
    session.flush()
    return made


def link(session: Session, entry_id: UUID, alike: Iterable[Alike]) -> None:
    """Note which pictures an entry's looks like, instead of what was noted before. Those gone meanwhile are left out."""
    session.execute(delete(Cousin).where(Cousin.entry_id == entry_id))
    found = {one.likeness_id: one for one in alike}
    here = session.scalars(select(Likeness.id).where(Likeness.id.in_(found)))
    session.add_all(
        Cousin(entry_id=entry_id, likeness_id=known, distance=found[known].distance, turned=found[known].turned)
        for known in here
    )
    session.flush()


def forget(session: Session, entry_id: UUID) -> None:
    """The picture is gone or another one: nothing of it is kept."""
    session.execute(delete(Likeness).where(Likeness.entry_id == entry_id))
    session.execute(delete(Cousin).where(Cousin.entry_id == entry_id))


def part(session: Session, entry: Entry) -> None:
    """The child takes the entry back (call it before its state changes).

    A likeness that was refused for harm stays, without a link to the entry, for as long as the reason says; every
    other goes.
    """
    reason = taxonomy().reasons.get(entry.reason or "")
    known = session.scalar(select(Likeness).where(Likeness.entry_id == entry.id))
    if known is None or entry.state not in REFUSED or reason is None or not reason.likeness_days:
        forget(session, entry.id)
        return
    week = privacy.week_of(privacy.now()).date()
    known.entry_id, known.outcome, known.reason, known.decided_in = None, entry.state, entry.reason, week
    # From the week on: the day itself would tell when the child took it back.
    known.expires_on = week + timedelta(days=reason.likeness_days)
    _turn_round(session, entry.id, known.id)
    session.flush()


def expire(session: Session) -> int:
    """Remove what has had its time, and what belongs to nothing; returns how many."""
    taken_back = select(Entry.id).where(Entry.state == State.WITHDRAWN, Entry.ended_in.is_not(None))
    gone = (
        Likeness.expires_on <= privacy.now().date(),
        Likeness.entry_id.is_(None) & Likeness.expires_on.is_(None),
        Likeness.entry_id.in_(taken_back),
    )  # one after the other, each along an index
    return sum(len(session.scalars(delete(Likeness).where(one).returning(Likeness.id)).all()) for one in gone)


def _turn_round(session: Session, entry_id: UUID, likeness_id: int) -> None:
    """What an entry was a cousin of becomes a cousin of its likeness, for the entry's own side will be gone."""
    query = select(Cousin.distance, Cousin.turned, Likeness.entry_id).join(Likeness, Likeness.id == Cousin.likeness_id)
    for distance, turned, other in session.execute(query.where(Cousin.entry_id == entry_id)).all():
        if other is not None and session.get(Cousin, (other, likeness_id)) is None:
            session.add(Cousin(entry_id=other, likeness_id=likeness_id, distance=distance, turned=turned))
    session.execute(delete(Cousin).where(Cousin.entry_id == entry_id))
