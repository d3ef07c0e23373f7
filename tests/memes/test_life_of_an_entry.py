"""Random histories with crashes: no path publishes what was not approved, exactly as it was reviewed."""

import hashlib
import io
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from memes import consents, entries, log, published, publishing, running
from memes.consents import Consents
from memes.db import Database
from memes.errors import DomainError
from memes.lifecycle import Action, State
from memes.models import Entry
from tests import make
from tests.fakes import MemoryStore, RecordingQueue

MODERATORS = st.sampled_from(["alice", "bob"])
WORDS = st.sampled_from(["قصة", "histoire", "story"])


#: One of them needs two people.
THEMES = st.sampled_from(["rumours", "threats"])


class Life(RuleBasedStateMachine):
    """Children, a worker and two moderators do anything at any time; any of it may crash before its commit."""

    database: Database
    entry_ids = Bundle("entry_ids")

    def __init__(self) -> None:
        super().__init__()
        self.store, self.queue = MemoryStore(), RecordingQueue()
        self.ids: set[UUID] = set()
        #: What a moderator said yes to: id -> the words at that moment.
        self.approved: dict[UUID, str] = {}

    @rule(target=entry_ids, text=WORDS, theme=THEMES, gallery=st.booleans(), picture=st.booleans())
    def submit(self, text: str, theme: str, gallery: bool, picture: bool) -> UUID:
        with self.database.writing() as session:
            entry = make.received(
                session, text=text, theme=theme, consent_gallery=gallery, image=b"picture" if picture else None, store=self.store,
                queue=self.queue, receipt=hashlib.sha256(uuid4().bytes).digest(),
            )  # fmt: skip
        self.ids.add(entry.id)
        return entry.id

    @rule(entry_id=entry_ids, crash=st.booleans(), unreadable=st.booleans())
    def work(self, entry_id: UUID, crash: bool, unreadable: bool) -> None:
        with self.database.writing() as session:
            entry = entries.begin_attempt(session, entry_id, store=self.store, lease=timedelta(0))
            source = entry.source if entry else None
        if entry is None or crash:
            return
        clean = make.clean_image(entry_id, b"clean", self.store) if source else None
        with self.database.writing() as session:
            if unreadable:
                entries.spoil(session, session.get_one(Entry, entry_id), store=self.store)
            else:
                entries.settle(session, entry_id, source, clean, store=self.store)

    @rule(
        entry_id=entry_ids,
        who=MODERATORS,
        action=st.sampled_from(list(Action)),
        behind=st.integers(0, 2),
        crash=st.booleans(),
    )
    def moderate(self, entry_id: UUID, who: str, action: Action, behind: int, crash: bool) -> None:
        if action in (
            Action.SETTLE,
            Action.SPOIL,
            Action.SUBMIT,
            Action.RESUBMIT,
            Action.APPEAL,
            Action.REDACT,
            Action.WITHDRAW,
            Action.CHOOSE,
            Action.OFFER,
        ):
            return
        with self.database.writes() as session:
            entry = session.get_one(Entry, entry_id)
            text = entry.text
            try:
                entries.transition(session, entry, action, actor=who, seen=entry.version - behind, reason="other")
            except DomainError:
                return
            assert behind == 0, "a decision on what was not seen"
            if crash:
                return
            session.commit()
            events = log.of_entry(session, entry_id)
        if action is Action.APPROVE:
            self.approved[entry_id] = text
            colleagues = {event.actor for event in events if event.action is Action.ENDORSE} - {who}
            assert entry.theme != "threats" or colleagues, "one person alone has shown it"
        elif action not in (Action.REPORT, Action.KEEP, Action.ENDORSE):
            self.approved.pop(entry_id, None)

    @rule(entry_id=entry_ids, text=WORDS, picture=st.booleans())
    def change(self, entry_id: UUID, text: str, picture: bool) -> None:
        with self.database.writes() as session:
            entry = session.get_one(Entry, entry_id)
            try:
                image = io.BytesIO(b"new") if picture else None
                entries.resubmit(session, entry, make.draft(text=text), image, store=self.store, queue=self.queue)
            except DomainError:
                return
            session.commit()
        self.approved.pop(entry_id, None)

    @rule(entry_id=entry_ids, appeal=st.booleans())
    def come_back(self, entry_id: UUID, appeal: bool) -> None:
        with self.database.writes() as session:
            entry = session.get_one(Entry, entry_id)
            try:
                entries.appeal(session, entry) if appeal else entries.withdraw(session, entry, store=self.store)
            except DomainError:
                return
            session.commit()
        self.approved.pop(entry_id, None)

    @rule(entry_id=entry_ids, gallery=st.booleans(), schools=st.booleans())
    def choose(self, entry_id: UUID, gallery: bool, schools: bool) -> None:
        with self.database.writes() as session:
            entry = session.get_one(Entry, entry_id)
            try:
                consents.choose(session, entry, Consents(gallery, schools, printing=False), store=self.store)
            except DomainError:
                return
            session.commit()
            if entry.state is not State.APPROVED:
                self.approved.pop(entry_id, None)

    @rule(hour=st.sampled_from([None, 0, 23]), publish=st.booleans())
    def run_batches(self, hour: int | None, publish: bool) -> None:
        with self.database.writing() as session:
            running.change(session, "batch_hour", hour, running.versions(session)["batch_hour"])
            if publish:
                publishing.publish_due(session)

    @invariant()
    def only_what_was_approved_is_public_and_exactly_as_it_was_read(self) -> None:
        with self.database.reads() as session:
            public = published.published_page(session, limit=1000).cards
            mine = {card.id: card.text for card in public if card.id in self.ids}
            expected = {
                entry.id: self.approved[entry.id]
                for entry in session.scalars(select(Entry).where(Entry.id.in_(self.approved)))
                if entry.consent_gallery and entry.due_on is None
            }
        assert mine == expected

    @invariant()
    def a_public_picture_is_never_an_original(self) -> None:
        with self.database.reads() as session:
            for entry in session.scalars(select(Entry).where(Entry.id.in_(self.ids))):
                assert entry.source is None or entry.state is State.RECEIVED


def test_no_history_publishes_what_nobody_approved(
    database: Database, thorough: bool, figure: Callable[..., None]
) -> None:
    lived = 0

    class LifeHere(Life):
        def teardown(self) -> None:
            nonlocal lived
            lived += 1
            super().teardown()

    LifeHere.database = database
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        LifeHere,
        settings=settings(
            max_examples=5000 if thorough else 12, stateful_step_count=20, deadline=None,
            suppress_health_check=list(HealthCheck),
        ),  # fmt: skip
    )
    name = database.engine.dialect.name
    figure(f"history.{name}", lived, goal=">= 5000", unit="random histories of up to 20 steps, nothing else public")
