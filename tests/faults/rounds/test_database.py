"""The database is away, locked, read-only or full while children send: their words stay in the page, and are taken afterwards."""

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import Engine, event, select, text

from memes import db
from memes.db import Database
from memes.lifecycle import State
from memes.models import Entry
from memes.settings import Settings
from tests.fakes import RecordingQueue
from tests.faults.parts import Postgres, photo, postgres, states
from tests.faults.site import Site, assert_refused_kindly, receipt_in

Figure = Callable[..., None]
Fault = Callable[[Postgres], AbstractContextManager[None]]


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with postgres() as made:
        db.upgrade(made.address)
        yield made


@contextmanager
def stopped(server: Postgres) -> Iterator[None]:
    server.stop()
    try:
        yield
    finally:
        server.start()


@contextmanager
def read_only(server: Postgres) -> Iterator[None]:
    server.demote()
    try:
        yield
    finally:
        server.promote()


@pytest.mark.parametrize("fault", [pytest.param(stopped, marks=pytest.mark.thorough), read_only])
def test_words_stay_in_the_page_and_are_taken_once_afterwards(
    impatient: Settings, server: Postgres, rounds: range, fault: Fault, figure: Figure
) -> None:
    with closing(Site(replace(impatient, database_url=server.address), queue=RecordingQueue())) as site:
        database: Database = site.app.extensions["instamemes"].database
        before = states(database)[State.RECEIVED]
        for number in rounds:
            words = {"key": os.urandom(16).hex(), "caption": f"word {number}"}
            with fault(server):
                assert_refused_kindly(site.send(photo(0, 200, 150), **words), str(number))
            receipt = taken(site, words)
            assert taken(site, words) == receipt, "the same again is no second entry"
        assert states(database)[State.RECEIVED] == before + len(rounds)
    figure(f"faults.database_{getattr(fault, '__name__', '')}", len(rounds), goal=">= 50", unit="rounds")


@pytest.fixture
def cramped() -> Iterator[Postgres]:
    """One on a disk of 100 MB."""
    try:
        with postgres("100m") as made:
            db.upgrade(made.address)
            yield made
    except PermissionError as error:
        pytest.skip(str(error))


@pytest.mark.thorough
def test_when_the_servers_disk_is_full_words_stay_in_the_page_too(
    impatient: Settings, cramped: Postgres, rounds: range, figure: Figure
) -> None:
    with closing(Site(replace(impatient, database_url=cramped.address), queue=RecordingQueue())) as site:
        database: Database = site.app.extensions["instamemes"].database
        sent = 0
        for number in rounds:
            cramped.fill_up()
            for attempt in range(300):  # some still fit on pages that are there
                words = {"key": os.urandom(16).hex(), "caption": "z" * 100 + f" {number}.{attempt}"}
                answer = site.send(photo(0, 200, 150), **words)
                if answer.status_code != 200:
                    break
                sent += 1
            assert_refused_kindly(answer, words["caption"])
            cramped.empty()
            receipt = taken(site, words)
            assert taken(site, words) == receipt, "the same again is no second entry"
            sent += 1
        assert states(database) == {State.RECEIVED: sent}
    figure("faults.database_full.postgresql", len(rounds), goal=">= 50", unit="rounds")


def taken(site: Site, words: dict[str, str]) -> str:
    """Send until it is taken, as a child would: a server that was just started may cut a connection once more."""
    for _ in range(20):
        answer = site.send(photo(0, 200, 150), **words)
        if answer.status_code == 200:
            return receipt_in(answer)
        assert_refused_kindly(answer, words["caption"].rpartition(" ")[2])
    raise AssertionError("it was never taken")


@pytest.mark.thorough
def test_a_locked_table_is_waited_for(impatient: Settings, server: Postgres, rounds: range, figure: Figure) -> None:
    with closing(Site(replace(impatient, database_url=server.address), queue=RecordingQueue())) as site:
        database: Database = site.app.extensions["instamemes"].database
        before = states(database)[State.RECEIVED]
        for _ in rounds:
            with database.engine.connect() as other:
                other.execute(text("LOCK TABLE entries IN ACCESS EXCLUSIVE MODE"))
                release = threading.Timer(0.5, other.rollback)
                release.start()
                receipt_in(site.send(photo(0, 200, 150)))
                release.join()
        assert states(database)[State.RECEIVED] == before + len(rounds)
    figure("faults.database_locked.postgresql", len(rounds), goal=">= 50", unit="rounds")


@pytest.mark.thorough
def test_a_locked_file_is_waited_for(impatient: Settings, file_database: Database, rounds: range, figure: Figure) -> None:
    with closing(Site(impatient, queue=RecordingQueue())) as site:
        for _ in rounds:
            other = sqlite3.connect(file_database.url.database or "", isolation_level=None, check_same_thread=False)
            other.execute("BEGIN IMMEDIATE")
            release = threading.Timer(0.5, other.execute, ["COMMIT"])
            release.start()
            receipt_in(site.send(photo(0, 200, 150)))
            release.join()
            other.close()
        assert states(file_database) == {State.RECEIVED: len(rounds)}
    figure("faults.database_locked.sqlite", len(rounds), goal=">= 50", unit="rounds")


def test_a_full_database_keeps_words_in_the_page(
    impatient: Settings, file_database: Database, rounds: range, figure: Figure
) -> None:
    with closing(Site(impatient, queue=RecordingQueue())) as site:
        engine = site.app.extensions["instamemes"].database.engine
        for number in rounds:
            words = {"key": f"{number:032x}", "caption": "x" * 120 + f" {number}"}
            with file_database.engine.connect() as connection:
                pages = connection.scalar(text("PRAGMA page_count"))
            # SQLite's own limit for a file, asked of each connection: it says "full" as a full disk makes it say.
            with limited(engine, f"PRAGMA max_page_count={pages}"):
                sent = 0
                while (answer := site.send(photo(0, 200, 150), caption="y" * 120)).status_code == 200:
                    sent += 1  # what still fits on pages that are there
                    assert sent < 200, "it is never full"
                assert_refused_kindly(answer, "y" * 120)
                assert_refused_kindly(site.send(photo(0, 200, 150), **words), f"x {number}")
                assert site.client.get("/en/gallery").status_code == 200, "everything else goes on"
            assert receipt_in(site.send(photo(0, 200, 150), **words)) == receipt_in(site.send(photo(0, 200, 150), **words))
    with Database(str(file_database.url), impatient.entry_keys) as opened, opened.reads() as session:
        kept = [entry.caption for entry in session.scalars(select(Entry)) if entry.caption.startswith("x")]
    assert len(kept) == len(rounds)
    figure("faults.database_full", len(rounds), goal=">= 50", unit="rounds")


@contextmanager
def limited(engine: Engine, pragma: str) -> Iterator[None]:
    """Let every connection made meanwhile begin with `pragma`."""
    def begin(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(pragma)

    engine.dispose()
    event.listen(engine, "connect", begin)
    yield
    event.remove(engine, "connect", begin)
    engine.dispose()
