"""Can the platform do its work? One answer for each part, for `/readyz` and for the metrics."""

import shutil
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from memes import encrypting
from memes.db import Database, keyring_of
from memes.ports import MediaStore, TaskQueue

#: Bytes that the disk under SQLite must have free: one upload of the largest kind, cleaned, and what SQLite writes beside it.
ROOM = 100_000_000


def parts(database: Database, media: MediaStore, queue: TaskQueue) -> dict[str, bool]:
    """The database takes writes, its keys are here, the broker answers, the store takes objects, a worker gets things done."""
    return {
        "database": _answers(database, _takes_writes) and _has_room(database),
        "keys": _answers(database, _keys),
        "broker": queue.ready(),
        "media": media.ready(),
        "worker": queue.worker_seen(),
    }


def _takes_writes(database: Database) -> bool:
    """An update of no row: refused by a replica and by a file that may only be read, and changes and holds up nothing."""
    with database.writes() as session:
        session.execute(text("UPDATE log_head SET seq = seq WHERE id < 0"))
    return True


def _keys(database: Database) -> bool:
    with database.reads() as session:
        return bool(keyring_of(session).names) and encrypting.keys_fit(session)


def _has_room(database: Database) -> bool:
    if database.url.get_backend_name() != "sqlite" or not database.url.database:
        return True
    return shutil.disk_usage(Path(database.url.database).parent).free >= ROOM


def _answers(database: Database, ask: Callable[[Database], bool]) -> bool:
    try:
        return ask(database)
    except SQLAlchemyError:
        return False
