"""Figures for everybody, month by month, from which no small number can be found out.

Every event of the log that is counted at all is counted in exactly one figure. A figure is shown once it has come to THRESHOLD,
for all the months together since it was last shown; until then nothing depends on it. Every sum is a sum of numbers that are
shown. So whatever is published, and whatever is added or subtracted, consists of numbers of at least THRESHOLD, and two
histories that differ only in what is hidden look the same (`tests/memes/test_figures.py` tries all of them).

The log knows children's days by the week alone, so months are made of whole weeks: a week belongs to the month of its Monday.
A month is counted once, when it is over, and never again: what is withdrawn later changes nothing that was published, and
yesterday's page compared with today's tells no more than today's.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from memes import privacy
from memes.answers import ENDS, READ, Answer, answers_in
from memes.lifecycle import Action
from memes.models import DeskEvent, Entry, EntryEvent, LogHead, MonthlyFigures
from memes.taxonomy import taxonomy

#: The smallest number that is shown: our own choice, a third of a class.
THRESHOLD = 10

#: Weeks from a sending to its answer; the last stands for all that took longer.
WAITS = ("same", "next", "later")

_DAY, _WEEK = timedelta(days=1), timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Span:
    """A number for the months `first` to `last` (each the 1st of its month); None: still fewer than THRESHOLD."""

    first: date
    last: date
    number: int | None


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure over all finished months."""

    name: str
    spans: tuple[Span, ...]

    @property
    def total(self) -> int:
        """The sum of what is shown; 0 where nothing is."""
        return sum(span.number or 0 for span in self.spans)


@dataclass(frozen=True, slots=True)
class Month:
    """A finished month: its weeks, and where both logs ended when it was counted."""

    first: date
    weeks: int
    entries_head: str
    desk_head: str


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that is published."""

    months: tuple[Month, ...]
    figures: tuple[Figure, ...]

    def __getitem__(self, name: str) -> Figure:
        return next(figure for figure in self.figures if figure.name == name)

    def total(self, *starts: str) -> int:
        """The sum of what is shown of all figures whose names begin so."""
        return sum(figure.total for figure in self.figures if figure.name.startswith(starts))


def names() -> tuple[str, ...]:
    """All figures, whether anything was counted or not."""
    lists = taxonomy()
    return (
        "received.meme", "received.story", *(f"received.solution.{theme}" for theme in lists.themes),
        *(f"approved.{wait}" for wait in WAITS), *(f"changes.{wait}" for wait in WAITS),
        *(f"declined.{reason}" for reason in lists.reasons), "appeal.upheld", "appeal.changed", "taken_down", "withdrawn",
    )  # fmt: skip


def report(session: Session) -> Report:
    """What was published up to now: one row a month is read."""
    rows = session.scalars(select(MonthlyFigures).order_by(MonthlyFigures.month)).all()
    months = tuple(Month(row.month, weeks_of(row.month), row.entries_head, row.desk_head) for row in rows)
    firsts = [row.month for row in rows]
    return Report(months, tuple(Figure(name, spans(firsts, [row.numbers.get(name, 0) for row in rows])) for name in names()))


def spans(months: Sequence[date], numbers: Sequence[int]) -> tuple[Span, ...]:
    """Months in order and their numbers, joined so that every number shown is at least THRESHOLD; the rest is one None."""
    found: list[Span] = []
    since, counted = 0, 0
    for place, number in enumerate(numbers):
        counted += number
        if counted >= THRESHOLD:
            found.append(Span(months[since], months[place], counted))
            since, counted = place + 1, 0
    if since < len(months):
        found.append(Span(months[since], months[-1], None))
    return tuple(found)


def month_of(day: date | datetime) -> date:
    """The 1st of the month in which the Monday of its week lies."""
    return privacy.week_of(day).date().replace(day=1)


def after(month: date) -> date:
    """The month after."""
    return (month + timedelta(days=31)).replace(day=1)


def start_of(month: date) -> datetime:
    """When the first whole week of a month begins: its first Monday."""
    return datetime(month.year, month.month, 1, tzinfo=UTC) + timedelta(days=-month.weekday() % 7)


def weeks_of(month: date) -> int:
    """How many weeks a month has: four or five."""
    return (start_of(after(month)) - start_of(month)) // _WEEK


def keep_finished(session: Session) -> int:
    """Count every month that is over and was not counted yet, and keep its figures for good; returns how many months."""
    last = session.scalar(select(func.max(MonthlyFigures.month)))
    begun = session.scalar(select(func.min(EntryEvent.at)))
    if begun is None:
        return 0
    month, kept = after(last) if last else month_of(begun), 0
    # A day later than over: what was answered in the last minute may be taken back in the first.
    while start_of(after(month)) + _DAY <= privacy.now():
        heads = [session.get_one(LogHead, log.LOG).digest for log in (EntryEvent, DeskEvent)]
        session.add(MonthlyFigures(month=month, numbers=dict(count(session, month)), entries_head=heads[0], desk_head=heads[1]))
        month, kept = after(month), kept + 1
    session.flush()
    return kept


def count(session: Session, month: date) -> Counter[str]:
    """The figures of one month from the log; what did not happen is not among them."""
    start, end = start_of(month), start_of(after(month))
    found: Counter[str] = Counter()
    sent = select(Entry.kind, Entry.theme, func.count()).join(EntryEvent, EntryEvent.entry_id == Entry.id)
    sent = sent.where(EntryEvent.at >= start, EntryEvent.at < end, EntryEvent.action == Action.SUBMIT)
    for kind, theme, number in session.execute(sent.group_by(Entry.kind, Entry.theme)):
        found[f"received.solution.{theme}" if kind == "solution" else f"received.{kind}"] += number
    gone = select(func.count()).where(EntryEvent.at >= start, EntryEvent.at < end, EntryEvent.action == Action.WITHDRAW)
    found["withdrawn"] = session.scalar(gone) or 0
    found.update(_name(answer) for answer in _answers(session, start, end))
    return +found


def _answers(session: Session, start: datetime, end: datetime) -> list[Answer]:
    """Given from `start` to `end`. All lines of their entries are read: an appeal may be older, an undoing a minute younger."""
    answered = select(EntryEvent.entry_id).where(EntryEvent.at >= start, EntryEvent.at < end, EntryEvent.action.in_(ENDS))
    columns = (EntryEvent.entry_id, EntryEvent.action, EntryEvent.reason, EntryEvent.at)
    lines = select(*columns).where(
        EntryEvent.entry_id.in_(answered), EntryEvent.at < end + _DAY, EntryEvent.action.in_(READ)
    )
    rows = [(row.entry_id, row.action, row.reason, row.at) for row in session.execute(lines.order_by(EntryEvent.seq))]
    return [answer for answer in answers_in(rows) if start <= answer.at < end]


def _name(answer: Answer) -> str:
    """The one figure in which an answer is counted. What safeguarding answers is no answer here."""
    if answer.action is Action.TAKE_DOWN:
        return "taken_down"
    if Action.APPEAL in answer.after:
        return "appeal.upheld" if answer.action is Action.DECLINE else "appeal.changed"
    if answer.action is Action.DECLINE:
        return f"declined.{answer.reason or 'other'}"
    waited = WAITS[min(answer.waited or 0, len(WAITS) - 1)]
    return f"approved.{waited}" if answer.action is Action.APPROVE else f"changes.{waited}"
