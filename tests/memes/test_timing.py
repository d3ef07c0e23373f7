"""How long it takes to look up a receipt does not tell whether it opens something."""

import gc
import hashlib
import math
import random
import time
from collections.abc import Callable

import pytest
from sqlalchemy import event

from memes import entries
from memes.db import Database
from tests import make

#: Enough entries that next to no wrong receipt comes after all of them.
ENTRIES = 200

#: A difference that is there shows in each series; one that is none, in one of a million threes.
SERIES, ALPHA = 3, 0.01

Look = Callable[[bytes], None]


@pytest.fixture
def right(database: Database) -> list[bytes]:
    """The digests of the receipts of some entries."""
    digests = [hashlib.sha256(f"right {number}".encode()).digest() for number in range(ENTRIES)]
    with database.writing() as session:
        for digest in digests:
            make.received(session, receipt=digest)
    return digests


def wrong(number: int) -> bytes:
    return hashlib.sha256(f"wrong {number}".encode()).digest()


def chance(pairs: int, look: Look, right: list[bytes]) -> float:
    """How probable it is that right and wrong receipts differ as much as measured if they do not (sign test).

    Processor time, in pairs whose order is drawn: what else the machine does meets both alike.
    """
    draw, more = random.Random(7), 0  # noqa: S311
    gc.disable()
    try:
        for number in range(pairs):
            both = [(True, draw.choice(right)), (False, wrong(number))]
            draw.shuffle(both)
            spent = {}
            for is_right, digest in both:
                start = time.thread_time_ns()
                look(digest)
                spent[is_right] = time.thread_time_ns() - start
            more += (spent[True] > spent[False]) - (spent[True] < spent[False])
    finally:
        gc.enable()
    return math.erfc(abs(more) / math.sqrt(pairs) / math.sqrt(2))


def looking(database: Database, more: float = 0.0) -> Look:
    """Looks a digest up as a request does; what opens something takes so many seconds `more`."""

    def look(digest: bytes) -> None:
        with database.reads() as session:
            if entries.by_receipt(session, digest) is not None and more:
                until = time.thread_time() + more
                while time.thread_time() < until:
                    pass

    return look


@pytest.mark.thorough
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_right_receipt_takes_as_long_as_a_wrong_one(
    database: Database, right: list[bytes], figure: Callable[..., None]
) -> None:
    chance(500, looking(database), right)
    found = max(chance(10_000, looking(database), right) for _ in range(SERIES))
    figure("receipts.timing", round(found, 3), goal=">= 0.01", unit="chance of the difference if there is none, 10 000 pairs")
    assert found > ALPHA


@pytest.mark.thorough
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_twenty_microseconds_would_be_seen(database: Database, right: list[bytes]) -> None:
    chance(500, looking(database), right)
    assert max(chance(3_000, looking(database, 20e-6), right) for _ in range(SERIES)) < ALPHA


def test_a_wrong_receipt_reads_as_much_as_a_right_one(database: Database, right: list[bytes]) -> None:
    for digest, opens in ((right[0], True), (wrong(0), False)):
        loaded: list[str] = []
        with database.reads() as session:
            event.listen(session, "loaded_as_persistent", lambda _session, row: loaded.append(type(row).__name__))  # noqa: B023
            assert (entries.by_receipt(session, digest) is not None) == opens
        assert sorted(loaded) == ["Entry", "EntryKey"]
