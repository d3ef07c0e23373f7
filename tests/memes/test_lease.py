"""A word is believed for a while, and whoever took something back hears so only after that."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from time import sleep

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from sqlalchemy import delete, select, update

import wsgi
from memes import entries, kept, lease, privacy, public_state, web
from memes.db import Database
from memes.lease import Lease
from memes.lifecycle import Action
from memes.models import Entry, Setting
from memes.settings import Settings
from tests.fakes import MemoryStore, RecordingQueue
from tests.memes.test_api import fields


@pytest.fixture(autouse=True)
def as_it_runs(believed: tuple[float, float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "LEASE", believed[0])
    monkeypatch.setattr(lease, "WAIT", believed[1])


class World:
    """A database that answers `word` after `takes` seconds, a clock, and what was slept."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, self.takes, self.asked, self.slept = 100.0, 0.0, 0, 0.0
        self.word: str | None = "first"
        monkeypatch.setattr(public_state, "now", self._answer)
        monkeypatch.setattr(lease, "monotonic", lambda: self.now)
        monkeypatch.setattr(lease, "sleep", self._sleep)

    def _answer(self, _database: Database) -> str | None:
        self.asked += 1
        self.now += self.takes
        return self.word

    def _sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept += seconds


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return World(monkeypatch)


@pytest.fixture
def one() -> Iterator[Lease]:
    with Database("sqlite://") as nowhere:
        yield Lease(nowhere)


def test_a_word_is_believed_from_before_it_was_asked_for(world: World, one: Lease) -> None:
    world.takes = lease.LEASE / 2
    assert one.word() == "first"
    world.word = "second"
    world.now += lease.LEASE / 2 - 0.0001
    assert (one.word(), world.asked) == ("first", 1)
    world.now += 0.0002
    assert (one.word(), world.asked) == ("second", 2)
    world.takes = lease.LEASE
    world.now += 1
    assert [one.word(), one.word(), world.asked] == ["second", "second", 4], "an answer that was long on its way is old"


def test_an_answer_waits_until_what_stands_has_been_known_for_longer_than_anything_is_believed(world: World, one: Lease) -> None:
    assert lease.WAIT > lease.LEASE * 1.001
    one.settle()
    assert world.slept == pytest.approx(lease.WAIT), "what was here before is not known"
    one.settle()
    assert world.slept == pytest.approx(lease.WAIT), "nothing has changed"
    world.word = "second"
    world.now += 1
    one.word()
    world.now += lease.WAIT / 4
    one.settle()
    assert world.slept == pytest.approx(lease.WAIT * 1.75), "whoever changed it: somebody else knows it no longer than this"


def test_what_nobody_answers_is_not_believed_and_waited_for_in_full(world: World, one: Lease) -> None:
    one.settle()
    world.now += 1
    world.word, world.slept = None, 0
    assert [one.word(), one.word(), world.asked] == [None, None, 3]
    one.settle()
    assert world.slept == pytest.approx(lease.WAIT)


def test_who_takes_back_what_is_public_waits_and_who_sends_does_not(
    client: FlaskClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr(lease, "sleep", lambda seconds: (slept.append(seconds), sleep(seconds)))

    def waited() -> bool:
        found = bool(slept)
        slept.clear()
        return found

    client.post("/api/v1/receipts", json={"receipt": "0" * 16})
    assert waited(), "a process that has just begun knows of nothing"
    receipt = {"receipt": (client.post("/api/v1/entries", data=fields()).json or {})["receipt"]}
    client.post("/api/v1/receipts", json=receipt)
    assert not waited()
    with database.writing() as session:
        entry = session.scalars(select(Entry)).one()
        for action in (Action.SETTLE, Action.APPROVE):
            entries.transition(session, entry, action, actor="m")
    client.get("/api/v1/gallery")
    assert not waited()
    assert client.post("/api/v1/receipts/withdraw", json=receipt).status_code == 200
    assert waited()
    assert client.post("/api/v1/receipts/withdraw", json=receipt).status_code == 409
    assert not waited()


#: What everybody can see: how often each of some things was taken back.
_ROW = "taken-back-{}"


def counts_what_is_taken_back(app: Flask) -> None:
    """Give an application a page that may be kept, with all counts, and a form that moves one of them."""

    def shown() -> dict[str, int]:
        found = web.session().execute(select(Setting.name, Setting.value).where(Setting.name.startswith("taken")))
        return {name: value for name, value in found}

    def take_back(row: int) -> str:
        web.session().execute(update(Setting).where(Setting.name == _ROW.format(row)).values(value=int(request.data)))
        web.session().commit()
        return ""

    app.add_url_rule("/shown", "shown", shown)
    app.add_url_rule("/taken/<int:row>", "taken", take_back, methods=["POST"])


@pytest.fixture
def processes(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Flask]]:
    """Three that share nothing but the database, each with a memory and a lease of its own."""
    monkeypatch.setattr(kept, "PAGES", kept.PAGES | {"shown"})
    now = privacy.now()
    monkeypatch.setattr(privacy, "now", lambda: now)
    made = [wsgi.create_app(settings, media=MemoryStore(), queue=RecordingQueue()) for _ in range(3)]
    for app in made:
        counts_what_is_taken_back(app)
    yield made
    for app in made:
        app.extensions["instamemes"].database.dispose()


def seen_afterwards(processes: list[Flask], database: Database, times: int) -> int:
    """How often something was seen in another process by somebody who had been told here that it was taken back."""
    people = range(4)
    with database.writing() as session:
        session.execute(delete(Setting))
        session.add_all(Setting(name=_ROW.format(number), value=0) for number in people)

    def person(number: int) -> int:
        seen = 0
        clients = [app.test_client(use_cookies=False) for app in processes]
        for time in range(1, times // len(people) + 1):
            here = (number + time) % len(clients)
            assert clients[here].post(f"/taken/{number}", data=str(time)).status_code == 200
            for one in clients[:here] + clients[here + 1:]:
                seen += (one.get("/shown").json or {})[_ROW.format(number)] < time
        return seen

    with ThreadPoolExecutor(len(people)) as together:
        return sum(together.map(person, people))


def test_nobody_sees_in_another_process_what_was_said_to_be_taken_back(
    processes: list[Flask], database: Database, thorough: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert seen_afterwards(processes, database, 3000 if thorough else 100) == 0
    assert all(app.extensions["instamemes_kept"]._counted["kept"] for app in processes), "from memory"
    monkeypatch.setattr(lease, "WAIT", 0)
    assert seen_afterwards(processes, database, 100) > 0, "the wait is what prevents it"
