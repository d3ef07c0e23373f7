import pytest
from sqlalchemy.orm import Session

from memes import entries
from memes.lanes import OPEN_LANES, Lane, lane_of
from memes.lifecycle import Action, State
from tests import make
from tests.fakes import MemoryStore, RecordingQueue

SENT = [Action.SUBMIT, Action.SETTLE]


@pytest.mark.parametrize(
    ("state", "actions", "priority", "lane"),
    [
        (State.RECEIVED, [Action.SUBMIT], 0, None),
        (State.PENDING, SENT, 0, Lane.ORDINARY),
        (State.PENDING, SENT, 1, Lane.DANGER),
        (State.RECEIVED, [*SENT, Action.ASK_CHANGES, Action.RESUBMIT], 1, None),
        (State.PENDING, [*SENT, Action.ASK_CHANGES, Action.RESUBMIT, Action.SETTLE], 0, Lane.RETURNED),
        (State.PENDING, [*SENT, Action.DECLINE, Action.APPEAL], 0, Lane.APPEALS),
        (State.PENDING, [*SENT, Action.DECLINE, Action.APPEAL], 2, Lane.DANGER),
        (State.PENDING, [*SENT, Action.ESCALATE, Action.RETURN], 0, Lane.ORDINARY),
        (State.PENDING, [*SENT, Action.ENDORSE], 0, Lane.SECOND),
        (State.PENDING, [*SENT, Action.ENDORSE, Action.CHOOSE], 0, Lane.SECOND),
        (State.PENDING, [*SENT, Action.ENDORSE], 1, Lane.DANGER),
        (State.APPROVED, [*SENT, Action.APPROVE, Action.REPORT, Action.KEEP], 0, None),
        (State.ESCALATED, [*SENT, Action.ESCALATE], 0, Lane.ESCALATED),
        (State.APPROVED, [*SENT, Action.APPROVE], 3, None),
        (State.APPROVED, [*SENT, Action.APPROVE, Action.REPORT], 0, Lane.REPORTED),
        (State.SEALED, [*SENT, Action.SEAL], 9, None),
    ],
)
def test_an_entry_waits_where_its_story_puts_it(
    state: State, actions: list[Action], priority: int, lane: Lane | None
) -> None:
    assert lane_of(state, actions, priority) is lane


def test_danger_is_read_first_and_what_was_escalated_by_safeguarding_alone() -> None:
    assert OPEN_LANES[0] is Lane.DANGER
    assert Lane.ESCALATED not in OPEN_LANES


def test_the_lane_is_written_with_the_state_and_costs_no_version(session: Session) -> None:
    store, queue = MemoryStore(), RecordingQueue()
    entry = make.received(session)
    assert entry.lane is None
    entry.priority = 1
    session.flush()
    before = entry.version
    assert entries.settle(session, entry.id, None, None, store=store)
    assert (entry.lane, entry.version) == (Lane.DANGER, before + 1)
    entry.priority = 0
    entries.transition(session, entry, Action.ASK_CHANGES, actor="somebody", seen=entry.version, reason="face")
    assert (entry.lane, entry.version) == (None, before + 2)
    entries.resubmit(session, entry, make.draft(), None, store=store, queue=queue)
    assert entry.lane is None
    assert entries.settle(session, entry.id, None, None, store=store)
    session.expire(entry)
    assert entry.lane is Lane.RETURNED
