"""The steps taken for a child, who took them and when, and what is sealed. Verbs take the session first and never commit."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from memes import privacy
from memes.columns import written_out
from memes.errors import NotFound
from memes.lifecycle import State
from memes.models import Entry
from memes.taxonomy import Item, taxonomy
from moderation.models import Moderator, SafeguardingStep


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the list; `done` is nothing as long as nobody has done it."""

    item: Item
    done: SafeguardingStep | None


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


def sealed(session: Session) -> Sequence[Entry]:
    """What was sealed, for its week and its number alone."""
    kept = select(Entry).where(Entry.state == written_out(State.SEALED))
    return session.scalars(kept.order_by(Entry.received_at, Entry.id)).all()


def evidence(entry: Entry) -> list[tuple[str, str]]:
    """Name and SHA-256 of each stored file of a sealed entry: proves later what was there, without opening it."""
    return [(str(size["name"]), str(size["sha256"])) for size in entry.renditions]
