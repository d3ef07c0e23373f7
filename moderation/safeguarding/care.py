"""The steps taken for a child, who took them and when, and what is sealed. Verbs take the session first and never commit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Row, select, tuple_
from sqlalchemy.orm import Session

from memes import privacy
from memes.columns import written_out
from memes.errors import NotFound
from memes.lifecycle import State
from memes.models import Entry
from memes.taxonomy import Item, taxonomy
from moderation import backlog
from moderation.models import Moderator, SafeguardingStep

#: What was sealed, on one page.
PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the list; `done` is nothing as long as nobody has done it."""

    item: Item
    done: SafeguardingStep | None


class Sealed(NamedTuple):
    """Number and week of each (`id`, `received_at`), and the cursor of the next page, if there is one."""

    rows: Sequence[Row[UUID, datetime]]
    next: str | None


def steps(session: Session, entry_id: UUID) -> list[Step]:
    """All steps, in the order in which they make sense."""
    query = select(SafeguardingStep).where(SafeguardingStep.entry_id == entry_id)
    done = {step.step: step for step in session.scalars(query)}
    return [Step(item, done.get(item.id)) for item in taxonomy().steps.values()]


def take_step(session: Session, entry: Entry, moderator: Moderator, step: str) -> None:
    """Note that a step is done, the first time; raises NotFound for one that is not on the list."""
    if step not in taxonomy().steps:
        raise NotFound("no such step")
    if session.get(SafeguardingStep, (entry.id, step)) is None:
        today = privacy.now().date()
        session.add(SafeguardingStep(entry_id=entry.id, step=step, moderator_id=moderator.id, day=today))
        session.flush()


def ready_reply(reply: str, language: str) -> str:
    """A ready message in the language of an entry (Arabic for Darija and all others), or nothing."""
    known = taxonomy().replies.get(reply)
    return known.description[language if language in known.description else "ar"] if known else ""


def sealed(session: Session, after: str | None = None) -> Sealed:
    """What was sealed, the oldest week first; a broken cursor starts at the top."""
    kept = select(Entry.id, Entry.received_at).where(Entry.state == written_out(State.SEALED))
    place = backlog.position_at(after)
    if place is not None:
        kept = kept.where(tuple_(Entry.received_at, Entry.id) > tuple_(*place))
    found = session.execute(kept.order_by(Entry.received_at, Entry.id).limit(PAGE_SIZE + 1)).all()
    last = found[PAGE_SIZE - 1] if len(found) > PAGE_SIZE else None
    return Sealed(found[:PAGE_SIZE], backlog.cursor((last.received_at, last.id)) if last else None)


def evidence(entry: Entry) -> list[tuple[str, str]]:
    """Name and SHA-256 of each stored file of a sealed entry: proves later what was there, without opening it."""
    return [(str(size["name"]), str(size["sha256"])) for size in entry.renditions]
