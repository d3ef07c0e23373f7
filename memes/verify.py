"""Does what is kept fit together? The chains of the logs, and every clean size and every file of an editor against its row."""

import hashlib
from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from memes import log
from memes.attachments import BROKEN, Attachment
from memes.entries import rendition_key
from memes.lifecycle import State
from memes.models import DeskEvent, Entry, EntryEvent
from memes.ports import MediaStore


def faults(session: Session, store: MediaStore) -> Iterator[str]:
    """One sentence for each thing that does not fit; nothing when all is well."""
    for name, line in (("log", EntryEvent), ("desk's log", DeskEvent)):
        broken = log.broken_at(session, line)
        if broken is not None:
            yield f"The {name} does not fit its chain from line {broken} on."
    pictured = select(Entry.id, Entry.renditions).where(Entry.has_image, Entry.state != State.SEALED)
    columns = pictured.execution_options(yield_per=1000)
    for entry_id, renditions in session.execute(columns):
        for size in renditions:
            key = rendition_key(entry_id, size["file"])
            yield from _fault(store, key, size["sha256"])
    for attachment in session.scalars(select(Attachment).where(Attachment.source.is_(None), Attachment.format != BROKEN)):
        yield from _fault(store, attachment.key, attachment.sha256)


def _fault(store: MediaStore, key: str, sha256: str) -> Iterator[str]:
    try:
        with store.open(key) as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]
    except KeyError:
        yield f"{key} is missing."
        return
    if found != sha256:
        yield f"{key} is not what was reviewed."
