"""How long a likeness is kept, and with what."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from memes import entries, likenesses, privacy
from memes.lifecycle import Action
from memes.likenesses import Alike
from memes.models import Cousin, Entry, Likeness
from tests import make
from tests.fakes import MemoryStore

WEEK = privacy.week_of(privacy.now()).date()


def alike(session: Session, number: int) -> tuple[Entry, Likeness]:
    """An entry with a picture that was met."""
    entry = make.pending(session, image=b"picture")
    return entry, likenesses.keep(session, entry.id, bytes([number]) * 32)


@pytest.mark.parametrize(
    ("action", "reason", "days"),
    [(Action.DECLINE, "hate", 365), (Action.DECLINE, "sexual", 730), (Action.DECLINE, "off_topic", 0), (None, None, 0)],
)
def test_only_what_was_refused_for_harm_outlives_being_taken_back_and_not_for_ever(
    session: Session, action: Action | None, reason: str | None, days: int
) -> None:
    entry, known = alike(session, 1)
    if action:
        entries.transition(session, entry, action, actor="somebody", reason=reason)
    entries.withdraw(session, entry, store=MemoryStore())
    left = session.scalars(select(Likeness)).all()
    if not days:
        assert left == []
        return
    assert left == [known]
    assert (known.entry_id, known.outcome, known.reason) == (None, "declined", reason)
    assert (known.decided_in, known.expires_on) == (WEEK, WEEK + timedelta(days=days))
    assert likenesses.expire(session) == 0
    session.execute(update(Likeness).values(expires_on=privacy.now().date()))
    assert likenesses.expire(session) == 1


def test_tidying_removes_what_a_late_worker_left_of_a_withdrawn_entry(session: Session) -> None:
    entry, _ = alike(session, 1)
    _, kept = alike(session, 2)
    entries.withdraw(session, entry, store=MemoryStore())
    likenesses.keep(session, entry.id, b"1" * 32)
    assert likenesses.expire(session) == 1
    assert session.scalars(select(Likeness)).all() == [kept]


def test_another_picture_takes_the_place_of_the_first(session: Session) -> None:
    entry, first = alike(session, 1)
    assert likenesses.keep(session, entry.id, bytes([1]) * 32) is first
    likenesses.keep(session, entry.id, bytes([2]) * 32)
    assert [known.digest for known in session.scalars(select(Likeness))] == [bytes([2]) * 32]


def test_a_link_is_noted_once_and_turned_round_when_the_later_one_goes(session: Session) -> None:
    first, before = alike(session, 1)
    second, after = alike(session, 2)
    for _ in range(2):
        likenesses.link(session, second.id, [Alike(before.id, 4, turned=True), Alike(999, 1, turned=False)])
    assert [(link.entry_id, link.likeness_id) for link in session.scalars(select(Cousin))] == [(second.id, before.id)]
    entries.transition(session, second, Action.DECLINE, actor="somebody", reason="insult")
    entries.withdraw(session, second, store=MemoryStore())
    (link,) = session.scalars(select(Cousin))
    assert (link.entry_id, link.likeness_id, link.distance, link.turned) == (first.id, after.id, 4, True)
    entries.withdraw(session, first, store=MemoryStore())
    assert session.scalars(select(Cousin)).all() == []
