"""Figures for everybody: right, and without any small number in them, however one adds and subtracts."""

import itertools
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from unittest.mock import patch

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from memes import entries, figures, log, privacy
from memes.db import Database
from memes.figures import THRESHOLD, after, month_of, spans, start_of, weeks_of
from memes.lifecycle import Action
from memes.models import Entry, EntryEvent, MonthlyFigures
from tests import make
from tests.fakes import MemoryStore
from workers import housekeeping

ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
MONTHS = [date(2026, month, 1) for month in range(1, 13)]

Numbers = tuple[int, ...]


# What can be found out


def published(world: Sequence[Numbers]) -> object:
    """All that anybody can read about a world (a row of months for each figure): every number, and every sum of them."""
    rows = [spans(MONTHS, row) for row in (tuple(row) for row in world)]
    return rows, sum(span.number or 0 for row in rows for span in row)


def worlds(figures_of: int, months: int, most: int) -> Iterator[tuple[Numbers, ...]]:
    rows = list(itertools.product(range(most + 1), repeat=months))
    return itertools.product(rows, repeat=figures_of)


@pytest.mark.parametrize(("figures_of", "months", "threshold"), [(1, 4, 2), (1, 3, 3), (2, 2, 2)])
def test_whoever_knows_the_rule_and_all_that_is_published_cannot_tell_any_small_number(
    figures_of: int, months: int, threshold: int, figure: Callable[..., None]
) -> None:
    """Every small world there is: all that look the same are what a reader cannot tell apart, whatever they calculate.

    In each such group every number below the threshold could as well be any other number below it.
    """
    most = 3 * threshold
    alike: dict[str, list[tuple[Numbers, ...]]] = defaultdict(list)
    with patch.object(figures, "THRESHOLD", threshold), patch(f"{__name__}.MONTHS", MONTHS[:months]):
        for world in worlds(figures_of, months, most):
            alike[repr(published(world))].append(world)
    small = 0
    for group in alike.values():
        for world in group:
            if max(map(sum, world)) > most:  # worlds with larger numbers look like it, too
                continue
            for row, month in itertools.product(range(figures_of), range(months)):
                if world[row][month] < threshold:
                    small += 1
                    possible = {other[row][month] for other in group}
                    assert len(possible) >= threshold, (world, possible)
    assert small > 100
    what = "small numbers in all small worlds, none of which can be told from what is published"
    figure("figures.small_numbers", small, goal=">= 100", unit=f"{what} ({figures_of} figures, {months} months)")


@given(st.lists(st.integers(0, 3 * THRESHOLD), max_size=12))
def test_every_number_shown_is_large_and_together_they_are_all_but_a_small_rest(numbers: list[int]) -> None:
    found = spans(MONTHS[: len(numbers)], numbers)
    shown = [span.number for span in found if span.number is not None]
    assert all(number >= THRESHOLD for number in shown)
    assert 0 <= sum(numbers) - sum(shown) < THRESHOLD
    assert [span.first for span in found[1:]] == [after(span.last) for span in found[:-1]], "no month is left out or told twice"
    for earlier in range(len(numbers)):
        before = spans(MONTHS[:earlier], numbers[:earlier])
        closed = [span for span in before if span.number is not None]
        assert list(found[: len(closed)]) == closed, "what was published stays, and what is added is large"


@given(data=st.data())
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@ONE_DATABASE
def test_page_json_and_csv_depend_on_nothing_that_is_hidden(
    client: FlaskClient, database: Database, data: st.DataObject
) -> None:
    """Two histories that differ in hidden numbers alone give the same answers, byte by byte."""
    row = st.tuples(*[st.integers(0, 25)] * 3)
    numbers = data.draw(st.dictionaries(st.sampled_from(figures.names()), row, max_size=6))
    other = {name: _hidden_otherwise(data, row) for name, row in numbers.items()}
    answers = []
    for each in (numbers, other):
        keep(database, each)
        pages = ("/fr/transparency", "/transparency.json", "/transparency.csv", "/ar/solutions")
        answers.append([client.get(page).text for page in pages])
    assert answers[0] == answers[1]


def keep(database: Database, numbers: dict[str, Numbers]) -> None:
    """These figures, and no others, for the first months of the year."""
    with database.writing() as session:
        session.execute(delete(MonthlyFigures))
        for place, month in enumerate(MONTHS[: max(map(len, numbers.values()), default=3)]):
            counted = {name: row[place] for name, row in numbers.items() if row[place]}
            session.add(MonthlyFigures(month=month, numbers=counted, entries_head="e" * 64, desk_head="d" * 64))


def _hidden_otherwise(data: st.DataObject, row: Numbers) -> Numbers:
    """Other numbers of the same months, as far as `spans` hides them: moved within a span, or anything small in the rest."""
    found, place = list(row), 0
    for span in spans(MONTHS[:3], row):
        wide = MONTHS.index(span.last) - MONTHS.index(span.first) + 1
        small = data.draw(st.lists(st.integers(0, (THRESHOLD - 1) // wide), min_size=wide, max_size=wide))
        if span.number is None:
            found[place : place + wide] = small
        elif wide > 1:
            found[place : place + wide] = [*small[:-1], span.number - sum(small[:-1])]
        place += wide
    return tuple(found)


# What is counted


def test_a_month_is_made_of_whole_weeks() -> None:
    assert [weeks_of(month) for month in MONTHS] == [4, 4, 5, 4, 4, 5, 4, 5, 4, 4, 5, 4]
    assert start_of(date(2026, 11, 1)) == datetime(2026, 11, 2, tzinfo=UTC)
    assert month_of(date(2026, 11, 1)) == date(2026, 10, 1), "a Sunday whose week began in October"
    for month in MONTHS:
        assert month_of(start_of(month)) == month
        assert month_of(start_of(month) - timedelta(seconds=1)) != month


class Days:
    """Lets things happen on days of their own."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.monkeypatch = monkeypatch

    def on(self, day: str) -> None:
        moment = datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=UTC)
        self.monkeypatch.setattr(privacy, "now", lambda: moment)


@pytest.fixture
def days(monkeypatch: pytest.MonkeyPatch) -> Days:
    return Days(monkeypatch)


def decide(session: Session, entry: Entry, *actions: Action, reason: str | None = None) -> None:
    for place, action in enumerate(actions):
        who = "child" if action is Action.APPEAL else f"somebody {place}"
        entries.transition(session, entry, action, actor=who, reason=reason)


def test_every_event_is_counted_once_in_the_month_of_its_week(session: Session, days: Days) -> None:
    days.on("2026-10-29")  # a Thursday
    story, meme = make.pending(session), make.pending(session, kind="meme", image=b"x", alt="x")
    solution, second = (make.pending(session, kind="solution", theme="hacking") for _ in range(2))
    told = make.pending(session)
    days.on("2026-11-01")  # the Sunday of the same week
    decide(session, story, Action.APPROVE)
    decide(session, told, Action.ESCALATE, Action.SUPPORT, reason="danger_support")
    days.on("2026-11-03")
    decide(session, meme, Action.ASK_CHANGES, reason="face")
    decide(session, solution, Action.DECLINE, Action.UNDO)
    days.on("2026-11-17")
    decide(session, solution, Action.DECLINE, reason="off_topic")
    decide(session, solution, Action.APPEAL)
    decide(session, second, Action.ENDORSE, Action.APPROVE)
    days.on("2026-12-08")
    decide(session, solution, Action.APPROVE)
    decide(session, story, Action.TAKE_DOWN, reason="copyright")
    entries.withdraw(session, second, store=MemoryStore())
    october, november, december = (dict(figures.count(session, date(2026, month, 1))) for month in (10, 11, 12))
    assert october == {
        "received.story": 2, "received.meme": 1, "received.solution.hacking": 2, "approved.same": 1,
    }  # fmt: skip
    assert november == {"changes.next": 1, "declined.off_topic": 1, "approved.later": 1}
    assert december == {"appeal.changed": 1, "taken_down": 1, "withdrawn": 1}
    assert set(october) | set(november) | set(december) <= set(figures.names())


def test_an_answer_taken_back_after_midnight_is_not_counted(session: Session, days: Days) -> None:
    days.on("2026-11-01")
    entry = make.pending(session)
    decide(session, entry, Action.DECLINE, reason="hate")
    days.on("2026-11-02")  # the first day of November's weeks
    decide(session, entry, Action.UNDO)
    decide(session, entry, Action.APPROVE)
    assert dict(figures.count(session, date(2026, 10, 1))) == {"received.story": 1}
    assert dict(figures.count(session, date(2026, 11, 1))) == {"approved.next": 1}


def test_a_month_is_counted_once_when_it_is_over_and_never_again(database: Database, days: Days) -> None:
    days.on("2026-09-10")
    with database.writing() as session:
        entry = make.pending(session)
        decide(session, entry, Action.APPROVE)
    days.on("2026-11-02")  # the Monday after October's last week
    assert keep_finished(database) == 1
    days.on("2026-11-03")
    assert keep_finished(database) == 1
    assert keep_finished(database) == 0
    with database.writing() as session:
        entries.withdraw(session, session.get_one(Entry, entry.id), store=MemoryStore())
        rows = session.scalars(select(MonthlyFigures).order_by(MonthlyFigures.month)).all()
        assert [(row.month, row.numbers) for row in rows] == [
            (date(2026, 9, 1), {"received.story": 1, "approved.same": 1}), (date(2026, 10, 1), {}),
        ]  # fmt: skip
        line = session.scalars(select(EntryEvent).order_by(EntryEvent.seq.desc()).offset(1)).first()
        assert line
        assert rows[1].entries_head == line.digest, "where the log ended before the withdrawal"
        assert log.broken_at(session) is None


def keep_finished(database: Database) -> int:
    with database.writing() as session:
        return figures.keep_finished(session)


def test_two_who_count_at_once_count_once(database: Database, days: Days, monkeypatch: pytest.MonkeyPatch) -> None:
    days.on("2026-09-10")
    with database.writing() as session:
        make.pending(session)
    days.on("2026-10-20")
    assert housekeeping.keep_figures(database) == 1
    # Who has looked before the first one was done counts the same month again, and leaves it.
    monkeypatch.setattr(figures, "keep_finished", _september_again)
    assert housekeeping.keep_figures(database) == 0


def _september_again(session: Session) -> int:
    session.add(MonthlyFigures(month=date(2026, 9, 1), numbers={"withdrawn": 1}, entries_head="", desk_head=""))
    session.flush()
    return 1


# What is shown


@ONE_DATABASE
def test_before_a_month_is_over_the_page_says_when_figures_come(client: FlaskClient, days: Days) -> None:
    days.on("2026-11-26")
    page = client.get("/en/transparency")
    assert page.status_code == 200
    assert "when November 2026 is over" in page.text
    assert client.get("/transparency.json").get_json()["months"] == []


@ONE_DATABASE
def test_numbers_stand_on_the_page_in_json_and_in_csv(client: FlaskClient, database: Database) -> None:
    keep(database, {"approved.same": (20, 3, 8), "declined.face": (9, 0, 0), "received.solution.hacking": (10, 30, 0)})
    page = client.get("/en/transparency").text
    assert "Approved · In the same week" in page
    assert re.search(r'<td colspan="2"><bdi dir="ltr">11</bdi> <span class="soft small">Feb 2026 – Mar 2026', page)
    assert "e" * 64 in page
    assert "style=" not in page
    told = {figure["name"]: figure for figure in client.get("/transparency.json").get_json()["figures"]}
    assert told["approved.same"] == {
        "name": "approved.same", "total": 31,
        "spans": [{"from": "2026-01", "to": "2026-01", "number": 20}, {"from": "2026-02", "to": "2026-03", "number": 11}],
    }  # fmt: skip
    assert told["declined.face"] == {
        "name": "declined.face", "total": None, "spans": [{"from": "2026-01", "to": "2026-03", "number": None}],
    }  # fmt: skip
    assert "approved.same,2026-02,2026-03,11" in client.get("/transparency.csv").text.splitlines()
    assert "declined.face,2026-01,2026-03," in client.get("/transparency.csv").text.splitlines()
    assert re.search(r"Hacked account.*<bdi dir=\"ltr\">40</bdi>", client.get("/en/solutions").text, re.DOTALL)


@ONE_DATABASE
def test_solutions_are_quoted_with_both_consents_and_no_longer_than_they_hold(
    client: FlaskClient, database: Database
) -> None:
    said = {}
    with database.writing() as session:
        for words, changes in {
            "Quoted.": {}, "Not printed.": {"consent_print": False}, "Kept.": {"consent_gallery": False},
            "A story.": {"kind": "story"},
        }.items():  # fmt: skip
            said[words] = make.pending(session, **({"kind": "solution", "text": words} | changes))
            decide(session, said[words], Action.APPROVE)
        make.pending(session, kind="solution", text="Waits.")
    page = client.get("/en/solutions").text
    assert "Quoted." in page
    assert not [words for words in ("Not printed.", "Kept.", "A story.", "Waits.") if words in page]
    with database.writing() as session:
        entries.withdraw(session, session.get_one(Entry, said["Quoted."].id), store=MemoryStore())
    assert "Quoted." not in client.get("/en/solutions").text
