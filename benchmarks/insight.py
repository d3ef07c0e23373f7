"""The page of figures and the log's pages over a log of a million lines, on SQLite and PostgreSQL."""

import random
import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import Table

from benchmarks import _seeder
from benchmarks._databases import postgresql, sqlite
from memes import db, privacy
from memes.db import Base, Database
from memes.lifecycle import Action, State
from memes.models import EntryEvent, LogHead
from moderation import audit
from moderation.audit import Wanted
from moderation.insight import figures

TITLE = "The overview and the log, over 1 000 000 lines"
LINES, CHUNK, RUNS, PEOPLE = 1_000_000, 20_000, 20, 20


def measure() -> str:
    """A table, one column for each database."""
    with sqlite() as address:
        told = {"SQLite": _measured(address)}
    with postgresql() as address:
        told["PostgreSQL"] = _measured(address)
    lines = [f"| {name} | {' | '.join(column[name] for column in told.values())} |" for name in told["SQLite"]]
    return "\n".join([
        f"Server time of the reads, without the page around them; {RUNS} runs, median and worst.", "",
        f"| | {' | '.join(told)} |", f"|---|{'---|' * len(told)}", *lines,
    ])  # fmt: skip


def _measured(address: str) -> dict[str, str]:
    db.upgrade(address)
    with Database(address) as database:
        entry, person = _fill(database)
        day = (privacy.now() - timedelta(days=100)).date()
        wanted = {
            "all": Wanted(), "one entry": Wanted(subject=entry), "one person": Wanted(actor=person), "one day": Wanted(day=day)
        }  # fmt: skip
        return {f"answers, waiting, agreement (newest {figures.WINDOW:,} lines)": _timed(database, figures.work)} | {
            f"the log, {name}": _timed(database, lambda session, w=w: audit.page(session, EntryEvent, w))
            for name, w in wanted.items()
        }  # fmt: skip


def _fill(database: Database) -> tuple[UUID, str]:
    """A quarter of a million entries: sent, cleaned, declined or approved, some appealed; two years of it."""
    chance = random.Random(1)  # noqa: S311  (the same every time)
    people, now = [str(uuid4()) for _ in range(PEOPLE)], privacy.now()
    table: Table = Base.metadata.tables["entry_events"]
    rows: list[dict[str, object]] = []
    entry = uuid4()
    with _seeder.at_once(database) as (connection, _):
        for seq in range(1, LINES + 1, 4):
            entry, at = uuid4(), now - timedelta(days=730 * (1 - seq / LINES))
            reason = chance.choice(("face", "insult", "hate", "off_topic"))
            steps = [
                (Action.SUBMIT, None, State.RECEIVED, "child", None),
                (Action.SETTLE, State.RECEIVED, State.PENDING, "worker", None),
                (Action.DECLINE, State.PENDING, State.DECLINED, chance.choice(people), reason),
                (Action.APPEAL, State.DECLINED, State.PENDING, "child", None),
            ]  # fmt: skip
            rows += [
                {"seq": seq + place, "entry_id": entry, "action": action, "before": before, "after": after, "actor": actor,
                 "version": place + 1, "reason": why, "at": privacy.day_of(at), "digest": "0" * 64}
                for place, (action, before, after, actor, why) in enumerate(steps)
            ]  # fmt: skip
            if len(rows) >= CHUNK or seq + 4 > LINES:
                _seeder.put(connection, table, list(rows[0]), (row.values() for row in rows))
                rows = []
    with database.writing() as session:
        session.get_one(LogHead, EntryEvent.LOG).seq = LINES
    return entry, people[0]


def _timed(database: Database, work: Callable[..., object]) -> str:
    taken = []
    for _ in range(RUNS):
        with database.reads() as session:
            start = time.perf_counter()
            work(session)
            taken.append((time.perf_counter() - start) * 1000)
    return f"{statistics.median(taken):.1f} ms, {max(taken):.1f} ms"
