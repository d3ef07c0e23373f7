"""The keys of entries in a small file of their own, beside all backups and always replaced by the newest.

A backup holds entries encrypted and none of their keys. So when an entry's key is destroyed and this file is written anew, it
is gone from every older backup as well. The keys in it are wrapped as in the database: whoever has the file and the key of the
backups still needs the wrapping key.
"""

import base64
import json
from dataclasses import dataclass
from typing import IO
from uuid import UUID

import pyrage
from sqlalchemy import select
from sqlalchemy.orm import Session

from memes import envelope
from memes.db import Database
from memes.errors import BackupUnusable
from memes.keys import EntryKey
from memes.models import EntryEvent, LogHead
from memes.vault import Keyring

#: What it is called beside a backup.
NAME = "keys.age"


@dataclass(frozen=True, slots=True)
class Keys:
    """What the file holds: wrapped keys, and up to which line of the entries' log it knows all that has happened."""

    line: int
    rows: list[EntryKey]

    def check(self, line: int, keyring: Keyring) -> None:
        """Refuse keys that are older than a backup made at this `line`, or that nothing here can open: BackupUnusable."""
        if self.line < line:
            raise BackupUnusable(f"The keys are older than the backup. Give the newest {NAME} with --keys.")
        if not {key.wrapper for key in self.rows} <= set(keyring.names):
            raise BackupUnusable("INSTAMEMES_ENTRY_KEY is not the key that wrapped these: nothing could be read.")


def write(database: Database, file: IO[bytes], recipient: str) -> int:
    """Write every key to `file`, readable with the secret key of `recipient` alone; how many."""
    with database.reads() as session:
        line = newest_line(session)  # first: what comes meanwhile is only more
        keys = session.scalars(select(EntryKey))
        rows = [[key.entry_id.hex, base64.b64encode(key.wrapped).decode(), key.wrapper] for key in keys]
    file.write(pyrage.encrypt(json.dumps({"line": line, "keys": rows}).encode(), [envelope.recipient_of(recipient)]))
    return len(rows)


def read(file: IO[bytes], secret: str) -> Keys:
    """What `write` has written. Raises BackupUnusable for a wrong secret key or a damaged file."""
    try:
        found = json.loads(pyrage.decrypt(file.read(), [envelope.identity_of(secret)]))
    except (pyrage.DecryptError, ValueError):
        raise BackupUnusable("The file of keys is damaged, or the key does not fit it.") from None
    rows = [
        EntryKey(entry_id=UUID(hex=entry_id), wrapped=base64.b64decode(wrapped), wrapper=wrapper)
        for entry_id, wrapped, wrapper in found["keys"]
    ]
    return Keys(found["line"], rows)


def newest_line(session: Session) -> int:
    """The number of the last line of the entries' log."""
    return session.get_one(LogHead, EntryEvent.LOG).seq
