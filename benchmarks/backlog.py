"""The desk's pages while a hundred thousand entries wait, on SQLite and PostgreSQL.

Whole pages as Flask makes them, without network and browser. Every tenth entry is in a lane other than the ordinary one, as a
worst case rather than a usual day; the reader has muted a theme, left entries to others and answered some that came back.
"""

import statistics
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from flask.testing import FlaskClient
from sqlalchemy import insert, text

import wsgi
from benchmarks._databases import databases
from benchmarks._goals import goal
from memes import db, privacy
from memes.lanes import OPEN_LANES, Lane
from memes.lifecycle import Action, State
from memes.models import Entry, EntryEvent
from memes.settings import Settings
from memes.taxonomy import taxonomy
from memes.vault import Keyring
from moderation import claims, workplace
from moderation.models import Moderator
from moderation.roles import Role
from tests.fakes import MemoryStore, RecordingQueue
from tests.moderation.people import Browser, moderator

TITLE = "The desk's list with 100 000 entries waiting"
WAITING, REPEATS, WARM_UP = 100_000, 40, 5
BATCH = 10_000
WANTED = 50  # milliseconds, of the list
WORDS = "في مجموعة القسم قالوا عني كلامًا غير صحيح، ثم وقف معي صديقان. " * 6


def measure() -> str:
    """A table of medians and 95th percentiles."""
    rows = []
    for name, address in databases():
        with tempfile.TemporaryDirectory(prefix="im-bench-") as home:
            found = _pages(name, address, Path(home))
        rows += found
        _name, what, middle, late = found[0]
        goal(f"{what}, {WAITING:,} waiting, {name}", f"under {WANTED} ms", f"{middle} ms (95 %: {late})", float(middle) < WANTED)
    table = "\n".join(f"| {' | '.join(row)} |" for row in (("database", "page", "median", "95 %"), ("---",) * 4, *rows))
    return f"{table}\n\nMilliseconds of server time, {REPEATS} pages of each kind. Wanted: the list under {WANTED} ms."


def _pages(name: str, address: str, home: Path) -> list[tuple[str, ...]]:
    db.upgrade(address)
    settings = Settings(home, "k" * 64, address, "unix:///nowhere", "file:///nowhere", Keyring((bytes(32),)), limits=False)
    app = wsgi.create_app(settings, media=MemoryStore(), queue=RecordingQueue())
    database = app.extensions["instamemes"].database
    with database.writing() as session:
        reader = moderator(session, Role.SAFEGUARDING)
        workplace.choose(session, reader, muted=["hate"], heavy_cap=20, pictures="blurred", keys="one")
    ids = _fill(database, reader, WAITING)
    with database.writing() as session:
        for entry_id in ids[:100]:
            claims.hide(session, entry_id, reader)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
        if name == "PostgreSQL":
            connection.execute(text("VACUUM"))
    browser = Browser(app)
    browser.sign_in(reader, database)
    pages = {
        "the list": "/desk/", "its changing part": "/desk/live", "one lane": "/desk/?lane=appeals",
        "filtered": "/desk/?language=en&theme=ai_fakes&kind=solution", "one entry": f"/desk/entries/{ids[-1]}",
    }  # fmt: skip
    times = {what: _times(browser.client, path) for what, path in pages.items()}
    database.dispose()
    return [(name, what, f"{middle:.1f}", f"{late:.1f}") for what, (middle, late) in times.items()]


def _times(client: FlaskClient, path: str) -> tuple[float, float]:
    spent = []
    for _ in range(REPEATS + WARM_UP):
        start = time.perf_counter()
        answer = client.get(path)
        spent.append(1000 * (time.perf_counter() - start))
        if answer.status_code != 200:
            raise SystemExit(f"{path} answered {answer.status_code}")
    spent = sorted(spent[WARM_UP:])
    return statistics.median(spent), spent[int(0.95 * len(spent))]


def _fill(database: db.Database, reader: Moderator, number: int) -> list[UUID]:
    themes, languages, kinds = list(taxonomy().themes), list(taxonomy().languages), list(taxonomy().kinds)
    ids, now, seq = [uuid4() for _ in range(number)], privacy.now(), 0
    for start in range(0, number, BATCH):
        rows: list[dict[str, Any]] = []
        events: list[dict[str, Any]] = []
        for place in range(start, min(start + BATCH, number)):
            lane = OPEN_LANES[place // 10 % 5] if place % 10 == 0 else Lane.ORDINARY
            rows.append({
                "id": ids[place], "kind": kinds[place % len(kinds)], "language": languages[place % len(languages)],
                "theme": themes[place % len(themes)], "text": WORDS, "caption": "", "alt": "", "consent_gallery": True,
                "consent_schools": True, "consent_print": False, "state": State.PENDING, "version": 2, "lane": lane,
                "priority": int(lane is Lane.DANGER), "received_at": now - timedelta(minutes=number - place),
                "waits_since": now - timedelta(minutes=number - place),
                "renditions": [], "removed": [],
            })  # fmt: skip
            actions = [Action.SUBMIT, Action.SETTLE]
            if lane is Lane.APPEALS:
                actions += [Action.DECLINE, Action.APPEAL]
            for action in actions:
                seq += 1
                actor = str(reader.id) if action is Action.DECLINE and place % 3 == 0 else "somebody"
                events.append({
                    "seq": seq, "entry_id": ids[place], "action": action, "before": None, "after": State.PENDING,
                    "actor": actor, "version": 2, "at": privacy.week_of(now), "digest": "0" * 64,
                })  # fmt: skip
        with database.writing() as session:
            session.execute(insert(Entry), rows)
            session.execute(insert(EntryEvent), events)
    return ids
