"""What happens to an entry between `received` and `pending`: plain functions, no Celery, no Flask.

Read in one short transaction, work outside of any, write in another. Every step may run twice, half, or late.
"""

import hashlib
import io
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from memes import db, entries, likenesses, pictures, privacy, redaction
from memes.counts import Counts
from memes.db import Database
from memes.entries import LEASE, CleanImage
from memes.errors import StaleDecision, StoreUnavailable, Unreadable
from memes.models import Entry
from memes.ports import MediaStore
from workers import cousins
from workers.cage import CageBroken
from workers.images import Rendered, UnreadableImage
from workers.render import cover_in_child

Render = Callable[[bytes], Rendered]

UNCOUNTED = Counts()


@dataclass(frozen=True, slots=True)
class Work:
    """What one attempt knows of its entry. With `boxes`, `source` is a clean size and the others are made anew from it."""

    entry_id: UUID
    source: str | None
    attempt: int
    boxes: list[list[float]]
    sizes: dict[int, tuple[int, int]]
    removed: tuple[str, ...]
    #: The entry's key.
    secret: bytes = field(repr=False)


#: Faults of the machine, not of the picture: OSError means that no process could be started, for what a picture does
#: in its cage comes back as UnreadableImage.
INNOCENT = (StoreUnavailable, *db.AWAY, CageBroken, OSError)


def process(
    database: Database, store: MediaStore, render: Render, entry_id: UUID, *, lease: timedelta = LEASE, counts: Counts = UNCOUNTED
) -> bool:  # fmt: skip
    """Make the clean sizes of an entry and let it wait for a moderator, or find it unreadable; whether it came to one of these
    now. Idempotent.

    Raises what the machine's own faults raise (INNOCENT); the attempt is given back then.
    """
    # Stale: somebody decided in this very moment, and there is nothing left to do.
    with suppress(StaleDecision):
        with database.writing() as session:
            entry = entries.begin_attempt(session, entry_id, store=store, lease=lease)
            work = _claimed(entry) if entry else None
            waited = privacy.now() - entry.received_at if entry else timedelta()
        if work is None:
            return False
        if work.attempt == 1:
            counts.took("wait", max(waited.total_seconds(), 0))
        try:
            counts.ended(_attempt(database, store, render, work, counts))
            return True
        except INNOCENT:
            counts.ended("given_back")
            with suppress(*db.AWAY), database.writing() as session:
                entries.give_back_attempt(session, entry_id, work.attempt)
            raise
    return False


def _claimed(entry: Entry) -> Work:
    covers = entry.source is not None and not entry.source.startswith("private/")
    sizes = {int(size["name"].removesuffix(".webp")): (size["width"], size["height"])
             for size in entry.renditions if size["format"] == "webp"}  # fmt: skip
    boxes = redaction.boxes_of(entry) if covers else []
    return Work(entry.id, entry.source, entry.attempts, boxes, sizes, tuple(entry.removed) if covers else (), entry.secret())


def _attempt(database: Database, store: MediaStore, render: Render, work: Work, counts: Counts) -> str:
    image, alike = None, []
    if work.source:
        try:
            with counts.timed("clean"):
                image = _clean(work, work.source, store, render)
        except UnreadableImage:
            _spoil(database, store, work)
            return "unreadable"
        if image.likeness:
            with counts.timed("compare"):
                alike = cousins.meet(database, work.entry_id, (image.likeness, *image.turned))
    with counts.timed("settle"), database.writing() as session:
        if entries.settle(session, work.entry_id, work.source, image, store=store):
            likenesses.link(session, work.entry_id, alike)
    return "clean"


def _clean(work: Work, source: str, store: MediaStore, render: Render) -> CleanImage:
    try:
        data = pictures.source(store, work.secret, source)
    except (KeyError, Unreadable):
        # The row says there is a picture and the store has none, or another one: nothing to wait for.
        raise UnreadableImage("damaged") from None
    rendered = cover_in_child(data, work.boxes, work.sizes) if work.boxes else render(data)
    # Files of its own for each source, the same ones each time: a late worker of an earlier source, which may still
    # hold what was covered since, cannot write over them, and a repeat leaves nothing behind.
    folder, facts = hashlib.sha256(source.encode()).hexdigest()[:32], []
    for rendition in rendered.renditions:
        file = f"{folder}/{rendition.name}"
        pictures.put(store, work.secret, pictures.rendition_key(work.entry_id, file), io.BytesIO(rendition.data))
        facts.append({
            "name": rendition.name, "file": file, "width": rendition.width, "height": rendition.height,
            "format": rendition.format, "bytes": len(rendition.data),
            "sha256": hashlib.sha256(rendition.data).hexdigest(),
        })  # fmt: skip
    return CleanImage(facts, rendered.animated, rendered.placeholder, rendered.likeness, work.removed or rendered.removed,
                      rendered.turned, [list(face) for face in rendered.faces])  # fmt: skip


def _spoil(database: Database, store: MediaStore, work: Work) -> None:
    with database.writing() as session:
        entry = session.get(Entry, work.entry_id)
        if entry is not None and entry.source == work.source and entries.awaits_worker(entry):
            entries.spoil(session, entry, store=store)
