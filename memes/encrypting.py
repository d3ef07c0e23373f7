"""Brings what was written before there were keys under them, and every key under the newest wrapping key.

Harmless at any time, twice, and half: each entry is a step of its own, and what has changed meanwhile is left for the next round.
"""

import io
from collections.abc import Sequence
from contextlib import suppress
from uuid import UUID

from sqlalchemy import delete, exists, func, or_, select, text, update
from sqlalchemy.orm import Session

from memes import keys, pictures
from memes.db import Database, keyring_of
from memes.keys import EntryKey
from memes.lifecycle import State
from memes.models import PLAIN_ENTRY, PLAIN_MESSAGE, Entry, Message
from memes.ports import MediaStore
from memes.vault import MARK

#: Columns of words, by the attribute that reads them.
_ENTRY = {name: getattr(Entry, f"kept_{name}") for name in ("text", "caption", "alt", "note", "placeholder")}

#: States in which an entry has no key.
_GONE = (State.WITHDRAWN, State.ERASED)

#: Entries in one transaction.
BATCH = 100


def keys_fit(session: Session) -> bool:
    """Whether the wrapping keys at hand open the keys of entries. Looks at the first and the last along an index."""
    ends = (select(end(EntryKey.wrapper)).scalar_subquery() for end in (func.min, func.max))  # asked together, SQLite reads all
    found = session.execute(select(*ends)).one()
    return {name for name in found if name is not None} <= set(keyring_of(session).names)


def encrypt(database: Database, most: int) -> int:
    """Encrypt the words of entries and messages that lie there as they were written, and wrap keys anew; how many rows, at most
    about so many."""
    done = 0
    for step in (_encrypt_entries, _encrypt_messages, _wrap_anew):
        while done < most:
            with database.writing() as session:
                count = step(session)
            done += count
            if not count:
                break
    return done


def encrypt_pictures(database: Database, store: MediaStore) -> int:
    """Encrypt every picture that lies there as it was made; how many. Reads the beginning of each object in the store."""
    done = 0
    for prefix in ("private/", "renditions/"):
        for name in store.keys(prefix):
            with suppress(KeyError, ValueError), database.writing() as session:  # gone meanwhile, or none of ours
                entry = None if pictures.is_encrypted(store, name) else session.get(Entry, UUID(name.split("/")[1]))
                if entry is not None and not _is_gone(entry):
                    secret = entry.secret()
                    session.commit()  # the key first
                    pictures.put(store, secret, name, io.BytesIO(pictures.source(store, secret, name)))
                    done += 1
    return done


def destroy_left_keys(session: Session) -> int:
    """The last line of defence: no key of an entry that is gone stays, whatever a program did; how many there were."""
    gone = select(Entry.id).where(Entry.state.in_(_GONE))
    return len(session.scalars(delete(EntryKey).where(EntryKey.entry_id.in_(gone)).returning(EntryKey.entry_id)).all())


def without_key(session: Session) -> Sequence[UUID]:
    """Entries with words that nobody can open any more: a backup has brought them back, and their key is gone."""
    closed = or_(*(column.like(f"{MARK}%") for column in _ENTRY.values()))
    lost = ~exists().where(EntryKey.entry_id == Entry.id)
    return session.scalars(select(Entry.id).where(closed, lost)).all()


def plain(session: Session) -> int:
    """How many entries and messages have words that are not encrypted."""
    entries = session.scalar(select(func.count()).select_from(Entry).where(text(PLAIN_ENTRY))) or 0
    return entries + (session.scalar(select(func.count()).select_from(Message).where(text(PLAIN_MESSAGE))) or 0)


def _encrypt_entries(session: Session) -> int:
    found = session.scalars(select(Entry).where(text(PLAIN_ENTRY)).limit(BATCH)).all()
    for entry in found:
        known = {name: getattr(entry, f"kept_{name}") for name in _ENTRY}
        secret = entry.secret()
        session.flush()
        closed = {
            f"kept_{name}": keys.closed(secret, words, f"entries.{name}", entry.place())
            for name, words in known.items() if words and not words.startswith(MARK)
        }  # fmt: skip
        # Not through the version: nobody decides on it. What somebody has changed since it was read is not met.
        same = [column == known[name] for name, column in _ENTRY.items()]
        changed = update(Entry).where(Entry.id == entry.id, *same).values(closed)
        session.execute(changed.execution_options(synchronize_session=False))
    return len(found)


def _encrypt_messages(session: Session) -> int:
    found = session.scalars(select(Message).where(text(PLAIN_MESSAGE)).limit(BATCH)).all()
    for message in found:
        session.get_one(Entry, message.entry_id).secret()
        session.flush()
        session.refresh(message)
        message.text = message.kept_text
    return len(found)


def _wrap_anew(session: Session) -> int:
    newest, *older = keyring_of(session).names
    found = session.scalars(select(EntryKey).where(EntryKey.wrapper.in_(older)).limit(BATCH)).all()
    for key in found:
        key.wrap_anew(keyring_of(session))
    return len(found)


def _is_gone(entry: Entry) -> bool:
    """Whether its key was destroyed, and it must never get another one: what is sealed would be put into its box again, empty."""
    return entry.state in _GONE or (entry.state is State.SEALED and entry.key is None)
