"""What Prometheus is told: these names and labels and no others, from this machine alone, and nothing that tells a minute."""

import json
import re
import urllib.request
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import psutil
import pytest
import redis
import yaml
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import update

from memes import counts, metrics, privacy
from memes.counts import Counts
from memes.db import Database
from memes.lanes import Lane
from memes.models import Entry
from memes.settings import Settings
from tests import make
from tests.fakes import MemoryStore, RecordingQueue
from workers import pipeline

DEPLOY = Path(__file__).parents[2] / "deploy"
READY = ("database", "keys", "broker", "media", "worker")

#: Every name, and each label with all that it can be. What is not here is not told: ask first whether it leads to a child.
ALLOWED: dict[str, dict[str, tuple[str, ...]]] = {
    "instamemes_ready": {"part": READY},
    "instamemes_disk_free_ratio": {},
    "instamemes_waiting_entries": {"lane": tuple(Lane)},
    "instamemes_oldest_waiting_seconds": {"lane": tuple(Lane)},
    "instamemes_received_entries": {},
    "instamemes_oldest_received_seconds": {},
    "instamemes_given_up_entries": {},
    "instamemes_unread_messages": {},
    "instamemes_step_seconds_bucket": {
        "step": ("wait", "clean", "compare", "settle"), "le": ("0.1", "0.3", "1", "3", "10", "30", "60", "+Inf"),
    },
    "instamemes_step_seconds_count": {"step": ("wait", "clean", "compare", "settle")},
    "instamemes_step_seconds_sum": {"step": ("wait", "clean", "compare", "settle")},
    "instamemes_attempts_total": {"end": ("clean", "unreadable", "given_back")},
    "instamemes_errors_total": {
        "part": ("web", "worker"), "kind": ("database", "media", "broker", "machine", "program"),
    },
    "instamemes_events_total": {"event": ("sweeps", "resent", "deaf")},
    "instamemes_pages_total": {"how": ("kept", "made")},
    "instamemes_backup_age_seconds": {},
}  # fmt: skip

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


class Scraped:
    """A served platform, and how to ask it."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.counts = Counts(settings.redis_url)
        platform = metrics.Platform(database, MemoryStore(), RecordingQueue(), self.counts, settings.home)
        self.server, self._thread = metrics.serve(0, platform)
        self.port = self.server.server_port

    def samples(self) -> Samples:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=20) as answer:
            return read(answer.read().decode())

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self._thread.join()


def read(words: str) -> Samples:
    """What the official parser finds."""
    families = text_string_to_metric_families(words)
    return {(sample.name, tuple(sorted(sample.labels.items()))): sample.value for family in families for sample in family.samples}


def one(found: Samples, name: str, **labels: str) -> float:
    return found[f"instamemes_{name}", tuple(sorted(labels.items()))]


@pytest.fixture
def scraped(settings: Settings, database: Database) -> Iterator[Scraped]:
    made = Scraped(settings, database)
    yield made
    made.close()


def set_clock(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    monkeypatch.setattr(privacy, "now", lambda: moment)


def test_exactly_these_names_and_labels_are_told(scraped: Scraped, database: Database, settings: Settings) -> None:
    with database.writing() as session:
        make.pending(session, theme="rumours", region="01", text="canary")
        make.received(session)
    for event, end, step in product(counts.EVENTS, counts.ENDS, counts.STEPS):
        scraped.counts.happened(event)
        scraped.counts.ended(end)
        scraped.counts.took(step, 0.2)
    for how in counts.PAGES:
        scraped.counts.answered(how, 2)
    for part, kind in product(counts.PARTS, counts.KINDS):
        scraped.counts.failed(part, kind)
    scraped.counts.backed_up()
    with redis.Redis.from_url(settings.redis_url) as store:
        store.hincrby("counts", "event:somebody", 1)  # what is in no list is not told
    expected = {
        (name, tuple(sorted(zip(labels, values, strict=True))))
        for name, labels in ALLOWED.items() for values in product(*labels.values())
    }  # fmt: skip
    assert set(scraped.samples()) == expected


def test_what_waits_is_told_in_whole_quarters_and_once_in_a_quarter(
    scraped: Scraped, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = datetime.fromisoformat("2026-11-26T10:00:07+00:00")
    set_clock(monkeypatch, start)
    with database.writing() as session:
        session.execute(update(Entry).where(Entry.id == make.pending(session).id).values(waits_since=start - timedelta(minutes=44)))
        make.pending(session)
    first = scraped.samples()
    assert one(first, "waiting_entries", lane="ordinary") == 2
    assert one(first, "oldest_waiting_seconds", lane="ordinary") == 30 * 60
    assert one(first, "waiting_entries", lane="danger") == one(first, "oldest_waiting_seconds", lane="danger") == 0

    set_clock(monkeypatch, start + timedelta(minutes=14, seconds=52))
    with database.writing() as session:
        make.pending(session)
        make.received(session)
    scraped.counts.ended("clean")
    again = scraped.samples()
    moved = {key for key in again if again[key] != first[key] and key[0] != "instamemes_disk_free_ratio"}
    assert moved == set(), "nobody can see the minute in which it came"

    set_clock(monkeypatch, start + timedelta(minutes=15))
    later = scraped.samples()
    assert one(later, "waiting_entries", lane="ordinary") == 3
    assert one(later, "received_entries") == 1
    assert one(later, "attempts_total", end="clean") == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_more_is_counted_than_anybody_needs(
    database: Database, scraped: Scraped, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics, "MANY", 2)
    with database.writing() as session:
        for _ in range(3):
            make.received(session)
    assert one(scraped.samples(), "received_entries") == 2


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_it_is_served_to_this_machine_alone_and_by_no_page(scraped: Scraped, client: FlaskClient) -> None:
    listening = [found for found in psutil.Process().net_connections("tcp") if found.laddr.port == scraped.port]
    assert {found.laddr.ip for found in listening if found.status == psutil.CONN_LISTEN} == {"127.0.0.1"}
    for path in ("/metrics", "/en/metrics", "/desk/metrics", "/api/v1/metrics"):
        assert b"instamemes_" not in client.get(path).data
    assert client.get("/metrics").status_code == 404


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_database_that_is_away_is_told_and_nothing_old_is(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    away = Database(f"sqlite:///{tmp_path / 'empty.db'}", make.KEYS)
    scraped = Scraped(settings, away)
    try:
        found = scraped.samples()
        assert one(found, "ready", part="database") == 0
        assert {name for name, _labels in found} == {"instamemes_ready", "instamemes_disk_free_ratio"}
    finally:
        scraped.close()
        away.dispose()


def test_the_worker_counts_its_steps_and_how_they_end(
    scraped: Scraped, database: Database, store: MemoryStore
) -> None:
    def no_machine(_data: bytes) -> Any:
        raise OSError

    with database.writing() as session:
        words, picture = make.received(session), make.received(session, image=b"x", store=store, kind="meme")
    assert pipeline.process(database, store, no_machine, words.id, counts=scraped.counts)
    assert not pipeline.process(database, store, no_machine, words.id, counts=scraped.counts), "there is nothing left to do"
    with pytest.raises(OSError):  # noqa: PT011 - any
        pipeline.process(database, store, no_machine, picture.id, counts=scraped.counts)
    found = scraped.samples()
    assert one(found, "step_seconds_count", step="settle") == 1
    assert one(found, "step_seconds_count", step="clean") == 0, "what fails is not timed"
    assert one(found, "step_seconds_count", step="wait") == 2
    assert [one(found, "attempts_total", end=end) for end in counts.ENDS] == [1, 0, 1]


def test_who_counts_never_fails_for_it(tmp_path: Path) -> None:
    away = Counts(f"unix://{tmp_path / 'nothing.sock'}")
    away.happened("sweeps")
    away.took("clean", 1)
    away.backed_up()
    nowhere = Counts()
    nowhere.ended("clean")
    assert (nowhere.read(), nowhere.backup_age()) == ({}, None)


def names_in(expression: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Each metric of ours in an expression, with its matchers."""
    for name, _whole, matchers in re.findall(r"(instamemes_\w+)(\{([^}]*)\})?", expression):
        yield name, {label: value for label, value in re.findall(r'(\w+)\s*[=!]~?\s*"([^"]*)"', matchers)}


def expressions() -> list[str]:
    alerts = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text())
    board = json.loads((DEPLOY / "grafana" / "instamemes.json").read_text())
    rules = [rule["expr"] for group in alerts["groups"] for rule in group["rules"]]
    return rules + [target["expr"] for panel in board["panels"] for target in panel["targets"]]


def test_alerts_and_dashboard_ask_for_what_there_is() -> None:
    asked = [found for expression in expressions() for found in names_in(expression)]
    assert len(asked) > 20
    for name, matchers in asked:
        assert name in ALLOWED, name
        for label, values in matchers.items():
            assert set(values.split("|")) <= set(ALLOWED[name][label]), (name, label, values)
    for expression in expressions():  # what they are grouped and shown by
        for label in re.findall(r"by \(([^)]*)\)", expression):
            assert set(label.split(", ")) <= {label for name, _found in names_in(expression) for label in ALLOWED[name]}
    told = {name.removesuffix("_count").removesuffix("_sum") for name in ALLOWED} - {"instamemes_step_seconds"}
    assert {name for name, _matchers in asked} == told, "each figure is looked at by somebody"


def test_every_alert_says_what_to_do() -> None:
    alerts = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text())
    rules = [rule for group in alerts["groups"] for rule in group["rules"]]
    assert len({rule["alert"] for rule in rules}) == len(rules)
    for rule in rules:
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert set(rule["annotations"]) == {"summary", "what_to_do"}
        assert rule["expr"].count("(") == rule["expr"].count(")")


def test_nothing_answers_where_no_port_is_set(tmp_path: Path) -> None:
    assert Settings.from_env({"INSTAMEMES_HOME": str(tmp_path)}).metrics_port == 0

