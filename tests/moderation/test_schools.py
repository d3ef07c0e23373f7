"""What teachers write and ask for, at the desk."""

import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select, update

from memes import classes, collections, first_reading
from memes.collections import Wording
from memes.db import Database
from memes.first_reading import Remark
from memes.models import DeskEvent, Entry
from memes.school_models import Collection, Words
from moderation.roles import Role
from tests import make
from tests.memes.test_gallery import approved
from tests.moderation.conftest import SignIn


def test_an_editor_reads_the_words_of_a_collection_and_shows_them(signed_in: SignIn, database: Database) -> None:
    with database.writing() as session:
        made, _key = collections.begin(session, "k" * 64, Wording("Un titre à lire", "Une note", "fr"))
        collections.add(session, made, approved(session).id)
        collections.begin(session, "k" * 64, Wording("Vide", language="fr"))
    browser, who = signed_in(Role.EDITOR)
    page = browser.get("/desk/schools").text
    assert "Un titre à lire" in page
    assert "Vide" not in page, "nobody need read what nothing is in"
    path = f"/desk/schools/collections/{made.short}"
    assert browser.send(f"{path}/show", "/desk/schools", seen=made.version + 1).status_code == 409
    assert browser.send(f"{path}/show", "/desk/schools", seen=made.version).status_code == 303
    assert "Un titre à lire" not in browser.get("/desk/schools").text
    assert browser.send(f"{path}/hide", "/desk/schools", seen=made.version).status_code == 303
    with database.reads() as session:
        assert session.get_one(Collection, made.short).words is Words.HIDDEN
        lines = [(line.actor, line.action, line.subject) for line in session.scalars(select(DeskEvent).order_by(DeskEvent.seq))]
        assert lines[-2:] == [(str(who.id), deed, made.short) for deed in ("show_words", "hide_words")]


def test_codes_in_use_come_page_by_page_and_none_is_lost(
    signed_in: SignIn, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(classes, "PAGE_SIZE", 2)
    with database.writing() as session:
        for place in range(5):
            made, _key = classes.ask(session, "k" * 64, region=None, age=None, expected=31 + place, at_once=True)
            made.good_until -= timedelta(days=place // 2)
    browser, _who = signed_in(Role.ADMIN)
    pages: list[list[str]] = []
    address = "/desk/schools"
    for _page in range(3):
        text = browser.get(address).text
        pages.append(sorted(set(re.findall(r"(3[1-5]) ", text))))
        address = unescape((re.findall(r'href="(/desk/schools\?after=[^"#]+)#codes"', text) or [""])[0])
    assert [len(numbers) for numbers in pages] == [2, 2, 1]
    assert "35" in pages[0], "what ends first comes first"
    assert (sorted(sum(pages, [])), address) == (["31", "32", "33", "34", "35"], "")


def test_an_admin_grants_a_code_refuses_another_and_ends_one(signed_in: SignIn, database: Database) -> None:
    with database.writing() as session:
        first, second = (classes.ask(session, "k" * 64, region="MA-07", age=None, expected=n)[0].id for n in (31, 17))
    browser, who = signed_in(Role.ADMIN)
    page = browser.get("/desk/schools").text
    assert "31" in page
    assert "17" in page
    for wish, verb in ((first, "grant"), (second, "refuse")):
        assert browser.send(f"/desk/schools/codes/{wish}/{verb}", "/desk/schools").status_code == 303
    with database.reads() as session:
        assert [code.id for code in classes.in_use(session).codes] == [first]
        assert not classes.asked(session)
        code = classes.in_use(session).codes[0].code or ""
    assert code not in browser.get("/desk/schools").text, "nobody at the desk needs it"
    assert browser.send(f"/desk/schools/codes/{second}/grant", "/desk/schools").status_code == 409
    assert browser.send(f"/desk/schools/codes/{first}/end", "/desk/schools").status_code == 303
    with database.reads() as session:
        assert not classes.in_use(session).codes
        lines = [(line.actor, line.action, line.subject) for line in session.scalars(select(DeskEvent).order_by(DeskEvent.seq))]
        deeds = [("grant_code", first), ("refuse_code", second), ("end_code", first)]
        assert lines[-3:] == [(str(who.id), deed, str(wish)) for deed, wish in deeds]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_desk_knows_nothing_of_what_a_teacher_reads_and_hears_a_worry_first(signed_in: SignIn, database: Database) -> None:
    with database.writing() as session:
        code, _key = classes.ask(session, "k" * 64, region=None, age=None, expected=30, teacher_first=True, at_once=True)
        entry = make.pending(session, text="of our class", first_reader=code.id)
        session.connection().execute(update(Entry).values(first_shown=True))
    browser, _who = signed_in(Role.SAFEGUARDING)
    page = f"/desk/entries/{entry.id}"
    assert browser.get(page).status_code == 404
    assert browser.decide(entry.id, "approve", seen=entry.version).status_code == 404
    assert "of our class" not in browser.get("/desk/").text
    with database.writing() as session:
        assert first_reading.pass_on(session, entry.id, code.id, Remark.WORRIED)
    assert str(entry.id) in browser.get("/desk/?lane=danger").text
    shown = browser.get(f"{page}?lang=en").text
    assert "is worried about a child" in shown
    assert code.code not in shown
