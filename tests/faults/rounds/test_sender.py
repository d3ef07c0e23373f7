"""Senders die between two steps, the disk is full, sweeps come in twos, and clocks are wrong by a day."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from memes import entries, privacy, publishing
from memes.db import Database
from memes.lifecycle import State
from memes.models import Entry
from memes.settings import Settings
from memes.storage import open_store
from tests import make
from tests.fakes import RecordingQueue
from tests.faults.parts import Broker, assert_settled_once, grow_old, photo, states, sweep, until, worker
from tests.faults.rounds.platform import Platform
from tests.faults.site import assert_refused_kindly
from tests.faults.test_crashes import crash, kept
from tests.faults.test_sending import fill_up
from workers import housekeeping
from workers.dispatch import CeleryQueue

Figure = Callable[..., None]


@pytest.mark.thorough
def test_a_sender_dies_between_two_steps(
    file_database: Database, impatient: Settings, rounds: range, figure: Figure
) -> None:
    for _ in rounds:
        for point in ("while_putting", "before_commit", "before_dispatch"):
            crash(impatient, point)
    store = open_store(impatient.media_url)
    assert states(file_database) == {State.RECEIVED: len(rounds)}, "only what was committed is a row"
    grow_old(impatient)
    assert housekeeping.remove_orphans(file_database, store) == 2 * len(rounds), "halves, and pictures without a row"
    assert len(kept(impatient)) == len(rounds)
    with worker(impatient):
        until(lambda: not states(file_database)[State.RECEIVED], "all is cleaned", lambda: sweep(impatient))
    with file_database.reads() as session:
        ids = list(session.scalars(select(Entry.id)))
    assert_settled_once(file_database, impatient, ids)
    figure("faults.sender_killed", 3 * len(rounds), goal=">= 150", unit="deaths at 3 steps")


@pytest.mark.thorough
def test_the_disk_is_full(platform: Platform, rounds: range, figure: Figure) -> None:
    for _ in rounds:
        with pytest.MonkeyPatch.context() as patch:
            fill_up(patch)
            assert_refused_kindly(platform.site.send())
        platform.send()
        platform.recover()
    platform.assert_nothing_lost()
    figure("faults.disk_full", len(rounds), goal=">= 50", unit="rounds")


@pytest.mark.thorough
def test_two_sweeps_at_the_same_moment_do_no_harm(
    database: Database, impatient: Settings, own_broker: Broker, rounds: range, figure: Figure
) -> None:
    queue, store = CeleryQueue(impatient), open_store(impatient.media_url)
    broke: list[Exception] = []

    def one() -> None:
        try:
            housekeeping.sweep(database, queue, impatient)
        except Exception as error:  # noqa: BLE001 - it is looked at below
            broke.append(error)

    with worker(replace(impatient, database_url=database.url.render_as_string(hide_password=False))):
        for number in rounds:
            with database.writing() as session:  # lost by the broker before it came
                entry = make.received(session, image=photo(number % 20, 200, 150), store=store, kind="meme")
                entry.sent_at = privacy.now() - timedelta(hours=1)
            beats = [threading.Thread(target=one) for _ in range(4)]
            for beat in beats:
                beat.start()
            for beat in beats:
                beat.join()
            until(lambda: not states(database)[State.RECEIVED], "it is cleaned")
    assert broke == []
    with database.reads() as session:
        ids = list(session.scalars(select(Entry.id)))
    assert_settled_once(database, impatient, ids)
    figure(f"faults.sweeps_doubled.{database.engine.dialect.name}", len(rounds), goal=">= 50", unit="rounds")


def test_a_clock_that_is_wrong_by_a_day_loses_publishes_and_delays_nothing(
    platform: Platform, rounds: range, figure: Figure
) -> None:
    """A machine whose clock is off begins with an entry and goes; the others, whose clocks are right, go on at once."""
    right, store = privacy.now, open_store(platform.settings.media_url)
    for number in rounds:
        for off in (timedelta(days=1), timedelta(days=-1)):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(privacy, "now", lambda off=off: right() + off)
                with platform.database.writing() as session:
                    entry = make.received(session, image=photo(number % 20, 200, 150), store=store, queue=RecordingQueue(),
                                          kind="meme")  # fmt: skip
                with platform.database.writing() as session:
                    assert entries.begin_attempt(session, entry.id, store=store)
                housekeeping.sweep(platform.database, CeleryQueue(platform.settings), platform.settings)
                housekeeping.erase_ended(platform.database, store)
                with platform.database.writing() as session:
                    publishing.publish_due(session)
            platform.recover()
    with platform.database.reads() as session:
        ids = list(session.scalars(select(Entry.id)))
        assert not session.scalars(select(Entry).where(Entry.published_on.is_not(None))).all()
    assert states(platform.database) == {State.PENDING: 2 * len(rounds)}
    assert_settled_once(platform.database, platform.settings, ids)
    assert platform.longest < 60, "it waited for its own clock"
    figure("faults.clock_off", 2 * len(rounds), goal=">= 50", unit="rounds, a day ahead and a day behind")
