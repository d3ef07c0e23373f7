"""A stolen database tells nothing that was not public; what was written before there were keys comes under them."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

import wsgi
from memes import encrypting, entries, messages, pictures, published, vault, verify
from memes.db import Base, Database
from memes.errors import Unreadable
from memes.keys import EntryKey
from memes.lifecycle import Action, State
from memes.models import Entry, Message
from memes.settings import Settings
from memes.vault import Keyring
from moderation import sessions
from moderation.models import Moderator
from tests import make
from tests.fakes import MemoryStore, RecordingQueue
from tests.moderation.people import moderator

#: Words of which nothing may be found; in each field another one.
CANARY = {name: f"كناري canari-{name}" for name in ("text", "caption", "alt", "note", "message", "typed")}


def furnish(database: Database) -> Entry:
    """An entry with words in every place that there is, and some in a form that came too late."""
    with database.writing() as session:
        entry = make.pending(session, **{name: CANARY[name] for name in ("text", "caption", "alt")}, image=b"x", kind="meme")
        entries.transition(session, entry, Action.ESCALATE, actor="m")
        entries.transition(session, entry, Action.SUPPORT, actor="m", reason="other", note=CANARY["note"])
        messages.write(session, entry, CANARY["message"], from_child=False)
        who = moderator(session)
        sessions.keep_work(session, who.id, "/desk/", [("note", CANARY["typed"])], entry.received_at)
    return entry


def test_a_stolen_store_shows_no_picture_and_old_ones_come_under_keys(session: Session, store: MemoryStore) -> None:
    entry = make.pending(session, store=store, image=b"RIFF....WEBPVP8 canari", kind="meme")
    waiting = make.received(session, store=store, image=b"\xff\xd8\xff canari", kind="meme")
    session.commit()
    assert not [name for name, data in store.objects.items() if re.search(rb"RIFF|WEBP|\xff\xd8\xff|canari", data)]
    database = Database(session.get_bind().engine.url.render_as_string(hide_password=False), make.KEYS)
    old = make.opened(store, entry)
    with database:
        for name, data in old.items():
            store.objects[name] = data
        store.objects["renditions/somebody/320.webp"] = b"of no entry"
        assert pictures.clean(store, None, entry.id, entry.renditions[0]) == old[f"renditions/{entry.id}/320.webp"]
        assert (encrypting.encrypt_pictures(database, store), encrypting.encrypt_pictures(database, store)) == (2, 0)
    assert make.opened(store, entry) == old
    name = pictures.rendition_key(entry.id, entry.renditions[0]["file"])
    store.objects[name] = pictures.OLDER + vault.close(entry.secret(), old[name], name)
    assert make.opened(store, entry) == old, "those from before there were pieces"
    assert waiting.source
    assert pictures.source(store, waiting.secret(), waiting.source).endswith(b"canari")


def test_a_picture_in_anothers_place_is_refused(session: Session, store: MemoryStore) -> None:
    mine, other = (make.pending(session, store=store, image=image, kind="meme") for image in (b"mine", b"another"))
    names = [pictures.rendition_key(entry.id, entry.renditions[0]["file"]) for entry in (mine, other)]
    for planted in (store.objects[names[1]], store.objects[names[0]][:-1], b"another, plain", b""):
        store.objects[names[0]] = planted
        with pytest.raises(Unreadable):
            pictures.clean(store, mine.secret(), mine.id, mine.renditions[0])
        assert list(verify.faults(session, store)) == [f"{names[0]} is not what was reviewed."]
    with pytest.raises(Unreadable):
        pictures.clean(store, None, other.id, other.renditions[0])


def said(session: Session, entry: Entry) -> list[str]:
    found = session.get_one(Entry, entry.id)
    return [found.text, found.caption, found.alt, found.note, messages.thread(session, entry.id)[0].text]


def stolen(database: Database) -> bytes:
    """Every byte of the files of SQLite, and of every row of PostgreSQL."""
    if database.url.database and database.url.get_backend_name() == "sqlite":
        path = Path(database.url.database)
        return b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))
    with database.reads() as session:
        rows = [session.scalars(text(f"SELECT t::text FROM {name} t")).all() for name in Base.metadata.tables]  # noqa: S608
    return "\n".join(line for table in rows for line in table).encode()


def found_in(data: bytes) -> list[str]:
    plain = [words for words in CANARY.values() if words.encode() in data or words.encode("unicode_escape") in data]
    return plain + [mark for mark in ("canari", "UklGR") if mark.encode() in data]


def test_a_stolen_database_holds_no_word_that_is_not_public(database: Database) -> None:
    entry = furnish(database)
    assert found_in(stolen(database)) == []
    with database.reads() as session:
        assert said(session, entry) == list(CANARY.values())[:5]
        who = session.scalars(select(Moderator)).one()
    with database.writing() as session:
        kept = sessions.take_work(session, who, entry.received_at)
        assert kept is not None
        assert kept.fields == [["note", CANARY["typed"]]]


def test_what_was_written_before_there_were_keys_is_read_and_comes_under_them(database: Database) -> None:
    entry = furnish(database)
    with database.writing() as session:
        make.as_before_keys(session)
        seen = session.get_one(Entry, entry.id).version
    with database.reads() as session:
        assert said(session, entry) == list(CANARY.values())[:5]
        assert encrypting.plain(session) == 2
    assert encrypting.encrypt(database, 1_000) == 2
    assert encrypting.encrypt(database, 1_000) == 0, "nothing is left"
    with database.reads() as session:
        assert encrypting.plain(session) == 0
        assert said(session, entry) == list(CANARY.values())[:5]
        assert session.get_one(Entry, entry.id).version == seen, "nobody has decided anything"
        kept = [session.scalars(select(column)).one() for column in (Entry.kept_text, Entry.kept_placeholder, Message.kept_text)]
        assert all(words.startswith("\x01") for words in kept)


def test_words_in_anothers_place_are_refused_and_the_page_says_so_kindly(
    database: Database, client: FlaskClient, session: Session
) -> None:
    mine, other = (make.pending(session, text=words) for words in ("قصتي", "قصة أخرى"))
    for entry in (mine, other):
        entries.transition(session, entry, Action.APPROVE, actor="m")
    session.commit()
    assert client.get(f"/fr/gallery/{mine.id}").status_code == 200
    with database.writing() as thief:
        thief.execute(update(Entry).where(Entry.id == mine.id).values(kept_text=other.kept_text))
    answer = client.get(f"/fr/gallery/{mine.id}")
    assert (answer.status_code, "قصة أخرى" in answer.text) == (500, False)
    assert client.get(f"/fr/gallery/{other.id}").status_code == 200
    with database.writing() as thief:  # with its key besides
        wrapped = select(EntryKey.wrapped).where(EntryKey.entry_id == other.id).scalar_subquery()
        thief.execute(update(EntryKey).where(EntryKey.entry_id == mine.id).values(wrapped=wrapped))
    assert client.get(f"/fr/gallery/{mine.id}").status_code == 500
    with database.reads() as reading, pytest.raises(Unreadable):
        published.published_entry(reading, mine.id)
    lists = [client.get(path).text for path in ("/fr/gallery", "/fr/", "/api/v1/gallery", "/feed.atom")]
    assert [(str(other.id) in text, str(mine.id) in text) for text in lists] == [(True, False)] * 4


def test_behind_a_damaged_row_a_list_goes_on(session: Session) -> None:
    for _ in range(3):
        entries.transition(session, make.pending(session), Action.APPROVE, actor="m")
    session.flush()
    order = [card.id for card in published.published_page(session).cards]
    session.execute(update(Entry).where(Entry.id == order[1]).values(kept_text="\x01damaged"))
    first = published.published_page(session, limit=2)
    assert [card.id for card in first.cards] == [order[0]]
    assert [card.id for card in published.published_page(session, after=first.next, limit=2).cards] == [order[2]]


def test_a_key_that_was_left_behind_goes_and_no_other(session: Session) -> None:
    gone, stays = make.pending(session), make.pending(session)
    entries.withdraw(session, gone, store=MemoryStore())
    session.add(EntryKey.new(gone.id, make.KEYS))
    session.flush()
    assert (encrypting.destroy_left_keys(session), encrypting.destroy_left_keys(session)) == (1, 0)
    assert session.scalars(select(EntryKey.entry_id)).all() == [stays.id]


@pytest.mark.parametrize("action", [Action.WITHDRAW, Action.ERASE])
def test_what_is_taken_back_or_erased_loses_its_key_at_once(session: Session, action: Action) -> None:
    gone, stays = make.pending(session), make.pending(session)
    if action is Action.WITHDRAW:
        entries.withdraw(session, gone, store=MemoryStore())
    else:
        entries.transition(session, gone, Action.DECLINE, actor="m", reason="other", note="لا")
        entries.erase(session, gone, store=MemoryStore())
    session.commit()
    assert session.scalars(select(EntryKey.entry_id)).all() == [stays.id]
    session.expire_all()
    found = session.get_one(Entry, gone.id)
    assert (found.text, found.note, found.key) == ("", "", None)
    assert session.get_one(Entry, stays.id).text


def test_wrapping_keys_are_changed_without_touching_an_entry(database: Database) -> None:
    old, new = make.KEYS, Keyring((b"n" * 32,))
    entry = furnish(database)
    both = Database(database.url.render_as_string(hide_password=False), Keyring(new.keys + old.keys))
    alone = Database(database.url.render_as_string(hide_password=False), new)
    with both, alone:
        with both.reads() as session:
            assert encrypting.keys_fit(session)
            assert said(session, entry) == list(CANARY.values())[:5]
        with alone.reads() as session:
            assert not encrypting.keys_fit(session)
        assert encrypting.encrypt(both, 1_000) == 1
        with alone.reads() as session:
            assert encrypting.keys_fit(session)
            assert said(session, entry) == list(CANARY.values())[:5]
    with database.reads() as session:
        assert not encrypting.keys_fit(session), "the old one opens nothing any more"


def test_a_wrong_wrapping_key_is_said_and_destroys_nothing(settings: Settings, database: Database) -> None:
    entry = furnish(database)
    wrong = wsgi.create_app(
        replace(settings, entry_keys=Keyring((b"x" * 32,))), media=MemoryStore(), queue=RecordingQueue()
    )
    with wrong.extensions["instamemes"].database as lost:
        answer = wrong.test_client().get("/readyz")
        assert (answer.status_code, answer.get_json()["keys"]) == (503, False)
        with pytest.raises(Unreadable), lost.reads() as session:
            said(session, entry)
        assert encrypting.encrypt(lost, 1_000) == 0
    with database.reads() as session:
        assert said(session, entry) == list(CANARY.values())[:5]
        assert session.get_one(Entry, entry.id).state is State.SUPPORTED
