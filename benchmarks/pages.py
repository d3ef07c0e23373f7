"""Public pages and pictures as visitors meet them: the whole platform behind nginx, beside a hello-world of the same server.

wrk (`tests/tools.py` finds or installs it) asks over 16 connections and shares the machine with what it measures. All servers
are granian with two processes; those of the hello-worlds have one thread each, which is the fastest for them. A cookie makes a
request one that is never answered from memory. Rounds are interleaved, and each ratio is to Flask's hello-world of the same
round. Processor time is that of granian's processes alone; nginx and PostgreSQL have theirs beside it.
"""

import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from benchmarks._databases import databases
from benchmarks._goals import goal, spread
from benchmarks._hello import WORDS
from tests import tools
from tests.deploy.test_nginx import Site, _wait_for, ask, open_site, published
from tests.memes.test_supervisor import free_port

TITLE = "Public pages and pictures"
ROUNDS, SECONDS, CONNECTIONS, PROCESSES = 3, 2, 16, 2
ENTRIES, GALLERY, HEAVIEST = 24, "/ar/gallery", 25  # HEAVIEST: KB, compressed

#: Row -> (what is counted, at least or at most, the goal).
GOALS = {
    "gallery from memory": ("ratio", 0.75), "gallery from memory, not changed (304)": ("ratio", 0.75),
    "gallery, made anew": ("cpu", 1.5), "an entry's page, made anew": ("cpu", 1.5), "home, made anew": ("cpu", 1.5),
    "the same through nginx": ("cpu", 0.1),
}  # fmt: skip


#: Why a page made anew takes longer, by database.
ANEW = {"PostgreSQL": "each transaction that only reads takes three ways to the database more; next: spare them"}

WHY = """
A page from memory costs less than a hello-world because Flask is not asked. Whether it still holds is asked of the database at most
a hundred times a second, and whoever takes something back hears so only after that time: withdrawn is gone at once. Made
anew, a page asks for its entries and puts pieces together that were made before: each process does that once a minute, or after a
change. Of what is left of a page of the gallery, three tenths go to its template, as much to the database (four tenths with
PostgreSQL), a seventh to compressing it, and the rest to Flask. The next step would be to spare PostgreSQL three ways there and
back: whether the connection lives, and the beginning and the end of a transaction that only reads.
"""


@dataclass(slots=True)
class Row:
    """What is asked, whose processor time it costs, and what came out of each round: a second, milliseconds of processor, ratio."""

    address: str
    server: psutil.Process
    headers: dict[str, str] = field(default_factory=dict)
    rounds: list[tuple[float, float, float]] = field(default_factory=list)


def measure() -> str:
    """A table for each database."""
    wrk = tools.wrk() or sys.exit("Needs wrk: install it (apt-get install wrk), or name one with WRK=/path.")
    said = []
    for name, url in databases():
        with tempfile.TemporaryDirectory(prefix="im-bench-") as folder, _hello("of_flask") as flask, _hello("bare") as bare:
            told = {"INSTAMEMES_WEB_WORKERS": str(PROCESSES), "INSTAMEMES_LIMITS": "off", "DATABASE_URL": url}
            with open_site(Path(folder), **told) as site:
                rows = {"hello, world of Flask": flask, "hello, world of a bare function": bare} | _rows(site)
                for _ in range(ROUNDS):
                    _round(wrk, rows)
                said.append(f"### {name}\n\n{_table(rows)}\n")
                _judge(name, rows)
                weight = len(ask(site.direct, GALLERY, **{"Accept-Encoding": "gzip"})[2]) / 1000
                goal(f"the gallery's page of {ENTRIES}, {name}", f"at most {HEAVIEST} KB", f"{weight:.1f} KB", weight <= HEAVIEST)
    how = f"{ENTRIES} entries with pictures; {ROUNDS} rounds of {SECONDS} s, median and, in brackets, lowest and highest."
    return "\n".join((*said, how, WHY))


def _rows(site: Site) -> dict[str, Row]:
    entry = [published(site.house) for _ in range(ENTRIES)][0]
    web = next(part for part in psutil.Process(site.house.process.pid).children() if "granian" in part.cmdline())
    pages = {"gallery": GALLERY, "an entry's page": f"/ar/gallery/{entry}", "home": "/ar/"}
    picture = f"/media/{entry}/320.webp"
    packed, anew = {"Accept-Encoding": "gzip"}, {"Accept-Encoding": "gzip", "Cookie": "made=anew"}
    etag = {"If-None-Match": ask(site.direct, pages["gallery"])[1]["etag"]}
    rows = {
        "gallery from memory": Row(site.direct + pages["gallery"], web, packed),
        "gallery from memory, not changed (304)": Row(site.direct + pages["gallery"], web, packed | etag),
        "gallery from memory, through nginx": Row(site.address + pages["gallery"], web, packed),
        **{f"{name}, made anew": Row(site.direct + path, web, anew) for name, path in pages.items()},
        "gallery made anew, not changed (304)": Row(site.direct + pages["gallery"], web, anew | etag),
        "a picture of 320 pixels, through Python": Row(site.direct + picture, web),
        "the same through nginx": Row(site.address + picture, web),
    }  # fmt: skip
    for row in rows.values():
        host, _, path = row.address.partition("/")
        status, told, _body = ask(host, f"/{path}", **row.headers)
        expected = "nginx" if host == site.address else "granian"
        if (status, told["server"]) != (304 if "If-None-Match" in row.headers else 200, expected):
            sys.exit(f"{row.address} answered {status} by {told['server']}, not {expected}")
    return rows


@contextmanager
def _hello(program: str) -> Iterator[Row]:
    """One of those in `benchmarks/_hello.py`, while it runs."""
    port = free_port()
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", f"benchmarks._hello:{program}", "--host", "127.0.0.1",
        "--port", str(port), "--workers", str(PROCESSES), "--blocking-threads", "1", "--http", "1", "--no-ws", "--no-access-log",
        "--log-level", "warning",
    ]  # fmt: skip
    with subprocess.Popen(command) as server:  # noqa: S603
        try:
            _wait_for(port)
            status, told, body = ask(f"127.0.0.1:{port}", "/")
            if (status, told["server"], body) != (200, "granian", WORDS.encode()):
                sys.exit(f"somebody else answers at port {port}")
            yield Row(f"127.0.0.1:{port}/", psutil.Process(server.pid))
        finally:
            server.terminate()


def _round(wrk: str, rows: dict[str, Row]) -> None:
    hello = 0.0
    for name, row in rows.items():
        before = _cpu(row.server)
        command = [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", f"http://{row.address}"]
        for pair in row.headers.items():
            command += ["-H", "{}: {}".format(*pair)]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603
        spent, answers = _cpu(row.server) - before, int(re.findall(r"(\d+) requests in", said)[0])
        if "Non-2xx" in said or "Socket errors" in said or not answers or not spent:
            sys.exit(f"{name}: {said}")
        each = float(re.findall(r"Requests/sec:\s+([\d.]+)", said)[0])
        hello = hello or each
        row.rounds.append((each, 1000 * spent / answers, each / hello))


def _cpu(process: psutil.Process) -> float:
    """Seconds that it and its children have worked."""
    times = [one.cpu_times() for one in (process, *process.children(recursive=True))]
    return sum(one.user + one.system for one in times)


def _table(rows: dict[str, Row]) -> str:
    lines = [("", "a second", "ms of processor each", "of Flask's hello, world", "goal")]
    for name, row in rows.items():
        each, spent, ratio = (list(column) for column in zip(*row.rounds, strict=True))
        kind, goal = GOALS.get(name, ("", 0.0))
        met = {"": "", "ratio": f">= {goal:g}: {_said(statistics.median(ratio) >= goal)}",
               "cpu": f"<= {goal:g} ms: {_said(statistics.median(spent) <= goal)}"}[kind]  # fmt: skip
        lines.append((name, spread(each, ".0f"), spread(spent, ".3f"), spread(ratio, ".3g"), met))
    table = [f"| {' | '.join(line)} |" for line in lines]
    return "\n".join([table[0], "|---|---|---|---|---|", *table[1:]])


def _judge(database: str, rows: dict[str, Row]) -> None:
    for name, (kind, wanted) in GOALS.items():
        _each, spent, ratio = (list(column) for column in zip(*rows[name].rounds, strict=True))
        what = f"{name}, {database}"
        if kind == "ratio":
            goal(what, f"at least {wanted}x Flask's hello, world", spread(ratio, ".2f", "x"), statistics.median(ratio) >= wanted)
        else:
            goal(what, f"at most {wanted} ms of processor", spread(spent, ".2f", " ms"), statistics.median(spent) <= wanted,
                 ANEW.get(database, "") if "anew" in name else "")  # fmt: skip


def _said(met: bool) -> str:
    return "met" if met else "missed"
