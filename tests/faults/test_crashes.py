"""A process dies between two steps that belong together: nothing acknowledged is lost, nothing forgotten stays."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from sqlalchemy import select

from memes import supervisor
from memes.db import Database
from memes.lifecycle import State
from memes.models import Entry
from memes.settings import Settings
from memes.storage import open_store
from tests.faults.parts import (
    ROOT,
    assert_settled_once,
    grow_old,
    in_state,
    send,
    states,
    sweep,
    until,
    worker,
)
from workers import housekeeping
from workers.dispatch import CeleryQueue


def crash(settings: Settings, point: str) -> None:
    """Let a sender of its own die at this point."""
    environment = supervisor.parts_environment(settings, os.environ)
    ended = subprocess.run([sys.executable, "-m", "tests.faults.crash", point], env=environment, cwd=ROOT, check=False)
    assert ended.returncode == -signal.SIGKILL


def kept(settings: Settings) -> set[Path]:
    """Every file of the media folder, half-written ones as well."""
    return {path for path in (settings.home / "media").rglob("*") if path.is_file()}


def test_a_picture_without_a_row_is_removed_later_and_one_with_a_row_stays(
    file_database: Database, own_settings: Settings
) -> None:
    store = open_store(own_settings.media_url)
    send(file_database, own_settings, 1)
    acknowledged = kept(own_settings)
    crash(own_settings, "before_commit")
    assert states(file_database) == {State.RECEIVED: 1}
    assert len(kept(own_settings)) == 2
    assert housekeeping.remove_orphans(file_database, store) == 0, "its sender may still be at it"
    grow_old(own_settings)
    assert housekeeping.remove_orphans(file_database, store) == 1
    assert kept(own_settings) == acknowledged


def test_half_a_picture_is_removed_later(file_database: Database, own_settings: Settings) -> None:
    store = open_store(own_settings.media_url)
    crash(own_settings, "while_putting")
    assert len(kept(own_settings)) == 1
    assert list(store.keys("private/")) == [], "half an object is none"
    assert housekeeping.remove_orphans(file_database, store) == 0
    grow_old(own_settings)
    assert housekeeping.remove_orphans(file_database, store) == 1
    assert kept(own_settings) == set()


def test_what_was_withdrawn_is_gone_though_the_process_died_before_it_could_delete(
    file_database: Database, own_settings: Settings
) -> None:
    send(file_database, own_settings, 1)
    crash(own_settings, "before_deleting")
    assert states(file_database) == {State.WITHDRAWN: 1}
    assert len(kept(own_settings)) == 1
    grow_old(own_settings)
    assert housekeeping.remove_orphans(file_database, open_store(own_settings.media_url)) == 1
    assert kept(own_settings) == set()


def test_an_entry_whose_task_was_never_sent_is_found_by_the_sweep(
    file_database: Database, own_settings: Settings
) -> None:
    crash(own_settings, "before_dispatch")
    assert states(file_database) == {State.RECEIVED: 1}
    assert CeleryQueue(own_settings).waiting() == 0
    with worker(own_settings):
        until(in_state(file_database, State.PENDING, 1), "it waits for a moderator", lambda: sweep(own_settings))
    with file_database.reads() as session:
        ids = list(session.scalars(select(Entry.id)))
    assert_settled_once(file_database, own_settings, ids)
