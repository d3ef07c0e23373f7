"""A worker that has gone deaf ends, and whoever started it starts it again.

After its broker has died, Celery may come back connected and wait for ever for what never reaches it: its loop runs, and no
message is taken (reports go from celery 5.2 to 5.6; seen here with 5.7 after one in twenty deaths of a broker). No
setting prevents that. So a thread beside the loop looks whether something waits in the queues while nothing moves here.
What was being worked on is done again: a message is acknowledged late, and the row is the truth.
"""

import logging
import os
import threading
import time
from collections.abc import Callable, Hashable

import redis
from celery import signals
from celery.worker import state

from memes import broker
from memes.counts import Counts
from memes.settings import Settings
from workers.app import HARD_LIMIT, QUEUES

_log = logging.getLogger(__name__)

#: Seconds between two looks, without anything moving while something waits and all hands are free, and while some are not.
EVERY, DEAF, STUCK = 1, 10, HARD_LIMIT + 10


class Watch:
    """Tells from one look after another whether the worker has gone deaf."""

    def __init__(self) -> None:
        self._moved: Hashable = None
        self._since = 0.0

    def deaf(self, now: float, waiting: int, busy: int, done: Hashable) -> bool:
        """At `now` (seconds), so many messages wait and so many are worked on; `done` changes whenever one was taken or ended."""
        if not waiting or done != self._moved:
            self._moved, self._since = done, now
            return False
        return now - self._since >= (STUCK if busy else DEAF)


def begin(settings: Settings, end: Callable[[int], object] = os._exit) -> None:
    """Look for as long as the process lives; `end` is called with 1 when it has gone deaf."""
    store = broker.client(settings.redis_url, EVERY)
    threading.Thread(target=_look, args=(store, end, Counts(settings.redis_url)), daemon=True, name="watch").start()


def _look(store: "redis.Redis", end: Callable[[int], object], counted: Counts) -> None:
    watch = Watch()
    while True:
        time.sleep(EVERY)
        try:
            waiting = sum(int(store.llen(queue)) for queue in QUEUES)
        except redis.RedisError:
            waiting = 0  # while the broker is away there is nothing to hear
        busy = len(state.active_requests)
        if watch.deaf(time.monotonic(), waiting, busy, (state.all_total_count[0], busy, len(state.reserved_requests))):
            _log.error("the worker hears nothing any more; it ends, to be started again")
            counted.happened("deaf")
            end(1)
            return


@signals.worker_ready.connect  # type: ignore[untyped-decorator]
def _ready(**_told: object) -> None:
    begin(Settings.from_env())
