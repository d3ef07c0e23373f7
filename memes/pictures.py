"""Pictures of entries in the media store: encrypted under their entry's key as they come, opened whole and in memory.

Nothing of a child's lies readable in the store, also not what is public: it is opened for each answer, so that there is no second
copy to be forgotten when it is taken back. The name in the store is authenticated with it.
"""

import hashlib
from typing import Any, BinaryIO, cast
from uuid import UUID

from memes import pieces, vault
from memes.errors import Unreadable
from memes.ports import MediaStore

#: How an encrypted object begins; no picture does. The older ones are one piece (`vault.close`).
MARK, OLDER = b"\x01vault2\n", b"\x01vault\n"


def rendition_key(entry_id: UUID, file: str) -> str:
    """Where a clean size lies in the store. `file` is its "file", not its "name": each rendering has files of its own."""
    return f"renditions/{entry_id}/{file}"


def put(store: MediaStore, secret: bytes, name: str, source: BinaryIO) -> None:
    """Encrypt a picture, from where `source` stands, under an entry's key on its way into the store. It is never held whole."""
    store.put(name, cast(BinaryIO, pieces.Closing(MARK, secret, source, name)))


def clean(store: MediaStore, secret: bytes | None, entry_id: UUID, size: dict[str, Any]) -> bytes:
    """A clean size as a moderator has seen it. KeyError if there is none; Unreadable without its key, or if it is another one."""
    name = rendition_key(entry_id, size["file"])
    data, encrypted = _read(store, secret, name)
    if not encrypted and hashlib.sha256(data).hexdigest() != size["sha256"]:
        raise Unreadable("not what was reviewed")  # from before there were keys, or somebody has put it there
    return data


def source(store: MediaStore, secret: bytes | None, name: str) -> bytes:
    """What a worker is to clean. Raises as `clean`."""
    return _read(store, secret, name)[0]


def is_encrypted(store: MediaStore, name: str) -> bool:
    """Whether an object is; KeyError if there is none."""
    with store.open(name) as stream:
        return stream.read(len(MARK)).startswith((MARK, OLDER))


def _read(store: MediaStore, secret: bytes | None, name: str) -> tuple[bytes, bool]:
    with store.open(name) as stream:
        data = stream.read()
    if data.startswith(MARK):
        return pieces.opened(secret, data[len(MARK) :], name), True
    if data.startswith(OLDER):
        return vault.opened(secret, data[len(OLDER) :], name), True
    return data, False
