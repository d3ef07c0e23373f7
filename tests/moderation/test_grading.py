"""What may stand before a class: a moderator's word on top of the approval."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from memes import consents, entries, published
from memes.consents import Consents
from memes.db import Database
from memes.errors import IllegalTransition, NotAllowed, StaleDecision
from memes.lifecycle import Action, State
from memes.models import DeskEvent, Entry
from moderation import desk
from moderation.audit import Deed
from moderation.roles import Role
from tests.fakes import MemoryStore
from tests.moderation.conftest import SignIn
from tests.moderation.people import in_state, moderator


def deeds(session: Session) -> list[tuple[str, str]]:
    return [(line.action, line.subject) for line in session.scalars(select(DeskEvent).order_by(DeskEvent.seq))]


def on_screen(session: Session) -> set[object]:
    return {card.id for card in published.screen_cards(session)}


def graded(session: Session, **changes: object) -> Entry:
    entry = in_state(session, State.PENDING, **changes)
    desk.approve(session, entry, moderator(session, Role.SAFEGUARDING), entry.version, for_screen=True)
    session.flush()
    return entry


def test_a_yes_for_the_screen_is_a_choice_of_its_own_and_is_written_down(session: Session) -> None:
    plain, wanted = (in_state(session, State.PENDING) for _ in range(2))
    who = moderator(session, Role.SAFEGUARDING)
    desk.approve(session, plain, who, plain.version)
    desk.approve(session, wanted, who, wanted.version, for_screen=True)
    assert on_screen(session) == {wanted.id}
    assert deeds(session) == [(Deed.SHOW_ON_SCREEN, str(wanted.id))]


@pytest.mark.parametrize("refused", ["consent_schools", "consent_gallery"])
def test_without_the_childs_consent_there_is_no_grade(session: Session, refused: str) -> None:
    entry = graded(session, **{refused: False})
    assert not entry.for_screen
    assert not on_screen(session)
    with pytest.raises(IllegalTransition):
        desk.grade(session, entry, moderator(session), entry.version, for_screen=True)
    assert not deeds(session)


def test_the_first_of_two_does_not_grade(session: Session) -> None:
    entry = in_state(session, State.PENDING)
    desk.approve(session, entry, moderator(session, Role.SAFEGUARDING), entry.version, ask_second=True, for_screen=True)
    assert (entry.state, entry.for_screen) == (State.PENDING, False)
    desk.approve(session, entry, moderator(session, Role.SAFEGUARDING), entry.version)
    assert not on_screen(session)


@pytest.mark.parametrize("action", [Action.UNDO, Action.TAKE_DOWN, Action.WITHDRAW, Action.OFFER])
def test_a_grade_ends_with_the_approval(session: Session, action: Action) -> None:
    entry = graded(session)
    assert on_screen(session) == {entry.id}
    entries.transition(session, entry, action, actor="somebody", reason="off_topic")
    assert not entry.for_screen
    assert not on_screen(session)


def test_schools_can_be_refused_at_any_time_and_a_report_changes_nothing(session: Session) -> None:
    entry = graded(session)
    entries.report(session, entry, "hurts")
    assert on_screen(session) == {entry.id}
    consents.choose(session, entry, Consents(gallery=True, schools=False, printing=False), store=MemoryStore())
    assert not on_screen(session)


def test_what_is_public_can_be_graded_later_by_readers_and_taken_off_by_everybody(session: Session) -> None:
    entry, editor, reader = in_state(session, State.APPROVED), moderator(session, Role.EDITOR), moderator(session)
    with pytest.raises(NotAllowed):
        desk.grade(session, entry, editor, entry.version, for_screen=True)
    with pytest.raises(StaleDecision):
        desk.grade(session, entry, reader, entry.version - 1, for_screen=True)
    desk.grade(session, entry, reader, entry.version, for_screen=True)
    assert on_screen(session) == {entry.id}
    for _ in range(2):  # the second time there is nothing to do
        desk.grade(session, entry, editor, entry.version, for_screen=False)
    assert not on_screen(session)
    assert [deed for deed, _ in deeds(session)] == [Deed.SHOW_ON_SCREEN, Deed.TAKE_OFF_SCREEN]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # how the pages ask for it
def test_the_desk_asks_for_a_grade_where_there_can_be_one(signed_in: SignIn, database: Database) -> None:
    browser, _who = signed_in(Role.SAFEGUARDING)
    with database.writing() as session:
        entry, refused = in_state(session, State.PENDING), in_state(session, State.PENDING, consent_schools=False)
    page = f"/desk/entries/{entry.id}"
    assert 'name="screen"' in browser.get(page).text
    assert 'name="screen"' not in browser.get(f"/desk/entries/{refused.id}").text
    browser.decide(entry.id, "approve", seen=entry.version, screen="y")
    assert browser.get("/desk/published?lang=en").text.count("For class screens") == 1
    with database.reads() as session:
        assert on_screen(session) == {entry.id}
        seen = session.get_one(Entry, entry.id).version
    assert browser.decide(entry.id, "screen", seen=seen).headers["Location"] == page
    assert browser.decide(entry.id, "screen", seen=seen, screen="y").status_code == 409, "an old page decides nothing"
    assert 'name="screen"' in browser.get(page).text
    with database.reads() as session:
        assert not on_screen(session)
