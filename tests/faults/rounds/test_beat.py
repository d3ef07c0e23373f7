"""The beat is dead: what is sent is cleaned and what is approved is shown all the same, and what was lost waits for its return."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import redis
from sqlalchemy import select

from memes import entries, supervisor
from memes.lifecycle import Action, State
from memes.models import Entry
from memes.settings import Settings
from memes.storage import open_store
from tests import make
from tests.fakes import RecordingQueue
from tests.faults.parts import ROOT, assert_settled_once, photo, states, until
from tests.faults.rounds.platform import Platform
from workers.dispatch import SEEN_KEY


class Beat:
    """A Celery beat, started as the supervisor starts it."""

    def __init__(self, settings: Settings) -> None:
        self._part = supervisor._own_parts(settings)[supervisor.PARTS.index("beat")]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            self._part.command, env=dict(self._part.environment) | {"PATH": os.environ["PATH"]}, cwd=ROOT,
            start_new_session=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def kill(self) -> None:
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None


@contextmanager
def beating(settings: Settings) -> Iterator[Beat]:
    """A running beat that is gone at the end."""
    beat = Beat(settings)
    try:
        beat.start()
        yield beat
    finally:
        beat.kill()


def test_without_a_beat_the_rest_goes_on_and_when_it_is_back_nothing_was_lost(
    platform: Platform, rounds: range, figure: Callable[..., None]
) -> None:
    lost: list[UUID] = []
    with beating(platform.settings) as beat:
        for _ in rounds:
            until(lambda: ready(platform)["status"] == "ok", "it is ready")
            beat.kill()
            a_while_later(platform)
            shown = sent_and_approved(platform, lost)
            assert platform.site.client.get(f"/api/v1/gallery/{shown}").status_code == 200
            lost.append(lost_by_the_broker(platform, len(lost)))
            until(lambda: not ready(platform)["worker"], "it says that nobody looks after what was lost")
            assert states(platform.database)[State.RECEIVED] == 1
            beat.start()
            until(lambda: not states(platform.database)[State.RECEIVED], "what was lost is done")
        until(lambda: ready(platform)["status"] == "ok", "it is ready again")
    assert states(platform.database) == {State.APPROVED: len(rounds), State.PENDING: len(rounds)}
    with platform.database.reads() as session:
        ids = list(session.scalars(select(Entry.id)))
    assert_settled_once(platform.database, platform.settings, ids)
    figure("faults.beat_dead", len(rounds), goal=">= 50", unit="times that the beat was dead and came back")


def ready(platform: Platform) -> dict[str, Any]:
    """What `/readyz` says."""
    told: dict[str, Any] = platform.site.client.get("/readyz").json or {}
    return told


def a_while_later(platform: Platform) -> None:
    """Two minutes later the last sweep's sign of life is gone: here at once, nothing is timed."""
    with redis.Redis.from_url(platform.broker.url) as broker:
        until(lambda: not broker.llen("upkeep") and not broker.hlen("unacked"), "what the beat has sent is done")
        broker.delete(SEEN_KEY)


def sent_and_approved(platform: Platform, others: list[UUID]) -> str:
    """A child sends, the worker cleans, somebody approves; the id."""
    platform.send()
    pending = select(Entry.id).where(Entry.state == State.PENDING, Entry.id.not_in(others))

    def waits() -> bool:
        with platform.database.reads() as session:
            return session.scalar(pending) is not None

    until(waits, "it is cleaned without a beat")
    with platform.database.writing() as session:
        entry = session.get_one(Entry, session.scalars(pending).one())
        entries.transition(session, entry, Action.APPROVE, actor="m")
    return str(entry.id)


def lost_by_the_broker(platform: Platform, seed: int) -> UUID:
    """An entry whose message never arrives."""
    with platform.database.writing() as session:
        return make.received(session, image=photo(seed % 20, 200, 150), store=open_store(platform.settings.media_url),
                             queue=RecordingQueue(), kind="meme").id  # fmt: skip
