"""What is sealed goes into a box for two people away from the server; nobody on the server can open it any more."""

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import select

from memes import encrypting, entries, messages, sealing, seals, verify
from memes.db import Database
from memes.errors import StoreUnavailable
from memes.keys import EntryKey
from memes.lifecycle import Action, State
from memes.models import Entry, Message
from memes.seals import Holders
from moderation.roles import Role
from moderation.safeguarding import care
from tests import make
from tests.fakes import MemoryStore
from tests.moderation.conftest import SignIn
from workers import housekeeping

A, B = seals.new_key(), seals.new_key()
HOLDERS = Holders.parse(f"{A[1]},{B[1]}", "KEYS")
PICTURE = b"RIFF TEST-ILLEGAL WEBP"


@pytest.fixture
def with_holders(app: Flask) -> None:
    parts = app.extensions["instamemes"]
    app.extensions["instamemes"] = replace(parts, settings=replace(parts.settings, seal_holders=HOLDERS))


def a_meme(database: Database, store: MemoryStore) -> Entry:
    """One that has been talked about with safeguarding, and has come back."""
    with database.writing() as session:
        entry = make.pending(session, image=PICTURE, store=store, kind="meme", text="", caption="canary caption", alt="canary alt")
        entries.transition(session, entry, Action.ESCALATE, actor="m")
        messages.write(session, entry, "canary message", from_child=False)
        entries.transition(session, entry, Action.RETURN, actor="m")
    return entry


def sealed(database: Database, store: MemoryStore) -> Entry:
    entry = a_meme(database, store)
    with database.writing() as session:
        entries.transition(session, session.get_one(Entry, entry.id), Action.SEAL, actor="m")
    return entry


@contextmanager
def away(store: MemoryStore) -> Iterator[None]:
    def refuse(*_told: object) -> None:
        raise StoreUnavailable("away")

    put, store.put = store.put, refuse  # type: ignore[method-assign]
    try:
        yield
    finally:
        store.put = put  # type: ignore[method-assign]


def test_sealing_closes_the_box_destroys_the_key_and_says_so(
    signed_in: SignIn, database: Database, store: MemoryStore, with_holders: None
) -> None:
    entry = a_meme(database, store)
    page = f"/desk/entries/{entry.id}"
    reader, _who = signed_in(Role.MODERATOR)
    with database.reads() as session:
        seen = session.get_one(Entry, entry.id).version
    assert reader.send(f"{page}/seal", page, seen=seen, sure="y").status_code == 303
    assert [key for key in store.objects if not key.startswith("tombstones/")] == [sealing.box_key(entry.id)]
    with database.reads() as session:
        row = session.get_one(Entry, entry.id)
        assert (row.state, row.key, row.caption, row.alt, row.placeholder) == (State.SEALED, None, "", "", "")
        assert session.scalars(select(EntryKey)).all() == session.scalars(select(Message)).all() == []
        assert list(verify.faults(session, store)) == []
        assert verify.open_seals(session) == 0
    box = store.objects[sealing.box_key(entry.id)]
    assert not [canary for canary in (b"canary", b"RIFF", b"TEST-ILLEGAL") if canary in box]
    files = seals.opened(box, (A[0], B[0]))
    told = json.loads(files["words.json"])
    assert (told["caption"], told["alt"]) == ("canary caption", "canary alt")
    assert told["messages"] == [{"from_child": False, "text": "canary message"}]
    assert files["320.webp"] == PICTURE
    lead, _lead = signed_in(Role.SAFEGUARDING)
    shown = lead.get(page).text
    assert hashlib.sha256(PICTURE).hexdigest() in shown, "the proof of what was there"
    assert "بمفتاحَي شخصين معًا" in shown
    assert "لا مفاتيح بعيدة عن الخادم" not in lead.get("/desk/safeguarding").text
    assert "بمفتاحَي شخصين معًا" in lead.get("/desk/procedure/sealed").text


def test_without_holders_it_is_hidden_as_ever_and_the_desk_says_what_that_means(
    signed_in: SignIn, database: Database, store: MemoryStore
) -> None:
    entry = sealed(database, store)
    lead, _who = signed_in(Role.SAFEGUARDING)
    assert "لا مفاتيح بعيدة عن الخادم" in lead.get("/desk/safeguarding").text
    assert "بمفتاحَي شخصين معًا" not in lead.get(f"/desk/entries/{entry.id}").text
    with database.reads() as session:
        assert verify.open_seals(session) == 1
        assert list(verify.faults(session, store)) == []
    assert sealing.close_rest(database, None, store) == 1
    assert not list(store.keys(sealing.PREFIX))


def test_what_is_sealed_comes_page_by_page_and_none_is_lost(
    signed_in: SignIn, database: Database, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(care, "PAGE_SIZE", 2)
    there = sorted(str(sealed(database, store).id) for _ in range(5))
    lead, _who = signed_in(Role.SAFEGUARDING)
    address, seen = "/desk/safeguarding", []
    for wanted in (2, 2, 1):
        text = lead.get(address).text
        found = re.findall(r'href="/desk/entries/([0-9a-f-]{36})"', text)
        assert len(found) == wanted
        seen += found
        address = unescape((re.findall(r'href="(/desk/safeguarding\?after=[^"#]+)#sealed"', text) or [""])[0])
    assert (seen, address) == (there, "")
    assert f"/desk/entries/{there[0]}" in lead.get("/desk/safeguarding?after=nowhere").text, "a broken place is the start"


def test_what_could_not_be_closed_at_once_is_closed_soon_after(database: Database, store: MemoryStore) -> None:
    entry = sealed(database, store)
    with away(store), database.writing() as session:
        sealing.close(session, session.get_one(Entry, entry.id), HOLDERS, store=store)
    with database.reads() as session:
        assert sealing.is_open(session.get_one(Entry, entry.id)), "hidden, and nothing is lost"
        assert session.get_one(Entry, entry.id).caption == "canary caption"
    assert (sealing.close_rest(database, HOLDERS, store), sealing.close_rest(database, HOLDERS, store)) == (1, 0)
    with database.reads() as session:
        assert not sealing.is_open(session.get_one(Entry, entry.id))
        del store.objects[sealing.box_key(entry.id)]
        assert list(verify.faults(session, store)) == [f"{sealing.box_key(entry.id)} is missing."]


def test_a_picture_that_was_left_behind_never_gives_a_sealed_entry_a_key_again(database: Database, store: MemoryStore) -> None:
    entry = sealed(database, store)
    sealing.close_rest(database, HOLDERS, store)
    box = store.objects[sealing.box_key(entry.id)]
    store.objects[f"renditions/{entry.id}/320.webp"] = PICTURE  # as it lay there before there were keys
    assert encrypting.encrypt_pictures(database, store) == 0
    assert sealing.close_rest(database, HOLDERS, store) == 0
    assert store.objects[sealing.box_key(entry.id)] == box


def test_a_box_whose_row_was_never_committed_is_tidied_away_and_every_other_stays(
    database: Database, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, undone = sealed(database, store), a_meme(database, store)
    sealing.close_rest(database, HOLDERS, store)
    store.objects[sealing.box_key(undone.id)] = b"the process died before the commit"
    monkeypatch.setattr(store, "written", dict.fromkeys(store.objects, housekeeping.privacy.now() - 2 * housekeeping.ORPHAN_AGE))
    housekeeping.remove_orphans(database, store)
    assert list(store.keys(sealing.PREFIX)) == [sealing.box_key(kept.id)]
    with database.reads() as session:
        assert session.get_one(Entry, undone.id).caption == "canary caption"
