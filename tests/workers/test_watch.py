"""When a worker is taken for deaf."""

import threading

import pytest
import redis

from memes.counts import Counts
from memes.settings import Settings
from workers import watch
from workers.app import QUEUES
from workers.watch import DEAF, STUCK, Watch


def test_only_something_that_waits_while_nothing_moves_is_a_sign() -> None:
    ears = Watch()
    assert not any(ears.deaf(second, waiting=0, busy=0, done=1) for second in range(1000)), "nothing to hear"
    assert not any(ears.deaf(second, waiting=5, busy=0, done=second) for second in range(1000)), "one after another is taken"
    assert not ears.deaf(1000, waiting=5, busy=0, done="last")
    assert not ears.deaf(1000 + DEAF - 1, waiting=5, busy=0, done="last")
    assert ears.deaf(1000 + DEAF, waiting=5, busy=0, done="last")


def test_whoever_works_has_the_time_of_a_task() -> None:
    ears = Watch()
    assert not ears.deaf(0, waiting=5, busy=2, done=1)
    assert not ears.deaf(STUCK - 1, waiting=5, busy=2, done=1)
    assert ears.deaf(STUCK, waiting=5, busy=2, done=1)


@pytest.mark.parametrize("queue", QUEUES)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_process_that_takes_nothing_from_a_real_queue_ends(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, queue: str
) -> None:
    monkeypatch.setattr(watch, "EVERY", 0.05)
    monkeypatch.setattr(watch, "DEAF", 0.2)
    ended = threading.Event()
    codes: list[int] = []
    with redis.Redis.from_url(settings.redis_url) as broker:
        broker.rpush(queue, "a message")
    watch.begin(settings, lambda code: (codes.append(code), ended.set()))
    assert ended.wait(20)
    assert codes == [1]
    assert Counts(settings.redis_url).read() == {"event:deaf": 1}
