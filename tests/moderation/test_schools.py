"""What teachers write, read at the desk."""

from sqlalchemy import select

from memes import collections
from memes.collections import Wording
from memes.db import Database
from memes.models import DeskEvent
from memes.school_models import Collection, Words
from moderation.roles import Role
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
