"""Words between the team and a child nobody knows."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from memes import entries, messages, privacy, receipts
from memes.db import Database
from memes.errors import Incomplete, NotAllowed
from memes.lifecycle import Action, State
from memes.models import Entry
from tests import make
from tests.fakes import MemoryStore

CODE = "1234567890123456"


def cared_for(session: Session, **changes: object) -> Entry:
    """An escalated entry with a receipt."""
    entry = make.pending(session, receipt=receipts.digest("k" * 64, CODE), **changes)  # type: ignore[arg-type]
    entries.transition(session, entry, Action.ESCALATE, actor="m")
    return entry


def test_the_team_begins_the_child_answers_and_nothing_waits_unread_for_ever(session: Session) -> None:
    entry = cared_for(session)
    with pytest.raises(NotAllowed):
        messages.write(session, entry, "is anybody there?", from_child=True)
    messages.write(session, entry, "We have read it.", from_child=False)
    assert messages.unread(session) == []
    for words in ("thank you", "he wrote again"):
        messages.write(session, entry, words, from_child=True)
    assert messages.unread(session) == [entry.id]
    entries.transition(session, entry, Action.SUPPORT, actor="m", reason="danger_support")
    messages.write(session, entry, "it goes on", from_child=True)
    messages.write(session, entry, "We are here.", from_child=False)
    assert messages.unread(session) == []
    said = messages.thread(session, entry.id)
    assert [message.from_child for message in said] == [False, True, True, True, False]
    assert {message.week for message in said} == {privacy.week_of(privacy.now()).date()}


def test_there_is_an_end_to_length_and_number_and_no_hidden_letters(session: Session) -> None:
    entry = cared_for(session)
    messages.write(session, entry, "We have \u202eread it.", from_child=False)
    assert messages.thread(session, entry.id)[0].text == "We have read it."
    for words in ("", " \u200b ", "x" * (messages.LIMIT + 1)):
        with pytest.raises(Incomplete):
            messages.write(session, entry, words, from_child=True)
    for _ in range(messages.MOST):
        messages.write(session, entry, "x", from_child=True)
    with pytest.raises(NotAllowed):
        messages.write(session, entry, "x", from_child=True)


@pytest.mark.parametrize("state", [state for state in State if state not in messages.OPEN])
def test_nobody_talks_about_anything_else(session: Session, state: State) -> None:
    entry = make.pending(session)
    entry._moved(state)
    for from_child in (True, False):
        with pytest.raises(NotAllowed):
            messages.write(session, entry, "words", from_child=from_child)


def test_taking_it_back_erases_every_word(session: Session, store: MemoryStore) -> None:
    entry = cared_for(session)
    messages.write(session, entry, "We have read it.", from_child=False)
    entries.withdraw(session, entry, store=store)
    assert messages.thread(session, entry.id) == []


def test_the_receipt_page_shows_the_talk_and_takes_an_answer(client: FlaskClient, database: Database) -> None:
    with database.writing() as session:
        entry = cared_for(session)
    assert 'id="message"' not in client.post("/en/receipt", data={"receipt": CODE}).text
    with database.writing() as session:
        messages.write(session, session.get_one(Entry, entry.id), "We have read it.", from_child=False)
    page = client.post("/en/receipt", data={"receipt": CODE})
    assert "We have read it." in page.text
    assert page.headers["Cache-Control"] == "no-store"
    refused = client.post("/en/receipt/message", data={"receipt": CODE, "message": "y" * 1001})
    assert (refused.status_code, "y" * 1001 in refused.text) == (422, True), "what was typed is kept"
    answer = client.post("/en/receipt/message", data={"receipt": CODE, "message": "شكرا"})
    assert (answer.status_code, "شكرا" in answer.text) == (200, True)
    told = client.post("/api/v1/receipts", json={"receipt": CODE}).json
    assert told is not None
    assert [(said["from"], said["text"]) for said in told["messages"]] == [("team", "We have read it."), ("child", "شكرا")]
    assert client.post("/en/receipt/message", data={"receipt": "0" * 16, "message": "x"}).status_code == 404
