"""Workers and the broker are killed with work in their hands."""

from dataclasses import replace

from sqlalchemy import select

from memes.db import Database
from memes.lifecycle import Action, State
from memes.models import Entry, EntryEvent
from memes.settings import Settings
from memes.storage import open_store
from tests import make
from tests.faults import poison
from tests.faults.parts import (
    Broker,
    assert_settled_once,
    in_state,
    photo,
    send,
    states,
    sweep,
    until,
    worker,
)
from workers.dispatch import CeleryQueue

MANY = 20


def test_uploads_in_flight_survive_the_death_of_the_worker_each_exactly_once(
    file_database: Database, own_settings: Settings
) -> None:
    ids = send(file_database, own_settings, MANY)
    with worker(own_settings) as crew:
        until(lambda: states(file_database)[State.PENDING] >= 3, "some are done")
        crew.kill()
        assert states(file_database)[State.RECEIVED] > 0, "it was too fast to be killed at work"
        crew.start()
        until(in_state(file_database, State.PENDING, MANY), "all wait for a moderator", lambda: sweep(own_settings))
    assert_settled_once(file_database, own_settings, ids)


def test_uploads_in_flight_survive_the_death_of_the_broker_with_everything_in_it(
    file_database: Database, own_settings: Settings, own_broker: Broker
) -> None:
    ids = send(file_database, own_settings, MANY)
    with worker(own_settings):
        until(lambda: states(file_database)[State.PENDING] >= 3, "some are done")
        own_broker.kill()
        own_broker.start()
        assert states(file_database)[State.RECEIVED] > 0, "it was too late to lose anything"
        until(in_state(file_database, State.PENDING, MANY), "all wait for a moderator", lambda: sweep(own_settings))
    assert_settled_once(file_database, own_settings, ids)


def test_a_picture_that_kills_its_process_is_given_up_after_three_attempts_and_others_flow_on(
    file_database: Database, own_settings: Settings
) -> None:
    settings = replace(own_settings, resend_after=4)
    store, queue = open_store(settings.media_url), CeleryQueue(settings)
    deadly = poison.MARK + photo()
    with file_database.writing() as session:
        victim = make.received(session, image=deadly, store=store, queue=queue, kind="meme").id
        for seed in range(3):
            make.received(session, image=photo(seed, 200, 150), store=store, queue=queue, kind="meme")
    with worker(settings, "tests.faults.poison:celery"):
        until(lambda: not states(file_database)[State.RECEIVED], "nothing waits any more", lambda: sweep(settings))
        until(lambda: queue.waiting() == 0, "nothing is left to do")
        until(lambda: not list(store.keys("private/")), "what was sent is gone, which it is after the commit")
    assert states(file_database) == {State.PENDING: 3, State.UNREADABLE: 1}
    assert poison.deaths(settings.home) == 3
    with file_database.reads() as session:
        given_up = session.get_one(Entry, victim)
        query = select(EntryEvent.action).where(EntryEvent.entry_id == victim).order_by(EntryEvent.seq)
        assert list(session.scalars(query)) == [Action.SUBMIT, Action.SPOIL]
    assert (given_up.reason, given_up.source, given_up.attempts) == ("unreadable", None, 3)
