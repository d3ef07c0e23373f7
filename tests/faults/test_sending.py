"""A child sends while something behind the page is away, hangs, is locked or is full."""

import errno
import os
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

import pytest
from sqlalchemy import select

from memes import db, entries
from memes.db import Database
from memes.errors import StoreUnavailable
from memes.lifecycle import Action, State
from memes.models import Entry
from memes.settings import Settings
from tests.fakes import MemoryStore, RecordingQueue
from tests.faults.parts import Broker, Postgres, in_state, photo, postgres, states, sweep, until, worker
from tests.faults.site import Site, assert_refused_kindly, receipt_in

#: Seconds, far above what is usual: a child does not wait for what can be done later.
SOON = 3

@pytest.fixture
def site(own_settings: Settings) -> Iterator[Site]:
    with closing(Site(own_settings)) as made:
        yield made


def files(settings: Settings) -> list[Path]:
    return [path for path in (settings.home / "media").rglob("*") if path.is_file()]


def test_without_a_broker_a_child_has_a_receipt_at_once_and_the_sweep_does_the_rest(
    site: Site, file_database: Database, own_settings: Settings, own_broker: Broker
) -> None:
    own_broker.kill()
    for seed in range(3):
        start = time.monotonic()
        answer = site.send(photo(seed))
        assert time.monotonic() - start < SOON
        assert answer.status_code == 200
        receipt_in(answer)
    assert states(file_database) == {State.RECEIVED: 3}
    own_broker.start()
    with worker(own_settings):
        until(in_state(file_database, State.PENDING, 3), "all wait for a moderator", lambda: sweep(own_settings))


def test_a_broker_that_takes_connections_and_never_answers_cannot_hang_a_page(
    file_database: Database, own_settings: Settings
) -> None:
    # The kernel accepts for a listener that does not: nothing is ever answered.
    with socket.create_server(("127.0.0.1", 0), backlog=64) as hole:
        silent = replace(own_settings, redis_url=f"redis://127.0.0.1:{hole.getsockname()[1]}/0")
        with closing(Site(silent)) as site:
            for _ in range(2):
                start = time.monotonic()
                assert site.send().status_code == 200
                assert time.monotonic() - start < 2 * SOON
            for address, data in (("/en/receipt", {"receipt": "1234 5678 1234 5678"}), ("/readyz", None)):
                start = time.monotonic()
                answer = site.client.post(address, data=data) if data else site.client.get(address)
                assert answer.status_code == (404 if data else 503)
                assert time.monotonic() - start < 2 * SOON
    assert states(file_database) == {State.RECEIVED: 2}


def test_an_upload_waits_for_a_locked_database_and_is_kept(
    site: Site, file_database: Database, own_settings: Settings
) -> None:
    other = sqlite3.connect(file_database.url.database or "", isolation_level=None, check_same_thread=False)
    held = threading.Event()

    def hold() -> None:
        other.execute("BEGIN IMMEDIATE")
        held.set()
        time.sleep(1)
        held.clear()
        other.execute("COMMIT")

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(SOON)
    answer = site.send()
    assert not held.is_set(), "it did not wait"
    thread.join()
    other.close()
    assert answer.status_code == 200
    assert states(file_database) == {State.RECEIVED: 1}


@pytest.fixture(scope="module")
def stoppable() -> Iterator[Postgres]:
    with postgres() as made:
        db.upgrade(made.address)
        yield made


def test_while_postgresql_is_stopped_the_words_stay_in_the_page_and_afterwards_they_are_taken(
    own_settings: Settings, stoppable: Postgres
) -> None:
    settings = replace(own_settings, database_url=stoppable.address)
    with closing(Site(settings)) as site:
        assert site.send(caption="before").status_code == 200
        stoppable.stop()
        try:
            for _ in range(2):
                assert_refused_kindly(site.send(key="b" * 32, caption="meanwhile"), "meanwhile")
            problem = site.send(address="/api/v1/entries", kind="meme", consent_gallery="true")
            assert (problem.status_code, problem.content_type) == (503, "application/problem+json")
        finally:
            stoppable.start()
        first = receipt_in(site.send(key="b" * 32, caption="meanwhile"))
        assert receipt_in(site.send(key="b" * 32, caption="meanwhile")) == first
        with site.app.extensions["instamemes"].database.reads() as session:
            captions = [entry.caption for entry in session.scalars(select(Entry))]
        assert sum(caption in ("before", "meanwhile") for caption in captions) == 2


def test_a_receipt_is_shown_though_the_database_stops_right_after_the_commit(
    own_settings: Settings, stoppable: Postgres
) -> None:
    class LastWord(RecordingQueue):
        """Is asked right after the commit."""

        def process_entry(self, entry_id: UUID, *, urgent: bool = False) -> None:
            super().process_entry(entry_id, urgent=urgent)
            stoppable.stop()

    queue = LastWord()
    with closing(Site(replace(own_settings, database_url=stoppable.address), queue=queue)) as site:
        try:
            answer = site.send(key="c" * 32)
        finally:
            stoppable.start()
        assert answer.status_code == 200
        receipt = receipt_in(answer)
        assert site.client.post("/en/receipt", data={"receipt": receipt}).status_code == 200
        with site.app.extensions["instamemes"].database.reads() as session:
            assert session.get_one(Entry, queue.asked[0]).state is State.RECEIVED


class NoStore(MemoryStore):
    """A store that cannot be reached for writing."""

    def put(self, key: str, source: BinaryIO) -> None:
        raise StoreUnavailable("no answer")


def test_without_a_store_the_words_stay_in_the_page_and_no_row_is_made(
    file_database: Database, own_settings: Settings
) -> None:
    queue = RecordingQueue()
    with closing(Site(own_settings, media=NoStore(), queue=queue)) as site:
        assert_refused_kindly(site.send())
        assert site.send(address="/api/v1/entries", kind="meme", consent_gallery="true").status_code == 503
        assert site.client.get("/en/gallery").status_code == 200, "everything else goes on"
    assert states(file_database) == {}
    assert queue.asked == []


def fill_up(patch: pytest.MonkeyPatch) -> None:
    """The disk takes what is written, and is full when it is to be made durable (delayed allocation)."""

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    patch.setattr(os, "fsync", full)


def test_on_a_full_disk_the_words_stay_in_the_page_and_no_half_picture_stays_behind(
    site: Site, file_database: Database, own_settings: Settings
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        fill_up(patch)
        assert_refused_kindly(site.send())
    assert states(file_database) == {}
    assert files(own_settings) == []
    assert site.send().status_code == 200


def test_a_change_that_cannot_be_stored_keeps_its_words_too_and_what_was_sent_before_stays(
    site: Site, file_database: Database, own_settings: Settings
) -> None:
    receipt = receipt_in(site.send())
    with worker(own_settings):
        until(in_state(file_database, State.PENDING, 1), "it waits for a moderator", lambda: sweep(own_settings))
    with file_database.writing() as session:
        entry = session.scalars(select(Entry)).one()
        entries.transition(session, entry, Action.ASK_CHANGES, actor="m", reason="real_name")
    before = set(files(own_settings))
    change: dict[str, Any] = {"address": "/en/receipt/change", "receipt": receipt, "step": "send"}
    with pytest.MonkeyPatch.context() as patch:
        fill_up(patch)
        answer = site.send(photo(1), **change)
    assert_refused_kindly(answer)
    assert receipt in answer.text, "the form still knows what it changes"
    assert states(file_database) == {State.CHANGES_REQUESTED: 1}
    assert set(files(own_settings)) == before
    assert site.send(photo(1), **change).status_code == 200
    assert states(file_database) == {State.RECEIVED: 1}
