"""A teacher may read first what comes through a class code; then the team reads it as always. Verbs take the session first.

The child is told on the form, and may send without the code. An entry names the code only while it waits for the teacher: the
statement that passes it on erases that, and so does whatever else happens to it. No log line, no backup and no version tells of
it. The teacher sees words and clean pictures, in no order, some at a time, and can do nothing but pass them on.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Update, func, or_, select, update
from sqlalchemy.orm import Session

from memes import privacy
from memes.lanes import lane_of
from memes.lifecycle import Action, State
from memes.models import Entry
from memes.running import MOROCCO
from memes.school_models import ClassCode, Granted
from memes.taxonomy import taxonomy

#: Entries of one code that are shown together, at least: as many as the smallest class has pupils. Fewer, and a teacher who
#: remembers who held a phone would know whose words they are; so fewer are never shown, and go to the team by themselves.
LEAST = 5

#: No entry waits longer for its teacher: two mornings to read it, and what no list of words knows for a cry is heard by then.
KEPT = timedelta(days=3)

#: Entries on one page.
MOST = 12

#: Through these an entry goes on waiting for its teacher; any other move ends it.
_WAITING = frozenset({Action.SETTLE, Action.CHOOSE})


class Remark(StrEnum):
    """What a teacher may say when passing an entry on, as it stands among the entry's signals."""

    NAMES = "reader_names"
    #: Worried about a child: it is read before all others.
    WORRIED = "reader_worried"


def fits(theme: str, priority: int, faces: Sequence[object] = ()) -> bool:
    """Whether it may wait for a teacher at all: no sign of danger or distress, no theme that calls for help, no face."""
    return not priority and not taxonomy().themes[theme].help_first and not faces


def waits(entry: Entry, action: Action) -> bool:
    """Whether `entry` goes on waiting for its teacher when `action` happens to it."""
    return entry.first_reader is not None and action in _WAITING and fits(entry.theme, entry.priority, entry.faces)


def shown(session: Session, code_id: UUID) -> Sequence[Entry]:
    """What the teacher of a code can read now, at most MOST, in the order of random ids.

    What came before today joins once at least LEAST have: whoever looks again and again sees nothing appear by itself.
    """
    today = datetime.combine(privacy.now().astimezone(MOROCCO).date(), time(), MOROCCO)
    new = (*_of(code_id), Entry.first_shown.is_(None), Entry.received_at < today)
    if (session.scalar(select(func.count()).select_from(Entry).where(*new)) or 0) >= LEAST:
        session.execute(_quietly(new, first_shown=True))
    seen = select(Entry).where(*_of(code_id), Entry.first_shown.is_(True)).order_by(Entry.id).limit(MOST)
    return session.scalars(seen.execution_options(populate_existing=True)).all()


def pass_on(session: Session, entry_id: UUID, code_id: UUID, remark: Remark | None = None) -> bool:
    """The teacher of a code hands an entry that was shown to the team. False if it does not wait there (any more)."""
    return _hand_over(session, entry_id, (*_of(code_id), Entry.first_shown.is_(True)), remark)


def late(session: Session) -> Sequence[UUID]:
    """What no teacher reads any more: its time or its code is over, or a backup has brought it back without its code."""
    good = select(ClassCode.id).where(ClassCode.granted == Granted.GRANTED, ClassCode.good_until >= privacy.now().date())
    over = or_(Entry.first_reader.is_(None), Entry.first_reader.not_in(good), Entry.received_at < privacy.now() - KEPT)
    return session.scalars(select(Entry.id).where(*_WITHOUT_LANE, over)).all()


def hand_over(session: Session, entry_id: UUID) -> bool:
    """What is late goes to the team by itself. False if it has gone meanwhile."""
    return _hand_over(session, entry_id, _WITHOUT_LANE, None)


#: Only what a teacher reads first waits for somebody without standing in a lane.
_WITHOUT_LANE = (Entry.state == State.PENDING, Entry.lane.is_(None))


def _of(code_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return *_WITHOUT_LANE, Entry.first_reader == code_id


def _quietly(where: Iterable[ColumnElement[bool]], **values: Any) -> Update:
    """A change without a new version: nobody decides on it, and the number of versions would tell of it for ever."""
    return update(Entry).where(*where).values(values).execution_options(synchronize_session=False)


def _hand_over(session: Session, entry_id: UUID, where: Iterable[ColumnElement[bool]], remark: Remark | None) -> bool:
    row = session.execute(select(Entry.signals, Entry.priority).where(Entry.id == entry_id, *where)).one_or_none()
    if row is None:
        return False
    signals, priority = row
    if remark is not None:
        signals, priority = [*signals, remark.value], 1 if remark is Remark.WORRIED else priority
    changed = session.scalars(_quietly(
        (Entry.id == entry_id, *where), first_reader=None, first_shown=None, signals=signals, priority=priority,
        lane=lane_of(State.PENDING, [Action.SETTLE], priority), waits_since=Entry.received_at,
    ).returning(Entry.id)).all()  # fmt: skip
    return bool(changed)
