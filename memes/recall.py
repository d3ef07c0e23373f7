"""What a pack for schools must not show any more: a pack lies on a stick, where nothing that is taken back can reach it.

In a pack an entry has another name (`packed_id`), made from its id and from how often it has left the public until then. The
recall list names what has left since: whoever holds a pack finds its own entries there, and nobody else can make anything of
it. What comes back to the public comes back under a new name, so a list once heard is true for ever, and an older form of an
entry (before something was covered) never shows again. See docs/packs.md.
"""

import hashlib
from collections.abc import Collection
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, aliased

from memes import privacy
from memes.columns import written_out
from memes.lifecycle import Action, State
from memes.models import EntryEvent

#: For so long a pack is fresh: about a school's term. Then it asks for a new one.
FRESH = timedelta(days=90)

#: And so long after it was made it hides its entries: what has never met a network must not outlive a child's right by more.
LONGEST = timedelta(days=120)

#: Hex digits of a name by which the list speaks of it. 48 bits: among 100 000 names, the chance that one of a pack's 200
#: entries goes by mistake is 1 in 14 million.
DIGITS = 12

_WEEK = timedelta(days=7)


def packed_id(entry_id: UUID, times_left: int) -> UUID:
    """What an entry is called in a pack that was made when it had left the public so many times."""
    return UUID(hex=_digest(entry_id, times_left)[:32])


def mark(packed: UUID) -> str:
    """The part of a name in a pack that the list tells."""
    return packed.hex[:DIGITS]


def packed_ids(session: Session, entry_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Entry -> what it is called in a pack that is made now."""
    query = select(EntryEvent.entry_id, func.count()).where(EntryEvent.entry_id.in_(list(entry_ids)), _leaves())
    times = {entry_id: number for entry_id, number in session.execute(query.group_by(EntryEvent.entry_id))}
    return {entry_id: packed_id(entry_id, times.get(entry_id, 0)) for entry_id in entry_ids}


def recalled(session: Session, today: date) -> list[str]:
    """Marks of all that has left the public while any pack could still show it, in an order that tells nothing.

    The log knows what children do by the week, so up to a week more of it is read.
    """
    since, earlier = privacy.week_of(today - LONGEST - _WEEK), aliased(EntryEvent)
    before = select(func.count()).where(
        earlier.entry_id == EntryEvent.entry_id, earlier.seq < EntryEvent.seq, _leaves(earlier)
    )  # fmt: skip
    left = select(EntryEvent.entry_id, before.scalar_subquery()).where(EntryEvent.at >= since, _leaves())
    return sorted(_digest(entry_id, times)[:DIGITS] for entry_id, times in session.execute(left))


def _digest(entry_id: UUID, times_left: int) -> str:
    return hashlib.sha256(f"{entry_id.hex}:{times_left}".encode()).hexdigest()


def _leaves(line: type[EntryEvent] = EntryEvent) -> ColumnElement[bool]:
    """Lines of the log by which an approved entry leaves the public, or may: other consents count, whichever they are."""
    return (line.before == written_out(State.APPROVED)) & or_(line.after != State.APPROVED, line.action == Action.CHOOSE)
