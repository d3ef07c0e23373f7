"""Plain functions that make what tests are about."""

import hashlib
import io
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from memes import entries, pictures
from memes.drafts import Draft
from memes.entries import CleanImage
from memes.keys import EntryKey
from memes.models import Entry, Message
from memes.ports import MediaStore, TaskQueue
from memes.vault import Keyring
from tests.fakes import MemoryStore, RecordingQueue

#: Wraps the keys of entries.
KEYS = Keyring((b"w" * 32,))

#: A lease that is over at once: what begins now may begin again.
NO_TIME = timedelta(0)

_serial = iter(range(1_000_000))


def draft(**changes: Any) -> Draft:
    """A story in Arabic with every consent."""
    fields: dict[str, Any] = {
        "kind": "story", "language": "ar", "theme": "rumours", "text": "في مجموعة القسم قالوا عني كلامًا غير صحيح.",
        "consent_gallery": True, "consent_schools": True, "consent_print": True,
    }  # fmt: skip
    return Draft(**(fields | changes))


def received(
    session: Session, *, image: bytes | None = None, store: MediaStore | None = None, queue: TaskQueue | None = None,
    receipt: bytes | None = None, first_reader: UUID | None = None, **changes: Any,
) -> Entry:  # fmt: skip
    """An entry just sent, flushed."""
    receipt = receipt or hashlib.sha256(str(next(_serial)).encode()).digest()
    stream = io.BytesIO(image) if image is not None else None
    return entries.submit(
        session, draft(**changes), stream, receipt, store=store or MemoryStore(), queue=queue or RecordingQueue(),
        first_reader=first_reader,
    )


def pending(
    session: Session, *, store: MediaStore | None = None, image: bytes | None = None, preview: bool = False, **changes: Any
) -> Entry:  # fmt: skip
    """An entry that waits for a moderator; with `image`, that is also the content of its clean sizes."""
    store = store or MemoryStore()
    entry = received(session, image=image, store=store, **changes)
    clean = clean_image(entry.id, image, store, preview=preview, secret=entry.secret()) if image is not None else None
    assert entries.settle(session, entry.id, entry.source, clean, store=store)
    return entry


def opened(store: MemoryStore, entry: Entry) -> dict[str, bytes]:
    """What lies encrypted in the store under an entry's key, by its name there."""
    its = [name for name in store.objects if str(entry.id) in name and pictures.is_encrypted(store, name)]
    return {name: pictures.source(store, entry.secret(), name) for name in its}


def as_before_keys(session: Session) -> None:
    """Let all words lie as they were written, and no entry have a key, as it was before there were any."""
    for row in [*session.scalars(select(Entry)), *session.scalars(select(Message))]:
        names = ("text",) if isinstance(row, Message) else ("text", "caption", "alt", "note", "placeholder")
        plain = {f"kept_{name}": getattr(row, name) for name in names}
        session.execute(update(type(row)).where(*(column == value for column, value in _key(row))).values(plain))
    session.execute(delete(EntryKey))


def _key(row: Entry | Message) -> list[tuple[Any, Any]]:
    if isinstance(row, Message):
        return [(Message.entry_id, row.entry_id), (Message.number, row.number)]
    return [(Entry.id, row.id)]


def clean_image(
    entry_id: UUID, data: bytes, store: MediaStore, *, preview: bool = False, secret: bytes | None = None
) -> CleanImage:  # fmt: skip
    """What the worker leaves: two sizes in the store, or three, and their facts; without `secret`, as before there were keys."""
    facts = []
    for name, form in (("320.webp", "webp"), ("800.jpg", "jpeg"), *([("preview.jpg", "jpeg")] if preview else [])):
        if secret is None:
            store.put(pictures.rendition_key(entry_id, name), io.BytesIO(data))
        else:
            pictures.put(store, secret, pictures.rendition_key(entry_id, name), io.BytesIO(data))
        facts.append({"name": name, "file": name, "width": 320, "height": 240, "format": form, "bytes": len(data),
                      "sha256": hashlib.sha256(data).hexdigest()})  # fmt: skip
    return CleanImage(facts, animated=False, placeholder="UklGRg==", likeness="0" * 64, removed=["place"])
