"""The table of legal moves, whole."""

import pytest

from memes.errors import IllegalTransition
from memes.lifecycle import MOVES, Action, State, next_state

S, A = State, Action

EXPECTED = {
    (S.RECEIVED, A.SETTLE): S.PENDING,
    (S.RECEIVED, A.SPOIL): S.UNREADABLE,
    (S.RECEIVED, A.WITHDRAW): S.WITHDRAWN,
    (S.UNREADABLE, A.RESUBMIT): S.RECEIVED,
    (S.UNREADABLE, A.WITHDRAW): S.WITHDRAWN,
    (S.PENDING, A.ENDORSE): S.PENDING,
    (S.PENDING, A.APPROVE): S.APPROVED,
    (S.PENDING, A.ASK_CHANGES): S.CHANGES_REQUESTED,
    (S.PENDING, A.DECLINE): S.DECLINED,
    (S.PENDING, A.ESCALATE): S.ESCALATED,
    (S.PENDING, A.SEAL): S.SEALED,
    (S.PENDING, A.REDACT): S.RECEIVED,
    (S.PENDING, A.WITHDRAW): S.WITHDRAWN,
    (S.APPROVED, A.TAKE_DOWN): S.REMOVED,
    (S.APPROVED, A.REPORT): S.APPROVED,
    (S.APPROVED, A.KEEP): S.APPROVED,
    (S.PENDING, A.UNDO): S.PENDING,
    (S.APPROVED, A.UNDO): S.PENDING,
    (S.APPROVED, A.WITHDRAW): S.WITHDRAWN,
    (S.APPROVED, A.OFFER): S.PENDING,
    (S.CHANGES_REQUESTED, A.UNDO): S.PENDING,
    (S.DECLINED, A.UNDO): S.PENDING,
    (S.CHANGES_REQUESTED, A.RESUBMIT): S.RECEIVED,
    (S.CHANGES_REQUESTED, A.WITHDRAW): S.WITHDRAWN,
    (S.DECLINED, A.APPEAL): S.PENDING,
    (S.DECLINED, A.WITHDRAW): S.WITHDRAWN,
    (S.ESCALATED, A.RETURN): S.PENDING,
    (S.ESCALATED, A.SUPPORT): S.SUPPORTED,
    (S.ESCALATED, A.SEAL): S.SEALED,
    (S.ESCALATED, A.WITHDRAW): S.WITHDRAWN,
    (S.SUPPORTED, A.WITHDRAW): S.WITHDRAWN,
}


EXPECTED |= {(state, A.CHOOSE): state for state, action in list(EXPECTED) if action is A.WITHDRAW}
_ENDED = (S.UNREADABLE, S.CHANGES_REQUESTED, S.DECLINED, S.SUPPORTED, S.REMOVED, S.WITHDRAWN)
EXPECTED |= {(state, A.ERASE): S.ERASED for state in _ENDED}


@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize("state", list(State))
def test_every_pair_of_state_and_action_is_judged_as_written(state: State, action: Action) -> None:
    if (state, action) in EXPECTED:
        assert next_state(state, action) is EXPECTED[state, action]
    else:
        with pytest.raises(IllegalTransition):
            next_state(state, action)


def test_only_approval_leads_to_approved() -> None:
    assert {key for key, after in MOVES.items() if after is S.APPROVED} == {
        (S.PENDING, A.APPROVE),
        (S.APPROVED, A.REPORT),
        (S.APPROVED, A.CHOOSE),
        (S.APPROVED, A.KEEP),
    }
