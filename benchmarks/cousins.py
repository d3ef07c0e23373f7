"""Cousins of one picture among a million likenesses, on SQLite and PostgreSQL."""

import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from uuid import UUID

from benchmarks import _seeder
from benchmarks._databases import postgresql, sqlite
from memes import db, likenesses, privacy
from memes.db import Base, Database
from memes.lifecycle import State
from memes.models import Entry
from moderation import accounts
from moderation import cousins as page
from moderation.models import Moderator
from moderation.roles import Role
from tests import make
from workers import cousins
from workers.likeness import distance

TITLE = "Similar pictures among 1 000 000"
KEPT, PICTURES = 1_000_000, 50
#: Bits by which what is planted differs from a picture; the last one is too far.
PLANTED = (0, 9, 18, 31, 32)

Hashes = list[bytes]


def measure() -> str:
    """A table, one column for each database."""
    with sqlite() as address:
        told = {"SQLite": _measured(address)}
    with postgresql() as address:
        told["PostgreSQL"] = _measured(address)
    lines = [f"| {name} | {' | '.join(column[name] for column in told.values())} |" for name in told["SQLite"]]
    return "\n".join([
        f"The worker keeps a picture's likeness, commits, and compares it and its seven flips and turns with {KEPT:,}",
        f"others, before anybody sees the entry. {PICTURES} pictures, median and worst; each found exactly what was planted",
        f"at {', '.join(map(str, PLANTED))} bits of 256 and is near enough (31).", "",
        f"| | {' | '.join(told)} |", f"|---|{'---|' * len(told)}", *lines, "", _web(),
    ])  # fmt: skip


def _measured(address: str) -> dict[str, str]:
    db.upgrade(address)
    chance = random.Random(1)  # noqa: S311  (the same every time)
    with Database(address, _seeder.KEYRING) as database:
        pictures, reader = _fill(database, chance)
        index, start = cousins._index(str(database.url)), time.perf_counter()
        with database.reads() as session:
            index.refresh(session)
        loaded = time.perf_counter() - start
        whole = [_timed(_meet, database, *picture) for picture in pictures.items()]
        search = [_timed(index.search, hashes) for hashes in pictures.values()]
        shown = [_timed(_show, database, entry, reader) for entry in pictures]
        held = sum(array.nbytes for array in (*index._blocks, *index._ids))
    return {
        "kept, committed, found, of one picture": _said(whole),
        "of that, the comparing": _said(search),
        "the review page's reading of them": _said(shown),
        "first picture of a worker process: reading all": f"{loaded:.1f} s",
        "memory of a worker process for all": f"{held / 1e6:.0f} MB",
    }


def _fill(database: Database, chance: random.Random) -> tuple[dict[UUID, Hashes], Moderator]:
    """Likenesses, and pictures with cousins among them."""
    hashes = [[chance.randbytes(32) for _ in range(8)] for _ in range(PICTURES)]
    planted = [_blurred(chance.choice(eight), bits, chance) for eight in hashes for bits in PLANTED]
    everything = planted + [chance.randbytes(32) for _ in range(KEPT - len(planted))]
    chance.shuffle(everything)
    today = privacy.now().date()
    kept = {"outcome": State.DECLINED, "reason": "hate", "decided_in": today, "expires_on": today}
    with _seeder.at_once(database) as (connection, _):
        table = Base.metadata.tables["likenesses"]
        _seeder.put(connection, table, ("digest", *kept), ((digest, *kept.values()) for digest in everything))
    with database.writing() as session:
        ids = [make.pending(session, image=b"picture").id for _ in hashes]
        return dict(zip(ids, hashes, strict=True)), accounts.add(session, "a@example.org", "long enough a one", Role.ADMIN)


def _meet(database: Database, entry_id: UUID, hashes: Hashes) -> None:
    """What the pipeline does; and it is right."""
    found = cousins.meet(database, entry_id, [digest.hex() for digest in hashes])
    with database.writing() as session:
        likenesses.link(session, entry_id, found)
    assert [alike.distance for alike in found] == [bits for bits in PLANTED if bits <= cousins.NEAR]  # noqa: S101


def _show(database: Database, entry_id: UUID, reader: Moderator) -> None:
    with database.reads() as session:
        assert page.of_entry(session, session.get_one(Entry, entry_id), reader).refused  # noqa: S101


def _blurred(digest: bytes, bits: int, chance: random.Random) -> bytes:
    number = int.from_bytes(digest, "big")
    for place in chance.sample(range(256), bits):
        number ^= 1 << place
    made = number.to_bytes(32, "big")
    assert distance(digest, made) == bits  # noqa: S101
    return made


def _timed(work: Callable[..., object], *given: object) -> float:
    start = time.perf_counter()
    work(*given)
    return (time.perf_counter() - start) * 1000


def _said(milliseconds: list[float]) -> str:
    return f"{statistics.median(milliseconds):.1f} ms, {max(milliseconds):.1f} ms"


_LOOK = """
import sys, time
start = time.perf_counter()
import wsgi
pages = int(open("/proc/self/statm").read().split()[1])
print(f"{time.perf_counter() - start:.2f} {pages * 4096 / 1e6:.0f} {'numpy' in sys.modules}")
"""


def _web() -> str:
    """What the web process pays: nothing, for it never loads the array library."""
    done = subprocess.run([sys.executable, "-c", _LOOK], capture_output=True, text=True, check=True)  # noqa: S603
    seconds, megabytes, loaded = done.stdout.split()
    array = "loads" if loaded == "True" else "does not load"
    return f"The web process {array} NumPy: importing it all takes {seconds} s and {megabytes} MB."
