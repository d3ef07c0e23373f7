"""Every question the product asks its database, at ten thousand and at a million entries, with the way the database takes.

Both sizes are asked in turn, so that a busy machine slows both. What changes something is rolled back.
"""

import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path

from sqlalchemy.orm import Session

import wsgi
from benchmarks import _plans, _questions, _seeder
from benchmarks._goals import goal
from memes import db
from memes.db import Database
from tests import servers
from tests.fakes import MemoryStore, RecordingQueue

SMALL, LARGE = 10_000, 1_000_000
RUNS, GOAL = 15, 2.0
#: Rounds in any case, and seconds after which they are enough.
LEAST, PATIENCE = 3, 8
#: Below this a ratio says more about the clock than about the database. Milliseconds.
NOISE = 1.0
TITLE = "Growth: the same questions at 10 000 and 1 000 000 entries"


@dataclass
class Row:
    """One question: milliseconds at both sizes, by database, and how the larger one answered it."""

    times: dict[str, tuple[float, float]] = field(default_factory=dict)
    plans: dict[str, str] = field(default_factory=dict)


def measure() -> str:
    """Tables of times and ways. Both databases are filled at the same time, each by a process of its own."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="im-bench-"))
        server = stack.enter_context(servers.postgresql(shared_buffers="256MB"))
        addresses = {"SQLite": f"sqlite:///{folder}/g{{}}.db", "PostgreSQL": server.replace("{}", "g{}")}
        for number in (SMALL, LARGE):
            servers.administer(server, f"CREATE DATABASE g{number}")
        with ProcessPoolExecutor(len(addresses), get_context("spawn")) as pool:
            made = list(pool.map(make_both, addresses.values(), repeat((SMALL, LARGE))))
        return report(addresses, dict(zip(addresses, made, strict=True)))


def make_both(address: str, numbers: tuple[int, int]) -> list[tuple[float, float]]:
    """Make and fill the small and the large database; seconds for all of it, and for its indexes alone."""
    return [_made(address.format(number), number) for number in numbers]


def _made(address: str, number: int) -> tuple[float, float]:
    start = time.perf_counter()
    db.upgrade(address)
    with Database(address, _seeder.KEYRING) as database:
        indexing = _seeder.fill(database, number)
    return time.perf_counter() - start, indexing


def report(addresses: dict[str, str], made: dict[str, list[tuple[float, float]]]) -> str:
    """Ask everything. `addresses`: by name, with a place for the number of entries; `made`: as `make_both`."""
    rows: dict[str, Row] = {}
    start: dict[str, list[float]] = {}
    for name, address in addresses.items():
        small, large = (_questions.opened(address.format(number)) for number in (SMALL, LARGE))
        try:
            for what, ask in _questions.questions().items():
                row = rows.setdefault(what, Row())
                row.times[name] = _compared(ask, small, large)
                row.plans[name] = _plans.plan(partial(_asked, ask, large[1]), large[0])
        finally:
            small[0].dispose(), large[0].dispose()
        start[name] = [_starting(address.format(number)) for number in (SMALL, LARGE)]
    return _told(rows, start, made)


def _asked(ask: _questions.Asked, known: _questions.Known, session: Session) -> object:
    return ask(session, known)


def _compared(ask: _questions.Asked, *stacks: tuple[Database, _questions.Known]) -> tuple[float, float]:
    """Milliseconds in the small and in the large database, the best of RUNS rounds, or of what fits into PATIENCE: whatever else
    the machine does can only make it longer."""
    spent: list[list[float]] = [[], []]
    end = time.perf_counter() + PATIENCE
    while len(spent[0]) < RUNS and (len(spent[0]) < LEAST or time.perf_counter() < end):
        for times, (database, known) in zip(spent, stacks, strict=True):
            with database.writes() as session:
                session.connection()
                times.append(_spent(partial(ask, session, known)))
                session.rollback()
    return min(spent[0]), min(spent[1])


def _starting(address: str) -> float:
    """Milliseconds until the application is made and the migrations that are done have been looked at."""
    with tempfile.TemporaryDirectory(prefix="im-bench-") as home:
        settings = replace(_questions.SETTINGS, home=Path(home), database_url=address)
        return _spent(lambda: (db.upgrade(address), wsgi.create_app(settings, media=MemoryStore(), queue=RecordingQueue())))


def _spent(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - start)


def _told(rows: dict[str, Row], start: dict[str, list[float]], made: dict[str, list[tuple[float, float]]]) -> str:
    names = list(start)
    table = [f"| {what} | {' | '.join(_cells(*row.times[name]) for name in names)} |" for what, row in rows.items()]
    plans = [f"| {what} | {' | '.join(row.plans[name] or '-' for name in names)} |" for what, row in rows.items()]
    missed = [what for what, row in rows.items() if any(_missed(*times) for times in row.times.values())]
    for name in names:
        over = {what: row.times[name][1] / row.times[name][0] for what, row in rows.items() if _missed(*row.times[name])}
        worst = max(over, key=over.__getitem__, default="")
        goal(f"{len(rows)} questions, {SMALL:,} to {LARGE:,} entries, {name}", f"each at most {GOAL:.0f}x",
             f"{len(rows) - len(over)} of {len(rows)}{worst and f', the worst {over[worst]:.0f}x ({worst})'}", not over,
             "reasons in the section")  # fmt: skip
    reasons = [f"- {what}: {_questions.WHY.get(what, 'no reason is known; its way stands below.')}" for what in missed]
    begun = {
        "a web process begins, and looks at the migrations": [[f"{one / 1000:.1f}" for one in start[name]] for name in names],
        "all indexes are made, which is more than any migration does": [[f"{one[1]:.1f}" for one in made[name]] for name in names],
        "the database was filled": [[f"{one[0]:.0f}" for one in made[name]] for name in names],
    }  # fmt: skip
    return "\n".join([
        f"Milliseconds, the best of {RUNS} or of {PATIENCE} s, both sizes asked in turn. Goal: at most {GOAL:.0f} times as long",
        f"with {LARGE // SMALL} times as many entries. {len(missed)} of {len(rows)} questions miss it on one database or both",
        f"(bold, where it takes {NOISE:.0f} ms or more). Of 1 000 entries 800 are public, 20 wait, the others have ended and most",
        "are erased; each has its own key, and its words lie encrypted. What a round of housekeeping finds to do is the same at",
        "both sizes.",
        "", f"| | {' | '.join(f'{name} {SMALL:,} | {LARGE:,} | ratio' for name in names)} |", f"|---{'|---' * 3 * len(names)}|",
        *table,
        "", *([*reasons, ""] if reasons else []),
        "Seconds, at both sizes:", "", f"| | {' | '.join(names)} |", f"|---{'|---' * len(names)}|",
        *(f"| {what} | {' | '.join(', '.join(pair) for pair in cells)} |" for what, cells in begun.items()), "",
        f"How the databases answer at {LARGE:,}: the indexes they go along. `SCAN` reads all of a table or of an index.",
        "", f"| | {' | '.join(names)} |", f"|---{'|---' * len(names)}|", *plans,
    ])  # fmt: skip


def _missed(small: float, large: float) -> bool:
    return large > NOISE and large > GOAL * small


def _cells(small: float, large: float) -> str:
    ratio = f"{large / small:.1f}"
    return f"{small:.2f} | {large:.2f} | {f'**{ratio}**' if _missed(small, large) else ratio}"
