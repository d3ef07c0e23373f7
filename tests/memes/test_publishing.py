"""Batches: what was approved is shown at a fixed hour, all at once, and nothing that was taken back meanwhile."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from memes import consents, entries, log, privacy, published, publishing, running
from memes.consents import Consents
from memes.db import Database
from memes.lifecycle import Action, State
from memes.models import Entry, SearchWord
from tests import make
from tests.fakes import MemoryStore


def at(monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    """Let it be this moment in UTC; Morocco's clock is an hour ahead."""
    monkeypatch.setattr(privacy, "now", lambda: datetime.fromisoformat(moment).replace(tzinfo=UTC))


@pytest.fixture(autouse=True)
def six_in_the_evening(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The batch goes at 18:00, and now it is half past five."""
    at(monkeypatch, "2026-11-26T16:30")
    set_hour(database, 18)


def set_hour(database: Database, hour: int | None) -> None:
    with database.writing() as session:
        running.change(session, "batch_hour", hour, running.versions(session)["batch_hour"])


def approved(session: Session, **changes: object) -> Entry:
    entry = make.pending(session, **changes)
    entries.transition(session, entry, Action.APPROVE, actor="somebody")
    return entry


def public(database: Database) -> set[UUID]:
    with database.reads() as session:
        return {card.id for card in published.published_page(session).cards}


def publish(database: Database) -> int:
    with database.writing() as session:
        return publishing.publish_due(session)


def test_what_is_approved_is_shown_at_the_hour_and_not_before(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with database.writing() as session:
        early, alone = approved(session), approved(session, consent_gallery=False)
    at(monkeypatch, "2026-11-26T16:59:59")
    assert (publish(database), public(database)) == (0, set())
    at(monkeypatch, "2026-11-26T17:00:01")
    with database.writing() as session:
        late = approved(session)
    assert (publish(database), public(database)) == (1, {early.id})
    assert (publish(database), public(database)) == (0, {early.id}), "a second run finds nothing"
    at(monkeypatch, "2026-11-27T17:00")
    assert (publish(database), public(database)) == (1, {early.id, late.id})
    with database.reads() as session:
        assert {card.id for card in published.published_page(session, find="مجموعة").cards} == {early.id, late.id}
    with database.reads() as session:
        kept = [session.get_one(Entry, entry.id) for entry in (early, late, alone)]
        assert [entry.published_on for entry in kept] == [date(2026, 11, 26), date(2026, 11, 27), None]
        assert {entry.due_on for entry in kept} == {None}
        assert kept[0].version == early.version, "nobody decides on a day"


def test_what_a_stopped_machine_has_missed_is_shown_when_it_is_back(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.writing() as session:
        approved(session)
    at(monkeypatch, "2026-11-28T09:00")
    assert publish(database) == 1


@pytest.mark.parametrize("way", ["withdrawn", "taken down", "undone", "not for the gallery"])
def test_what_leaves_meanwhile_is_never_shown(database: Database, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    with database.writing() as session:
        entry = approved(session)
        if way == "withdrawn":
            entries.withdraw(session, entry, store=MemoryStore())
        elif way == "not for the gallery":
            consents.choose(session, entry, Consents(False, True, True), store=MemoryStore())
        else:
            entries.transition(session, entry, Action.UNDO if way == "undone" else Action.TAKE_DOWN, actor="somebody")
    at(monkeypatch, "2026-11-26T17:00")
    assert (publish(database), public(database)) == (0, set())


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # on SQLite only one writes at a time
def test_a_child_who_withdraws_in_the_very_moment_of_the_batch_is_faster(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.writing() as session:
        entry_id = approved(session).id
    at(monkeypatch, "2026-11-26T17:00")
    with database.writing() as child:
        entry = child.get_one(Entry, entry_id)  # read before the batch, written after it
        assert publish(database) == 1
        entries.withdraw(child, entry, store=MemoryStore())
    assert public(database) == set()
    with database.reads() as session:
        assert session.get_one(Entry, entry_id).published_on is None
        assert not session.scalars(select(SearchWord)).all()
        assert log.broken_at(session) is None


def test_without_batches_what_still_waits_is_shown_and_what_comes_is_shown_at_once(database: Database) -> None:
    with database.writing() as session:
        approved(session)
    set_hour(database, None)
    assert publish(database) == 1
    with database.writing() as session:
        approved(session)
    assert len(public(database)) == 2


def test_what_is_shown_stays_when_batches_begin(database: Database) -> None:
    set_hour(database, None)
    with database.writing() as session:
        entry = approved(session)
    set_hour(database, 18)
    with database.writing() as session:
        entries.report(session, session.get_one(Entry, entry.id), "other")
    assert public(database) == {entry.id}


@pytest.mark.parametrize(
    ("hour", "now", "day"), [(0, "2026-11-26T22:59", 27), (0, "2026-11-26T23:00", 28), (23, "2026-11-26T21:59", 26)]
)
def test_the_day_of_a_batch_is_moroccos(hour: int, now: str, day: int) -> None:
    assert publishing.next_batch(hour, datetime.fromisoformat(now).replace(tzinfo=UTC)) == date(2026, 11, day)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_child_is_told_the_day_and_the_hour(
    database: Database, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = {"text": "On se parle.", "theme": "rumours", "language": "fr", "kind": "solution", "consent_gallery": "true"}
    receipt = client.post("/api/v1/entries", data=draft).get_json()["receipt"]
    with database.writing() as session:
        entry = session.query(Entry).one()
        for action in (Action.SETTLE, Action.APPROVE):
            entries.transition(session, entry, action, actor="somebody")
        assert entry.state is State.APPROVED
    page = client.post("/fr/receipt", data={"receipt": receipt}).text
    assert "Elle paraîtra le 26 novembre 2026 à 18:00" in page
    assert "/fr/gallery/" + str(entry.id) not in page
    told = client.post("/api/v1/receipts", json={"receipt": receipt}).get_json()
    assert (told["state"], told["entry"], told["shown_on"]) == ("approved", None, "2026-11-26")
    assert client.get(f"/fr/gallery/{entry.id}").status_code == 404
    at(monkeypatch, "2026-11-26T17:00:30")
    assert "dans quelques minutes" in client.post("/fr/receipt", data={"receipt": receipt}).text
    publish(database)
    assert f"/fr/gallery/{entry.id}" in client.post("/fr/receipt", data={"receipt": receipt}).text
