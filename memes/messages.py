"""Words between safeguarding and a child nobody knows, through the receipt and nothing else. By the week; gone on withdrawal."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from memes import privacy
from memes.errors import Incomplete, NotAllowed
from memes.lifecycle import State
from memes.models import Entry, Message
from memes.text import clean

#: Characters of one message, and messages that a child can send: enough to tell what happens, little to flood with.
LIMIT, MOST = 1_000, 30

#: While the team looks after a child.
OPEN = frozenset({State.ESCALATED, State.SUPPORTED})


def thread(session: Session, entry_id: UUID) -> Sequence[Message]:
    """What was said, oldest first."""
    return session.scalars(select(Message).where(Message.entry_id == entry_id).order_by(Message.number)).all()


def can_write(entry: Entry, said: Sequence[Message]) -> bool:
    """Whether the child can write: once somebody of the team has, or help was the answer."""
    mine = sum(message.from_child for message in said)
    return entry.state in OPEN and mine < MOST and (bool(said) or entry.state is State.SUPPORTED)


def write(session: Session, entry: Entry, text: str, *, from_child: bool) -> None:
    """Add a message; raises Incomplete for empty or too long ones, NotAllowed where nobody talks (any more).

    What the team writes answers all that the child has said so far.
    """
    said, words = thread(session, entry.id), clean(text)
    if entry.state not in OPEN or (from_child and not can_write(entry, said)):
        raise NotAllowed("nobody talks here")
    if not words or len(words) > LIMIT:
        raise Incomplete("message")
    if not from_child:
        mark_read(session, entry.id)
    week = privacy.week_of(privacy.now()).date()
    entry.secret()  # where there is no key yet, one is made
    message = Message(entry_id=entry.id, number=len(said) + 1, key=entry.key, from_child=from_child, week=week,
                      unread=from_child)  # fmt: skip
    message.text = words
    session.add(message)
    session.flush()


def mark_read(session: Session, entry_id: UUID) -> None:
    """Somebody has read what the child said."""
    session.execute(update(Message).where(Message.entry_id == entry_id, Message.unread).values(unread=False))


def unread(session: Session) -> list[UUID]:
    """Entries whose child waits for somebody to read, the longest wait first."""
    first = func.min(Message.week)
    return list(session.scalars(select(Message.entry_id).where(Message.unread).group_by(Message.entry_id).order_by(first)))


def erase(session: Session, entry_id: UUID) -> None:
    """Nothing was ever said."""
    session.execute(delete(Message).where(Message.entry_id == entry_id))
