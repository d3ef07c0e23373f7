"""When what was approved is shown: at once, or at a fixed hour together with all that was approved since the last one.

In a batch nobody can match a child to a minute: within a day the gallery's order is that of random ids (`published`).
Until its batch an entry is approved and has a day on which it is due, and no day of publication, so it is nowhere to be seen.
"""

from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from memes import privacy, running, search
from memes.lifecycle import State
from memes.models import Entry
from memes.running import MOROCCO


def set_day(session: Session, entry: Entry) -> None:
    """Give an entry that may be shown its day, and take the day from every other: called with each state, by the one writer of it.

    Both days are written whether they change or not: a batch may have published the entry since it was read.
    """
    if entry.state is not State.APPROVED or not entry.consent_gallery:
        entry.published_on = entry.due_on = None
    elif entry.published_on is None and entry.due_on is None:
        with session.no_autoflush:
            hour = running.read(session).batch_hour
        if hour is None:
            entry.published_on = privacy.now().date()
        else:
            entry.due_on = next_batch(hour, privacy.now())
    for day in ("published_on", "due_on"):
        setattr(entry, day, getattr(entry, day))  # also where a new row has none yet
        flag_modified(entry, day)


def next_batch(hour: int, now: datetime) -> date:
    """The day, in Morocco, whose batch comes next after `now` (aware)."""
    here = now.astimezone(MOROCCO)
    return here.date() + timedelta(days=here.hour >= hour)


def publish_due(session: Session) -> int:
    """Publish all that is due, in one transaction; returns how many. Without batches any more, all that waits is.

    Only days change: no new version, for nobody decides on it. What has left `approved` meanwhile is not met by the
    condition, whoever is faster; a second run finds nothing.
    """
    here, hour = privacy.now().astimezone(MOROCCO), running.read(session).batch_hour
    due: ColumnElement[bool] = Entry.due_on.is_not(None)
    if hour is not None:
        due = Entry.due_on <= here.date() - timedelta(days=here.hour < hour)
    statement = update(Entry).where(due, Entry.state == State.APPROVED, Entry.consent_gallery)
    days = statement.values(published_on=here.date(), due_on=None).execution_options(synchronize_session=False)
    shown = session.scalars(days.returning(Entry.id)).all()
    for entry_id in shown:
        search.keep(session, session.get_one(Entry, entry_id, populate_existing=True))
    return len(shown)
