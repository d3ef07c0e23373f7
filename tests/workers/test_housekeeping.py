"""The sweep, with a real broker."""

import socket
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import redis
from sqlalchemy import select, update

from memes import entries, privacy, running
from memes.counts import Counts
from memes.db import Database
from memes.lifecycle import Action, State
from memes.models import Entry, MonthlyFigures
from memes.settings import Settings
from tests import make
from tests.fakes import MemoryStore
from workers import housekeeping, tasks
from workers.app import make_celery
from workers.dispatch import CeleryQueue


@pytest.fixture
def broker(settings: Settings) -> CeleryQueue:
    return CeleryQueue(settings)


def age(database: Database, seconds: int) -> None:
    with database.writing() as session:
        session.execute(update(Entry).values(sent_at=privacy.now() - timedelta(seconds=seconds)))


def test_what_the_broker_lost_is_sent_again_once(database: Database, broker: CeleryQueue, settings: Settings) -> None:
    with database.writing() as session:
        for _ in range(3):
            make.received(session)
    assert housekeeping.resend(database, broker, settings) == 0, "they were sent just now"
    age(database, settings.resend_after + 1)
    assert housekeeping.resend(database, broker, settings) == 3
    assert broker.waiting() == 3
    assert housekeeping.resend(database, broker, settings) == 0


def test_a_long_queue_is_not_made_longer(database: Database, broker: CeleryQueue, settings: Settings) -> None:
    with database.writing() as session:
        for _ in range(3):
            make.received(session, queue=broker)
    age(database, settings.resend_after + 1)
    assert broker.waiting() == 3
    assert housekeeping.resend(database, broker, settings) == 0


def test_a_lost_cry_for_help_is_sent_again_though_many_others_wait(
    database: Database, broker: CeleryQueue, settings: Settings
) -> None:
    with database.writing() as session:
        for _ in range(3):
            make.received(session, queue=broker)
        make.received(session, text="أريد أن أموت")
    age(database, settings.resend_after + 1)
    assert housekeeping.resend(database, broker, settings) == 1
    assert (broker.waiting(urgent=True), broker.waiting()) == (1, 3)


def test_a_message_holds_a_random_id_and_nothing_else(broker: CeleryQueue, settings: Settings) -> None:
    entry_id = uuid4()
    broker.process_entry(entry_id)
    with redis.Redis.from_url(settings.redis_url) as raw:
        message = raw.lindex("entries", 0)
    assert isinstance(message, bytes)
    assert socket.gethostname().encode() not in message
    assert b"argsrepr\": \"-\"" in message


def test_a_broker_that_is_away_fails_nothing(database: Database, settings: Settings, tmp_path: Path) -> None:
    away = CeleryQueue(replace(settings, redis_url=f"unix://{tmp_path / 'nothing.sock'}"))
    with database.writing() as session:
        entry = make.received(session, queue=away)
    with database.reads() as session:
        assert session.get(Entry, entry.id) is not None
    assert not away.ready()
    age(database, settings.resend_after + 1)
    assert housekeeping.resend(database, away, settings) == 0


def test_objects_that_no_row_points_at_go_and_all_others_stay(database: Database, store: MemoryStore) -> None:
    with database.writing() as session:
        waiting = make.received(session, image=b"original", store=store)
        settled = make.pending(session, image=b"clean", store=store)
        young = f"private/{uuid4()}/{uuid4().hex}"
    orphans = [f"private/{uuid4()}/{uuid4().hex}", f"renditions/{uuid4()}/320.webp", f"renditions/{settled.id}/1600.webp",
               f"private/{settled.id}/{uuid4().hex}", "private/nonsense"]  # fmt: skip
    for key in orphans:
        store.objects[key] = b"orphan"
    kept = set(store.objects) - set(orphans)
    for key in store.objects:
        store.written[key] = privacy.now() - housekeeping.ORPHAN_AGE - timedelta(seconds=1)
    store.objects[young] = b"its row is not committed yet"
    store.written[young] = privacy.now()
    assert housekeeping.remove_orphans(database, store) == len(orphans)
    assert set(store.objects) == kept | {young}
    assert waiting.source in store.objects


def test_a_lost_tombstone_is_left_again(database: Database, store: MemoryStore) -> None:
    with database.writing() as session:
        ids = [make.pending(session, store=store).id for _ in range(3)]
        for entry_id in ids[:2]:
            entries.withdraw(session, session.get_one(Entry, entry_id), store=store)
    store.objects.clear()  # as if the store had been away in that moment
    assert housekeeping.restore_tombstones(database, store) == 2
    assert set(store.objects) == set(map(entries.tombstone_key, ids[:2]))
    assert housekeeping.restore_tombstones(database, store) == 0


def test_the_rounds_of_the_night_and_of_a_batch_do_their_work(
    database: Database, settings: Settings, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tasks that beat starts, as a worker calls them."""
    monkeypatch.setattr(tasks, "resources", lambda: tasks.Resources(settings, database, store, CeleryQueue(settings), Counts()))
    schedule = make_celery(settings).conf.beat_schedule
    assert {entry["task"] for entry in schedule.values()} >= {tasks.publish.name, tasks.night.name}
    long_ago = privacy.now() - timedelta(days=100)
    with monkeypatch.context() as then, database.writing() as session:
        then.setattr(privacy, "now", lambda: long_ago)
        running.change(session, "keep_days", {"declined": 30}, 0)
        running.change(session, "batch_hour", 0, 0)
        shown, gone = make.pending(session), make.pending(session)
        entries.transition(session, shown, Action.APPROVE, actor="somebody")
        entries.transition(session, gone, Action.DECLINE, actor="somebody", reason="hate")
    tasks.publish()
    tasks.night()
    with database.reads() as session:
        assert session.get_one(Entry, shown.id).is_public
        assert session.get_one(Entry, gone.id).state is State.ERASED
        assert session.scalars(select(MonthlyFigures)).first()
