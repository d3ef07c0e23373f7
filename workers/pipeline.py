"""What happens to an entry between `received` and `pending`: plain functions, no Celery, no Flask.

Read in one short transaction, work outside of any, write in another. Every step may run twice, half, or late.
"""

import hashlib
import io
from collections.abc import Callable
from uuid import UUID

from memes import entries
from memes.db import Database
from memes.entries import CleanImage
from memes.models import Entry
from memes.ports import MediaStore
from workers.images import Rendered, UnreadableImage

Render = Callable[[bytes], Rendered]


def process(database: Database, store: MediaStore, render: Render, entry_id: UUID) -> None:
    """Make the clean sizes of an entry and let it wait for a moderator, or find it unreadable. Idempotent."""
    with database.writing() as session:
        entry = entries.begin_attempt(session, entry_id, store=store)
        source = entry.source if entry else None
    if entry is None:
        return
    try:
        image = _clean(entry_id, source, store, render) if source else None
    except UnreadableImage:
        _spoil(database, store, entry_id, source)
        return
    with database.writing() as session:
        entries.settle(session, entry_id, source, image, store=store)


def _clean(entry_id: UUID, source: str, store: MediaStore, render: Render) -> CleanImage:
    try:
        with store.open(source) as stream:
            data = stream.read()
    except KeyError:
        # The row says there is a picture and the store has none: nothing to wait for.
        raise UnreadableImage("damaged") from None
    rendered = render(data)
    facts = []
    for rendition in rendered.renditions:
        store.put(entries.rendition_key(entry_id, rendition.name), io.BytesIO(rendition.data))
        facts.append({
            "name": rendition.name, "width": rendition.width, "height": rendition.height, "format": rendition.format,
            "bytes": len(rendition.data), "sha256": hashlib.sha256(rendition.data).hexdigest(),
        })  # fmt: skip
    return CleanImage(facts, rendered.animated, rendered.placeholder, rendered.likeness, rendered.removed)


def _spoil(database: Database, store: MediaStore, entry_id: UUID, source: str | None) -> None:
    with database.writing() as session:
        entry = session.get(Entry, entry_id)
        if entry is not None and entry.source == source and entries.awaits_worker(entry):
            entries.spoil(session, entry, store=store)
