"""The danger lane: who sees what, the talk, the steps, what is sealed; every opening of a page is written down."""

import io

import pytest
from sqlalchemy import select

from memes import backup, entries, envelope, messages, verify
from memes.db import Database
from memes.lifecycle import Action, State
from memes.models import DeskEvent, Entry
from moderation.audit import Deed
from moderation.roles import Role
from tests import make
from tests.fakes import MemoryStore
from tests.moderation.conftest import SignIn
from tests.moderation.test_views import SECRET_WORDS, an_entry, now_of


def test_an_escalated_entry_is_opened_by_the_role_alone_and_every_opening_is_written_down(
    signed_in: SignIn, database: Database
) -> None:
    entry = an_entry(database, State.ESCALATED)
    for role in (Role.MODERATOR, Role.ADMIN, Role.EDITOR):
        browser, _who = signed_in(role)
        for path in (f"/desk/entries/{entry.id}", "/desk/escalated", "/desk/safeguarding"):
            assert browser.get(path).status_code == 403, (role, path)
    lead, who = signed_in(Role.SAFEGUARDING)
    assert SECRET_WORDS in lead.get(f"/desk/entries/{entry.id}").text
    with database.reads() as session:
        seen = session.scalars(select(DeskEvent)).all()
    assert [(event.actor, event.action, event.subject) for event in seen] == [
        (str(who.id), Deed.VIEW_ESCALATED, str(entry.id))
    ]


def test_safeguarding_writes_reads_and_notes_its_steps(signed_in: SignIn, database: Database) -> None:
    lead, who = signed_in(Role.SAFEGUARDING)
    entry = an_entry(database, State.ESCALATED, language="fr")
    page = f"/desk/entries/{entry.id}"
    assert lead.send(f"{page}/message", page, message=" ").status_code == 422
    kept = lead.send(f"{page}/message", page, message="y" * 1001)
    assert (kept.status_code, "y" * 1001 in kept.text) == (422, True)
    assert lead.send(f"{page}/message", page, reply="adult").status_code == 303
    with database.writing() as session:
        assert "adulte" in messages.thread(session, entry.id)[0].text, "in the child's language"
        messages.write(session, session.get_one(Entry, entry.id), "c'est mon cousin", from_child=True)
    assert f"{page}#care" in lead.get("/desk/safeguarding").text
    assert "c&#39;est mon cousin" in lead.get(page).text
    assert lead.send(f"{page}/read", page).status_code == 303
    assert f"{page}#care" not in lead.get("/desk/safeguarding").text
    for _ in range(2):
        assert lead.send(f"{page}/step", page, step="danger").status_code == 303
    assert who.email in lead.get(page).text
    assert lead.send(f"{page}/step", page, step="nothing").status_code == 404
    answered = lead.send(f"{page}/support", page, seen=now_of(database, entry.id).version, reason="danger_support")
    assert answered.status_code == 303
    page_then = lead.get(page).text
    assert SECRET_WORDS not in page_then, "the story itself is closed"
    assert "c&#39;est mon cousin" in page_then, "the talk is not"


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.ADMIN, Role.EDITOR])
def test_nobody_else_writes_or_notes_anything(signed_in: SignIn, database: Database, role: Role) -> None:
    browser, _who = signed_in(role)
    entry = an_entry(database, State.ESCALATED)
    for verb in ("message", "read", "step"):
        answer = browser.send(f"/desk/entries/{entry.id}/{verb}", "/desk/me", message="x", step="danger")
        assert answer.status_code == 403
    with database.reads() as session:
        assert messages.thread(session, entry.id) == []


def test_what_is_sealed_has_no_picture_anywhere_only_its_digests_for_the_role(
    signed_in: SignIn, database: Database, store: MemoryStore
) -> None:
    reader, _who = signed_in(Role.MODERATOR)
    with database.writing() as session:
        entry = make.pending(session, image=b"the picture", store=store, kind="meme", text=SECRET_WORDS)
    page = f"/desk/entries/{entry.id}"
    unsure = reader.send(f"{page}/seal", page, seen=entry.version)
    assert (unsure.status_code, now_of(database, entry.id).state) == (422, State.PENDING)
    assert reader.send(f"{page}/seal", page, seen=now_of(database, entry.id).version, sure="y").status_code == 303
    assert now_of(database, entry.id).state is State.SEALED
    assert reader.get(page).status_code == 403
    lead, who = signed_in(Role.SAFEGUARDING)
    shown = lead.get(page)
    assert entry.renditions[0]["sha256"] in shown.text
    assert SECRET_WORDS not in shown.text
    assert "<img" not in shown.text
    for browser in (reader, lead):
        assert browser.get(f"{page}/media/320.webp").status_code == 403
    with database.reads() as session:
        assert (str(who.id), Deed.VIEW_SEALED) in [(e.actor, e.action) for e in session.scalars(select(DeskEvent))]
    assert backup.write(database, store, io.BytesIO(), envelope.new_key()[1]).pictures == 0, "it may be illegal to copy"
    with database.writing() as session:
        assert list(verify.faults(session, MemoryStore())) == []
        with pytest.raises(Exception, match="not possible"):
            entries.transition(session, session.get_one(Entry, entry.id), Action.WITHDRAW, actor="child")


def test_everybody_who_reads_finds_the_procedure(signed_in: SignIn) -> None:
    for role, status in ((Role.MODERATOR, 200), (Role.SAFEGUARDING, 200), (Role.EDITOR, 403)):
        browser, _who = signed_in(role)
        assert browser.get("/desk/procedure/sealed").status_code == status
