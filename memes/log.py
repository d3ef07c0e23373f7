"""The append-only logs, chained by hash. `append` and `link` write lines, `broken_at` proves or disproves a chain."""

import hashlib
import json
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from memes import privacy
from memes.lifecycle import Action, State
from memes.models import Entry, EntryEvent, Line, LogHead

CHILD = "child"
WORKER = "worker"
#: Somebody who looks at the public pages.
VISITOR = "visitor"

#: The digest before the first line.
GENESIS = "0" * 64


def append(session: Session, entry: Entry, action: Action, before: State | None, actor: str) -> EntryEvent:
    """Add the line for a move that was just made and flushed."""
    moment = privacy.now()
    event = EntryEvent(
        entry_id=entry.id,
        action=action,
        before=before,
        after=entry.state,
        actor=actor,
        version=entry.version,
        reason=entry.reason,
        at=privacy.week_of(moment) if actor in (CHILD, WORKER, VISITOR) else privacy.day_of(moment),
    )
    link(session, event)
    return event


def link(session: Session, line: Line) -> None:
    """Put `line` at the end of its log. A transaction that writes to both logs writes the entry's line first (one
    order of locks)."""
    query = select(LogHead).where(LogHead.id == line.LOG).with_for_update()
    head = session.execute(query, execution_options={"populate_existing": True}).scalar_one()
    line.seq = head.seq + 1
    line.digest = digest(head.digest, line)
    head.seq, head.digest = line.seq, line.digest
    session.add(line)
    session.flush()  # the head's lock is held from here to the commit


def of_entry(session: Session, entry_id: UUID) -> list[EntryEvent]:
    """What happened to one entry, oldest first."""
    return list(session.scalars(select(EntryEvent).where(EntryEvent.entry_id == entry_id).order_by(EntryEvent.seq)))


def broken_at(session: Session, log: type[Line] = EntryEvent) -> int | None:
    """The number of the first line that does not fit the chain, or None if the log is whole up to its head."""
    last, seq = GENESIS, 0
    query = select(log).order_by(log.seq).execution_options(yield_per=1000)
    with session.scalars(query) as lines:
        for line in lines:
            last, seq = digest(last, line), seq + 1
            if (line.seq, line.digest) != (seq, last):
                return line.seq
    head = session.get_one(LogHead, log.LOG)
    return None if (head.seq, head.digest) == (seq, last) else seq + 1


def digest(previous: str, line: Line) -> str:
    """SHA-256 in hex over a JSON list without spaces: the digest before, the number, the line's facts."""
    return hashlib.sha256(json.dumps([previous, line.seq, *line.facts()], separators=(",", ":")).encode()).hexdigest()
