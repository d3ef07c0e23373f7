"""Two moderators decide about one entry at the same moment."""

import threading
from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from memes import log
from memes.db import Database
from memes.errors import StaleDecision
from memes.lifecycle import Action, State
from memes.models import Entry, EntryEvent
from moderation import desk, supervision
from moderation.models import Moderator
from moderation.roles import Role
from tests import make
from tests.moderation.people import moderator

#: Two people, one entry: so often, or as often as security asks for where there is time.
ROUNDS, THOROUGH = 50, 1000

Decide = Callable[[Session, Entry, Moderator, int], None]


def approve(session: Session, entry: Entry, who: Moderator, seen: int) -> None:
    desk.approve(session, entry, who, seen)


def decline(session: Session, entry: Entry, who: Moderator, seen: int) -> None:
    desk.decline(session, entry, who, seen, "off_topic")


class Reader(threading.Thread):
    """Opens each entry, waits until the other one has it open too, and decides."""

    def __init__(self, database: Database, ids: list[UUID], meet: threading.Barrier, who: Moderator, decide: Decide) -> None:
        super().__init__()
        self._database, self._ids, self._meet, self._who, self._decide = database, ids, meet, who, decide
        self.won: list[UUID] = []
        self.told: list[UUID] = []
        self.broke: BaseException | None = None

    def run(self) -> None:
        try:
            for entry_id in self._ids:
                self._round(entry_id)
        except BaseException as error:  # noqa: BLE001 - it is looked at by the test
            self.broke = error
            self._meet.abort()

    def _round(self, entry_id: UUID) -> None:
        with self._database.reads() as session:
            seen = session.get_one(Entry, entry_id).version
        self._meet.wait(30)
        try:
            with self._database.writing() as session:
                self._decide(session, session.get_one(Entry, entry_id), self._who, seen)
            self.won.append(entry_id)
        except StaleDecision:
            self.told.append(entry_id)


@pytest.fixture
def waiting(database: Database, thorough: bool) -> list[UUID]:
    with database.writing() as session:
        return [make.pending(session).id for _ in range(THOROUGH if thorough else ROUNDS)]


def test_of_two_opposite_decisions_exactly_one_counts_and_the_other_is_told(
    database: Database, waiting: list[UUID], monkeypatch: pytest.MonkeyPatch, figure: Callable[..., None]
) -> None:
    monkeypatch.setattr(supervision, "FIRST", 10 * len(waiting))  # nobody becomes experienced meanwhile
    with database.writing() as session:
        people = [moderator(session, Role.MODERATOR) for _ in range(2)]
    meet = threading.Barrier(2)
    yes, no = (Reader(database, waiting, meet, who, how) for who, how in zip(people, (approve, decline), strict=True))
    for reader in (yes, no):
        reader.start()
    for reader in (yes, no):
        reader.join(600)
        assert not reader.is_alive()
        assert reader.broke is None
    assert sorted([*yes.won, *no.won]) == sorted(waiting)
    assert sorted([*yes.told, *no.told]) == sorted(waiting)
    with database.reads() as session:
        assert log.broken_at(session) is None
        decisions = select(EntryEvent).where(EntryEvent.action.in_([Action.APPROVE, Action.DECLINE]))
        logged = {event.entry_id: (event.action, event.actor) for event in session.scalars(decisions)}
        assert len(list(session.scalars(decisions))) == len(waiting)
        found = {entry.id: entry.state for entry in session.scalars(select(Entry))}
    yes_id, no_id = (str(person.id) for person in people)
    for entry_id in waiting:
        approved = entry_id in yes.won
        assert found[entry_id] is (State.APPROVED if approved else State.DECLINED)
        assert logged[entry_id] == ((Action.APPROVE, yes_id) if approved else (Action.DECLINE, no_id))
    figure(f"races.{database.engine.dialect.name}", len(waiting), goal=">= 1000", unit="races of two moderators, one winner each")
