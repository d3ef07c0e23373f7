"""A sender that dies at a chosen point: `python -m tests.faults.crash POINT`. For tests alone."""

import io
import os
import signal
import sys
from uuid import UUID

from sqlalchemy import select

from memes import entries
from memes.db import Database
from memes.models import Entry
from memes.ports import TaskQueue
from memes.settings import Settings
from memes.storage import FileStore, open_store
from tests import make
from tests.fakes import RecordingQueue
from tests.faults.parts import photo


def die() -> None:
    """As if the power went."""
    os.kill(os.getpid(), signal.SIGKILL)


class DyingQueue(RecordingQueue):
    """Dies where the task would be sent: right after the commit."""

    def process_entry(self, entry_id: UUID, *, urgent: bool = False) -> None:
        die()


class DyingPicture(io.BytesIO):
    """Dies when its end should be read: half of it is written then."""

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        if not data:
            die()
        return data


class DyingStore(FileStore):
    """Dies where objects would be deleted: after the commit that forgets them."""

    def delete(self, key: str) -> None:
        die()


def main(point: str) -> None:
    """Send (or withdraw) one meme, and die at `point`."""
    settings = Settings.from_env()
    store, queue = open_store(settings.media_url), RecordingQueue()
    session = Database(settings.database_url, settings.entry_keys).writes()
    if point == "while_putting":
        store.put("private/half/picture", DyingPicture(photo()))
    if point == "before_deleting":
        entry = session.scalars(select(Entry)).one()
        entries.withdraw(session, entry, store=DyingStore(settings.home / "media"))
        session.commit()
    sender: TaskQueue = DyingQueue() if point == "before_dispatch" else queue
    # A receipt that no other process can have counted up to: with the same one it would be a repeat.
    make.received(session, image=photo(), store=store, queue=sender, receipt=os.urandom(32), kind="meme")
    if point == "before_commit":
        die()
    session.commit()


if __name__ == "__main__":
    main(sys.argv[1])
