"""Reading the log in sum: which answers the desk gave, to what, and after how many weeks."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from memes import privacy
from memes.lifecycle import Action

#: With these the child sends something new, or for somebody new, and everybody may read again.
SENDINGS = frozenset({Action.SUBMIT, Action.RESUBMIT, Action.OFFER})
#: A reading that ends in an answer. Moving to safeguarding is none, so whoever did it may read on when it comes back.
ANSWERS = frozenset({Action.ENDORSE, Action.APPROVE, Action.ASK_CHANGES, Action.DECLINE})
#: After these, the next answer is a second opinion.
OPINIONS = frozenset({Action.APPEAL, Action.ENDORSE})
#: What ends the way of an entry to the child. A first yes of two does not.
ENDS = frozenset({*(ANSWERS - OPINIONS), Action.TAKE_DOWN})
#: The lines that `answers_in` wants.
READ = frozenset({*ANSWERS, *SENDINGS, *OPINIONS, Action.TAKE_DOWN, Action.REDACT, Action.UNDO})

_WEEK = timedelta(days=7)


@dataclass(slots=True)
class Answer:
    """One answer of the desk, `at` its day. `waited` is in weeks; `after` says to what it was a second opinion."""

    action: Action
    reason: str | None
    waited: int | None
    after: frozenset[Action]
    at: datetime
    undone: bool = False


def answers_in(
    lines: Iterable[tuple[UUID, Action, str | None, datetime]], sent: dict[UUID, datetime] | None = None
) -> list[Answer]:
    """The answers in lines of the log (entry, action, reason, when; in the log's order) that nobody took back.

    `sent`: when entries were sent whose sending is not among the lines.
    """
    sent = {} if sent is None else sent
    found: list[Answer] = []
    of_entry: dict[UUID, list[Answer]] = defaultdict(list)
    opinions: dict[UUID, frozenset[Action]] = defaultdict(frozenset)
    for entry_id, action, reason, at in lines:
        if action in SENDINGS or action is Action.APPEAL:
            sent[entry_id], opinions[entry_id] = at, frozenset()
        if action in OPINIONS:
            opinions[entry_id] |= {action}
        elif action is Action.REDACT:  # another picture: the first yes was to the one before
            opinions[entry_id] -= {Action.ENDORSE}
        elif action is Action.UNDO and of_entry[entry_id]:
            undone = of_entry[entry_id].pop()
            undone.undone, opinions[entry_id] = True, undone.after
        elif action in ENDS:
            arrived = None if action is Action.TAKE_DOWN else sent.get(entry_id)
            waited = (privacy.week_of(at) - privacy.week_of(arrived)) // _WEEK if arrived else None
            found.append(Answer(action, reason, waited, opinions.pop(entry_id, frozenset()), at))
            of_entry[entry_id].append(found[-1])
    return [answer for answer in found if not answer.undone]
