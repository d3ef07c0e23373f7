"""What happens to an entry between `received` and `pending`: plain functions, no Celery, no Flask.

Read in one short transaction, work outside of any, write in another. Every step may run twice, half, or late.
"""

import hashlib
import io
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from sqlalchemy.exc import OperationalError

from memes import entries, likenesses
from memes.db import Database
from memes.entries import LEASE, CleanImage
from memes.errors import StaleDecision, StoreUnavailable
from memes.models import Entry
from memes.ports import MediaStore
from workers import cousins
from workers.images import Rendered, UnreadableImage
from workers.render import CageBroken

Render = Callable[[bytes], Rendered]

#: Faults of the machine, not of the picture: OSError means that no process could be started, for what a picture does
#: in its cage comes back as UnreadableImage.
INNOCENT = (StoreUnavailable, OperationalError, CageBroken, OSError)


def process(
    database: Database, store: MediaStore, render: Render, entry_id: UUID, *, lease: timedelta = LEASE
) -> None:  # fmt: skip
    """Make the clean sizes of an entry and let it wait for a moderator, or find it unreadable. Idempotent.

    Raises what the machine's own faults raise (INNOCENT); the attempt is given back then.
    """
    # Stale: somebody decided in this very moment, and there is nothing left to do.
    with suppress(StaleDecision):
        with database.writing() as session:
            entry = entries.begin_attempt(session, entry_id, store=store, lease=lease)
            claimed = (entry.source, entry.attempts) if entry else None
        if claimed is None:
            return
        source, attempt = claimed
        try:
            _attempt(database, store, render, entry_id, source)
        except INNOCENT:
            with suppress(OperationalError), database.writing() as session:
                entries.give_back_attempt(session, entry_id, attempt)
            raise


def _attempt(database: Database, store: MediaStore, render: Render, entry_id: UUID, source: str | None) -> None:
    try:
        image = _clean(entry_id, source, store, render) if source else None
    except UnreadableImage:
        _spoil(database, store, entry_id, source)
        return
    alike = cousins.meet(database, entry_id, (image.likeness, *image.turned)) if image and image.likeness else []
    with database.writing() as session:
        if entries.settle(session, entry_id, source, image, store=store):
            likenesses.link(session, entry_id, alike)


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
    return CleanImage(facts, rendered.animated, rendered.placeholder, rendered.likeness, rendered.removed,
                      rendered.turned)


def _spoil(database: Database, store: MediaStore, entry_id: UUID, source: str | None) -> None:
    with database.writing() as session:
        entry = session.get(Entry, entry_id)
        if entry is not None and entry.source == source and entries.awaits_worker(entry):
            entries.spoil(session, entry, store=store)
