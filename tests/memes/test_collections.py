"""Collections: made without an account, shown as long as their entries are public, silent until their words are read."""

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from memes import collections, entries, privacy
from memes.collections import Wording, WordsRefused
from memes.db import Database
from memes.errors import StaleDecision
from memes.models import Entry
from memes.school_models import Collection, CollectionItem, Words
from memes.schools.collections import views
from tests.fakes import MemoryStore
from tests.memes.test_gallery import approved

KEY = "k" * 64
ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
EDIT, NEW = "/en/schools/collections/edit", "/en/schools/collections/new"


def made(session: Session, *put: Entry, **words: str) -> Collection:
    collection, _key = collections.begin(session, KEY, Wording(**{"title": "For 6A", "language": "en"} | words))  # type: ignore[arg-type]
    for entry in put:
        collections.add(session, collection, entry.id)
    session.commit()
    return collection


def key_in(page: TestResponse) -> str:
    found = re.search(r"schools/collections#(\d{16})", page.text)
    assert found, page.text
    return found[1]


def order(page: str, *put: Entry) -> list[int]:
    """In which order the entries stand on a page."""
    places = {page.index(str(entry.id)): number for number, entry in enumerate(put) if str(entry.id) in page}
    return [places[place] for place in sorted(places)]


def test_a_collection_is_made_filled_ordered_and_shown(client: FlaskClient, session: Session) -> None:
    put = [approved(session, text=f"story {number}", theme="hate") for number in range(3)]
    key = key_in(client.post(NEW, data={"title": "Our lesson", "language": "en", "theme": "hate"}))
    words = {"key": key, "title": "Our lesson", "language": "en", "theme": "hate"}
    for entry in put:
        answer = client.post(EDIT, data=words | {"do": f"add:{entry.id}"})
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    short = re.search(r"/en/c/(\d{8})", answer.text)
    assert short
    public = f"/en/c/{short[1]}"
    assert order(client.get(public).text, *put) == [0, 1, 2]

    note = {f"note-{put[2].id}": "What would you do?"}
    client.post(EDIT, data=words | note | {"do": f"up:{put[2].id}"})
    client.post(EDIT, data=words | note | {"do": f"down:{put[0].id}"})
    client.post(EDIT, data=words | note | {"do": f"up:{put[2].id}"})  # it is the first already
    page = client.get(public)
    assert order(page.text, *put) == [2, 0, 1]
    assert "Our lesson" not in page.text
    assert "What would you do?" not in page.text, "nobody has read it yet"
    assert "<h1>Hate" in page.text
    assert "Set-Cookie" not in page.headers

    with_note = client.post(EDIT, data={"key": key})
    assert "What would you do?" in with_note.text
    client.post(EDIT, data=words | note | {"do": f"remove:{put[0].id}"})
    assert order(client.get(public).text, *put) == [2, 1]
    client.post(EDIT, data=words | {"do": "address", "address": f"https://example.org/fr/gallery/{put[0].id}"})
    assert order(client.get(public).text, *put) == [2, 1, 0]

    client.post(EDIT, data=words | {"do": "give-up"})
    assert client.get(public).status_code == 200, "it asks first"
    client.post(EDIT, data=words | {"do": "give-up", "confirm": "yes"})
    assert client.get(public).status_code == 404


def test_what_a_child_takes_back_is_gone_at_once_and_its_note_is_forgotten(
    client: FlaskClient, session: Session, store: MemoryStore
) -> None:
    kept, taken, not_for_schools = (approved(session, text=f"told {number}") for number in range(3))
    collection = made(session, kept, taken, not_for_schools)
    collections.write(session, collection, Wording("For 6A", language="en", notes={str(taken.id): "about it"}))
    session.commit()
    assert len(collections.items(session, collection)) == 3
    not_for_schools.consent_schools = False
    entries.withdraw(session, taken, store=store)
    session.commit()
    page = client.get(f"/fr/c/{collection.short}").text
    assert order(page, kept, taken, not_for_schools) == [0]
    collections.expire(session)
    session.commit()
    assert set(session.scalars(select(CollectionItem.entry_id))) == {kept.id, not_for_schools.id}


def test_its_words_are_public_once_somebody_has_read_these_words(client: FlaskClient, session: Session) -> None:
    entry = approved(session)
    collection = made(session, entry, note="For a start")
    assert [found.short for found in collections.unread(session)] == [collection.short]
    seen = collection.version
    collections.judge(session, collection.short, Words.SHOWN, seen=seen)
    session.commit()
    assert "For a start" in client.get(f"/en/c/{collection.short}").text
    assert not collections.unread(session)

    collections.write(session, collection, Wording("For 6A", "For a start", "en"))
    assert collection.words is Words.SHOWN, "nothing is new"
    collections.write(session, collection, Wording("For 6B", "For a start", "en"))
    session.commit()
    page = client.get(f"/en/c/{collection.short}").text
    assert "For 6B" not in page
    assert "For a start" not in page
    with pytest.raises(StaleDecision):
        collections.judge(session, collection.short, Words.SHOWN, seen=seen)
    collections.judge(session, collection.short, Words.HIDDEN, seen=collection.version)
    assert collections.shown(session, collection.short).title == ""  # type: ignore[union-attr]


def test_an_entry_that_joins_later_sends_words_about_others_back_to_be_read(session: Session) -> None:
    first, second = approved(session), approved(session, text="somebody else's")
    collection = made(session, first, note="For a start")
    collections.judge(session, collection.short, Words.SHOWN, seen=collection.version)
    collections.remove(session, collection, first.id)
    collections.add(session, collection, first.id)
    assert (collection.words, collections.unread(session)) == (Words.WAITING, [collection])
    seen = collection.version
    collections.add(session, collection, second.id)
    with pytest.raises(StaleDecision):
        collections.judge(session, collection.short, Words.SHOWN, seen=seen)
    collections.judge(session, collection.short, Words.SHOWN, seen=collection.version)
    collections.move(session, collection, second.id, -1)
    collections.add(session, collection, second.id)
    collections.remove(session, collection, second.id)
    assert collection.words is Words.SHOWN
    collections.judge(session, collection.short, Words.HIDDEN, seen=collection.version)
    collections.add(session, collection, second.id)
    assert collection.words is Words.HIDDEN


@pytest.mark.parametrize(
    ("words", "problems"),
    [
        ({"title": " \u200b "}, {"title": "empty"}),
        ({"title": "x" * 81, "note": "y" * 301}, {"title": "too_long", "note": "too_long"}),
        ({"title": "Appelez 06 12 34 56 78"}, {"title": "contact"}),
        ({"title": "ok", "note": "écrire à prof@example.org"}, {"note": "contact"}),
        ({"title": "ok", "notes": {"e": "https://example.org/x", "f": "fine"}}, {"e": "contact"}),
        ({"title": "تابعوا @prof_de_6A"}, {"title": "contact"}),
    ],
)
def test_a_notice_board_is_refused(words: dict[str, str], problems: dict[str, str]) -> None:
    with pytest.raises(WordsRefused) as refused:
        Wording(**words).cleaned()  # type: ignore[arg-type]
    assert refused.value.problems == problems


@ONE_DATABASE
def test_refused_words_are_kept_on_the_page_and_nowhere_else(client: FlaskClient, session: Session) -> None:
    answer = client.post(NEW, data={"title": "Call 0612345678", "note": "a note"})
    assert answer.status_code == 422
    assert 'value="Call 0612345678"' in answer.text
    assert "a note</textarea>" in answer.text
    assert session.scalar(select(func.count()).select_from(Collection)) == 0

    entry = approved(session)
    key = key_in(client.post(NEW, data={"title": "ok"}))
    client.post(EDIT, data={"key": key, "title": "ok", "do": f"add:{entry.id}"})
    answer = client.post(EDIT, data={"key": key, "title": "ok", f"note-{entry.id}": "me@example.org", "do": "save"})
    assert answer.status_code == 422
    assert "me@example.org</textarea>" in answer.text
    assert answer.text.count("Everybody sees this text") == 2, "beside the note, and above all"
    assert session.scalars(select(CollectionItem.note)).all() == [""]


@ONE_DATABASE
def test_nothing_but_what_schools_may_see_can_be_added(
    client: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    private = approved(session, consent_schools=False)
    key = key_in(client.post(NEW, data={"title": "ok"}))
    for wanted in (f"add:{private.id}", f"add:{uuid4()}", "add:nonsense", "address"):
        answer = client.post(EDIT, data={"key": key, "title": "ok", "do": wanted})
        assert answer.status_code == 422
        assert "not in the gallery" in answer.text
    monkeypatch.setattr(collections, "MOST", 1)
    for entry, status in ((approved(session), 200), (approved(session), 422)):
        assert client.post(EDIT, data={"key": key, "title": "ok", "do": f"add:{entry.id}"}).status_code == status


@ONE_DATABASE
def test_a_key_is_typed_forgivingly_kept_nowhere_and_not_to_be_guessed(
    client: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = key_in(client.post(NEW, data={"title": "ok"}))
    assert key.encode() not in session.scalars(select(Collection.digest)).one()
    session.rollback()  # a writer of SQLite waits for it
    arabic = key.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    for typed in (f"{key[:4]} {key[4:8]}-{key[8:12]} {key[12:]}", arabic, f"http://localhost/fr/schools/collections#{key}"):
        assert client.post(EDIT, data={"key": typed}).status_code == 200
    monkeypatch.setattr("memes.schools.forms.WRONG_KEYS", 2)
    answers = [client.post(EDIT, data={"key": typed}).status_code for typed in ("1" * 16, "", "x", key)]
    assert answers == [404, 404, 404, 429]


@ONE_DATABASE
def test_a_network_makes_so_many_in_a_day(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "MOST_NEW", 2)
    answers = [client.post(NEW, data={"title": "My words"}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert "My words" in answers[-1].text


def test_what_nobody_uses_expires(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = approved(session)
    collection, key = collections.begin(session, KEY, Wording("old"))
    collections.add(session, collection, entry.id)
    session.commit()
    real = privacy.now
    later: Callable[[int], None] = lambda days: monkeypatch.setattr(privacy, "now", lambda: real() + timedelta(days=days))  # noqa: E731
    later(390)
    assert collections.opened(session, KEY, key) is collection
    session.commit()
    later(780)
    collections.expire(session)
    assert collections.shown(session, collection.short) is not None, "it was used meanwhile"
    later(1200)
    assert collections.shown(session, collection.short) is None
    collections.expire(session)
    session.commit()
    session.expire_all()
    assert session.get(Collection, collection.short) is None
    assert session.scalar(select(func.count()).select_from(CollectionItem)) == 0


def test_what_a_teacher_wrote_cannot_become_markup(client: FlaskClient, database: Database) -> None:
    with database.writes() as session:
        collection = made(session, approved(session), title="<script>alert(1)</script>", note='"><img src=x>')
        collections.judge(session, collection.short, Words.SHOWN, seen=collection.version)
        session.commit()
    page = client.get(f"/ar/c/{collection.short}").text
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert client.get("/ar/c/00000000").status_code == 404
