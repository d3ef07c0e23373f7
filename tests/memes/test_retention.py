"""What has ended is kept for its days and no longer, whatever else happens."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from memes import db, entries, log, messages, privacy, receipts, retention, running
from memes.consents import Consents, choose
from memes.db import Database
from memes.lifecycle import ENDED, Action, State
from memes.models import Entry, EntryEvent, Likeness
from tests import make
from tests.fakes import MemoryStore
from tests.moderation.people import in_state
from workers import housekeeping

Clock = Callable[[int], None]

#: A Thursday; its week began on the 5th.
START = datetime(2026, 1, 8, 12, tzinfo=UTC)
DAYS = {state.value: 30 for state in ENDED}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Sets the time to so many days after START."""

    def to(days: int) -> None:
        monkeypatch.setattr(privacy, "now", lambda: START + timedelta(days=days))

    to(0)
    return to


def keep(database: Database, days: dict[str, int]) -> None:
    with database.writing() as session:
        running.change(session, "keep_days", days, running.versions(session)["keep_days"])


def states(database: Database) -> dict[UUID, State]:
    with database.reads() as session:
        return {row.id: row.state for row in session.execute(select(Entry.id, Entry.state))}


def test_every_ended_entry_goes_after_its_days_and_nothing_else_does(
    database: Database, store: MemoryStore, clock: Clock, figure: Callable[..., None]
) -> None:
    with database.writing() as session:
        made = {state: in_state(session, state, image=b"x", store=store).id for state in State if state is not State.ERASED}
    kept = set(store.objects)
    assert housekeeping.erase_ended(database, store) == 0
    keep(database, DAYS)
    clock(33)  # 30 days after the end of the week, but one
    assert housekeeping.erase_ended(database, store) == 0
    assert set(store.objects) == kept
    clock(34)
    assert housekeeping.erase_ended(database, store) == len(ENDED)
    assert housekeeping.erase_ended(database, store) == 0, "a second round finds nothing"
    now = states(database)
    assert {state: now[entry_id] for state, entry_id in made.items()} == {
        state: State.ERASED if state in ENDED else state for state in made
    }
    with database.reads() as session:
        for state in ENDED:
            entry = session.get_one(Entry, made[state])
            assert (entry.text, entry.caption, entry.alt, entry.note, entry.renditions) == ("", "", "", "", [])
            assert (entry.age, entry.region, entry.nickname, entry.reason, entry.ended_in) == (None,) * 5
            assert not [key for key in store.objects if str(entry.id) in key]
            assert entries.tombstone_key(entry.id) in store.objects, "no old backup brings it back"
        assert log.broken_at(session) is None
        erased = session.scalars(select(EntryEvent).where(EntryEvent.action == Action.ERASE)).all()
        assert {(event.actor, event.at.weekday()) for event in erased} == {(log.WORKER, 0)}
    name = f"retention.{database.engine.dialect.name}"
    figure(name, len(ENDED), goal=f"= {len(ENDED)}", unit="states in which nothing is left after the days set for each")


def test_what_nobody_has_set_goes_after_the_days_that_come_with_the_program(
    database: Database, store: MemoryStore, clock: Clock, figure: Callable[..., None]
) -> None:
    with database.writing() as session:
        made = {state: in_state(session, state).id for state in State if state is not State.ERASED}
    assert set(running.KEEP_DAYS) == ENDED, "every state that is an end has days"
    for days in sorted(set(running.KEEP_DAYS.values())):
        ending = {state for state in ENDED if running.KEEP_DAYS[state] == days}
        clock(3 + days)  # START is a Thursday: the week is over in four days
        housekeeping.erase_ended(database, store)
        assert all(states(database)[made[state]] is state for state in ending), "not a day too early"
        clock(4 + days)
        with database.reads() as session:
            assert {one.state for one in retention.due(session, privacy.now().date())} == ending, "and it is told before"
        housekeeping.erase_ended(database, store)
        assert all(states(database)[made[state]] is State.ERASED for state in ending)
    assert sum(state is not State.ERASED for state in states(database).values()) == len(State) - 1 - len(ENDED)
    with database.reads() as session:
        left = retention.due_ids(session, privacy.now().date(), most=100)
    figure("retention.past_date", len(left), goal="= 0", unit="entries past their days after a round")
    assert left == []


def test_an_upgrade_begins_the_days_of_what_had_ended_before_unless_somebody_had_set_some(database: Database) -> None:
    with database.writing() as session:
        entry_id = in_state(session, State.DECLINED).id
    monday, long_ago = privacy.week_of(privacy.now()).date(), date(2026, 1, 5)
    for somebody, expected in ((False, monday), (True, long_ago)):
        if somebody:
            keep(database, {"declined": 10})
        with database.engine.begin() as connection:  # as it was before
            connection.execute(update(Entry).where(Entry.id == entry_id).values(ended_in=long_ago))
            connection.execute(text("UPDATE alembic_version SET version_num = '0028'"))
        db.upgrade(database.url.render_as_string(hide_password=False), "0029")
        with database.reads() as session:
            assert session.get_one(Entry, entry_id).ended_in == expected


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_page_for_children_says_the_days_that_hold(client: FlaskClient, database: Database) -> None:
    assert f"{running.KEEP_DAYS[State.DECLINED]} jours après la semaine de la réponse" in client.get("/fr/privacy").text
    keep(database, {"declined": 12})
    client.application.extensions.pop("instamemes_running")
    assert "12 jours après" in client.get("/fr/privacy").text


def test_each_state_has_days_of_its_own_and_a_state_without_days_keeps_all(
    database: Database, store: MemoryStore, clock: Clock
) -> None:
    with database.writing() as session:
        declined, withdrawn, removed = (
            in_state(session, state).id for state in (State.DECLINED, State.WITHDRAWN, State.REMOVED)
        )
    keep(database, {"declined": 10, "withdrawn": 100})
    with database.reads() as session:
        found = retention.due(session, date(2026, 12, 31))
    assert [(one.on, one.state, one.number) for one in found] == [
        (date(2026, 1, 22), State.DECLINED, 1), (date(2026, 4, 22), State.WITHDRAWN, 1),
    ]  # fmt: skip
    clock(60)
    housekeeping.erase_ended(database, store)
    assert states(database) == {declined: State.ERASED, withdrawn: State.WITHDRAWN, removed: State.REMOVED}


def test_the_days_begin_with_the_end_and_not_with_what_a_child_allows_later(
    database: Database, store: MemoryStore, clock: Clock
) -> None:
    keep(database, DAYS)
    with database.writing() as session:
        entry_id = in_state(session, State.DECLINED).id
    clock(20)
    with database.writing() as session:
        choose(session, session.get_one(Entry, entry_id), Consents(False, False, False), store=store)
    clock(34)
    assert housekeeping.erase_ended(database, store) == 1


def test_who_comes_back_in_time_stops_the_clock(database: Database, store: MemoryStore, clock: Clock) -> None:
    keep(database, DAYS)
    with database.writing() as session:
        entry_id = in_state(session, State.DECLINED).id
    clock(30)
    with database.writing() as session:
        entries.appeal(session, session.get_one(Entry, entry_id))
    clock(90)
    assert housekeeping.erase_ended(database, store) == 0
    with database.writing() as session:
        entries.transition(session, session.get_one(Entry, entry_id), Action.DECLINE, actor="somebody else", reason="hate")
    clock(100)
    assert housekeeping.erase_ended(database, store) == 0, "a clock of its own for the second end"


def test_a_talk_that_goes_on_is_not_broken_off(database: Database, store: MemoryStore, clock: Clock) -> None:
    keep(database, DAYS)
    with database.writing() as session:
        entry = in_state(session, State.SUPPORTED)
    clock(30)
    with database.writing() as session:
        messages.write(session, session.get_one(Entry, entry.id), "Je suis encore là.", from_child=True)
    clock(40)
    assert housekeeping.erase_ended(database, store) == 0
    clock(70)
    assert housekeeping.erase_ended(database, store) == 1
    with database.reads() as session:
        assert not messages.thread(session, entry.id)


def test_a_likeness_refused_for_harm_stays_on_its_own_clock(database: Database, store: MemoryStore, clock: Clock) -> None:
    keep(database, DAYS)
    with database.writing() as session:
        entry = make.pending(session)
        session.add(Likeness(digest=b"x" * 32, entry_id=entry.id))
        entries.transition(session, entry, Action.DECLINE, actor="somebody", reason="sexual")
    clock(34)
    assert housekeeping.erase_ended(database, store) == 1
    with database.reads() as session:
        left = session.scalars(select(Likeness)).one()
        assert (left.entry_id, left.outcome, left.reason) == (None, State.DECLINED, "sexual")
        assert left.expires_on


def test_a_round_has_an_end(database: Database, store: MemoryStore, clock: Clock) -> None:
    keep(database, DAYS)
    with database.writing() as session:
        in_state(session, State.DECLINED)
    clock(34)
    assert housekeeping.erase_ended(database, store, within=-timedelta(seconds=1)) == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_receipt_says_that_nothing_is_left_and_leads_to_help(
    database: Database, client: FlaskClient, clock: Clock, store: MemoryStore
) -> None:
    keep(database, DAYS)
    code = receipts.new_code()
    with database.writing() as session:
        in_state(session, State.DECLINED, receipt=receipts.digest("k" * 64, code))
    clock(34)
    assert housekeeping.erase_ended(database, store) == 1
    page = client.post("/fr/receipt", data={"receipt": code})
    assert page.status_code == 200
    assert "Il n&#39;en reste rien" in page.text or "Il n'en reste rien" in page.text
    assert "/receipt/withdraw" not in page.text
    told = client.post("/api/v1/receipts", json={"receipt": code}).get_json()
    assert (told["state"], told["can_withdraw"], told["can_appeal"]) == ("erased", False, False)


def test_nothing_else_than_ended_entries_can_be_erased(session: Session, store: MemoryStore) -> None:
    entry = in_state(session, State.APPROVED)
    assert not retention.erase(session, entry.id, date(2030, 1, 1), store=store)
    assert entry.text
