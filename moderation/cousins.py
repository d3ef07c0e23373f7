"""Pictures that look like an entry's, and what was decided about them, as far as a moderator may know."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from memes import privacy
from memes.lifecycle import UNDECIDED, State
from memes.models import Cousin, Entry, EntryEvent, Likeness
from memes.taxonomy import taxonomy
from moderation import desk
from moderation.models import Moderator
from moderation.roles import READERS, SAFEGUARDS

#: As many are shown; of more, only the number.
SHOWN = 6

#: What safeguarding has, or had: others learn no more than that.
_GUARDED = frozenset({State.ESCALATED, State.SUPPORTED, State.SEALED})
_REFUSED = frozenset({State.DECLINED, State.REMOVED})

_COLUMNS = (Cousin.distance, Cousin.turned, Entry.id, Entry.state, Entry.reason, Entry.renditions, Entry.received_at)


@dataclass(frozen=True, slots=True)
class Similar:
    """One similar picture. `entry_id` is None where it was taken back; `week` is that of the decision, or of its arrival."""

    entry_id: UUID | None
    state: State
    reason: str | None
    week: date
    picture: str | None
    distance: int
    turned: bool

    @property
    def harmful(self) -> bool:
        """Whether it was refused for the harm in it."""
        reason = taxonomy().reasons.get(self.reason or "")
        return self.state in _REFUSED and reason is not None and reason.likeness_days > 0


@dataclass(frozen=True, slots=True)
class Cousins:
    """The nearest ones; how many more there are; how many safeguarding has decided about, which is all others learn of them."""

    shown: list[Similar]
    more: int
    guarded: int

    @property
    def refused(self) -> Similar | None:
        """The nearest one that was refused for harm."""
        return next((similar for similar in self.shown if similar.harmful), None)


NONE = Cousins([], 0, 0)


def of_entry(session: Session, entry: Entry, reader: Moderator) -> Cousins:
    """The cousins of an entry's picture: first those refused for harm, then the nearest."""
    if not entry.has_image or reader.role not in READERS or not desk.may_look(reader.role, entry):
        return NONE
    found = [*_earlier(session, entry), *_later(session, entry)]
    guarded = 0 if reader.role in SAFEGUARDS else sum(similar.state in _GUARDED for similar in found)
    seen = [similar for similar in found if not guarded or similar.state not in _GUARDED]
    seen.sort(key=lambda similar: (not similar.harmful, similar.distance))
    shown = [_without_hidden_picture(session, similar, reader) for similar in seen[:SHOWN]]
    return Cousins(shown, len(seen) - len(shown), guarded)


def _earlier(session: Session, entry: Entry) -> list[Similar]:
    """What was there before this entry came, those taken back since then included."""
    query = (
        select(*_COLUMNS, Likeness.outcome, Likeness.reason.label("kept_reason"), Likeness.decided_in)
        .join(Likeness, Likeness.id == Cousin.likeness_id)
        .outerjoin(Entry, Entry.id == Likeness.entry_id)
        .where(Cousin.entry_id == entry.id)
    )
    rows = session.execute(query).all()
    weeks = _weeks(session, [row.id for row in rows if row.id])
    return [
        _similar(row, weeks)
        if row.id
        else Similar(None, row.outcome, row.kept_reason, row.decided_in, None, row.distance, row.turned)
        for row in rows
        if row.id or row.outcome
    ]


def _later(session: Session, entry: Entry) -> list[Similar]:
    """What came after it."""
    query = (
        select(*_COLUMNS)
        .join(Likeness, Likeness.id == Cousin.likeness_id)
        .join(Entry, Entry.id == Cousin.entry_id)
        .where(Likeness.entry_id == entry.id)
    )
    rows = session.execute(query).all()
    weeks = _weeks(session, [row.id for row in rows])
    return [_similar(row, weeks) for row in rows]


def _similar(row: Row[Any], weeks: dict[UUID, date]) -> Similar:
    week = privacy.week_of(row.received_at).date() if row.state in UNDECIDED else weeks[row.id]
    pictures = sorted(
        (size for size in row.renditions if size["format"] == "webp"), key=lambda size: int(size["width"])
    )
    return Similar(
        row.id, row.state, row.reason, week, pictures[0]["name"] if pictures else None, row.distance, row.turned
    )


def _weeks(session: Session, ids: list[UUID]) -> dict[UUID, date]:
    """The week of the last thing that happened to each."""
    query = select(EntryEvent.entry_id, func.max(EntryEvent.at)).where(EntryEvent.entry_id.in_(ids))
    return {key: privacy.week_of(at).date() for key, at in session.execute(query.group_by(EntryEvent.entry_id))}


def _without_hidden_picture(session: Session, similar: Similar, reader: Moderator) -> Similar:
    """Without the address of a picture that may not be looked at (any more)."""
    entry = session.get(Entry, similar.entry_id) if similar.entry_id else None
    if entry is not None and desk.may_look(reader.role, entry):
        return similar
    return Similar(
        similar.entry_id, similar.state, similar.reason, similar.week, None, similar.distance, similar.turned
    )
