"""How the work goes, in sum: never by person, and never finer than what the log knows (days and weeks).

All but the age of the backlog is read from the newest WINDOW lines of the log, so that the page takes the same time
whether the log is short or has a million lines.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from memes import privacy
from memes.answers import READ, SENDINGS, Answer, answers_in
from memes.lanes import OPEN_LANES, Lane
from memes.lifecycle import Action
from memes.models import Entry, EntryEvent, LogHead
from moderation.models import PracticeAnswer

#: Lines of the log that are read: about a thousand answers. More would cost time and tell the same (docs/performance.md).
WINDOW = 5_000
#: The sum of what fewer people practised would tell who did how well.
FEWEST_PRACTISING = 3

#: Upper ends of the ages of what waits; the last is open.
AGES = (timedelta(days=1), timedelta(days=3), timedelta(days=7))
#: Nobody needs to know exactly how many more of an age there are.
MANY = 1_000
#: Weeks from arrival to answer; the last stands for all that took longer.
WEEKS = (0, 1, 2, 3)

_READ_LANES = [lane for lane in OPEN_LANES if lane is not Lane.REPORTED]


class Sum(NamedTuple):
    """How many answers agreed with an earlier one, and how many did not."""

    same: int
    different: int


@dataclass(frozen=True, slots=True)
class Work:
    """What the newest lines of the log tell. `since` is the week of the oldest line, None where there is no line."""

    since: date | None
    answers: list[Answer]

    def approved(self) -> int:
        """How many were published or kept."""
        return sum(answer.action is Action.APPROVE for answer in self.answers)

    def reasons(self) -> list[tuple[str, int, int]]:
        """Reason, how often a change was asked for it, how often something was not (or no longer) published; most often first."""
        asked = Counter(answer.reason for answer in self.answers if answer.action is Action.ASK_CHANGES)
        refused = Counter(answer.reason for answer in self.answers if answer.action in (Action.DECLINE, Action.TAKE_DOWN))
        found = [(reason, asked[reason], refused[reason]) for reason in {*asked, *refused} if reason]
        return sorted(found, key=lambda row: (-row[1] - row[2], row[0]))

    def waits(self) -> list[int]:
        """How many answers came in the week of arrival, in the next one, and so on (WEEKS)."""
        counted = Counter(min(answer.waited, WEEKS[-1]) for answer in self.answers if answer.waited is not None)
        return [counted[weeks] for weeks in WEEKS]

    def agreement(self, about: Action) -> Sum:
        """After an appeal: was the refusal confirmed? After a first yes: did the second person say yes too?"""
        seconds = [answer for answer in self.answers if about in answer.after]
        yes = sum(answer.action is Action.APPROVE for answer in seconds)
        return Sum(len(seconds) - yes, yes) if about is Action.APPEAL else Sum(yes, len(seconds) - yes)


def backlog_ages(session: Session) -> list[int]:
    """How many wait to be read, by age (AGES), each up to MANY; without what is with safeguarding, and what is public and was
    reported."""
    now = privacy.now()
    ends = (timedelta(), *AGES, None)

    def number(young: timedelta | None, old: timedelta | None) -> ColumnElement[int]:
        some = select(Entry.id).where(Entry.lane.is_not(None), Entry.lane.in_(_READ_LANES))
        some = some.where(Entry.waits_since <= now - young) if young else some
        some = some.where(Entry.waits_since > now - old) if old else some
        return select(func.count()).select_from(some.limit(MANY).subquery()).scalar_subquery()

    return list(session.execute(select(*(number(*band) for band in pairwise(ends)))).one())


def work(session: Session) -> Work:
    """Read the newest lines."""
    start = session.get_one(LogHead, EntryEvent.LOG).seq - WINDOW
    columns = (EntryEvent.entry_id, EntryEvent.action, EntryEvent.reason, EntryEvent.at)
    query = select(*columns).where(EntryEvent.seq > start, EntryEvent.action.in_(READ)).order_by(EntryEvent.seq)
    lines = [(row.entry_id, row.action, row.reason, row.at) for row in session.execute(query)]
    since = privacy.week_of(lines[0][3]).date() if lines else None
    first = {entry_id: action for entry_id, action, *_ in reversed(lines)}
    older = [entry_id for entry_id, action in first.items() if action not in SENDINGS]
    return Work(since, answers_in(lines, _sent_before(session, start, older)))


def practice(session: Session) -> Sum | None:
    """Everybody's first answers to invented entries against the agreed ones; None where too few people have practised."""
    people, same, all_of_them = session.execute(
        select(
            func.count(PracticeAnswer.moderator_id.distinct()), func.sum(case((PracticeAnswer.agreed, 1), else_=0)),
            func.count(),
        )
    ).one()  # fmt: skip
    return Sum(int(same), all_of_them - int(same)) if people >= FEWEST_PRACTISING else None


def _sent_before(session: Session, start: int, older: Sequence[UUID]) -> dict[UUID, datetime]:
    """When those that had been sent before the window were. They are named one by one: asked for as "those in the window",
    PostgreSQL would read the whole log beside them."""
    sent = select(EntryEvent.entry_id, func.max(EntryEvent.at)).where(
        EntryEvent.seq <= start, EntryEvent.action.in_(SENDINGS), EntryEvent.entry_id.in_(older)
    )
    return {row[0]: row[1] for row in session.execute(sent.group_by(EntryEvent.entry_id))} if older else {}
