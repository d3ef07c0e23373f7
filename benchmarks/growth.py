"""Every question the product asks its database, at ten thousand and at a million entries, with the way the database takes.

All sizes are asked in turn, so that a busy machine slows each. What changes something is rolled back. The databases are filled as
they were some releases ago and then upgraded, as an operator would.
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
from typing import NamedTuple

from sqlalchemy.orm import Session

import wsgi
from benchmarks import _plans, _questions, _seeder
from benchmarks._goals import goal
from benchmarks._plot import plot
from memes import db
from memes.db import Database
from tests import servers
from tests.fakes import MemoryStore, RecordingQueue

SIZES = SMALL, _MIDDLE, LARGE = 10_000, 100_000, 1_000_000
#: The migration with which the databases are filled. What is filled must have all its columns by then.
FROM = "0030"
RUNS, GOAL = 15, 2.0
#: Rounds in any case, and seconds after which they are enough.
LEAST, PATIENCE = 3, 8
#: Below this a ratio says more about the clock than about the database. Milliseconds.
NOISE = 1.0
IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
#: What is drawn over all sizes, by its name there.
LINES = {
    "newest 24": "gallery and feed: newest 24", "four filters": "gallery, four filters", "search, two words": "search, two words",
    "backlog: all counts": "backlog: counts of all lanes", "recall list": "recall list of packs",
}  # fmt: skip
TITLE = "Growth: the same questions at 10 000 and 1 000 000 entries"


#: Milliseconds at all sizes.
Times = tuple[float, ...]


@dataclass
class Row:
    """One question: times by database, how the largest one answered it, and how many rows it had to do with at all sizes."""

    times: dict[str, Times] = field(default_factory=dict)
    plans: dict[str, str] = field(default_factory=dict)
    rows: tuple[int | None, ...] = ()


class Made(NamedTuple):
    """Seconds in which a database was filled, in which all indexes were made of that, and in which it was upgraded from FROM."""

    filled: float
    indexed: float
    upgraded: float


def measure() -> str:
    """Tables of times and ways. Both databases are filled at the same time, each by a process of its own."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="im-bench-"))
        server = stack.enter_context(servers.postgresql(shared_buffers="256MB"))
        addresses = {"SQLite": f"sqlite:///{folder}/g{{}}.db", "PostgreSQL": server.replace("{}", "g{}")}
        for number in SIZES:
            servers.administer(server, f"CREATE DATABASE g{number}")
        with ProcessPoolExecutor(len(addresses), get_context("spawn")) as pool:
            made = list(pool.map(make_all, addresses.values(), repeat(SIZES)))
        return report(addresses, dict(zip(addresses, made, strict=True)))


def make_all(address: str, numbers: tuple[int, ...]) -> list[Made]:
    """Make, fill and upgrade the databases of all sizes."""
    return [_made(address.format(number), number) for number in numbers]


def _made(address: str, number: int) -> Made:
    start = time.perf_counter()
    db.upgrade(address, FROM)
    with Database(address, _seeder.KEYRING) as database:
        indexed = _seeder.fill(database, number)
    filled = time.perf_counter()
    db.upgrade(address)
    return Made(filled - start, indexed, time.perf_counter() - filled)


def report(addresses: dict[str, str], made: dict[str, list[Made]]) -> str:
    """Ask everything, and draw some of it. `addresses`: by name, with a place for the number of entries; `made`: as `make_all`."""
    rows: dict[str, Row] = {}
    start: dict[str, list[float]] = {}
    for name, address in addresses.items():
        with ExitStack() as stack:
            opened = [_questions.opened(address.format(number)) for number in SIZES]
            for database, _ in opened:
                stack.callback(database.dispose)
            for what, ask in _questions.questions().items():
                row = rows.setdefault(what, Row())
                row.times[name], answers = _compared(ask, *opened)
                row.rows = tuple(_questions.rows_of(what, *one) for one in zip(opened, answers, strict=True))
                row.plans[name] = _plans.plan(partial(_asked, ask, opened[-1][1]), opened[-1][0])
        start[name] = [_starting(address.format(number)) for number in SIZES]
        drawn = plot(f"Questions among more and more entries, {name}", "entries", "milliseconds", SIZES,
                     {line: rows[what].times[name] for line, what in LINES.items()})  # fmt: skip
        (IMAGES / f"growth-{name.lower()}.svg").write_text(drawn, encoding="utf-8")
    return _told(rows, start, made)


def _asked(ask: _questions.Asked, known: _questions.Known, session: Session) -> object:
    return ask(session, known)


def _compared(ask: _questions.Asked, *stacks: tuple[Database, _questions.Known]) -> tuple[Times, list[object]]:
    """Milliseconds in each database, the best of RUNS rounds, or of what fits into PATIENCE: whatever else the machine does can
    only make it longer. And what was answered.
    """
    spent: list[list[float]] = [[] for _ in stacks]
    answers: list[object] = [None for _ in stacks]
    end = time.perf_counter() + PATIENCE
    while len(spent[0]) < RUNS and (len(spent[0]) < LEAST or time.perf_counter() < end):
        for place, (database, known) in enumerate(stacks):
            with database.writes() as session:
                session.connection()
                start = time.perf_counter()
                answers[place] = ask(session, known)
                spent[place].append(1000 * (time.perf_counter() - start))
                session.rollback()
    return tuple(map(min, spent)), answers


def _starting(address: str) -> float:
    """Milliseconds until the application is made and the migrations that are done have been looked at."""
    with tempfile.TemporaryDirectory(prefix="im-bench-") as home:
        settings = replace(_questions.SETTINGS, home=Path(home), database_url=address)
        return _spent(lambda: (db.upgrade(address), wsgi.create_app(settings, media=MemoryStore(), queue=RecordingQueue())))


def _spent(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - start)


def _told(rows: dict[str, Row], start: dict[str, list[float]], made: dict[str, list[Made]]) -> str:
    names = list(start)
    plans = [f"| {what} | {' | '.join(row.plans[name] or '-' for name in names)} |" for what, row in rows.items()]
    missed = {what for what, row in rows.items() if any(_missed(row.times[name], row) for name in names)}
    longer = {what for what, row in rows.items() if any(_longer(row.times[name]) for name in names)} - missed
    for name in names:
        over = {what: _ratio(rows[what].times[name]) for what in missed if _missed(rows[what].times[name], rows[what])}
        worst = max(over, key=over.__getitem__, default="")
        more = sum(_longer(row.times[name]) for row in rows.values()) - len(over)
        goal(f"{len(rows)} questions, {SMALL:,} to {LARGE:,} entries, {name}", f"each at most {GOAL:.0f}x, or per row it is about",
             f"{len(rows) - len(over) - more}, and {more} per row{worst and f'; the worst {over[worst]:.0f}x ({worst})'}", not over,
             "reasons in the section")  # fmt: skip
    return "\n".join([
        f"Milliseconds, the best of {RUNS} or of {PATIENCE} s, all sizes asked in turn. Goal: at most {GOAL:.0f} times as long",
        f"with {LARGE // SMALL} times as many entries. {len(missed)} of {len(rows)} questions miss it on one database or both",
        f"(bold, where it takes {NOISE:.0f} ms or more). {len(longer)} take longer because more rows are answered, counted or",
        f"looked at, and at most {GOAL:.0f} times as long for each row (in italics). Of 1 000 entries 800 are public, 20 wait, the",
        "others have ended and most are erased; each has its own key, and its words lie encrypted. What a round of housekeeping",
        "finds to do is the same at all sizes.",
        "", *(f"![{name}](images/growth-{name.lower()}.svg)" for name in names),
        "", *_head([*(f"{name} {SMALL:,} | {LARGE:,} | ratio" for name in names), "rows"]),
        *(f"| {what} | {' | '.join(_cells(row.times[name], row) for name in names)} | {_rows(row)} |"
          for what, row in rows.items()),
        "", *_reasons([what for what in rows if what in missed | longer]), "",
        f"At {', '.join(f'{number:,}' for number in SIZES)} entries:", "", *_head(names), *_begun(start, made), "",
        f"How the databases answer at {LARGE:,}: the indexes they go along. `SCAN` reads all of a table or of an index.", "",
        *_head(names), *plans,
    ])  # fmt: skip


def _head(names: list[str]) -> list[str]:
    titles = " | ".join(["", *names])
    return [f"|{titles} |", "|---" * titles.count("|") + "|---|"]


def _reasons(questions: list[str]) -> list[str]:
    """Each reason once, with the questions it belongs to."""
    found: dict[str, list[str]] = {}
    for what in questions:
        found.setdefault(_questions.WHY.get(what, "no reason is known; its way stands below."), []).append(what)
    return [f"- {'; '.join(named)}: {reason}" for reason, named in found.items()]


def _begun(start: dict[str, list[float]], made: dict[str, list[Made]]) -> list[str]:
    cells = {
        "a web process begins, and looks at the migrations, ms": {name: [f"{one:.0f}" for one in start[name]] for name in start},
        f"an upgrade from {FROM}, s": {name: [f"{one.upgraded:.1f}" for one in made[name]] for name in start},
        "all indexes of that time are made, s": {name: [f"{one.indexed:.1f}" for one in made[name]] for name in start},
        "filling, s": {name: [f"{one.filled:.0f}" for one in made[name]] for name in start},
    }
    return [f"| {what} | {' | '.join(', '.join(numbers) for numbers in by_name.values())} |" for what, by_name in cells.items()]


def _ratio(times: Times) -> float:
    return times[-1] / times[0]


def _longer(times: Times) -> bool:
    return times[-1] > NOISE and _ratio(times) > GOAL


def _missed(times: Times, row: Row) -> bool:
    """Longer, and not because of more rows."""
    few, many = row.rows[0] or 1, row.rows[-1] or 1
    return _longer(times) and _ratio(times) > GOAL * max(many / few, 1)


def _rows(row: Row) -> str:
    known = [f"{number:,}" for number in (row.rows[0], row.rows[-1]) if number is not None]
    return ", ".join(known[:1] if known[:1] == known[1:] else known)


def _cells(times: Times, row: Row) -> str:
    stroke = "**" if _missed(times, row) else "*" if _longer(times) else ""
    return f"{times[0]:.2f} | {times[-1]:.2f} | {stroke}{_ratio(times):.1f}{stroke}"
