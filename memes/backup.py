"""Everything in one encrypted file, and back: each table as lines of JSON, each clean picture as it is.

The file is a tar archive inside an age envelope (age-encryption.org/v1), so that any age program can open it with the key,
which need never be on this machine. Originals are left out: they may hold a place, and are gone minutes later anyway. So are the
words by which entries are found, which are made anew, and the keys of entries, which lie in a file of their own (`backup_keys`).

A backup knows nothing of what was taken back after it was made. What has lost its key since cannot be read any more, and comes
back as withdrawn. Besides, whatever leaves the public pages leaves a tombstone in the media store (an empty object named after
the entry), and `restore` withdraws again what has one.
"""

import base64
import io
import json
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import Enum
from typing import IO, Any
from uuid import UUID

import pyrage
from sqlalchemy import Table, column, func, insert, inspect, select, table, text
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeDecorator

from memes import attachments, backup_keys, consents, db, encrypting, entries, envelope, pictures, public_totals, search
from memes.backup_keys import Keys
from memes.columns import written_out
from memes.db import Base, Database
from memes.errors import BackupUnusable
from memes.lifecycle import Action, State, can
from memes.models import Entry
from memes.ports import MediaStore
from memes.public_totals import PublicTotal

#: What is in the store for good. `private/` is not: originals are never kept longer than it takes to clean them.
PREFIXES = ("renditions/", attachments.PREFIX, entries.TOMBSTONES, consents.HIDDEN)

#: Rows in one member of the archive; so much is in memory at a time.
ROWS = 2_000

#: Which tables are in it.
_KEPT = [kept for kept in Base.metadata.sorted_tables if kept.info.get("backup", True)]

#: How what was taken back goes again: by its child, or, where that is no move any more, by its days.
_GOES = ((Action.WITHDRAW, entries.withdraw), (Action.ERASE, entries.erase))

_META, _END = "backup.json", "end.json"

_DAMAGED = "The key does not fit, or the file is damaged or not whole."


@dataclass(frozen=True, slots=True)
class Summary:
    """How much went through."""

    rows: int
    pictures: int
    withdrawn: int = 0


def write(database: Database, store: MediaStore, file: IO[bytes], recipient: str) -> Summary:
    """Write everything to `file`, readable with the secret key of `recipient` alone; raises BackupUnusable for what is no key."""
    key = envelope.recipient_of(recipient)
    with envelope.encrypting(file, key) as plain, tarfile.open(fileobj=plain, mode="w|") as archive:
        return _pack(database, store, archive)


def read(database: Database, store: MediaStore, file: IO[bytes], secret: str, keys: IO[bytes] | None = None) -> Summary:
    """Fill an empty database and the store from `file` and the newest file of `keys`, and withdraw what was taken back since.

    Nothing is committed unless the whole file was read and is what was written. Raises BackupUnusable, with a sentence for the
    operator, for a wrong key, a damaged or unfinished file, keys that are missing or older, or a database that holds something.
    """
    key = envelope.identity_of(secret)
    found = backup_keys.read(keys, secret) if keys is not None else None
    try:
        with envelope.decrypting(file, key) as plain, tarfile.open(fileobj=plain, mode="r|") as archive:
            return _unpack(database, store, archive, found)
    except (tarfile.TarError, pyrage.DecryptError, OSError):
        # A piece that does not authenticate is an OSError to its reader.
        raise BackupUnusable(_DAMAGED) from None


def _pack(database: Database, store: MediaStore, archive: tarfile.TarFile) -> Summary:
    rows = pictures = 0
    with database.reads() as session:
        _freeze(session)
        sealed = set(session.scalars(select(Entry.id).where(Entry.state == written_out(State.SEALED))))
        _add(archive, _META, json.dumps({"schema": db.revision(session), "line": backup_keys.newest_line(session)}).encode())
        for kept in _KEPT:
            for number, chunk in enumerate(_chunks(session, kept)):
                rows += len(chunk)
                _add(archive, f"tables/{kept.name}/{number:06}.jsonl", "\n".join(chunk).encode())
    # What is sealed may be illegal to copy.
    for prefix in PREFIXES:
        for key in store.keys(prefix):
            if _is_sealed(sealed, key):
                continue
            try:
                with store.open(key) as stream:
                    data = stream.read()
            except KeyError:
                continue  # taken back in this moment
            _add(archive, f"media/{key}", data)
            pictures += 1
    _add(archive, _END, json.dumps({"rows": rows, "pictures": pictures}).encode())
    return Summary(rows, pictures)


def _unpack(database: Database, store: MediaStore, archive: tarfile.TarFile, keys: Keys | None) -> Summary:
    members = iter(archive)
    meta = json.loads(_content(archive, next(members, None), _META))
    _prepare(database, meta["schema"])
    with database.writing() as session:
        if "line" in meta:  # older ones hold no keys, and nothing that needs one
            if keys is None:
                raise BackupUnusable(f"The keys of the entries are missing: give the newest {backup_keys.NAME} with --keys.")
            keys.check(meta["line"], db.keyring_of(session))
        for kept in reversed(Base.metadata.sorted_tables):
            if inspect(session.connection()).has_table(kept.name):
                session.execute(kept.delete())  # the few rows that migrations make
        rows = pictures = 0
        whole = None
        for member in members:
            data = _content(archive, member, member.name)
            kind, _, name = member.name.partition("/")
            if kind == "tables":
                rows += _insert(session, name.partition("/")[0], data)
            elif kind == "media":
                store.put(name, io.BytesIO(data))
                pictures += 1
            elif member.name == _END:
                whole = json.loads(data)
        if whole != {"rows": rows, "pictures": pictures}:
            raise BackupUnusable(_DAMAGED)
        _add_keys(session, keys)
        _set_counters(session)
        if inspect(session.connection()).has_table(PublicTotal.__tablename__):
            public_totals.count_anew(session.connection())
    db.upgrade(_address(database))
    _hide_again(database, store)
    withdrawn = _withdraw_again(database, store)
    with database.writing() as session:
        for entry in session.scalars(select(Entry).where(Entry.published_on.is_not(None))).all():
            search.keep(session, entry)
    return Summary(rows, pictures, withdrawn)


def _add_keys(session: Session, keys: Keys | None) -> None:
    here = set(session.scalars(select(Entry.id)))
    session.add_all(key for key in (keys.rows if keys else ()) if key.entry_id in here)


def _withdraw_again(database: Database, store: MediaStore) -> int:
    """What has a tombstone, and what has lost its key since."""
    with database.reads() as session:
        gone = {*encrypting.without_key(session)}
    gone |= {UUID(hex=key.removeprefix(entries.TOMBSTONES)) for key in store.keys(entries.TOMBSTONES)}
    count = 0
    for entry_id in gone:
        with database.writing() as session:
            entry = session.get(Entry, entry_id)
            verb = next((verb for action, verb in _GOES if entry is not None and can(entry.state, action)), None)
            if entry is not None and verb is not None:
                verb(session, entry, store=store)
                count += 1
    return count


def _hide_again(database: Database, store: MediaStore) -> None:
    """Nothing comes back to the gallery that its child has taken out of it since."""
    for key in store.keys(consents.HIDDEN):
        with database.writing() as session:
            entry = session.get(Entry, UUID(hex=key.removeprefix(consents.HIDDEN)))
            if entry is not None and can(entry.state, Action.CHOOSE):
                consents.choose(session, entry, replace(consents.of(entry), gallery=False), store=store)


def _prepare(database: Database, schema: str) -> None:
    """An empty database at the schema of the backup: newer migrations then run over its rows as they did over all others."""
    with database.reads() as session:
        present = inspect(session.connection()).get_table_names()
        current = db.revision(session)
        held = [name for name in present if name in ("entries", "moderators") and _count(session, name)]
    if held or current not in (None, schema):
        raise BackupUnusable("The database holds something, or was made by another version: restore into an empty one.")
    db.upgrade(_address(database), schema)


def _is_sealed(sealed: set[UUID], key: str) -> bool:
    """Whether a stored file belongs to what nobody may copy."""
    return any(key == pictures.rendition_key(entry_id, key.rpartition("/")[2]) for entry_id in sealed)


def _count(session: Session, name: str) -> int:
    return session.scalar(select(func.count()).select_from(table(name))) or 0


def _freeze(session: Session) -> None:
    """All tables as of one moment. On SQLite a reading transaction is that by itself."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))


def _chunks(session: Session, kept: Table) -> Iterator[list[str]]:
    wanted = [column for column in kept.columns if column.info.get("backup", True)]
    with session.execute(select(*wanted).execution_options(yield_per=ROWS)) as found:
        for part in found.mappings().partitions(ROWS):
            yield [json.dumps({name: _plain(value) for name, value in row.items()}, ensure_ascii=False) for row in part]


def _insert(session: Session, name: str, data: bytes) -> int:
    """Rows of one member. A bare table, because columns and defaults of a newer schema must not come in."""
    kept = Base.metadata.tables.get(name)
    lines = [json.loads(line) for line in data.decode().split("\n")] if data else []
    if kept is None or not all(set(line) <= set(kept.columns.keys()) for line in lines):
        raise BackupUnusable("The backup was made by a newer version.")
    if lines:
        bare = table(name, *(column(key, kept.columns[key].type) for key in lines[0]))
        session.execute(
            insert(bare),
            [{key: _typed(kept.columns[key].type, value) for key, value in line.items()} for line in lines],
        )
    return len(lines)


def _set_counters(session: Session) -> None:
    """PostgreSQL counts new rows apart from the rows."""
    if session.get_bind().dialect.name != "postgresql":
        return
    for kept in Base.metadata.sorted_tables:
        counted = kept.autoincrement_column
        if counted is not None and (newest := session.scalar(select(func.max(counted)))):
            session.execute(select(func.setval(func.pg_get_serial_sequence(kept.name, counted.name), newest)))


def _address(database: Database) -> str:
    return database.url.render_as_string(hide_password=False)


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID):
        return value.hex
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def _typed(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    kind = kind.impl_instance if isinstance(kind, TypeDecorator) else kind
    made = getattr(kind, "enum_class", None) or kind.python_type
    if made is bytes:
        return base64.b64decode(value)
    if made in (datetime, date):
        return made.fromisoformat(value)
    return made(value) if issubclass(made, UUID | Enum) else value


def _add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)  # no time, no owner
    member.size = len(data)
    archive.addfile(member, io.BytesIO(data))


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo | None, name: str) -> bytes:
    stream = archive.extractfile(member) if member is not None and member.name == name else None
    if stream is None:
        raise BackupUnusable("This is no backup.")
    return stream.read()
