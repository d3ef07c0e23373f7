"""Whole pages are kept, and none is answered that has changed since."""

import gzip
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given
from hypothesis import settings as rounds
from hypothesis import strategies as st
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

import wsgi
from memes import collections, entries, help, kept, pages, privacy, public_state, published
from memes.db import Database
from memes.lifecycle import Action
from memes.models import Entry
from memes.settings import Settings
from tests import make
from tests.fakes import MemoryStore, RecordingQueue
from tests.memes.everything import STEPS, everything
from tests.memes.test_gallery import approved

ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
#: A cookie makes a request one that is never answered from memory.
ANEW = {"Cookie": "of=another"}


@pytest.fixture(autouse=True)
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """The minute does not turn while a test looks."""
    now = privacy.now()
    monkeypatch.setattr(privacy, "now", lambda: now)


def pages_of(app: Flask) -> dict[str, kept.Page]:
    """What is kept now: page by path."""
    return {address[3]: page for address, page in app.extensions["instamemes_kept"]._pages.items()}


def from_memory(app: Flask, client: FlaskClient, path: str) -> bool:
    """Whether the next answer is one that was kept."""
    before = pages_of(app).get(path.partition("?")[0])
    client.get(path)
    return before is not None and pages_of(app).get(path.partition("?")[0]) is before


def told(answer: TestResponse) -> tuple[int, bytes, dict[str, str]]:
    """All of an answer but the time, which the server adds where we do not, and how far it was compressed."""
    assert answer.content_length in (None, len(answer.data))
    packed = answer.headers.get("Content-Encoding") == "gzip"
    headers = {name: value for name, value in answer.headers.items() if name not in ("Date", "Content-Length")}
    return answer.status_code, gzip.decompress(answer.data) if packed else answer.data, headers


def forget(database: Database) -> None:
    """What a process has at hand to make pages of."""
    database.remembered.clear()
    pages._made.cache_clear()
    published._card.cache_clear()


@pytest.fixture
def read_tables(database: Database, app: Flask) -> Iterator[set[str]]:
    """The tables that are read, as they are read."""
    found: set[str] = set()
    engine = app.extensions["instamemes"].database.engine

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        found.update(re.findall(r"(?:FROM|JOIN) \"?(\w+)", statement))

    event.listen(engine, "before_cursor_execute", note)
    yield found
    event.remove(engine, "before_cursor_execute", note)


def watched(session: Session) -> dict[str, set[str]]:
    """Table -> events upon which the word changes, as the database has its triggers."""
    names = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'public_state%'"
    if session.get_bind().dialect.name == "postgresql":
        names = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O' AND tgname LIKE 'public_state%'"
    found: dict[str, set[str]] = {}
    for name in session.scalars(text(names)):
        table, _, event = name.removeprefix("public_state_").rpartition("_")
        found.setdefault(table, set()).add(event)
    return found


def test_every_table_that_a_kept_page_reads_is_watched_and_every_such_page_is_kept(
    app: Flask, client: FlaskClient, session: Session, read_tables: set[str]
) -> None:
    paths = everything(session)
    assert paths.keys() == kept.PAGES
    for endpoint, path in paths.items():
        assert app.url_map.bind("localhost").match(path)[0] == endpoint
        assert client.get(path).status_code == 200, path
        assert from_memory(app, client, path), path
        assert told(client.get(path)) == told(client.get(path, headers=ANEW)), path
    tables = watched(session)
    assert read_tables - {"public_state", "public_totals"} == tables.keys()
    every = {"insert", "update", "delete"} | ({"truncate"} if session.get_bind().dialect.name == "postgresql" else set())
    assert {table: every - events for table, events in tables.items() if every - events} == {"entry_keys": {"insert"}}


def test_the_word_changes_with_every_change_and_only_once_it_is_committed(database: Database) -> None:
    with database.writes() as session:
        everything(session)
    with database.reads() as session:
        tables = sorted(watched(session))
    statements = ["UPDATE {0} SET {1} = {1}".format(*pair) for pair in COLUMNS.items()]  # noqa: S608
    statements += list(map("DELETE FROM {}".format, COLUMNS))
    assert tables == sorted(COLUMNS)
    for statement in statements:
        before = public_state.now(database)
        with database.writes() as session:
            session.execute(text(statement))
            session.rollback()
        assert public_state.now(database) == before, statement
        with database.writing() as session:
            assert session.execute(text(statement)).rowcount, statement  # type: ignore[attr-defined]
            if session.get_bind().dialect.name == "postgresql":
                assert public_state.seen(session) == before, "last of all"
        assert public_state.now(database) != before, statement


#: A column of each table, in an order in which they can be emptied.
COLUMNS = {
    "collection_items": "note", "collections": "title", "article_versions": "day", "articles": "slug", "attachments": "size",
    "help_confirmations": "channel", "monthly_figures": "month", "settings": "name", "entry_keys": "wrapped", "entries": "theme",
}  # fmt: skip


def test_what_is_sent_and_read_changes_no_word_until_it_is_public(database: Database) -> None:
    before = public_state.now(database)
    with database.writing() as session:
        shown, declined = make.pending(session), make.pending(session, consent_gallery=False)
        entries.transition(session, declined, Action.APPROVE, actor="m")
    assert (public_state.now(database), len(str(before))) == (before, 32)
    with database.writing() as session:
        entries.transition(session, session.get_one(Entry, shown.id), Action.APPROVE, actor="m")
    assert public_state.now(database) != before


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_who_publishes_does_not_wait_for_another_who_has_not_committed(database: Database) -> None:
    with database.writing() as session:
        ids = [make.pending(session).id for _ in range(2)]
    with database.writes() as slow, database.writes() as quick:
        slow.execute(text("UPDATE entries SET state = 'approved', published_on = '2026-11-01' WHERE id = :id"), {"id": ids[0]})
        quick.execute(text("SET LOCAL lock_timeout = '5s'"))
        quick.execute(text("UPDATE entries SET state = 'approved', published_on = '2026-11-01' WHERE id = :id"), {"id": ids[1]})
        quick.commit()
        between = public_state.now(database)
        slow.commit()
    assert public_state.now(database) != between


@pytest.mark.parametrize(
    "database_url", ["sqlite", pytest.param("postgresql", marks=pytest.mark.thorough)], indirect=True
)  # fmt: skip
def test_after_any_history_a_page_from_memory_is_the_page_as_it_is_made(
    app: Flask, client: FlaskClient, database: Database, thorough: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("memes.web.FRESH", 0)  # settings may be seconds old on any page; here they may not
    with database.writing() as session:
        fixed = everything(session)
        collection = collections.begin(session, "k" * 64, collections.Wording(title="For 6A", language="en"))[0].short
    asked = ("gallery.index", "campaign.home", "api.gallery", "collections.collection", "feeds.in_json", "articles.news",
             "schools.entries", "sitemap.entries")  # fmt: skip
    paths = [fixed[endpoint] for endpoint in asked]
    paths += [f"/en/c/{collection}", "/fr/privacy"]

    @rounds(max_examples=50 if thorough else 1, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.sampled_from(sorted(STEPS)), min_size=6, max_size=6, unique=True))
    def lived(history: list[str]) -> None:
        for step in history:
            with database.writing() as session:
                STEPS[step](session, collection)
            for path in paths:
                answer = client.get(path)
                forget(app.extensions["instamemes"].database)
                anew = client.get(path, headers=ANEW)
                assert told(answer) == told(anew), (history, step, path)
                assert answer.status_code != 200 or from_memory(app, client, path)

    lived()


def test_what_a_process_remembers_is_what_is_committed(database: Database) -> None:
    def of_police(session: Session) -> object:
        return public_state.remembered(database, session, help.confirmed_on, "police", "19")

    day = date(2026, 11, 1)
    with database.reads() as session:
        assert of_police(session) is None
    with database.writes() as session:
        help.confirm(session, "police", day, "19")
        session.flush()
        assert of_police(session) is None, "nobody else can see it yet"
        session.rollback()
    with database.writing() as session:
        help.confirm(session, "police", day, "19")
    with database.reads() as session:
        assert of_police(session) == day
        known = database.remembered.copy()
        assert of_police(session) == day
        assert database.remembered == known != {}


@ONE_DATABASE
def test_with_each_minute_a_page_is_made_anew(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    now = privacy.now().replace(second=59)
    monkeypatch.setattr(privacy, "now", lambda: now)
    client.get("/ar/")
    assert from_memory(app, client, "/ar/")
    now += timedelta(seconds=1)
    assert not from_memory(app, client, "/ar/")


@ONE_DATABASE
def test_how_many_came_from_memory_is_told_once_a_minute(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = app.extensions["instamemes"].counts
    for _ in range(3):
        client.get("/fr/help")
    client.get("/fr/share/story")
    assert counted.read() == {}
    later = privacy.now() + timedelta(minutes=1)
    monkeypatch.setattr(privacy, "now", lambda: later)
    client.get("/fr/help")
    assert counted.read() == {"page:made": 1, "page:kept": 2}


@ONE_DATABASE
def test_what_many_ask_for_at_once_is_made_once(app: Flask) -> None:
    with ThreadPoolExecutor(8) as together:
        answers = together.map(lambda _: app.test_client(use_cookies=False).get("/ar/gallery").status_code, range(8))
    assert list(answers) == [200] * 8
    assert app.extensions["instamemes_kept"]._counted == {"made": 1, "kept": 7}


@ONE_DATABASE
def test_a_page_from_memory_waits_for_no_form(app: Flask, client: FlaskClient) -> None:
    client.get("/ar/help")
    with ThreadPoolExecutor(1) as beside, app.extensions["instamemes_kept"]._in_turn._turn:
        assert beside.submit(client.get, "/ar/help").result(60).status_code == 200


@ONE_DATABASE
def test_nothing_that_speaks_with_somebody_is_kept(app: Flask, client: FlaskClient, session: Session) -> None:
    rules = {rule.endpoint: rule for rule in app.url_map.iter_rules() if rule.endpoint in kept.PAGES}
    assert not [name for name in kept.PAGES if name.split(".")[0] in ("intake", "codes", "packs", "desk", "health")]
    assert all("GET" in (rule.methods or ()) for rule in rules.values())
    for path in ("/ar/share/story", "/ar/receipt", "/ar/schools/collections", "/desk/sign-in", "/ar/nothing", "/"):
        client.get(path)
    for query in ("q=secret", "theme=hate&q=secret", "utm_source=somebody", "theme=Some%20name", "kind=" + "a" * 60):
        client.get(f"/ar/gallery?{query}")
    for headers in (ANEW, {"Authorization": "Basic eDp5"}, {"If-Match": '"x"'}, {"Range": "bytes=0-1"}):
        client.get("/ar/gallery", headers=headers)
    client.head("/ar/gallery")
    client.post("/ar/gallery")
    assert pages_of(app) == {}
    client.get("/ar/gallery?theme=hate&age=9-11&after=2026-11-01~00000000000000000000000000000000")
    assert len(pages_of(app)) == 1


@ONE_DATABASE
def test_a_kept_page_is_named_packed_and_told_apart_as_any_other(app: Flask, client: FlaskClient) -> None:
    packed = {"Accept-Encoding": "gzip, br"}
    first = client.get("/ar/gallery", headers=packed)
    assert from_memory(app, client, "/ar/gallery")
    for headers in (packed, {"Accept-Encoding": "identity"}, {"If-None-Match": first.headers["ETag"]}, {"If-None-Match": '"x"'}):
        assert told(client.get("/ar/gallery", headers=headers)) == told(client.get("/ar/gallery", headers=headers | ANEW))
    assert gzip.decompress(first.data) == client.get("/ar/gallery").data
    assert client.get("/ar/gallery", headers={"Host": "elsewhere.example"}).text.count("elsewhere.example") > 0
    assert "elsewhere.example" not in client.get("/ar/gallery").text


@ONE_DATABASE
def test_memory_is_bounded_and_what_is_asked_for_stays(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.get("/ar/help")
    monkeypatch.setattr(kept, "MOST", 5 * max(page.size for page in pages_of(app).values()))
    for number in range(40):
        client.get(f"/ar/help?page={number}")
        client.get("/ar/help")
    held = app.extensions["instamemes_kept"]
    assert 0 < held.size <= kept.MOST
    assert held.size == sum(page.size for page in held._pages.values())
    assert "" in {address[-1] for address in held._pages}
    monkeypatch.setattr(kept, "LARGEST", 1)
    client.get("/ar/privacy")
    assert "/ar/privacy" not in pages_of(app)


@ONE_DATABASE
def test_without_the_database_nothing_comes_from_memory_and_what_stands_in_is_not_kept(
    app: Flask, client: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    approved(session, text="une histoire")
    assert client.get("/ar/gallery").status_code == 200

    def away(*_words: object) -> object:
        raise OperationalError("", {}, Exception())

    with monkeypatch.context() as broken:
        broken.setattr(Database, "glance", lambda *_words: None)
        broken.setattr(Session, "connection", away)
        broken.setattr(Session, "execute", away)
        broken.setattr(Session, "scalars", away)
        assert client.get("/ar/gallery").status_code == 503
        assert client.get("/ar/help").status_code == 200, "with the numbers that come with the program"
    assert "/ar/help" not in pages_of(app)
    with monkeypatch.context() as broken:
        broken.setattr(public_state, "remembered", away)
        assert client.get("/ar/help").status_code == 200
    assert "/ar/help" not in pages_of(app), "it was read while the help could not be"


def test_the_word_is_asked_again_after_a_connection_was_lost(app: Flask, client: FlaskClient, database: Database) -> None:
    client.get("/ar/help")
    assert from_memory(app, client, "/ar/help")
    used = app.extensions["instamemes"].database
    assert used.glance("SELECT nothing FROM nowhere") is None
    if database.engine.dialect.name == "postgresql":
        with database.writes() as session:
            session.execute(text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                                 " AND datname = current_database()"))  # fmt: skip
            session.commit()
        assert client.get("/ar/help").status_code == 200
    client.get("/ar/help")
    assert from_memory(app, client, "/ar/help")


def test_a_second_application_has_a_memory_of_its_own_and_knows_of_every_change(
    app: Flask, client: FlaskClient, settings: Settings, database: Database
) -> None:
    other = wsgi.create_app(settings, media=MemoryStore(), queue=RecordingQueue())
    clients = (client, other.test_client(use_cookies=False))
    for number in range(3):
        with database.writing() as session:
            entry = make.pending(session, text=f"story {number}")
            entries.transition(session, entry, Action.APPROVE, actor="m")
        for one in clients:
            assert f"story {number}" in one.get("/en/gallery").text
            assert f"story {number}" in one.get("/en/gallery").text
    other.extensions["instamemes"].database.dispose()


