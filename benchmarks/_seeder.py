"""Fills a database with as many entries as wanted, in every state, as if they had come over two years. As the verbs write them.

Every entry has its own key, and its words lie encrypted under it, as in the product.
"""

import random
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, inspect, text, update

from memes import keys, privacy, public_totals, vault
from memes.db import Base, Database
from memes.lanes import OPEN_LANES, Lane
from memes.lifecycle import Action, State
from memes.models import EntryEvent, LogHead
from memes.public_totals import PublicTotal
from memes.school_models import Granted, Words
from memes.taxonomy import taxonomy
from memes.vault import Keyring

KEYRING = Keyring((bytes(32),))
DAYS, BATCH, PEOPLE = 730, 20_000, 20
#: What one round of housekeeping finds is the same at any size, for it is the archive that grows: entries that the broker lost,
#: that wait for their batch, and that are past their days. The newest ones are these.
LOST, DUE, OVER = 20, 40, 100
ENDED = (State.DECLINED, State.DECLINED, State.CHANGES_REQUESTED, State.WITHDRAWN, State.REMOVED, State.SUPPORTED)
_TEXT = "في مجموعة القسم قالوا عني كلامًا غير صحيح، ثم وقف معي صديقان."
_VOCABULARY = 5_000

Rows = dict[str, list[dict[str, Any]]]
#: What it has come to, by which steps, and what stands in its row because of that.
Fate = tuple[State, list[tuple[Action, State]], dict[str, Any]]


def fill(database: Database, number: int) -> float:
    """Entries with keys, receipts, likenesses, words of search and the log; collections and class codes, one for 1,000 entries.

    Returns the seconds in which all indexes were made.
    """
    maker = _Maker(number)
    with at_once(database) as (connection, indexing):
        for start in range(0, number, BATCH):
            rows = maker.rows(start, min(start + BATCH, number))
            for table in Base.metadata.sorted_tables:
                if found := rows[table.name]:
                    put(connection, table, list(found[0]), (row.values() for row in found))
            connection.commit()
        put(connection, Base.metadata.tables["search_words"], ("word", "published_on", "entry_id"), sorted(maker.words))
        connection.execute(update(LogHead).where(LogHead.id == EntryEvent.LOG).values(seq=maker.seq))
    return indexing[0]


@contextmanager
def at_once(database: Database) -> Iterator[tuple[Connection, list[float]]]:
    """A connection for many rows, and at the end the seconds that the indexes took.

    Nothing is checked, nothing is safe on the disk before the end, and indexes are sorted once at the end: kept up while rows come
    in random order they take ten times as long. PostgreSQL looks at its tables afterwards, as it does by itself in time.
    """
    indexing: list[float] = []
    with database.engine.connect() as connection:
        raw: Any = connection.connection.driver_connection
        for way in _HASTE[connection.dialect.name]:
            raw.execute(way)
        raw.commit()
        indexes = dict(raw.execute(_INDEXES[connection.dialect.name]).fetchall())
        for name in indexes:
            raw.execute(f"DROP INDEX {name}")
        raw.commit()
        yield connection, indexing
        connection.commit()
        start = time.perf_counter()
        for words in indexes.values():
            raw.execute(words)
        raw.commit()
        indexing.append(time.perf_counter() - start)
        if inspect(connection).has_table(PublicTotal.__tablename__):  # what goes past the triggers is in no number
            public_totals.count_anew(connection)
            connection.commit()
        connection.invalidate()  # nobody else gets a connection that checks nothing
    if database.engine.dialect.name == "postgresql":
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))


#: Those that are made by their name, as the database would write them down: those of whichever migration it has come to.
_INDEXES = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
    "postgresql": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' "
                  "AND indexname NOT IN (SELECT conname FROM pg_constraint)",
}  # fmt: skip
_HASTE = {
    "sqlite": [f"PRAGMA {way}" for way in (
        "foreign_keys = OFF", "synchronous = OFF", "secure_delete = OFF", "cache_size = -400000", "wal_autocheckpoint = 20000",
    )],
    "postgresql": ["SET session_replication_role = replica", "SET maintenance_work_mem = '400MB'", "SET synchronous_commit = off"],
}  # fmt: skip


def put(connection: Connection, table: Table, names: Sequence[str], rows: Iterable[Iterable[Any]]) -> None:
    """As fast as the database takes them: SQLAlchemy's own way costs three times as much."""
    dialect = connection.dialect
    forms = [table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names]
    ready = ([form(value) if form and value is not None else value for form, value in zip(forms, row, strict=True)] for row in rows)
    listed = ", ".join(f'"{name}"' for name in names)
    raw: Any = connection.connection.driver_connection
    if dialect.name == "sqlite":
        if not connection.in_transaction():
            connection.begin()
        raw.executemany(f"INSERT INTO {table.name} ({listed}) VALUES ({', '.join('?' * len(names))})", ready)  # noqa: S608
        return
    with raw.cursor().copy(f"COPY {table.name} ({listed}) FROM STDIN") as copy:
        for row in ready:
            copy.write_row(row)


#: A row of an entry to which nothing has happened.
EMPTY: dict[str, Any] = {
    "lane": None, "waits_since": None, "signals": [], "priority": 0, "published_on": None, "due_on": None, "for_screen": False,
    "ended_in": None, "note": "", "attempts": 0, "has_image": False, "renditions": [], "animated": False, "placeholder": "",
    "likeness": "", "removed": [], "faces": [], "redactions": [], "marks": [], "text": "", "caption": "", "alt": "",
    "sent_at": None,
}  # fmt: skip


class _Maker:
    """Makes rows by table. The same ones each time, but for what is random by its nature."""

    def __init__(self, number: int) -> None:
        self.number, self.now, self.seq, self.likenesses = number, privacy.now(), 0, 0
        self.chance = random.Random(1)  # noqa: S311  (the same every time)
        self.people = [str(UUID(int=self.chance.getrandbits(128), version=4)) for _ in range(PEOPLE)]
        lists = taxonomy()
        self.themes, self.languages, self.kinds, self.ages = map(list, (lists.themes, lists.languages, lists.kinds, lists.ages))
        self.words: list[tuple[str, date, UUID]] = []
        self._public: list[UUID] = []

    def rows(self, start: int, end: int) -> Rows:
        """Those of the entries from `start` to `end`, the oldest first."""
        rows: Rows = defaultdict(list)
        for place in range(start, end):
            self._entry(rows, place)
            if place % 1000 == 999:
                self._school(rows, place // 1000)
        return rows

    def _entry(self, rows: Rows, place: int) -> None:
        chance, age = self.chance, timedelta(days=DAYS * (1 - (place + 1) / self.number))
        entry_id, came = UUID(int=chance.getrandbits(128), version=4), self.now - age
        facts: dict[str, Any] = {
            "id": entry_id, "kind": chance.choice(self.kinds), "language": chance.choice(self.languages),
            "theme": chance.choice(self.themes), "age": chance.choice(self.ages), "consent_gallery": chance.random() < 0.98,
            "consent_schools": chance.random() < 0.7, "consent_print": chance.random() < 0.4,
        }  # fmt: skip
        state, steps, more = self._fate(self.number - 1 - place, facts, age)
        gone = state in (State.WITHDRAWN, State.ERASED)
        received_at = came if state in (State.RECEIVED, State.PENDING) else privacy.week_of(came)
        row = EMPTY | facts | {"state": state, "version": len(steps), "received_at": received_at} | more
        row["waits_since"] = came if row["lane"] else None
        rows["entries"].append(row | ({} if gone else self._kept(rows, entry_id)))
        rows["receipts"].append({"digest": chance.randbytes(32), "entry_id": entry_id})
        self._log(rows, entry_id, steps, came)
        if rows["entries"][-1]["has_image"]:
            self._picture(rows, entry_id)
        if more.get("published_on"):
            self._public = [*self._public[-19:], entry_id]
            words = {f"w{int(_VOCABULARY * chance.random() ** 3)}" for _ in range(2)}
            self.words += ((word, more["published_on"], entry_id) for word in words)

    def _fate(self, place: int, facts: Mapping[str, Any], age: timedelta) -> Fate:
        """State, story, and what follows from it, of the entry that is so far from the newest.

        80 of 100 are public, 2 wait, the others have ended and mostly been erased.
        """
        chance, begun = self.chance, [(Action.SUBMIT, State.RECEIVED), (Action.SETTLE, State.PENDING)]
        ended_in = privacy.week_of(self.now - max(age - timedelta(days=7), timedelta())).date()
        if place < LOST:
            return State.RECEIVED, begun[:1], {"sent_at": self.now - timedelta(days=1)}
        if place < LOST + DUE:
            return State.APPROVED, [*begun, (Action.APPROVE, State.APPROVED)], {"consent_gallery": True, "due_on": ended_in}
        if place < LOST + DUE + OVER:
            return State.DECLINED, [*begun, *_ways[State.DECLINED]], {"ended_in": (self.now - timedelta(days=60)).date()}
        drawn = chance.random()
        if drawn < 0.8:
            story = [*begun, (Action.APPROVE, State.APPROVED)]
            if not facts["consent_gallery"]:
                return State.APPROVED, story, {}
            day = (self.now - age).date()
            return State.APPROVED, story, {"published_on": day, "for_screen": facts["consent_schools"] and chance.random() < 0.3}
        if drawn < 0.82:
            lane = chance.choice(OPEN_LANES)  # so that the smaller database fills a page of each
            return State.PENDING, begun, {"lane": lane, "priority": int(lane is Lane.DANGER)}
        if drawn < 0.8205:
            return State.SEALED, [*begun, (Action.SEAL, State.SEALED)], {}
        state = chance.choice(ENDED)
        story = [*begun, *_ways[state]]
        if age > timedelta(days=40):
            return State.ERASED, [*story, (Action.ERASE, State.ERASED)], {"ended_in": None}
        return state, story, {"ended_in": ended_in}

    def _kept(self, rows: Rows, entry_id: UUID) -> dict[str, Any]:
        """Its key, its words, and in two of five its picture's facts."""
        key = vault.new_key()
        rows["entry_keys"].append({
            "entry_id": entry_id, "wrapped": KEYRING.wrap(entry_id, key), "wrapper": KEYRING.names[0]
        })  # fmt: skip
        sizes = [
            {"name": f"{width}.webp", "file": f"{width}-{entry_id.hex[:8]}.webp", "format": "webp", "width": width, "height": width,
             "bytes": 90 * width, "sha256": "0" * 64} for width in (320, 800, 1600)
        ] if self.chance.random() < 0.4 else []  # fmt: skip
        words = keys.closed(key, _TEXT, "entries.text", entry_id.hex)
        return {"text": words, "has_image": bool(sizes), "renditions": sizes}

    def _picture(self, rows: Rows, entry_id: UUID) -> None:
        self.likenesses += 1
        rows["likenesses"].append({"id": self.likenesses, "digest": self.chance.randbytes(32), "entry_id": entry_id})
        if self.likenesses > 1 and self.chance.random() < 0.05:
            alike = self.chance.randrange(1, self.likenesses)
            rows["cousins"].append({"entry_id": entry_id, "likeness_id": alike, "distance": 9, "turned": False})

    def _log(self, rows: Rows, entry_id: UUID, steps: Iterable[tuple[Action, State]], came: Any) -> None:
        before = None
        for version, (action, after) in enumerate(steps, 1):
            self.seq += 1
            actor = "worker" if action in (Action.SETTLE, Action.ERASE) else "child"
            if action in (Action.APPROVE, Action.DECLINE, Action.ASK_CHANGES, Action.TAKE_DOWN, Action.SUPPORT, Action.SEAL):
                actor = self.chance.choice(self.people)
            rows["entry_events"].append({
                "seq": self.seq, "entry_id": entry_id, "action": action, "before": before, "after": after, "actor": actor,
                "version": version, "reason": "hate" if action in (Action.DECLINE, Action.TAKE_DOWN) else None,
                "at": privacy.week_of(came), "digest": "0" * 64,
            })  # fmt: skip
            before = after

    def _school(self, rows: Rows, place: int) -> None:
        short, until = f"{place:08}", (self.now + timedelta(days=200)).date()
        rows["collections"].append({
            "short": short, "digest": self.chance.randbytes(32), "language": "ar", "theme": None, "title": "", "note": "",
            "words": Words.SHOWN, "version": 1, "kept_until": until,
        })  # fmt: skip
        rows["collection_items"] += ({"short": short, "entry_id": one, "place": number, "note": ""}
                                     for number, one in enumerate(self._public))  # fmt: skip
        rows["class_codes"].append({
            "id": UUID(int=self.chance.getrandbits(128), version=4), "digest": self.chance.randbytes(32), "code": short,
            "teacher_first": False, "expected": 30, "granted": Granted.GRANTED, "good_until": until, "begun": True, "sent": 3,
        })  # fmt: skip


_ways = {
    State.DECLINED: [(Action.DECLINE, State.DECLINED)],
    State.CHANGES_REQUESTED: [(Action.ASK_CHANGES, State.CHANGES_REQUESTED)],
    State.WITHDRAWN: [(Action.APPROVE, State.APPROVED), (Action.WITHDRAW, State.WITHDRAWN)],
    State.REMOVED: [(Action.APPROVE, State.APPROVED), (Action.TAKE_DOWN, State.REMOVED)],
    State.SUPPORTED: [(Action.ESCALATE, State.ESCALATED), (Action.SUPPORT, State.SUPPORTED)],
}
