"""A worker whose processes die where an entry's fate says: `tests.faults.rounds.fated:celery`. For tests alone.

An entry's fate is a file in the home folder, named after it, that holds a point; it is met once. Points, in the order in
which an entry comes by: `before`, `counted`, `cleaned`, `half_stored`, `stored`, `settled`.
"""

import os
import signal
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from celery import Celery

from memes import entries
from memes.db import Database
from memes.ports import MediaStore
from memes.storage import FileStore
from workers import app, pipeline, tasks
from workers.images import Rendered
from workers.render import render_in_child

POINTS = ("before", "counted", "cleaned", "half_stored", "stored", "settled")

_now: list[UUID] = []


def decree(home: Path, entry_id: UUID, point: str) -> None:
    """What will happen to the process that cleans this entry."""
    (home / f"fate-{entry_id}").write_text(point)


def met(home: Path) -> int:
    """How many fates were met."""
    return len(list(home.glob("met-*")))


def _perhaps(point: str) -> None:
    if not _now:
        return
    fate = Path(os.environ["INSTAMEMES_HOME"]) / f"fate-{_now[-1]}"
    if fate.exists() and fate.read_text() == point:
        fate.rename(fate.with_name(f"met-{_now[-1]}"))
        os.kill(os.getpid(), signal.SIGKILL)


def _process(database: Database, store: MediaStore, _render: object, entry_id: UUID, **named: Any) -> bool:
    _now[:] = [entry_id]
    _perhaps("before")
    return _PROCESS(database, store, _rendered, entry_id, **named)


def _rendered(data: bytes) -> Rendered:
    _perhaps("counted")
    made = render_in_child(data)
    _perhaps("cleaned")
    return made


def _put(store: FileStore, key: str, source: BinaryIO) -> None:
    _PUT(store, key, source)
    if key.startswith("renditions/"):
        _perhaps("half_stored")


def _settle(*words: Any, **named: Any) -> bool:
    done = _SETTLE(*words, **named)
    _perhaps("stored")  # and not committed
    return done


def _delete(store: FileStore, key: str) -> None:
    _perhaps("settled")  # and committed, the original not deleted yet
    _DELETE(store, key)


_PROCESS, _PUT, _DELETE, _SETTLE = pipeline.process, FileStore.put, FileStore.delete, entries.settle


def __getattr__(name: str) -> Celery:
    """Only a worker that asks for it has fates."""
    if name != "celery":
        raise AttributeError(name)
    tasks.pipeline.process = _process
    entries.settle = _settle
    FileStore.put = _put  # type: ignore[method-assign]
    FileStore.delete = _delete  # type: ignore[method-assign]
    return app.celery
