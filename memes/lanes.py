"""The lanes of the backlog: why an entry waits for people. One rule, asked by `entries.transition` alone.

A lane is stored with the entry, so that counting and listing read an index and nothing else.
"""

from collections.abc import Sequence
from enum import StrEnum

from memes.lifecycle import Action, State


class Lane(StrEnum):
    """In the order in which people should read: whatever points to danger first."""

    DANGER = "danger"
    #: Somebody said yes already, and one more person has to.
    SECOND = "second"
    REPORTED = "reported"
    APPEALS = "appeals"
    #: The child has changed what was asked for.
    RETURNED = "returned"
    ORDINARY = "ordinary"
    #: For safeguarding alone, in a list of its own.
    ESCALATED = "escalated"


#: What everybody who reads may take from, in order.
OPEN_LANES = tuple(lane for lane in Lane if lane is not Lane.ESCALATED)


def lane_of(state: State, actions: Sequence[Action], priority: int) -> Lane | None:
    """Where an entry waits, or None if it waits for nobody. `actions` are all its own, oldest first."""
    if state is State.ESCALATED:
        return Lane.ESCALATED
    last = [action for action in actions if action is not Action.CHOOSE][-1]  # what a child allows is nothing to read
    if state is State.APPROVED:
        return Lane.REPORTED if last is Action.REPORT else None
    if state is not State.PENDING:
        return None
    if priority > 0:
        return Lane.DANGER
    if last is Action.ENDORSE:
        return Lane.SECOND
    if Action.APPEAL in actions:
        return Lane.APPEALS  # there is only one, and nothing is sent again after it
    return Lane.RETURNED if {Action.RESUBMIT, Action.OFFER} & set(actions) else Lane.ORDINARY
