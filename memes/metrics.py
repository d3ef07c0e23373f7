"""Figures for Prometheus, served on a port of their own that this machine alone reaches. Not one leads to a child.

Beside one another, minute by minute, such figures would say when somebody sent something. So whether the parts work is asked each
time; whatever moves because somebody came is read once in a quarter of an hour, and ages are told in whole quarters.
"""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock, Thread
from typing import Any
from wsgiref.simple_server import WSGIServer

import redis
from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import InstrumentedAttribute, Session

from memes import counts, entries, privacy, readiness
from memes.columns import written_out
from memes.counts import Counts
from memes.db import Database
from memes.lanes import Lane
from memes.lifecycle import State
from memes.models import Entry, Message
from memes.ports import MediaStore, TaskQueue

HOST = "127.0.0.1"
QUARTER = timedelta(minutes=15)
#: Nobody needs to know exactly how many more there are, and so it costs the same whatever waits.
MANY = 500


@dataclass(frozen=True, slots=True)
class Waits:
    """How many wait, up to MANY, and how long the oldest has, in whole quarters of an hour."""

    number: int
    oldest: timedelta


@dataclass(frozen=True, slots=True)
class Figures:
    """What is read once in a quarter of an hour."""

    lanes: Mapping[Lane, Waits]
    received: Waits
    given_up: int
    unread_messages: int


def read(session: Session, now: datetime) -> Figures:
    """What waits, counted along indexes."""

    def waits(where: ColumnElement[bool], since: InstrumentedAttribute[Any]) -> Waits:
        first = session.scalar(select(since).where(where).order_by(since).limit(1)) or now
        return Waits(_number(session, select(Entry.id).where(where)), max(now - first, timedelta()) // QUARTER * QUARTER)

    dead = select(Entry.id).where(
        Entry.state == State.UNREADABLE, Entry.ended_in.is_not(None), Entry.attempts >= entries.MAX_ATTEMPTS
    )
    return Figures(
        {lane: waits(Entry.lane == lane, Entry.waits_since) for lane in Lane},
        waits(Entry.state == written_out(State.RECEIVED), Entry.received_at),
        _number(session, dead),
        _number(session, select(Message.entry_id).where(Message.unread)),
    )


def _number(session: Session, some: Select[Any]) -> int:
    return session.scalar(select(func.count()).select_from(some.limit(MANY).subquery())) or 0


class Platform(Collector):
    """Everything that is told, gathered when somebody asks."""

    def __init__(self, database: Database, media: MediaStore, queue: TaskQueue, counted: Counts, home: Path) -> None:
        self._database, self._media, self._queue, self._counts, self._home = database, media, queue, counted, home
        self._lock = Lock()
        self._quarter = -1
        self._kept: list[Metric] = []

    def collect(self) -> Iterator[Metric]:
        """For `prometheus_client`."""
        with self._lock:
            parts = readiness.parts(self._database, self._media, self._queue)
            yield _gauge("ready", "Whether this part works (/readyz).", parts, "part")
            disk = shutil.disk_usage(self._home)
            yield _gauge("disk_free_ratio", "Free part of the disk with the data folder.", disk.free / disk.total)
            yield from self._of_this_quarter()

    def describe(self) -> Iterator[Metric]:
        """Nothing beforehand: registering asks neither database nor broker."""
        return iter(())

    def _of_this_quarter(self) -> list[Metric]:
        now = privacy.now()
        quarter = int(now.timestamp()) // int(QUARTER.total_seconds())
        if quarter != self._quarter:
            self._quarter, self._kept = -1, []
            try:
                with self._database.reads() as session:
                    found = [*_of_entries(read(session, now)), *_of_counts(self._counts)]
            except (SQLAlchemyError, redis.RedisError):
                return []  # told by `ready`; asked again the next time
            self._quarter, self._kept = quarter, found
        return self._kept


def serve(port: int, platform: Platform) -> tuple[WSGIServer, Thread]:
    """Answer on a port of this machine alone, until the process ends or the server is shut down."""
    registry = CollectorRegistry()
    registry.register(platform)
    return start_http_server(port, HOST, registry)


def _of_entries(found: Figures) -> Iterator[Metric]:
    yield _gauge("waiting_entries", f"Entries that wait for people, up to {MANY}.",
                 {lane: waits.number for lane, waits in found.lanes.items()}, "lane")  # fmt: skip
    yield _gauge("oldest_waiting_seconds", "How long the oldest waits for people, in whole quarters of an hour.",
                 {lane: waits.oldest.total_seconds() for lane, waits in found.lanes.items()}, "lane")  # fmt: skip
    yield _gauge("received_entries", f"Entries that wait for the worker, up to {MANY}.", found.received.number)
    yield _gauge("oldest_received_seconds", "How long the oldest waits for the worker, in whole quarters of an hour.",
                 found.received.oldest.total_seconds())  # fmt: skip
    yield _gauge("given_up_entries", f"Pictures that the worker died of too often, of the days they are kept, up to {MANY}.",
                 found.given_up)  # fmt: skip
    yield _gauge("unread_messages", f"Words of children to safeguarding that nobody has read, up to {MANY}.", found.unread_messages)


def _of_counts(kept: Counts) -> Iterator[Metric]:
    found = kept.read()
    steps = HistogramMetricFamily("instamemes_step_seconds", "How long a step of the worker takes.", labels=["step"])
    for step in counts.STEPS:
        total, buckets = 0, []
        for bound in counts.BOUNDS:
            total += found.get(f"step:{step}:{bound}", 0)
            buckets.append((bound, total))
        steps.add_metric([step], buckets, found.get(f"step:{step}:ms", 0) / 1000)
    yield steps
    ends = CounterMetricFamily("instamemes_attempts", "Attempts of the worker at an entry, by how they ended.", labels=["end"])
    for end in counts.ENDS:
        ends.add_metric([end], found.get(f"end:{end}", 0))
    yield ends
    errors = CounterMetricFamily("instamemes_errors", "Errors, by where they were met and by what was at fault.",
                                 labels=["part", "kind"])  # fmt: skip
    for part in counts.PARTS:
        for kind in counts.KINDS:
            errors.add_metric([part, kind], found.get(f"error:{part}:{kind}", 0))
    yield errors
    events = CounterMetricFamily("instamemes_events", "Rounds of the sweep, entries sent again, workers that went deaf.",
                                 labels=["event"])  # fmt: skip
    for event in counts.EVENTS:
        events.add_metric([event], found.get(f"event:{event}", 0))
    yield events
    pages = CounterMetricFamily("instamemes_pages", "Public pages, answered from memory or made.", labels=["how"])
    for how in counts.PAGES:
        pages.add_metric([how], found.get(f"page:{how}", 0))
    yield pages
    age = kept.backup_age()
    if age is not None:
        yield _gauge("backup_age_seconds", "Since the last backup, if there was one since the broker was started.", age)


def _gauge(name: str, words: str, values: float | Mapping[str, float], label: str = "") -> GaugeMetricFamily:
    if isinstance(values, Mapping):
        gauge = GaugeMetricFamily(f"instamemes_{name}", words, labels=[label])
        for value, number in values.items():
            gauge.add_metric([value], float(number))
        return gauge
    return GaugeMetricFamily(f"instamemes_{name}", words, value=values)
