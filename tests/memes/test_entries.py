"""The verbs, on both databases."""

import hashlib
import io
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from memes import entries, log, privacy
from memes.db import Database
from memes.errors import IllegalTransition, StaleDecision
from memes.lifecycle import Action, State
from memes.models import Entry, EntryEvent, Receipt
from tests import make
from tests.fakes import MemoryStore, RecordingQueue

NO_TIME = timedelta(0)


def test_the_picture_is_stored_before_the_row_and_the_task_is_sent_after_the_commit(
    session: Session, store: MemoryStore, queue: RecordingQueue
) -> None:
    entry = make.received(session, image=b"picture", store=store, queue=queue, kind="meme")
    assert make.opened(store, entry) == {entry.source: b"picture"}
    assert queue.asked == []
    session.commit()
    assert queue.asked == [entry.id]


def test_a_rolled_back_sending_sends_no_task(session: Session, queue: RecordingQueue) -> None:
    make.received(session, queue=queue)
    session.rollback()
    session.execute(text("SELECT 1"))
    session.commit()
    assert queue.asked == []


def test_the_same_receipt_twice_is_one_entry_and_leaves_no_second_picture(session: Session, store: MemoryStore) -> None:
    first = make.received(session, image=b"picture", store=store, receipt=b"r" * 32)
    session.commit()
    second = make.received(session, image=b"picture", store=store, receipt=b"r" * 32)
    assert second.id == first.id
    assert list(store.objects) == [first.source]


def test_the_state_cannot_be_assigned_freely(session: Session) -> None:
    entry = make.received(session)
    with pytest.raises(AttributeError, match="transition"):
        entry.state = State.APPROVED


def test_the_database_itself_refuses_a_day_of_publication_on_anything_not_approved(session: Session) -> None:
    make.pending(session)
    with pytest.raises(IntegrityError):
        session.execute(text("UPDATE entries SET published_on = '2026-01-01'"))


def test_a_decision_on_a_version_not_seen_changes_nothing(session: Session) -> None:
    entry = make.pending(session)
    with pytest.raises(StaleDecision):
        entries.transition(session, entry, Action.APPROVE, actor="someone", seen=entry.version - 1)
    assert entry.state is State.PENDING


def test_of_two_who_decide_at_once_one_wins_and_the_other_is_told(database: Database) -> None:
    with database.writing() as session:
        entry_id = make.pending(session).id
    with database.reads() as first, database.reads() as second:
        one, other = first.get_one(Entry, entry_id), second.get_one(Entry, entry_id)
        first.expunge_all()
        second.expunge_all()
    with database.writing() as session:
        session.add(one)
        entries.transition(session, one, Action.APPROVE, actor="first", seen=one.version)
    with database.writes() as session:
        session.add(other)
        with pytest.raises(StaleDecision):
            entries.transition(session, other, Action.DECLINE, actor="second", seen=other.version, reason="hate")
    with database.reads() as session:
        assert session.get_one(Entry, entry_id).state is State.APPROVED
        actions = [event.action for event in log.of_entry(session, entry_id)]
        assert actions == [Action.SUBMIT, Action.SETTLE, Action.APPROVE]


def test_the_exact_time_of_arrival_lives_until_the_decision(session: Session) -> None:
    entry = make.pending(session)
    assert privacy.now() - entry.received_at < timedelta(minutes=1)
    entries.transition(session, entry, Action.DECLINE, actor="m", reason="off_topic")
    assert entry.received_at == privacy.week_of(privacy.now())


def test_the_log_never_tells_when_a_child_was_here(session: Session, store: MemoryStore) -> None:
    entry = make.pending(session)
    entries.transition(session, entry, Action.APPROVE, actor="a-moderator")
    entries.withdraw(session, entry, store=store)
    week, day = privacy.week_of(privacy.now()), privacy.day_of(privacy.now())
    assert [event.at for event in log.of_entry(session, entry.id)] == [week, week, day, week]


def test_settling_twice_or_late_does_nothing(session: Session, store: MemoryStore) -> None:
    entry = make.received(session, image=b"x", store=store)
    source = entry.source
    clean = make.clean_image(entry.id, b"clean", store)
    assert entries.settle(session, entry.id, source, clean, store=store)
    assert not entries.settle(session, entry.id, source, clean, store=store)
    assert [event.action for event in log.of_entry(session, entry.id)] == [Action.SUBMIT, Action.SETTLE]


def test_the_original_is_destroyed_once_the_clean_sizes_exist(session: Session, store: MemoryStore) -> None:
    entry = make.pending(session, image=b"original", store=store)
    source = next(key for key in store.objects if key.startswith("private/"))
    assert entry.source is None
    session.commit()
    assert source not in store.objects
    assert f"renditions/{entry.id}/320.webp" in store.objects


def test_after_three_attempts_a_picture_is_called_unreadable(session: Session, store: MemoryStore) -> None:
    entry = make.received(session, image=b"poison", store=store)
    for _ in range(entries.MAX_ATTEMPTS):
        assert entries.begin_attempt(session, entry.id, store=store, lease=NO_TIME) is not None
        session.commit()
    assert entries.begin_attempt(session, entry.id, store=store, lease=NO_TIME) is None
    session.commit()
    assert entry.state is State.UNREADABLE
    assert store.objects == {}


def test_while_one_is_at_it_a_copy_of_the_task_uses_up_no_attempt(session: Session, store: MemoryStore) -> None:
    entry = make.received(session, image=b"slow", store=store)
    assert entries.begin_attempt(session, entry.id, store=store) is not None
    for _ in range(entries.MAX_ATTEMPTS + 1):
        assert entries.begin_attempt(session, entry.id, store=store) is None
    assert (entry.state, entry.attempts) == (State.RECEIVED, 1)


def test_an_attempt_that_was_given_back_does_not_count(session: Session, store: MemoryStore) -> None:
    entry = make.received(session, image=b"innocent", store=store)
    for _ in range(entries.MAX_ATTEMPTS + 1):
        begun = entries.begin_attempt(session, entry.id, store=store)
        assert begun is not None
        entries.give_back_attempt(session, entry.id, begun.attempts)
        entries.give_back_attempt(session, entry.id, 1)  # late, and of no more use
    assert (entry.state, entry.attempts) == (State.RECEIVED, 0)


def test_when_the_worker_was_asked_is_forgotten_with_its_work(session: Session, store: MemoryStore) -> None:
    entry = make.received(session, image=b"picture", store=store)
    assert entries.begin_attempt(session, entry.id, store=store) is not None
    assert entry.sent_at is not None
    assert entries.settle(session, entry.id, entry.source, make.clean_image(entry.id, b"clean", store), store=store)
    session.refresh(entry)
    assert (entry.sent_at, entry.attempted_at) == (None, None)


def test_withdrawing_erases_words_and_pictures_and_takes_it_off_the_pages(session: Session, store: MemoryStore) -> None:
    entry = make.pending(session, image=b"picture", store=store, caption="كلام", alt="رسم", age="9-11", region="MA-01")
    entries.transition(session, entry, Action.APPROVE, actor="m")
    assert entry.is_public
    entries.withdraw(session, entry, store=store)
    session.commit()
    assert (entry.text, entry.caption, entry.alt, entry.age, entry.region) == ("", "", "", None, None)
    assert (entry.published_on, entry.renditions, entry.has_image) == (None, [], False)
    assert store.objects == {entries.tombstone_key(entry.id): b""}


def test_a_changed_entry_keeps_its_picture_unless_a_new_one_comes(
    session: Session, store: MemoryStore, queue: RecordingQueue
) -> None:
    entry = make.pending(session, image=b"picture", store=store)
    entries.transition(session, entry, Action.ASK_CHANGES, actor="m", reason="real_name")
    session.commit()
    entries.resubmit(session, entry, make.draft(text="زميلة قالت"), None, store=store, queue=queue)
    session.commit()
    assert (entry.state, entry.text, entry.has_image, entry.reason) == (State.RECEIVED, "زميلة قالت", True, None)
    assert entries.settle(session, entry.id, None, None, store=store)
    assert [size["name"] for size in entry.renditions] == ["320.webp", "800.jpg"]
    entries.transition(session, entry, Action.ASK_CHANGES, actor="m", reason="face")
    entries.resubmit(session, entry, make.draft(), io.BytesIO(b"new"), store=store, queue=queue)
    session.commit()
    assert make.opened(store, entry) == {entry.source: b"new"}


def test_a_second_reading_can_be_asked_for_once(session: Session) -> None:
    entry = make.pending(session)
    entries.transition(session, entry, Action.DECLINE, actor="m", reason="off_topic")
    entries.appeal(session, entry)
    entries.transition(session, entry, Action.DECLINE, actor="n", reason="off_topic")
    with pytest.raises(IllegalTransition):
        entries.appeal(session, entry)


def test_approval_without_consent_publishes_nothing(session: Session) -> None:
    entry = make.pending(session, consent_gallery=False)
    entries.transition(session, entry, Action.APPROVE, actor="m")
    assert entry.published_on is None
    assert not entry.is_public


def test_no_column_can_hold_who_sent_it() -> None:
    columns = {column.name for table in (Entry, Receipt, EntryEvent) for column in table.__table__.columns}
    assert not {name for name in columns if any(word in name for word in ("ip", "address", "agent", "file", "cookie"))}


def test_one_changed_byte_in_the_log_is_found(session: Session) -> None:
    entry = make.pending(session)
    entries.transition(session, entry, Action.DECLINE, actor="m", reason="hate")
    assert log.broken_at(session) is None
    session.execute(text("UPDATE entry_events SET reason = 'face' WHERE seq = 3"))
    session.expire_all()
    assert log.broken_at(session) == 3


def test_a_cut_tail_of_the_log_is_found(session: Session) -> None:
    make.pending(session)
    session.execute(text("DELETE FROM entry_events WHERE seq = 2"))
    session.expire_all()
    assert log.broken_at(session) == 2


def test_the_receipt_is_kept_only_as_a_digest(session: Session) -> None:
    digest = hashlib.sha256(b"code").digest()
    entry = make.received(session, receipt=digest)
    assert session.scalars(select(Receipt.digest)).all() == [digest]
    assert entries.by_receipt(session, digest) is entry
    assert entries.by_receipt(session, b"0" * 32) is None
