"""Who has said yes, and whether that is enough."""

from dataclasses import dataclass

import pytest
from sqlalchemy.orm import Session

from memes import entries, quorum
from memes.errors import NeedsSecond
from memes.lifecycle import Action, State
from tests import make


@dataclass
class Step:
    action: Action
    actor: str = "somebody"


@dataclass
class Sent:
    theme: str = "rumours"
    signals: tuple[str, ...] = ()
    faces: tuple[tuple[float, ...], ...] = ()


SENT = [Step(Action.SUBMIT), Step(Action.SETTLE)]
YES_A, YES_B = Step(Action.ENDORSE, "a"), Step(Action.ENDORSE, "b")


@pytest.mark.parametrize(
    ("events", "people"),
    [
        (SENT, set()),
        ([*SENT, YES_A], {"a"}),
        ([*SENT, YES_A, YES_B], {"a", "b"}),
        ([*SENT, YES_A, Step(Action.CHOOSE, "child")], {"a"}),
        ([*SENT, YES_A, Step(Action.DECLINE, "b"), Step(Action.UNDO, "b")], {"a"}),
        ([*SENT, YES_A, Step(Action.DECLINE, "b"), Step(Action.APPEAL)], set()),
        ([*SENT, YES_A, Step(Action.REDACT, "b"), Step(Action.SETTLE)], set()),
        ([*SENT, YES_A, Step(Action.ESCALATE, "b"), Step(Action.RETURN, "c")], set()),
        ([*SENT, YES_A, Step(Action.ASK_CHANGES, "b"), Step(Action.RESUBMIT), Step(Action.SETTLE)], set()),
    ],
)
def test_a_yes_holds_until_anything_else_happens(events: list[Step], people: set[str]) -> None:
    assert quorum.endorsed_by(events) == people


@pytest.mark.parametrize(
    ("entry", "events", "why"),
    [
        (Sent(), SENT, []),
        (Sent(theme="threats"), SENT, ["theme"]),
        (Sent(signals=("danger", "name")), SENT, ["danger"]),
        (Sent(signals=("distress",)), SENT, []),
        (Sent(signals=("place", "phone")), SENT, ["place"]),
        (Sent(signals=("face",)), SENT, ["face"]),
        (Sent(faces=((0.1, 0.1, 0.2, 0.2),)), SENT, ["face"]),
        (Sent(), [*SENT, Step(Action.REDACT, "a"), Step(Action.SETTLE)], ["redacted"]),
        (Sent(), [*SENT, Step(Action.REDACT), Step(Action.ASK_CHANGES), Step(Action.RESUBMIT), Step(Action.SETTLE)], []),
    ],
)
def test_two_must_agree_where_a_miss_would_harm_most(entry: Sent, events: list[Step], why: list[str]) -> None:
    assert quorum.why_two(entry, events) == why
    assert quorum.is_met(entry, events, "a") is not bool(why)
    assert quorum.is_met(entry, [*events, YES_B], "a")
    assert quorum.is_met(entry, [*events, YES_A], "a") is not bool(why), "nobody counts twice"


def test_no_way_leads_around_the_second_person(session: Session) -> None:
    entry = make.pending(session, theme="threats")
    with pytest.raises(NeedsSecond):
        entries.transition(session, entry, Action.APPROVE, actor="a")
    assert entry.state is State.PENDING
    entries.transition(session, entry, Action.ENDORSE, actor="a")
    with pytest.raises(NeedsSecond):
        entries.transition(session, entry, Action.APPROVE, actor="a")
    entries.transition(session, entry, Action.APPROVE, actor="b")
    assert entry.is_public
