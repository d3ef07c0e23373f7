"""Where the time and money go at 1 000, 100 000 and 10 000 000 entries and on a national launch day: docs/scale.md and its plots.

What one page, one sending and one picture cost is measured here; the rest is arithmetic (`_arithmetic.py`).
"""

import io
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from math import floor, log10
from pathlib import Path

import numpy as np
import psutil
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import text

import wsgi
from benchmarks import _arithmetic as sums
from benchmarks import _seeder
from benchmarks._arithmetic import Costs, Load
from benchmarks._databases import postgresql
from benchmarks._plot import plot
from memes import db
from memes.db import Database
from memes.settings import Settings
from tests.fakes import MemoryStore, RecordingQueue
from tests.faults.parts import multipart
from workers import render

TITLE = "What one of each costs, for docs/scale.md"
DOCS = Path(__file__).resolve().parent.parent / "docs"
SIZES, ENTRIES, TIMES, PICTURES = (1_000, 100_000, 10_000_000), 20_000, 40, 20
CURVE = [10 ** (power / 4) for power in range(12, 29)]


def measure() -> str:
    """Writes docs/scale.md with its plots; returns what was measured."""
    costs = measured()
    (DOCS / "images" / "scale-time.svg").write_text(_time(costs), encoding="utf-8")
    (DOCS / "images" / "scale-money.svg").write_text(_money(costs), encoding="utf-8")
    (DOCS / "scale.md").write_text(page(costs), encoding="utf-8")
    return f"{_measured(costs)}\n\nWhat follows from it for many: [scale](scale.md)."


def measured() -> Costs:
    """One of each, on PostgreSQL with some thousand entries."""
    picture = _phone_picture()
    render.keeper().close()  # a process counts when it has ended: with all that it has done before
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    rendered = [render.render_in_child(picture) for _ in range(PICTURES)][-1]
    render.keeper().close()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    sizes = {size.name: len(size.data) for size in rendered.renditions}
    with postgresql() as address, tempfile.TemporaryDirectory(prefix="im-bench-") as home:
        db.upgrade(address)
        settings = Settings(Path(home), "k" * 64, address, "unix:///nowhere", "file:///nowhere", _seeder.KEYRING, limits=False)
        app = wsgi.create_app(settings, media=MemoryStore(), queue=RecordingQueue())
        database: Database = app.extensions["instamemes"].database
        empty = _size(database)
        _seeder.fill(database, ENTRIES)
        client = app.test_client(use_cookies=False)
        database_before = _server_seconds(database)
        made = _seconds(lambda: _got(client, "/ar/gallery", Cookie="of=another"))
        in_database = (_server_seconds(database) - database_before) / (TIMES + 3)
        found = Costs(
            page_made=made, page_kept=_seconds(lambda: _got(client, "/ar/gallery")), page_in_database=max(in_database, 1e-5),
            story_sent=_seconds(lambda: _sent(client, None)), picture_sent=_seconds(lambda: _sent(client, picture)),
            picture_cleaned=(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / PICTURES,
            page_bytes=len(_got(client, "/ar/gallery", **{"Accept-Encoding": "gzip"})),
            picture_shown_bytes=sizes["320.webp"], picture_stored_bytes=sum(sizes.values()),
            entry_in_database_bytes=(_size(database) - empty) / ENTRIES,
        )  # fmt: skip
        database.dispose()
    return found


def page(costs: Costs) -> str:
    """All of docs/scale.md."""
    told, sizes = sums.ASSUMED, [(f"{size:,} entries a year".replace(",", " "), sums.year(size, costs)) for size in SIZES]
    every = [*sizes, ("a national launch day", sums.launch(costs))]
    first = "\n".join(_strained(name, load) for name, load in every)
    ends = "\n".join(
        f"| {what} | {_short(sums.breaks_at(what, costs))} | {engine} |"
        for what, engine in sorted(sums.ENGINES.items(), key=lambda item: sums.breaks_at(item[0], costs))
    )
    return f"""# Scale

Written by `make bench BENCH=scale`, which measures what one page, one sending and one picture cost; the rest is arithmetic
(`benchmarks/_arithmetic.py`). What was not measured is an assumption, named in the last table: change it there and write this anew.

## Time

Cores and Mbit/s are those of the busiest hour, half of them left free; readers are those of the busiest day.

{_table(every)}

![Cores in the busiest hour over entries a year](images/scale-time.svg)

## Money

Euro a month, over a year; what is stored is stored three times in databases and once in the store of pictures.

{_costs(sizes)}

![Euro a month over entries a year](images/scale-money.svg)

A launch day is {_short(sums.launch(costs).cores)} cores for a day, not for a month: machines of a part alone come and go, because
nothing is on them ([many machines](../deploy/README.md#many-machines)).

## What breaks first

How many times over what one small machine can give is asked for; above 1 it breaks. It has {told.small_cores:g} cores,
{told.small_gb:g} GB and {told.small_mbit:g} Mbit/s, and there are {told.small_readers:g} people who read.

| | the first | and then |
|---|---|---|
{first}

| what breaks | beyond so many entries a year | who takes over |
|---|---|---|
{ends}

Two things do not grow with entries. The memory store holds counters of minutes and ids of what waits: its sentinels look after
it. And whatever stands in lists is read along indexes ([performance](performance.md)). Each core of the web takes
{_short(1 / costs.story_sent)} stories a second: most of that is the receipt's slow hash, which is slow on purpose.

## Measured

{_measured(costs)}

## Assumed

| | |
|---|---|
{chr(10).join(f"| {name} | {value:,g} |" for name, value in sums.named(sums.ASSUMED))}
"""


def _table(told: list[tuple[str, Load]]) -> str:
    rows: dict[str, Callable[[Load], float]] = {
        "web, cores": lambda load: load.web_cores, "worker, cores": lambda load: load.worker_cores,
        "database, cores": lambda load: load.database_cores, "sent out, Mbit/s": lambda load: load.mbit,
        "database, GB": lambda load: load.database_gb, "pictures, GB": lambda load: load.pictures_gb,
        "sent out in all, TB": lambda load: load.sent_tb, "reading, hours in all": lambda load: load.reading_hours,
        "people who read": lambda load: load.readers,
    }  # fmt: skip
    body = "\n".join(f"| {name} | {' | '.join(_short(of(load)) for _, load in told)} |" for name, of in rows.items())
    return f"| | {' | '.join(name for name, _ in told)} |\n|{'---|' * (len(told) + 1)}\n{body}"


def _costs(told: list[tuple[str, Load]]) -> str:
    paid = [sums.money(load) for _, load in told]
    rows = "\n".join(f"| {name} | {' | '.join(_short(each[name]) for each in paid)} |" for name in paid[0])
    all_of_it = " | ".join(_short(sum(each.values())) for each in paid)
    return f"| | {' | '.join(name for name, _ in told)} |\n|{'---|' * (len(told) + 1)}\n{rows}\n| all | {all_of_it} |"


def _strained(name: str, load: Load) -> str:
    said = [f"{what} ({_short(times)})" for what, times in sums.strain(load).items()]
    return f"| {name} | {said[0]} | {', '.join(said[1:])} |"


def _time(costs: Costs) -> str:
    loads = [sums.year(size, costs) for size in CURVE]
    lines = {"web": [load.web_cores for load in loads], "worker": [load.worker_cores for load in loads],
             "database": [load.database_cores for load in loads]}  # fmt: skip
    return plot("Cores in the busiest hour", "entries a year", "cores", CURVE, lines)


def _money(costs: Costs) -> str:
    paid = [sums.money(sums.year(size, costs)) for size in CURVE]
    lines = {name: [each[name] for each in paid] for name in paid[0]}
    return plot("Where the money goes", "entries a year", "euro a month", CURVE, lines)


def _measured(costs: Costs) -> str:
    rows = "\n".join(
        f"| {name} | {value / 1000:,.1f} KB |" if name.endswith("bytes") else f"| {name} | {1000 * value:,.2f} ms of a core |"
        for name, value in sums.named(costs)
    )
    return f"| | |\n|---|---|\n{rows}"


def _short(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.1f}" if value >= 1 else f"{value:.{1 - floor(log10(value))}f}"


def _seconds(deed: Callable[[], object]) -> float:
    """Processor time of this process, the median."""
    spent = []
    for _ in range(TIMES + 3):
        start = time.process_time()
        deed()
        spent.append(time.process_time() - start)
    return statistics.median(spent[3:])


def _got(client: FlaskClient, path: str, **headers: str) -> bytes:
    answer = client.get(path, headers=headers)
    if answer.status_code != 200:
        raise SystemExit(f"{path} answered {answer.status_code}")
    return answer.data


def _sent(client: FlaskClient, picture: bytes | None) -> None:
    words = "caption" if picture else "text"
    fields = {"kind": "meme" if picture else "story", "language": "ar", "theme": "rumours", words: f"word {os.urandom(6).hex()}"}
    body, kind = multipart(fields, picture)
    answer = client.post("/api/v1/entries", data=body, content_type=kind)
    if answer.status_code != 201:
        raise SystemExit(f"a sending was answered {answer.status_code}: {answer.text}")


def _phone_picture() -> bytes:
    """12 megapixels with the noise of a small sensor: about what a phone's JPEG weighs."""
    random = np.random.default_rng(7)
    coarse = Image.fromarray(random.integers(0, 256, (90, 120, 3), dtype=np.uint8))
    large = coarse.resize((4000, 3000), Image.Resampling.BICUBIC)
    noisy = np.asarray(large, dtype=np.int16) + random.normal(0, 7, (3000, 4000, 1)).astype(np.int16)
    file = io.BytesIO()
    Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(file, "JPEG", quality=85)
    return file.getvalue()


def _size(database: Database) -> int:
    with database.reads() as session:
        return int(session.scalar(text("SELECT pg_database_size(current_database())")) or 0)


def _server_seconds(database: Database) -> float:
    """Processor time of all processes of the database's server that are there now."""
    with database.reads() as session:
        backend = psutil.Process(int(session.scalar(text("SELECT pg_backend_pid()")) or 0))
    server = backend.parent()
    if server is None:
        raise SystemExit("the database's server has no process here")
    times = [process.cpu_times() for process in (server, *server.children())]
    return sum(each.user + each.system for each in times)
