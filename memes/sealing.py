"""What is sealed goes into a box for two people with offline keys, and its own key is destroyed: nobody on the server can open it.

Sealing itself is a move like others, and hides at once. The box is closed in the same transaction if it can be, and soon after by
housekeeping if not; without public keys, what is sealed stays encrypted like everything else.
"""

import io
import json
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from uuid import UUID

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from memes import messages, pictures, redaction
from memes.columns import written_out
from memes.db import AWAY, Database, on_commit
from memes.errors import StoreUnavailable, Unreadable
from memes.keys import EntryKey
from memes.lifecycle import State
from memes.models import Entry
from memes.ports import MediaStore
from memes.seals import Holders

#: Where boxes lie in the store. They are in no backup: what is in them may be illegal to copy.
PREFIX = "sealed/"

_WORDS = ("text", "caption", "alt", "note", "placeholder")


def box_key(entry_id: UUID) -> str:
    """Where the box of an entry lies in the store."""
    return f"{PREFIX}{entry_id.hex}"


def close(session: Session, entry: Entry, holders: Holders | None, *, store: MediaStore) -> None:
    """Put a sealed entry into its box, if there are holders; the caller commits. Nothing changes if store or key do not answer.

    Order: put the box, commit the row without its key, delete the pictures.
    """
    if holders is None or not is_open(entry):
        return
    with suppress(StoreUnavailable, Unreadable):
        store.put(box_key(entry.id), io.BytesIO(holders.close(_content(session, entry, store))))
        for name in _WORDS:
            setattr(entry, name, "")
        messages.erase(session, entry.id)
        entry.key = None
        session.flush()
        for size in entry.renditions:  # their digests stay: they prove what was there
            on_commit(session, partial(store.delete, pictures.rendition_key(entry.id, size["file"])))


def close_rest(database: Database, holders: Holders | None, store: MediaStore) -> int:
    """Close what was sealed while there were no holders, or while the store was away; how many."""
    with database.reads() as session:
        waiting = still_open(session)
    for entry_id in waiting if holders is not None else ():
        with suppress(*AWAY), database.writing() as session:
            close(session, session.get_one(Entry, entry_id), holders, store=store)
    return len(waiting)


def still_open(session: Session) -> Sequence[UUID]:
    """Ids of all that is sealed and in no box (`is_open`). Rows are looked at, none is loaded."""
    words = or_(*(column != "" for column in (Entry.kept_text, Entry.kept_caption, Entry.kept_alt)))
    readable = or_(exists().where(EntryKey.entry_id == Entry.id), words)
    return session.scalars(select(Entry.id).where(Entry.state == written_out(State.SEALED), readable)).all()


def is_open(entry: Entry) -> bool:
    """Whether a sealed entry still lies under a key that the server has."""
    return entry.state is State.SEALED and (entry.key is not None or bool(entry.kept_text or entry.kept_caption or entry.kept_alt))


def _content(session: Session, entry: Entry, store: MediaStore) -> dict[str, bytes]:
    """Its words and the best of its clean pictures, if that is still there."""
    said = [{"from_child": message.from_child, "text": message.text} for message in messages.thread(session, entry.id)]
    facts = {"entry": str(entry.id), "kind": entry.kind, "language": entry.language, "theme": entry.theme, "messages": said}
    words = facts | {name: getattr(entry, name) for name in _WORDS[:-1]}
    files = {"words.json": json.dumps(words, ensure_ascii=False, indent=1).encode()}
    with suppress(KeyError, ValueError):
        size = redaction.largest(entry.renditions)
        files[size["name"]] = pictures.clean(store, entry.secret_if_any(), entry.id, size)
    return files
