"""The sweep sends again what the broker lost; tidying removes what no row points at."""

import io
from datetime import timedelta
from uuid import UUID

import redis
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from memes import attachments, entries, figures, first_reading, pictures, privacy, retention, sealing
from memes.attachments import Attachment
from memes.columns import written_out
from memes.db import Database
from memes.lifecycle import State
from memes.models import Entry
from memes.ports import MediaStore
from memes.settings import Settings
from workers.dispatch import DONE_FOR, CeleryQueue

#: An upload in flight has its object before its row: nothing younger is called an orphan.
ORPHAN_AGE = timedelta(minutes=15)
#: Rows sent again, or erased, in one round.
BATCH = 500
#: How long a round of erasing may take: well below the time limit of a task.
ERASE_FOR = timedelta(seconds=30)


def sweep(database: Database, queue: CeleryQueue, settings: Settings) -> int:
    """One round; returns how many entries were sent again. Harmless at any time and any number of times."""
    if not stuck(database, queue):
        queue.leave_sign()
    return resend(database, queue, settings)


def stuck(database: Database, queue: CeleryQueue) -> bool:
    """Whether entries wait for long and none was cleaned meanwhile: a long queue alone is none."""
    before = privacy.now() - timedelta(seconds=DONE_FOR)
    late = select(Entry.id).where(Entry.state == written_out(State.RECEIVED), Entry.received_at < before)
    with database.reads() as session:
        return session.scalar(late.limit(1)) is not None and not queue.done_lately()


def resend(database: Database, queue: CeleryQueue, settings: Settings) -> int:
    """Send entries that have been `received` for too long, urgent ones first, unless as many messages still wait in their queue.

    Also those that were sent later than now: a clock that was a day ahead must not hold them up for a day.
    """
    return _resend(database, queue, settings, urgent=True) + _resend(database, queue, settings, urgent=False)


def _resend(database: Database, queue: CeleryQueue, settings: Settings, *, urgent: bool) -> int:
    now, patience = privacy.now(), timedelta(seconds=settings.resend_after)
    overdue = (Entry.sent_at < now - patience) | (Entry.sent_at > now + patience) | Entry.sent_at.is_(None)
    kind = Entry.priority > 0 if urgent else Entry.priority <= 0
    with database.writing() as session:
        lost = session.scalars(
            select(Entry.id)
            .where(Entry.state == written_out(State.RECEIVED), overdue, kind)
            .order_by(Entry.received_at)
            .limit(BATCH)
        ).all()
        try:
            if not lost or queue.waiting(urgent=urgent) >= len(lost):
                return 0
        except redis.RedisError:
            return 0
        # Only the time of sending changes: no new version, nobody decides on it.
        session.execute(update(Entry).where(Entry.id.in_(lost)).values(sent_at=now))
    for entry_id in lost:
        queue.process_entry(entry_id, urgent=urgent)
    return len(lost)


def remove_orphans(database: Database, store: MediaStore) -> int:
    """Delete objects that no row points at and halves of writes, older than ORPHAN_AGE; returns how many."""
    before = privacy.now() - ORPHAN_AGE
    removed = store.sweep_leftovers(before)
    with database.reads() as session:
        for prefix in ("private/", "renditions/", attachments.PREFIX, sealing.PREFIX):
            for key in store.keys(prefix, before):
                if not _wanted(session, key):
                    store.delete(key)
                    removed += 1
    return removed


def erase_ended(database: Database, store: MediaStore, within: timedelta = ERASE_FOR) -> int:
    """Erase what has ended and is past its days, each entry in a transaction of its own; returns how many.

    It stops after the time `within`: the next round goes on.
    """
    today, end, erased = privacy.now().date(), privacy.now() + within, 0
    with database.reads() as reading:
        ids = retention.due_ids(reading, today, BATCH)
    for entry_id in ids:
        if privacy.now() > end:
            break
        with database.writing() as session:
            erased += retention.erase(session, entry_id, today, store=store)
    return erased


def hand_over(database: Database) -> int:
    """Give the team what no teacher reads first any more, each entry in a transaction of its own; returns how many."""
    with database.reads() as reading:
        ids = first_reading.late(reading)
    handed = 0
    for entry_id in ids:
        with database.writing() as session:
            handed += first_reading.hand_over(session, entry_id)
    return handed


def keep_figures(database: Database) -> int:
    """Count the months that are over; returns how many. Two rounds at once: the second one leaves it to the first."""
    try:
        with database.writing() as session:
            return figures.keep_finished(session)
    except IntegrityError:
        return 0


def restore_tombstones(database: Database, store: MediaStore) -> int:
    """Leave again the tombstones that could not be left when an entry was taken back; returns how many."""
    there = set(store.keys(entries.TOMBSTONES))
    with database.reads() as session:
        gone = session.scalars(select(Entry.id).where(Entry.state.in_((State.WITHDRAWN, State.REMOVED, State.ERASED))))
        missing = [key for key in map(entries.tombstone_key, gone) if key not in there]
    for key in missing:
        store.put(key, io.BytesIO())
    return len(missing)


def _wanted(session: Session, key: str) -> bool:
    try:
        if key.startswith((attachments.PREFIX, attachments.WAITING)):
            attachment = session.get(Attachment, UUID(hex=key.rpartition("/")[2].partition(".")[0]))
            return attachment is not None and key in (attachment.key, attachment.source)
        entry = session.get(Entry, UUID(key.split("/")[1]))
        if key.startswith(sealing.PREFIX):  # closed, and never committed
            return entry is not None and entry.state is State.SEALED
    except (IndexError, ValueError):
        return False
    if entry is None:
        return False
    if key == entry.source:
        return True
    # While an entry waits for the worker its clean sizes may be half written and not yet in the row.
    return key.startswith("renditions/") and (
        entry.state is State.RECEIVED
        or any(key == pictures.rendition_key(entry.id, size["file"]) for size in entry.renditions)
    )
