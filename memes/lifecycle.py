"""The life of an entry: states, actions and the table of legal moves. Standard library only.

    received --settle--> pending --approve--> approved

and every other path below. `next_state` is the only judge of legality; `entries.transition` the only writer.
"""

from enum import StrEnum
from types import MappingProxyType

from memes.errors import IllegalTransition


class State(StrEnum):
    """Where an entry stands. Only `approved` can ever be public."""

    RECEIVED = "received"
    UNREADABLE = "unreadable"
    PENDING = "pending"
    APPROVED = "approved"
    CHANGES_REQUESTED = "changes_requested"
    DECLINED = "declined"
    ESCALATED = "escalated"
    SUPPORTED = "supported"
    SEALED = "sealed"
    REMOVED = "removed"
    WITHDRAWN = "withdrawn"
    #: Ended, and past its days: nothing of it is left but the row that its receipt opens.
    ERASED = "erased"


class Action(StrEnum):
    """What can happen to an entry."""

    SUBMIT = "submit"
    SETTLE = "settle"
    SPOIL = "spoil"
    #: A first yes, where an entry needs two.
    ENDORSE = "endorse"
    APPROVE = "approve"
    ASK_CHANGES = "ask_changes"
    DECLINE = "decline"
    ESCALATE = "escalate"
    SEAL = "seal"
    REDACT = "redact"
    RETURN = "return"
    SUPPORT = "support"
    TAKE_DOWN = "take_down"
    REPORT = "report"
    #: What was reported may stay.
    KEEP = "keep"
    RESUBMIT = "resubmit"
    APPEAL = "appeal"
    WITHDRAW = "withdraw"
    UNDO = "undo"
    CHOOSE = "choose"
    OFFER = "offer"
    ERASE = "erase"


_MOVES: dict[tuple[State, Action], State] = {
    (State.RECEIVED, Action.SETTLE): State.PENDING,
    (State.RECEIVED, Action.SPOIL): State.UNREADABLE,
    (State.PENDING, Action.ENDORSE): State.PENDING,
    (State.PENDING, Action.APPROVE): State.APPROVED,
    (State.PENDING, Action.ASK_CHANGES): State.CHANGES_REQUESTED,
    (State.PENDING, Action.DECLINE): State.DECLINED,
    (State.PENDING, Action.ESCALATE): State.ESCALATED,
    (State.PENDING, Action.SEAL): State.SEALED,
    (State.PENDING, Action.REDACT): State.RECEIVED,
    (State.ESCALATED, Action.RETURN): State.PENDING,
    (State.ESCALATED, Action.SUPPORT): State.SUPPORTED,
    (State.ESCALATED, Action.SEAL): State.SEALED,
    (State.APPROVED, Action.TAKE_DOWN): State.REMOVED,
    (State.APPROVED, Action.REPORT): State.APPROVED,
    (State.APPROVED, Action.KEEP): State.APPROVED,
    (State.CHANGES_REQUESTED, Action.RESUBMIT): State.RECEIVED,
    (State.UNREADABLE, Action.RESUBMIT): State.RECEIVED,
    (State.DECLINED, Action.APPEAL): State.PENDING,
    # A slip of the hand, taken back by the same person at once: always in the direction that shows nothing.
    (State.PENDING, Action.UNDO): State.PENDING,
    (State.APPROVED, Action.UNDO): State.PENDING,
    (State.CHANGES_REQUESTED, Action.UNDO): State.PENDING,
    (State.DECLINED, Action.UNDO): State.PENDING,
}

#: The child may take back whatever the receipt page shows; a sealed entry is evidence, and withdrawing twice is nothing.
_MOVES |= {
    (state, Action.WITHDRAW): State.WITHDRAWN
    for state in State
    if state not in (State.SEALED, State.WITHDRAWN, State.REMOVED, State.ERASED)
}

#: What is allowed can be chosen anew in the same states, and an approved entry be offered to the gallery after all.
_MOVES |= {(state, Action.CHOOSE): state for state, action in tuple(_MOVES) if action is Action.WITHDRAW}
_MOVES[State.APPROVED, Action.OFFER] = State.PENDING

#: States in which nothing more is to happen, unless the child comes back: what is kept in them is kept on a clock.
ENDED = frozenset({
    State.CHANGES_REQUESTED, State.DECLINED, State.UNREADABLE, State.SUPPORTED, State.REMOVED, State.WITHDRAWN,
})  # fmt: skip
_MOVES |= {(state, Action.ERASE): State.ERASED for state in ENDED}

MOVES = MappingProxyType(_MOVES)

#: States in which nobody has decided yet: the exact time of arrival is still needed to read the oldest first.
UNDECIDED = frozenset({State.RECEIVED, State.PENDING, State.ESCALATED})


def next_state(state: State, action: Action) -> State:
    """The state after `action`; raises IllegalTransition where the table has no such move."""
    try:
        return MOVES[state, action]
    except KeyError:
        raise IllegalTransition(f"{action} is not possible while {state}") from None


def can(state: State, action: Action) -> bool:
    """Whether the table has this move."""
    return (state, action) in MOVES
