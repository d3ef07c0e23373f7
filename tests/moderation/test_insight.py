"""Figures in sum, right and never by person."""

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from memes import entries, privacy
from memes.db import Database
from memes.lifecycle import Action
from memes.models import Entry
from moderation.insight import figures
from moderation.insight.labels import Plot
from moderation.practice import items as practice
from moderation.roles import Role
from tests import make
from tests.moderation.conftest import SignIn
from tests.moderation.people import moderator


def decided(session: Session, *way: tuple[Action, str | None], weeks_ago: int = 0, monkeypatch: pytest.MonkeyPatch) -> Entry:
    """An entry sent so many weeks ago, and what people did with it today."""
    now = privacy.now()
    with monkeypatch.context() as then:
        then.setattr(privacy, "now", lambda: now - timedelta(weeks=weeks_ago))
        entry = make.pending(session)
    for place, (action, reason) in enumerate(way):
        actor = "child" if action is Action.APPEAL else f"somebody {place}"
        entries.transition(session, entry, action, actor=actor, reason=reason)
    return entry


@pytest.fixture
def work(session: Session, monkeypatch: pytest.MonkeyPatch) -> figures.Work:
    """Some weeks at the desk."""
    ways = [
        ([(Action.APPROVE, None)], 0),
        ([(Action.APPROVE, None), (Action.TAKE_DOWN, "copyright")], 1),
        ([(Action.ASK_CHANGES, "face")], 2),
        ([(Action.DECLINE, "face"), (Action.APPEAL, None), (Action.APPROVE, None)], 7),
        ([(Action.DECLINE, "hate"), (Action.APPEAL, None), (Action.DECLINE, "hate")], 0),
        ([(Action.ESCALATE, None), (Action.SUPPORT, "danger_support")], 0),
    ]
    for way, weeks in ways:
        decided(session, *way, weeks_ago=weeks, monkeypatch=monkeypatch)
    return figures.work(session)


def test_answers_are_counted_by_reason_and_what_safeguarding_answered_is_not(work: figures.Work) -> None:
    assert work.approved() == 3
    assert work.reasons() == [("face", 1, 1), ("hate", 0, 2), ("copyright", 0, 1)]


def test_waiting_is_counted_in_weeks_from_the_last_sending_or_appeal(work: figures.Work) -> None:
    # In order: the same week (with both second readings and their first answer), next week, two weeks later, seven.
    assert work.waits() == [4, 1, 1, 1]


def test_a_second_reading_confirms_a_refusal_or_turns_it_over(work: figures.Work) -> None:
    assert work.agreement(Action.APPEAL) == (1, 1)


def test_a_second_person_says_yes_as_well_or_not_and_covering_a_place_begins_anew(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    endorsed = (Action.ENDORSE, None)
    for way in (
        [endorsed, (Action.APPROVE, None)],
        [endorsed, (Action.ASK_CHANGES, "face")],
        [(Action.DECLINE, "face"), (Action.APPEAL, None), endorsed, (Action.APPROVE, None)],
        [endorsed, (Action.REDACT, None), (Action.SETTLE, None), (Action.DECLINE, "face")],
    ):
        decided(session, *way, monkeypatch=monkeypatch)
    work = figures.work(session)
    assert work.agreement(Action.ENDORSE) == (2, 1)
    assert work.agreement(Action.APPEAL) == (0, 1)
    assert sum(work.waits()) == 5, "a first yes of two is no answer yet"


def test_what_was_undone_never_happened_and_old_lines_are_left_out(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    undone = decided(session, (Action.DECLINE, "hate"), (Action.UNDO, None), weeks_ago=3, monkeypatch=monkeypatch)
    assert figures.work(session).answers == []
    monkeypatch.setattr(figures, "WINDOW", 1)
    entries.transition(session, undone, Action.APPROVE, actor="somebody")
    found = figures.work(session)
    assert (found.approved(), found.waits()) == (1, [0, 0, 0, 1]), "the sending stands before the window"


def test_the_backlog_is_counted_by_age_without_what_is_with_safeguarding(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    ages = [timedelta(hours=2), timedelta(days=2), timedelta(days=2), timedelta(days=5), timedelta(days=30)]
    for age in ages:
        entry = make.pending(session)
        session.execute(update(Entry).where(Entry.id == entry.id).values(waits_since=privacy.now() - age))
    entries.transition(session, make.pending(session), Action.ESCALATE, actor="somebody")
    assert figures.backlog_ages(session) == [1, 2, 1, 1]
    monkeypatch.setattr(figures, "MANY", 1)
    assert figures.backlog_ages(session) == [1, 1, 1, 1], "and no further than anybody needs to know"
    plot = Plot("ages", "", "", [], [], limit=3)
    assert (plot.said(2), plot.said(3)) == ("2", "3+")


def test_practice_is_told_in_sum_and_only_of_enough_people(session: Session) -> None:
    first = next(iter(practice.items().values()))
    for number in range(1, 4):
        assert figures.practice(session) is None
        action, reason = first.accepted[0] if number < 3 else (Action.ESCALATE, None)
        practice.answer(session, moderator(session), first, action, reason or "")
    assert figures.practice(session) == (2, 1)


def test_the_page_is_for_readers_and_names_nobody(signed_in: SignIn, database: Database) -> None:
    for role in Role:
        browser, who = signed_in(role)
        with database.writing() as session:
            entry = make.pending(session)
            entries.transition(session, entry, Action.DECLINE, actor=str(who.id), reason="hate")
        answer = browser.get("/desk/insight?lang=en")
        assert answer.status_code == (403 if role is Role.EDITOR else 200)
        if answer.status_code == 200:
            content = answer.text.partition("<main")[2]
            assert "Hate or discrimination" in content
            assert "@example.org" not in content
            assert str(who.id) not in content
            assert "style=" not in content
