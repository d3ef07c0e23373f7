"""What has happened how often, for who runs the platform: plain numbers in the memory store, without a sender, an entry or a time.

What can be counted stands in the lists below. Whoever counts never fails for it, and what is lost with the store is no loss.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from time import monotonic, time
from typing import cast

import redis

from memes import broker, db
from memes.errors import StoreUnavailable

#: The way of an entry through the worker: waiting for it, making clean sizes, looking for pictures like it, writing it down.
STEPS = ("wait", "clean", "compare", "settle")
#: Seconds: a step counts in the first of these that it does not exceed. A picture is given 30, a task 60.
BOUNDS = ("0.1", "0.3", "1", "3", "10", "30", "60", "+Inf")
#: How an attempt at an entry ended: clean, unreadable, or given back for a fault of ours.
ENDS = ("clean", "unreadable", "given_back")
#: Where an error was met, and what was at fault.
PARTS = ("web", "worker")
KINDS = ("database", "media", "broker", "machine", "program")
#: Rounds of the sweep, entries that it sent again, workers that ended because they heard nothing any more.
EVENTS = ("sweeps", "resent", "deaf")
#: Public pages: answered from a process's memory, or made.
PAGES = ("kept", "made")

_NUMBERS, _BACKUP = "counts", "counts:backup"
_PATIENCE = 0.5


class Counts:
    """Counts in a memory store, or nowhere without an address."""

    def __init__(self, redis_url: str = "") -> None:
        self._store = broker.client(redis_url, _PATIENCE) if redis_url else None

    def happened(self, event: str, times: int = 1) -> None:
        """Count one of EVENTS."""
        self._add(f"event:{event}", times)

    def ended(self, end: str) -> None:
        """Count an attempt by its end, one of ENDS."""
        self._add(f"end:{end}")

    def failed(self, part: str, kind: str) -> None:
        """Count an error that one of PARTS has met, by its kind (`kind_of`)."""
        self._add(f"error:{part}:{kind}")

    def answered(self, how: str, times: int) -> None:
        """Count pages, by one of PAGES."""
        self._add(f"page:{how}", times)

    def took(self, step: str, seconds: float) -> None:
        """Count how long one of STEPS took."""
        bound = next((bound for bound in BOUNDS if seconds <= float(bound)), BOUNDS[-1])
        self._add(f"step:{step}:{bound}")
        self._add(f"step:{step}:ms", round(seconds * 1000))

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Count how long the block takes, unless it fails."""
        began = monotonic()
        yield
        self.took(step, monotonic() - began)

    def backed_up(self) -> None:
        """Remember that a backup has just been written."""
        with suppress(redis.RedisError):
            if self._store is not None:
                self._store.set(_BACKUP, int(time()))

    def read(self) -> Mapping[str, int]:
        """Everything that was counted since the store was started, by name. RedisError if it is away."""
        found = cast("dict[bytes, bytes]", self._store.hgetall(_NUMBERS)) if self._store is not None else {}
        return {name.decode(): int(value) for name, value in found.items()}

    def backup_age(self) -> float | None:
        """Seconds since the last backup; None if there was none since the store was started. RedisError if it is away."""
        written = cast("bytes | None", self._store.get(_BACKUP)) if self._store is not None else None
        return None if written is None else max(time() - int(written), 0.0)

    def _add(self, name: str, times: int = 1) -> None:
        with suppress(redis.RedisError):
            if self._store is not None:
                self._store.hincrby(_NUMBERS, name, times)


def kind_of(error: BaseException) -> str:
    """Which of KINDS an error is. What it says is not looked at: it may hold what a child wrote."""
    for kinds, name in ((db.AWAY, "database"), (StoreUnavailable, "media"), (redis.RedisError, "broker"), (OSError, "machine")):
        if isinstance(error, kinds):
            return name
    return "program"
