"""Does what is kept fit together? The chains of the logs, and every clean size and every file of an editor against its row."""

import hashlib
from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from memes import encrypting, log, pictures, public_totals, sealing
from memes.attachments import BROKEN, Attachment
from memes.errors import Unreadable
from memes.lifecycle import State
from memes.models import DeskEvent, Entry, EntryEvent
from memes.pictures import rendition_key
from memes.ports import MediaStore


def faults(session: Session, store: MediaStore) -> Iterator[str]:
    """One sentence for each thing that does not fit; nothing when all is well."""
    for name, line in (("log", EntryEvent), ("desk's log", DeskEvent)):
        broken = log.broken_at(session, line)
        if broken is not None:
            yield f"The {name} does not fit its chain from line {broken} on."
    if not public_totals.are_right(session):
        yield "The numbers of what is public (public_totals) are not what counting gives: filters may hide something."
    if not encrypting.keys_fit(session):
        yield "The wrapping keys at hand (INSTAMEMES_ENTRY_KEY) are not those that wrapped the entries' keys."
        return
    for entry in session.scalars(select(Entry).execution_options(yield_per=1000)):
        yield from _faults_of(entry, store)
    for attachment in session.scalars(select(Attachment).where(Attachment.source.is_(None), Attachment.format != BROKEN)):
        yield from _fault(store, attachment.key, attachment.sha256)


def open_seals(session: Session) -> int:
    """How many sealed entries are in no box: they lie under a key that the server has."""
    return len(sealing.still_open(session))


def _faults_of(entry: Entry, store: MediaStore) -> Iterator[str]:
    try:
        _words = entry.text, entry.caption, entry.alt, entry.note, entry.placeholder
    except Unreadable:
        yield f"The words of {entry.id} cannot be opened."
        return
    if entry.state is State.SEALED:
        if not sealing.is_open(entry) and not any(store.keys(sealing.box_key(entry.id))):
            yield f"{sealing.box_key(entry.id)} is missing."
        return
    for size in entry.renditions:
        key = rendition_key(entry.id, size["file"])
        try:
            data = pictures.clean(store, entry.secret_if_any(), entry.id, size)
        except KeyError:
            yield f"{key} is missing."
            continue
        except Unreadable:
            data = b""
        if hashlib.sha256(data).hexdigest() != size["sha256"]:
            yield f"{key} is not what was reviewed."


def _fault(store: MediaStore, key: str, sha256: str) -> Iterator[str]:
    try:
        with store.open(key) as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]
    except KeyError:
        yield f"{key} is missing."
        return
    if found != sha256:
        yield f"{key} is not what was reviewed."
