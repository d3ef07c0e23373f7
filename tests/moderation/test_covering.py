"""The page where something is covered or marked, and what the child is told of it."""

import re

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from memes import entries, log
from memes.db import Database
from memes.lifecycle import Action, State
from memes.models import Entry
from memes.receipts import digest
from memes.redaction import Span
from memes.settings import Settings
from moderation import desk
from moderation.roles import Role
from tests import make
from tests.fakes import MemoryStore, RecordingQueue
from tests.moderation.conftest import SignIn
from tests.moderation.people import moderator

CODE = "1234567890123456"
FACE = [0.1, 0.2, 0.3, 0.4]
BOX = {"box-0-x": "10", "box-0-y": "20,5", "box-0-width": "30", "box-0-height": "40", "box-0-kind": "face"}


def a_meme(database: Database, store: MemoryStore, settings: Settings) -> Entry:
    with database.writing() as session:
        entry = make.pending(session, store=store, image=b"picture", kind="meme", language="fr", text="Karim au lycée\nici",
                             alt="un dessin", receipt=digest(settings.secret_key, CODE))  # fmt: skip
        entry.faces = [FACE]
    return entry


def now(database: Database, entry: Entry) -> Entry:
    with database.reads() as session:
        return session.get_one(Entry, entry.id)


def test_boxes_and_words_are_covered_and_somebody_else_decides(
    signed_in: SignIn,
    database: Database,
    store: MemoryStore,
    queue: RecordingQueue,
    settings: Settings,
    client: FlaskClient,
) -> None:
    entry, (browser, who) = a_meme(database, store, settings), signed_in(Role.MODERATOR)
    path = f"/desk/entries/{entry.id}/cover"
    assert f'href="{path}"' in browser.get(f"/desk/entries/{entry.id}").text
    page = browser.get(path).text
    assert '<rect x="0.1" y="0.2" width="0.3" height="0.4"/>' in page
    assert 'name="box-0-x" value="10.0"' in page
    assert re.findall(r'value="(text:\d+:\d+)"', page) == ["text:0:5", "text:6:8", "text:9:14", "text:15:18"]
    seen = now(database, entry).version
    answer = browser.send(path, path, seen=seen, words=["text:0:5", "text:9:14:school"], words_kind="name", **BOX)
    assert answer.status_code == 303
    after = now(database, entry)
    assert (after.state, after.text) == (State.RECEIVED, "[…] au […]\nici")
    assert queue.asked == [entry.id]
    assert [item.get("box") for item in after.redactions] == [[0.1, 0.205, 0.3, 0.4], None, None]
    with database.writing() as session:
        clean = make.clean_image(entry.id, b"covered", store)
        assert entries.settle(session, entry.id, after.source, clean, store=store)
    shown = browser.get(f"/desk/entries/{entry.id}").text
    assert "/decline" in shown
    assert "وجه" in re.findall(r"<li><bdi>[^<]*</bdi>[^<]*\(([^)]*)\)", shown)[0]
    assert browser.decide(entry.id, "approve", seen=now(database, entry).version, alt="un dessin").status_code == 303
    assert now(database, entry).state is State.PENDING  # a first yes, and not enough
    told = client.post("/en/receipt", data={"receipt": CODE}).text
    assert "In the picture: a face" in told
    assert "In the words: a school" in told
    colleague, _ = signed_in(Role.MODERATOR)
    assert colleague.decide(entry.id, "approve", seen=now(database, entry).version, alt="un dessin").status_code == 303
    assert now(database, entry).state is State.APPROVED
    with database.reads() as session:
        lines = {event.action: event.actor for event in log.of_entry(session, entry.id)}
    assert lines[Action.REDACT] == str(who.id) != lines[Action.APPROVE]


def test_what_is_wrong_is_said_and_nothing_drawn_or_chosen_is_lost(
    signed_in: SignIn, database: Database, store: MemoryStore, settings: Settings
) -> None:
    entry, (browser, _) = a_meme(database, store, settings), signed_in(Role.MODERATOR)
    path, seen = f"/desk/entries/{entry.id}/cover", entry.version
    empty = browser.send(path, path, seen=seen)
    assert empty.status_code == 422
    assert 'id="redaction-error"' in empty.text
    beyond = browser.send(
        path,
        path,
        seen=seen,
        words="text:0:5:phone",
        words_kind="place",
        **{**BOX, "box-7-x": "90", "box-7-y": "1", "box-7-width": "30", "box-7-height": "3", "box-7-kind": "other"},
    )
    assert beyond.status_code == 422
    assert 'id="boxes-error"' in beyond.text
    assert 'name="box-7-x" value="90"' in beyond.text
    assert 'value="text:0:5:phone" checked' in beyond.text
    for words in ("text:0:99", "text:x:2", "note:0:1", "text:0:5:nose"):
        assert 'id="words-error"' in browser.send(path, path, seen=seen, words=words, words_kind="name").text
    stale = browser.send(path, path, seen=seen - 1, **BOX)
    assert stale.status_code == 409
    assert now(database, entry).redactions == []


def test_marked_places_are_shown_to_the_child_alone(
    signed_in: SignIn, database: Database, store: MemoryStore, settings: Settings, client: FlaskClient
) -> None:
    entry, (browser, _) = a_meme(database, store, settings), signed_in(Role.MODERATOR)
    seen = entry.version
    missing = browser.decide(entry.id, "ask-changes", seen=seen, **BOX)
    assert missing.status_code == 422
    assert '<input type="hidden" name="box-0-x" value="10">' in missing.text
    assert browser.decide(entry.id, "ask-changes", seen=seen, reason="face", **BOX).status_code == 303
    assert now(database, entry).marks == [[0.1, 0.205, 0.3, 0.4]]
    page = client.post("/ar/receipt", data={"receipt": CODE})
    assert page.headers["Cache-Control"] == "no-store"
    assert page.text.count('class="marked__box"') == 1
    assert "data:image/webp;base64,cGljdHVyZQ==" in page.text
    assert client.get(f"/media/{entry.id}/320.webp").status_code == 404
    assert client.post("/api/v1/receipts", json={"receipt": CODE}).json["marks"] == [[0.1, 0.205, 0.3, 0.4]]  # type: ignore[index]
    store.objects.clear()
    assert "marked__box" not in client.post("/ar/receipt", data={"receipt": CODE}).text


def test_only_who_may_cover_comes_to_the_page(
    signed_in: SignIn, database: Database, store: MemoryStore, settings: Settings
) -> None:
    entry = a_meme(database, store, settings)
    for role in Role:
        browser, _ = signed_in(role)
        may = role in (Role.MODERATOR, Role.SAFEGUARDING, Role.ADMIN)
        assert (browser.get(f"/desk/entries/{entry.id}/cover").status_code == 200) is may, role
    with database.writing() as session:
        entries.transition(session, session.get_one(Entry, entry.id), Action.DECLINE, actor="m", reason="face")
    assert browser.get(f"/desk/entries/{entry.id}/cover").status_code == 403


def test_who_covered_does_not_approve_alone(session: Session) -> None:
    who, other = moderator(session), moderator(session)
    entry = make.pending(session, text="Karim dit non")
    desk.redact(session, entry, who, entry.version, [], [(Span("text", 0, 5), "name")], queue=RecordingQueue())
    assert entries.settle(session, entry.id, None, None, store=MemoryStore())
    desk.approve(session, entry, who, entry.version)
    assert entry.state is State.PENDING
    desk.approve(session, entry, other, entry.version)
    assert entry.state is State.APPROVED


def test_what_the_guard_found_is_underlined_and_covered_with_one_press(
    signed_in: SignIn, database: Database, store: MemoryStore
) -> None:
    with database.writing() as session:
        entry = make.pending(session, store=store, language="fr", text="Hamza m'a dit : appelle le 0612345678, connard")
    browser, _ = signed_in(Role.MODERATOR)
    review = browser.get(f"/desk/entries/{entry.id}").text
    marks = re.findall(r'<mark class="found found--(\w+)" title="[^"]+">(.*?)<bdi class="sr">', review)
    assert marks == [("private", "Hamza"), ("private", "0612345678"), ("insult", "connard")]
    path = f"/desk/entries/{entry.id}/cover"
    found = re.findall(r'value="([^"]+)" autocomplete="off" data-found', browser.get(path).text)
    assert found == ["text:0:5:name", "text:27:37:phone"]
    assert browser.send(path, path, seen=entry.version, words=found).status_code == 303
    after = now(database, entry)
    assert after.text == "[…] m'a dit : appelle le […], connard"
    assert [item["kind"] for item in after.redactions] == ["phone", "name"]
