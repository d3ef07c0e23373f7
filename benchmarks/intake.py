"""What it costs to take pictures in, and how long the children and the team wait meanwhile.

Everything is real: `instamemes up` on SQLite with two web and two worker processes, pictures through the share form, limits off.
INTAKE_MINUTES=30 makes the last look at memory half an hour long instead of a minute.
"""

import io
import multiprocessing
import os
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from uuid import UUID

import numpy as np
import psutil
from sqlalchemy import func, select

from benchmarks import _load
from benchmarks._baseline import saving_server
from benchmarks._goals import goal, spread
from benchmarks._load import meme, multipart, photo, post
from memes import pieces, receipts, uploads, vault
from memes.db import Database
from memes.lanes import Lane
from memes.lifecycle import State
from memes.models import Entry
from memes.settings import Settings
from memes.storage import open_store
from tests.halted import halted
from tests.journeys.house import House, open_house
from workers import pipeline
from workers.app import let_others_go_first
from workers.render import render_in_child

TITLE = "Taking pictures in"
SHARE = "/en/share/meme"
#: Rounds of the comparison with the bare server, and uploads of each kind in one.
ROUNDS, UPLOADS = 6, 20
#: Uploads at once where it is looked at what stands in memory.
AT_ONCE = 8
#: Uploads a second, for so many seconds.
RATE, SECONDS = 20, 60
#: At most so many times a bare server's work; at least so many times as fast as without Celery; MB a minute that are still flat.
DEAREST, AS_FAST, FLAT = 1.2, 0.85, 2.0
#: Seconds in which jobs are counted, with Celery and without in turn. Well under the 40 s that a picture may take: the worker is
#: halted in the middle of one.
WINDOW, WINDOWS = 20, 3
#: Seconds in which the lane of danger is waited for.
URGENT = 60
CRY = {"theme": "rumours", "language": "en", "text": "He threatens to kill me if I tell anybody.", "told": "yes"}


def measure() -> str:
    """Tables, and what was wanted."""
    with tempfile.TemporaryDirectory(prefix="im-bench-") as folder:
        return f"{_cost(Path(folder))}\n\n{_load_and_backlog(Path(folder))}"


def _house(stack: ExitStack, folder: Path) -> House:
    told = {"INSTAMEMES_LIMITS": "off", "INSTAMEMES_WEB_WORKERS": "2", "INSTAMEMES_WORKERS": "2"}
    return stack.enter_context(open_house(folder / "home", **told))


def _large(seed: int = 0) -> bytes:
    return photo(4000, 3000, 91, seed)


# What one upload costs, beside a server that only saves it.


def _cost(folder: Path) -> str:
    with ExitStack() as stack:
        house = _house(stack, folder)
        (web,) = _load.parts(house.process.pid, "granian")
        _halt_workers(stack, house)
        server, address = stack.enter_context(saving_server(web, folder))
        large, small = _large(), photo(64, 48, 60, 0)
        kinds = {"bare": (server, address, "/", large), "bare, small": (server, address, "/", small),
                 "share": (web, house.address, SHARE, large), "share, small": (web, house.address, SHARE, small)}  # fmt: skip
        for place in range(10):  # both processes have drawn the page
            for kind in ("bare, small", "share, small"):
                _uploads(*kinds[kind][1:], [place])
        memory = _memory(web, house, len(large) / 1e6)
        spent: dict[str, list[float]] = {kind: [] for kind in kinds}
        for number in range(ROUNDS):
            for kind, (process, *where, picture) in kinds.items():
                before = _load.cpu(process)
                _uploads(*where, picture, range(number * UPLOADS, (number + 1) * UPLOADS))
                spent[kind].append(1000 * (_load.cpu(process) - before) / UPLOADS)
    return _cost_table(len(large) / 1e6, spent, [_care(large) for _ in range(ROUNDS)], memory)


def _care(picture: bytes) -> float:
    """Milliseconds for what only the platform does: it looks at the bytes, marks and encrypts them."""
    stream, start = io.BytesIO(picture), time.process_time()
    uploads.inspect(stream, limit=len(picture))
    receipts.mark_of("secret", stream)
    stream.seek(0)
    closing = pieces.Closing(b"", vault.new_key(), stream, "here")
    while closing.read(1 << 16):
        pass
    return 1000 * (time.process_time() - start)


def _slow_hash() -> float:
    start = time.process_time()
    for number in range(10):
        receipts.digest("secret", f"{number:016d}")
    return 1000 * (time.process_time() - start) / 10


def _uploads(address: str, path: str, picture: bytes, numbers: Sequence[int]) -> None:
    for number in numbers:
        status, _page = post(address, path, *meme(number, picture))
        if status != 200:
            raise SystemExit(f"{path} answered {status}")


def _memory(web: psutil.Process, house: House, size: float) -> list[str]:
    alone = _load.peak_of(web, lambda: _uploads(house.address, SHARE, _large(), range(20)))
    many = _load.peak_of(web, lambda: [_load.together(AT_ONCE, lambda place: _uploads(house.address, SHARE, _large(), [place]))
                                       for _ in range(5)])  # fmt: skip
    goal(f"{AT_ONCE} uploads of {size:.1f} MB at once", f"none sits in memory whole: under {AT_ONCE * size:.0f} MB more",
         f"{many[1] - many[0]:+.0f} MB", many[1] - many[0] < AT_ONCE * size)  # fmt: skip
    found = {"20, one after the other": alone, f"40, {AT_ONCE} at once": many}
    return [f"| {what} | {before:.0f} | {peak - before:+.0f} |" for what, (before, peak) in found.items()]


def _cost_table(size: float, spent: dict[str, list[float]], care: list[float], memory: list[str]) -> str:
    ours = [whole - small for whole, small in zip(spent["share"], spent["share, small"], strict=True)]
    bare = [whole - small for whole, small in zip(spent["bare"], spent["bare, small"], strict=True)]
    ratios = sorted(mine / its for mine, its in zip(ours, bare, strict=True))
    goal(f"the processor time of a picture of {size:.1f} MB", f"at most {DEAREST}x a bare server's", spread(ratios, ".2f", "x"),
         median(ratios) <= DEAREST, "it is written twice, as it comes and encrypted")  # fmt: skip
    rows = [(what, *(f"{value:.1f}" for value in (min(found), median(found), max(found))))
            for what, found in (("the bare server: all of it", spent["bare"]), ("of that, the picture", bare),
                                ("the share form: all of it", spent["share"]), ("of that, the picture", ours),
                                ("of that, looking at it, marking, encrypting", care))]  # fmt: skip
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return f"""A JPEG of {size:.1f} MB: milliseconds of processor time of the web processes, {ROUNDS} rounds of {UPLOADS} in turn.
The bare server is the same granian with the same options, taking the form by Werkzeug's `request.files` and saving it to a file.
The picture's part is what is left without the price of the same form with a picture of 64 pixels: with the share form that is
the entry itself, of which the slow hash of its receipt is {_slow_hash():.0f} ms on purpose.

| | least | median | most |
|---|---|---|---|
{table}

The picture costs **{median(ratios):.2f}** times the bare server's ({ratios[0]:.2f} to {ratios[-1]:.2f}). Wanted: at most {DEAREST}.
Taking and keeping it without what only the platform does: {(median(ours) - median(care)) / median(bare):.2f} times. Next idea: find
the parts of a form while it comes in, so that a picture is written once, encrypted, and not read again from where it was put.

| uploads of {size:.1f} MB | web processes before (MB) | at most, against before |
|---|---|---|
{chr(10).join(memory)}

Wanted: none sits in memory whole."""


# A minute of 20 a second, and what waits then.


def _load_and_backlog(folder: Path) -> str:
    with ExitStack() as stack:
        house = _house(stack, folder)
        database = stack.enter_context(Database(house.database_url, Settings.from_env(house.environment).entry_keys))
        named = {"web": _load.parts(house.process.pid, "granian")[0], "worker": _load.parts(house.process.pid, "worker")[0]}
        usual = [photo(1600, 1200, 80 + seed, seed) for seed in range(9)]
        sizes = [*usual, _large(1)]
        bodies = [meme(number, sizes[number % 10]) for number in range(100)]
        with _load.sampled(named) as samples:
            before = _load.cpu(named["web"])
            heard = _load.open_loop(lambda number: post(house.address, SHARE, *bodies[number % 100])[0], RATE, SECONDS)
            price = (_load.cpu(named["web"]) - before) / len(heard.seconds)
            waiting = _count(database, Entry.state == State.RECEIVED)
            kept, urgent = _count(database), _urgent(house, database)
            celery, alone = _drained(house, database)
            minutes = float(os.environ.get("INTAKE_MINUTES", "1"))
            steady = _load.open_loop(lambda number: post(house.address, SHARE, *bodies[number % 9])[0], 1, 60 * minutes)
    ratio = sum(celery) / sum(alone)
    pairs = sorted(mine / its for mine, its in zip(celery, alone, strict=True))
    lost, late = len(heard.seconds) - heard.refused - kept, heard.percentile(0.95)
    goal(f"{RATE} uploads a second for {SECONDS} s, p95", "under 1 s, none refused, none lost",
         f"{late:.2f} s, {heard.refused}, {lost}", late < 1 and not heard.refused and not lost,
         f"an upload took {1000 * price:.0f} ms of the web's processor time, {RATE * price:.1f} cores for all")  # fmt: skip
    goal("the backlog is worked off", f"at least {AS_FAST}x two processes without Celery", spread(pairs, ".2f", "x"),
         ratio >= AS_FAST, "each picture is a message to take and to answer, and workers give way to all else")  # fmt: skip
    least, most, large = (len(picture) / 1e6 for picture in (usual[0], usual[-1], sizes[9]))
    return f"""{RATE} a second for {SECONDS} s, at times fixed beforehand (whoever waits is counted as waiting), while
both workers work: nine of ten as phones send them after shrinking (1600 px, {least:.1f} to {most:.1f} MB), the tenth
{large:.1f} MB.

| sent | refused | lost | p50 | p95 | p99 | longest |
|---|---|---|---|---|---|---|
| {len(heard.seconds)} | {heard.refused} | {lost} | {heard.percentile(0.5):.2f} s | \
**{late:.2f} s** | {heard.percentile(0.99):.2f} s | {max(heard.seconds):.2f} s |

Wanted: p95 under 1 s, none refused, none lost. An upload took {1000 * price:.0f} ms of the web's processor time, all of
them {RATE * price:.2f} cores, which the web gets before the workers: their session has a lower priority.

Then {waiting} waited for a worker, and a story with a sign of danger was sent: {urgent}

What waits is worked off, in turn by the two workers and by two processes that do the same without Celery, {WINDOWS} times
{WINDOW} s each: {sum(celery) / WINDOWS:.2f} and {sum(alone) / WINDOWS:.2f} a second, **{ratio:.2f}** times as many
({pairs[0]:.2f} to {pairs[-1]:.2f}). Wanted: at least {AS_FAST}.

Memory over the whole, then {minutes:g} minutes of one a second ({steady.refused} refused), megabytes:

{_growth(samples, 60 * minutes)}"""


def _count(database: Database, *where: object) -> int:
    with database.reads() as session:
        return session.scalar(select(func.count()).select_from(Entry).where(*where)) or 0  # type: ignore[arg-type]


def _urgent(house: House, database: Database) -> str:
    before, start = _count(database, Entry.state != State.RECEIVED), time.monotonic()
    body, kind = multipart(CRY)
    if post(house.address, "/en/share/story", body, kind)[0] != 200:
        raise SystemExit("the story was not taken")
    while not (there := _count(database, Entry.lane == Lane.DANGER)) and time.monotonic() < start + URGENT:
        time.sleep(0.1)
    seconds, passed = time.monotonic() - start, _count(database, Entry.state != State.RECEIVED) - before - there
    goal("a cry for help, behind all that waits", "overtakes", f"in its lane after {seconds:.1f} s, {passed} others meanwhile",
         bool(there) and seconds < URGENT / 6)  # fmt: skip
    said = f"after **{seconds:.1f} s** it stood in its lane" if there else f"after **{URGENT} s** it did not stand in its lane yet"
    return f"{said}, and {passed} others were done meanwhile. Wanted: it overtakes."


def _halt_workers(stack: ExitStack, house: House) -> None:
    database = stack.enter_context(Database(house.database_url))
    for part in _load.parts(house.process.pid, "worker"):
        stack.enter_context(halted(part, database))


def _drained(house: House, database: Database) -> tuple[list[float], list[float]]:
    """Jobs a second of each window: by the workers, who take the oldest, and by two processes, who take the newest."""
    celery, alone = [], []
    with multiprocessing.get_context("spawn").Pool(2, _as_a_worker) as pool:
        pool.map(_take, [(house.environment, [], 0.0)] * 2, 1)  # everything is loaded
        for _ in range(WINDOWS):
            before, start = _count(database, Entry.state != State.RECEIVED), time.monotonic()
            time.sleep(WINDOW)
            celery.append((_count(database, Entry.state != State.RECEIVED) - before) / (time.monotonic() - start))
            with ExitStack() as stack, database.reads() as session:
                _halt_workers(stack, house)
                query = select(Entry.id).where(Entry.state == State.RECEIVED).order_by(Entry.received_at.desc()).limit(400)
                ids = list(session.scalars(query))
                session.rollback()
                alone.append(sum(pool.map(_take, [(house.environment, ids[place::2], float(WINDOW)) for place in range(2)], 1)))
    return celery, alone


def _as_a_worker() -> None:
    """As far behind whatever else this machine does as the worker is."""
    os.setsid()
    os.nice(10)
    let_others_go_first()


def _take(told: tuple[dict[str, str], list[UUID], float]) -> float:
    environment, ids, seconds = told
    settings = Settings.from_env(environment)
    start, done = time.monotonic(), 0
    with Database(settings.database_url, settings.entry_keys) as database:
        for entry_id in ids:
            if time.monotonic() > start + seconds:
                break
            pipeline.process(database, open_store(settings.media_url), render_in_child, entry_id)
            done += 1
    return done / (time.monotonic() - start)


def _growth(samples: dict[str, list[tuple[float, float]]], steady: float) -> str:
    rows = ["| | at first | at most | at last | over the last minutes, a minute |", "|---|---|---|---|---|"]
    for name, found in samples.items():
        sizes = [size for _, size in found]
        late = [(when, size) for when, size in found if when > found[-1][0] - 0.9 * steady]
        slope = float(np.polyfit([when / 60 for when, _ in late], [size for _, size in late], 1)[0])
        goal(f"memory of the {name} processes", f"grows at most {FLAT:g} MB a minute", f"{slope:+.2f} MB", slope <= FLAT)
        rows.append(f"| {name} | {sizes[0]:.0f} | {max(sizes):.0f} | {sizes[-1]:.0f} | {slope:+.2f} |")
    return "\n".join(rows) + "\n\nWanted: flat."
