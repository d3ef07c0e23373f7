"""Workers die: all at once, one after another at each step of their work, or by what a picture does in its cage."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import select

from memes.db import Database
from memes.lifecycle import State
from memes.models import Entry
from memes.settings import Settings
from memes.storage import open_store
from tests import make
from tests.faults.parts import Broker, assert_settled_once, photo, send, states, sweep, until, worker
from tests.faults.rounds import cursed, fated
from tests.faults.rounds.platform import Platform, running
from workers.dispatch import CeleryQueue

Figure = Callable[..., None]


@pytest.mark.thorough
def test_all_of_a_worker_is_killed_with_work_in_its_hands(platform: Platform, rounds: range, figure: Figure) -> None:
    for _ in rounds:
        before = states(platform.database)[State.PENDING]
        platform.send(3)
        until(lambda: states(platform.database)[State.PENDING] > before, "one is done")  # noqa: B023 - awaited here
        platform.crew.kill()
        platform.crew.start()
        platform.recover()
    platform.assert_nothing_lost()
    figure("faults.worker_killed", len(rounds), goal=">= 50", unit="rounds")
    figure("faults.worker_killed.recovery", round(platform.longest, 1), goal="<= 120", unit="s at most, with sweeps")


def test_a_process_dies_at_each_step_of_its_work(
    file_database: Database, impatient: Settings, rounds: range, figure: Figure
) -> None:
    store, queue = open_store(impatient.media_url), CeleryQueue(impatient)
    with worker(impatient, "tests.faults.rounds.fated:celery"):
        for number in rounds:
            with file_database.writing() as session:
                for point in fated.POINTS:
                    entry = make.received(session, image=photo(number % 20, 200, 150), store=store, queue=queue, kind="meme")
                    fated.decree(impatient.home, entry.id, point)
            until(lambda: not states(file_database)[State.RECEIVED], "all is cleaned", lambda: sweep(impatient))
    with file_database.reads() as session:
        ids = list(session.scalars(select(Entry.id)))
        most = max(session.scalars(select(Entry.attempts)))
    assert states(file_database) == {State.PENDING: len(rounds) * len(fated.POINTS)}
    assert fated.met(impatient.home) == len(ids)
    assert most <= 3
    assert_settled_once(file_database, impatient, ids)
    figure("faults.worker_killed_at_each_step", len(ids), goal=">= 300", unit=f"deaths at {len(fated.POINTS)} steps")


@pytest.fixture
def with_curses(file_database: Database, impatient: Settings, own_broker: Broker) -> Iterator[Platform]:
    with running(impatient, file_database, own_broker, "tests.faults.rounds.cursed:celery") as made:
        yield made


@pytest.mark.thorough
def test_a_picture_that_crashes_hangs_or_eats_memory_harms_itself_alone(
    with_curses: Platform, rounds: range, figure: Figure
) -> None:
    platform = with_curses
    cursed_ones = [photo(seed, 200, 150) + curse for seed, curse in enumerate(cursed.CURSES)]
    for _ in rounds:
        for picture in cursed_ones:
            assert platform.site.send(picture).status_code == 200
        platform.send()
        platform.recover()
    assert states(platform.database) == {
        State.UNREADABLE: len(rounds) * len(cursed_ones), State.PENDING: len(platform.receipts),
    }  # fmt: skip
    assert list(open_store(platform.settings.media_url).keys("private/")) == []
    figure("faults.poison_pictures", len(rounds) * len(cursed_ones), goal=">= 150", unit="segfaults, hangs and memory bombs")


def test_a_task_delivered_ten_times_at_once_is_done_once(
    database: Database, both_settings: Settings, rounds: range, figure: Figure
) -> None:
    ids = []
    with worker(both_settings), worker(both_settings) as crew:
        for _ in rounds:
            ids += send(database, both_settings, 1)
            for _ in range(9):
                CeleryQueue(both_settings).process_entry(ids[-1])
            until(lambda: not states(database)[State.RECEIVED], "it is settled")
        until(lambda: CeleryQueue(both_settings).waiting() == 0, "every copy was taken")
        assert states(database) == {State.PENDING: len(ids)}
        assert "Traceback" not in crew.said
    assert_settled_once(database, both_settings, ids)
    figure(f"faults.ten_copies_at_once.{database.engine.dialect.name}", len(ids), goal=">= 50", unit="rounds")
