"""The practice queue: invented, complete, private, and apart from what children sent."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from memes import web
from memes.db import Database
from memes.errors import Incomplete
from memes.lifecycle import Action
from memes.models import Entry, EntryEvent
from memes.taxonomy import taxonomy
from moderation.models import PracticeAnswer
from moderation.practice import items as practice
from moderation.practice.items import ACTIONS
from moderation.roles import Role
from tests.moderation.conftest import SignIn
from tests.moderation.people import moderator


def test_the_items_cover_every_reason_every_answer_and_every_sign_of_danger() -> None:
    items = practice.items().values()
    assert len(items) >= 24
    assert {item.about for item in items} - {None} == set(taxonomy().reasons)
    assert {item.accepted[0].action for item in items} == set(ACTIONS)
    signs = {"wish_to_die", "violence_at_home", "sextortion", "grooming", "threat", "watched"}
    assert {item.sign for item in items} - {None} == signs
    assert {"ar", "ary", "fr", "en"} <= {item.language for item in items}
    assert {item.kind for item in items} == set(taxonomy().kinds)


@pytest.mark.parametrize("item", practice.items().values(), ids=lambda item: item.id)
def test_an_item_can_be_shown_and_answered_as_agreed(item: practice.Item) -> None:
    lists = taxonomy()
    assert item.kind in lists.kinds
    assert item.theme in lists.themes
    assert item.language in lists.languages
    assert item.age is None or item.age in lists.ages
    assert set(item.why) == set(web.LANGUAGES)
    assert item.text or item.caption
    assert not item.picture or (item.alt and (web.STATIC / "art" / "practice" / f"{item.picture}.svg").exists())
    for answer in item.accepted:
        assert not ACTIONS[answer.action] or practice._fits(answer)
        assert ACTIONS[answer.action] or answer.reason is None
    if item.sign:
        assert [answer.action for answer in item.accepted] == [Action.ESCALATE], "danger is always passed on"


def test_the_first_answer_stays_until_one_starts_over(session: Session) -> None:
    who, item = moderator(session), practice.items()["class-photo"]
    for action, reason in (("decline", ""), ("ask_changes", "sexual"), ("dance", "")):
        with pytest.raises(Incomplete):
            practice.answer(session, who, item, action, reason)
    assert not practice.answer(session, who, item, "approve", "face").agreed
    assert not practice.answer(session, who, item, "ask_changes", "face").agreed, "the first one counts"
    practice.start_over(session, who)
    assert practice.answer(session, who, item, "ask_changes", "face").agreed


def test_practising_leaves_entries_alone_and_shows_everybody_their_own_result(
    signed_in: SignIn, database: Database
) -> None:
    browser, _ = signed_in(Role.MODERATOR)
    assert "Not done yet" in browser.get("/desk/practice?lang=en").text
    page = browser.get("/desk/practice/locked-in").text
    assert "Agreed answer" not in page
    path = "/desk/practice/locked-in"
    refused = browser.send(path, path, action="decline")
    assert refused.status_code == 422
    assert "Choose a reason that fits this decision." in refused.text
    assert browser.send(path, path, action="escalate").status_code == 303
    shown = browser.get(path).text
    assert "Agreed answer" in shown
    assert "Violence at home" in shown
    assert "1 of 28 done, 1 as agreed." in browser.get("/desk/practice").text
    other, _ = signed_in(Role.SAFEGUARDING)
    assert "0 of 28 done" in other.get("/desk/practice?lang=en").text
    assert other.get("/desk/practice/nothing").status_code == 404
    editor, _ = signed_in(Role.EDITOR)
    for address in ("/desk/practice", path):
        assert editor.get(address).status_code == 403
    browser.send("/desk/practice/start-over", "/desk/practice")
    with database.reads() as session:
        for table in (Entry, EntryEvent, PracticeAnswer):
            assert session.scalar(select(func.count()).select_from(table)) == 0
