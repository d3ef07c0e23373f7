"""Each part tells the truth about itself: what only looks alive is not ready."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, update

import wsgi
from memes import privacy, readiness
from memes.db import Database
from memes.models import Entry
from memes.settings import Settings
from memes.storage import FileStore
from tests import make
from tests.fakes import MemoryStore, RecordingQueue
from workers import housekeeping
from workers.dispatch import CeleryQueue

ALL = {"database": True, "keys": True, "broker": True, "media": True, "worker": True}


def parts(database: Database) -> dict[str, bool]:
    return readiness.parts(database, MemoryStore(), RecordingQueue())


def test_what_works_is_ready_and_nothing_is_changed_by_asking(database: Database) -> None:
    assert parts(database) == ALL


def test_a_database_that_only_reads_is_not(database_url: str) -> None:
    def only_read(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA query_only=ON")

    sqlite = database_url.startswith("sqlite")
    address = database_url if sqlite else f"{database_url}&options=-cdefault_transaction_read_only%3Don"
    with Database(address, make.KEYS) as database:
        if sqlite:
            event.listen(database.engine, "connect", only_read)
        assert parts(database) == ALL | {"database": False}


def test_a_database_without_its_tables_is_not(tmp_path: Path) -> None:
    with Database(f"sqlite:///{tmp_path / 'empty.db'}", make.KEYS) as database:
        assert parts(database) == ALL | {"database": False, "keys": False}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_disk_without_room_is_not(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "ROOM", 10**18)
    assert parts(database) == ALL | {"database": False}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_without_keys_it_is_not_even_while_nothing_lies_there(database_url: str) -> None:
    with Database(database_url) as database:
        assert parts(database) == ALL | {"keys": False}


def test_a_folder_that_cannot_be_written_or_is_full_is_not(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert not FileStore(tmp_path / "file" / "media").ready()
    store = FileStore(tmp_path / "media")
    assert store.ready()
    with no_room_for_a_byte():
        assert not store.ready()
    assert store.ready()


@contextmanager
def no_room_for_a_byte() -> Iterator[None]:
    """As on a full disk, the system refuses each byte in a file."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_worker_that_goes_its_rounds_and_cleans_nothing_is_not(database: Database, settings: Settings) -> None:
    queue = CeleryQueue(settings)
    with database.writing() as session:
        make.received(session, queue=queue)
    housekeeping.sweep(database, queue, settings)
    assert queue.worker_seen(), "it came just now"
    queue._redis.flushall()
    with database.writing() as session:
        session.execute(update(Entry).values(received_at=privacy.now() - timedelta(minutes=11)))
    housekeeping.sweep(database, queue, settings)
    assert not queue.worker_seen()
    queue.note_done()
    housekeeping.sweep(database, queue, settings)
    assert queue.worker_seen(), "there is much to do, and it is being done"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_page_names_what_is_missing_and_is_not_made_anew_for_everybody(
    settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    real = readiness.parts
    monkeypatch.setattr(readiness, "parts", lambda *parts: (asked.append(parts), real(*parts))[1])
    gone = replace(settings, redis_url=f"unix://{settings.home / 'nothing.sock'}", media_url="file:///dev/null/media")
    app = wsgi.create_app(gone)
    answers = [app.test_client().get("/readyz") for _ in range(3)]
    app.extensions["instamemes"].database.dispose()
    assert {answer.status_code for answer in answers} == {503}
    assert answers[0].json == {"status": "unready"} | ALL | {"broker": False, "media": False, "worker": False}
    assert len(asked) == 1
