"""From received to pending, with a renderer that does what the test says."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from memes import entries, log, pictures
from memes.db import Database
from memes.errors import StoreUnavailable
from memes.lifecycle import Action, State
from memes.models import Entry
from tests import make
from tests.fakes import MemoryStore
from workers import pipeline
from workers.cage import CageBroken
from workers.images import Rendered, Rendition, UnreadableImage

NO_TIME = timedelta(0)

CLEAN = Rendered(
    renditions=(Rendition("320.webp", 320, 240, "webp", b"small"), Rendition("800.jpg", 400, 300, "jpeg", b"still")),
    width=400, height=300, animated=False, likeness="ab" * 32, placeholder="UklGRg==", removed=("place",),
)  # fmt: skip


def clean(_data: bytes) -> Rendered:
    return CLEAN


def sent(database: Database, store: MemoryStore, image: bytes | None = b"original") -> Entry:
    with database.writing() as session:
        return make.received(session, image=image, store=store, kind="meme" if image else "story")


def now(database: Database, entry: Entry) -> Entry:
    with database.reads() as session:
        return session.get_one(Entry, entry.id)


def test_a_picture_becomes_clean_sizes_and_its_original_is_gone(database: Database, store: MemoryStore) -> None:
    entry = sent(database, store)
    pipeline.process(database, store, clean, entry.id)
    after = now(database, entry)
    assert (after.state, after.source, after.attempts) == (State.PENDING, None, 1)
    assert (after.likeness, after.placeholder, after.removed) == ("ab" * 32, "UklGRg==", ["place"])
    assert [(size["name"], size["bytes"]) for size in after.renditions] == [("320.webp", 5), ("800.jpg", 5)]
    keys = [pictures.rendition_key(entry.id, size["file"]) for size in after.renditions]
    assert make.opened(store, after) == dict(zip(keys, (b"small", b"still"), strict=True))


def test_words_alone_go_straight_on(database: Database, store: MemoryStore) -> None:
    entry = sent(database, store, image=None)
    pipeline.process(database, store, clean, entry.id)
    assert now(database, entry).state is State.PENDING


@pytest.mark.parametrize("again", range(3))
def test_the_same_task_again_changes_nothing(database: Database, store: MemoryStore, again: int) -> None:
    entry = sent(database, store)
    for _ in range(again + 2):
        pipeline.process(database, store, clean, entry.id)
    with database.reads() as session:
        assert [event.action for event in log.of_entry(session, entry.id)] == [Action.SUBMIT, Action.SETTLE]
    assert now(database, entry).attempts == 1


def test_a_picture_that_cannot_be_read_ends_in_unreadable_and_is_deleted(database: Database, store: MemoryStore) -> None:
    def refuse(_data: bytes) -> Rendered:
        raise UnreadableImage("damaged")

    entry = sent(database, store)
    pipeline.process(database, store, refuse, entry.id)
    after = now(database, entry)
    assert (after.state, after.reason, after.source) == (State.UNREADABLE, "unreadable", None)
    assert store.objects == {}


def test_a_picture_that_kills_its_worker_is_tried_three_times_and_no_more(database: Database, store: MemoryStore) -> None:
    tried = 0

    def die(_data: bytes) -> Rendered:
        nonlocal tried
        tried += 1
        raise KeyboardInterrupt

    entry = sent(database, store)
    for _ in range(entries.MAX_ATTEMPTS):
        with pytest.raises(KeyboardInterrupt):
            pipeline.process(database, store, die, entry.id, lease=NO_TIME)
        assert now(database, entry).state is State.RECEIVED
    pipeline.process(database, store, die, entry.id, lease=NO_TIME)
    assert (now(database, entry).state, tried) == (State.UNREADABLE, 3)


FAULTS_OF_THE_MACHINE = [
    StoreUnavailable("s3"), CageBroken("no Python"), OSError("no more processes"),
    OperationalError("select", {}, Exception("away")),
]  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS_OF_THE_MACHINE, ids=lambda fault: type(fault).__name__)
def test_what_is_not_the_fault_of_the_picture_is_never_held_against_it(
    database: Database, store: MemoryStore, fault: Exception
) -> None:
    def fail(_data: bytes) -> Rendered:
        raise fault

    entry = sent(database, store)
    for _ in range(entries.MAX_ATTEMPTS + 2):
        with pytest.raises(type(fault)):
            pipeline.process(database, store, fail, entry.id)
    assert (now(database, entry).state, now(database, entry).attempts) == (State.RECEIVED, 0)
    pipeline.process(database, store, clean, entry.id)
    assert now(database, entry).state is State.PENDING


def test_a_copy_of_the_task_that_comes_meanwhile_does_nothing(database: Database, store: MemoryStore) -> None:
    entry, rendered = sent(database, store), 0

    def slowly(_data: bytes) -> Rendered:
        nonlocal rendered
        rendered += 1
        for _ in range(entries.MAX_ATTEMPTS + 1):
            pipeline.process(database, store, slowly, entry.id)
        return CLEAN

    pipeline.process(database, store, slowly, entry.id)
    assert (now(database, entry).state, rendered) == (State.PENDING, 1)


def test_a_picture_lost_by_the_store_is_not_waited_for(database: Database, store: MemoryStore) -> None:
    entry = sent(database, store)
    store.objects.clear()
    pipeline.process(database, store, clean, entry.id)
    assert now(database, entry).state is State.UNREADABLE


def test_an_entry_withdrawn_while_its_picture_is_cleaned_stays_withdrawn(database: Database, store: MemoryStore) -> None:
    entry = sent(database, store)

    def meanwhile(_data: bytes) -> Rendered:
        with database.writing() as session:
            entries.withdraw(session, session.get_one(Entry, entry.id), store=store)
        return CLEAN

    pipeline.process(database, store, meanwhile, entry.id)
    assert now(database, entry).state is State.WITHDRAWN
