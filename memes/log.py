"""The append-only log, chained by hash. `append` writes a line, `broken_at` proves or disproves the chain."""

import hashlib
import json
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from memes import privacy
from memes.lifecycle import Action, State
from memes.models import Entry, EntryEvent, LogHead

CHILD = "child"
WORKER = "worker"

#: The digest before the first line.
GENESIS = "0" * 64


def append(session: Session, entry: Entry, action: Action, before: State | None, actor: str) -> EntryEvent:
    """Add the line for a move that was just made and flushed."""
    head = session.execute(select(LogHead).where(LogHead.id == 1).with_for_update()).scalar_one()
    moment = privacy.now()
    event = EntryEvent(
        seq=head.seq + 1,
        entry_id=entry.id,
        action=action,
        before=before,
        after=entry.state,
        actor=actor,
        version=entry.version,
        reason=entry.reason,
        at=privacy.week_of(moment) if actor in (CHILD, WORKER) else privacy.day_of(moment),
    )
    event.digest = _digest(head.digest, event)
    head.seq, head.digest = event.seq, event.digest
    session.add(event)
    session.flush()  # the head's lock is held from here to the commit
    return event


def of_entry(session: Session, entry_id: UUID) -> list[EntryEvent]:
    """What happened to one entry, oldest first."""
    return list(session.scalars(select(EntryEvent).where(EntryEvent.entry_id == entry_id).order_by(EntryEvent.seq)))


def broken_at(session: Session) -> int | None:
    """The number of the first line that does not fit the chain, or None if the log is whole up to its head."""
    digest, seq = GENESIS, 0
    query = select(EntryEvent).order_by(EntryEvent.seq).execution_options(yield_per=1000)
    with session.scalars(query) as lines:
        for event in lines:
            digest, seq = _digest(digest, event), seq + 1
            if (event.seq, event.digest) != (seq, digest):
                return event.seq
    head = session.get_one(LogHead, 1)
    return None if (head.seq, head.digest) == (seq, digest) else seq + 1


def _digest(previous: str, event: EntryEvent) -> str:
    line = [
        previous,
        event.seq,
        event.entry_id.hex,
        event.action.value,
        event.before.value if event.before else None,
        event.after.value,
        event.actor,
        event.version,
        event.reason,
        _stamp(event.at),
    ]
    return hashlib.sha256(json.dumps(line, separators=(",", ":")).encode()).hexdigest()


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
