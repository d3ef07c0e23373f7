"""What is written can be read back, by whoever has the key, and brings nothing back that was taken back."""

import io
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pyrage
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from memes import backup, backup_keys, consents, db, entries, envelope, log, published, receipts, verify
from memes.db import Base, Database
from memes.errors import BackupUnusable
from memes.lifecycle import Action, State
from memes.models import Entry
from memes.vault import Keyring
from tests import make
from tests.fakes import MemoryStore

SECRET, PUBLIC = envelope.new_key()


@pytest.fixture
def house(database: Database, store: MemoryStore) -> Database:
    """Two published entries, one that waits, and one whose picture was just sent."""
    with database.writing() as session:
        for caption in ("stays", "is taken back"):
            entry = make.pending(session, store=store, image=b"clean picture", caption=caption)
            entries.transition(session, entry, Action.APPROVE, actor="m")
        make.pending(session, caption="waits", receipt=receipts.digest("k" * 64, "1234567890123456"))
        make.received(session, store=store, image=b"with a place in it", kind="meme")
    return database


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Database]:
    """An empty address."""
    with Database(f"sqlite:///{tmp_path / 'elsewhere.db'}", make.KEYS) as made:
        yield made


def key_file(database: Database) -> io.BytesIO:
    file = io.BytesIO()
    backup_keys.write(database, file, PUBLIC)
    file.seek(0)
    return file


def written(database: Database, store: MemoryStore) -> bytes:
    file = io.BytesIO()
    backup.write(database, store, file, PUBLIC)
    return file.getvalue()


def by_caption(session: Session, caption: str) -> Entry:
    return next(entry for entry in session.scalars(select(Entry)) if entry.caption == caption)


def everything(database: Database) -> dict[str, list[tuple[object, ...]]]:
    with database.reads() as session:
        return {
            kept.name: sorted((tuple(row) for row in session.execute(select(kept))), key=repr)
            for kept in Base.metadata.sorted_tables
            if kept.name != "public_state"  # another word in every database
        }


def test_every_row_and_every_clean_picture_comes_back_even_on_another_engine(
    house: Database, store: MemoryStore, elsewhere: Database
) -> None:
    other = MemoryStore()
    done = backup.read(elsewhere, other, io.BytesIO(written(house, store)), SECRET, key_file(house))
    assert everything(elsewhere) == everything(house)
    apart = ("entry_keys", "search_words", "public_totals")
    assert done.rows == sum(len(rows) for name, rows in everything(house).items() if name not in apart)
    assert other.objects == {key: data for key, data in store.objects.items() if key.startswith("renditions/")}
    with elsewhere.writing() as session:
        assert list(verify.faults(session, other)) == []
        found = entries.by_receipt(session, receipts.digest("k" * 64, "1234567890123456"))
        assert found is not None
        entries.transition(session, found, Action.APPROVE, actor="m")  # the log goes on where it ended
        assert log.broken_at(session) is None


def test_a_database_of_another_engine_is_filled_from_sqlite(
    database_url: str, elsewhere: Database, store: MemoryStore, sqlite_template: Path
) -> None:
    shutil.copy(sqlite_template, elsewhere.url.database or "")
    with elsewhere.writing() as session:
        make.pending(session, caption="وصل")
    with Database(database_url, make.KEYS) as target:
        backup.read(target, MemoryStore(), io.BytesIO(written(elsewhere, store)), SECRET, key_file(elsewhere))
        assert everything(target) == everything(elsewhere)


def test_the_file_is_read_by_the_secret_key_alone_and_holds_no_original(house: Database, store: MemoryStore) -> None:
    file = written(house, store)
    assert b"is taken back" not in file
    inside = pyrage.decrypt(file, [pyrage.x25519.Identity.from_str(SECRET)])
    assert b"is taken back" not in inside, "its words lie encrypted in the database, and so do they here"
    assert b"published_on" in inside
    assert b"with a place in it" not in inside
    with pytest.raises(BackupUnusable, match="does not fit"):
        backup.read(Database("sqlite://"), MemoryStore(), io.BytesIO(file), envelope.new_key()[0])


def test_what_was_taken_back_after_the_backup_stays_gone(
    house: Database, store: MemoryStore, elsewhere: Database, figure: Callable[..., None]
) -> None:
    file = written(house, store)
    with house.writing() as session:
        taken = by_caption(session, "is taken back")
        entries.withdraw(session, taken, store=store)
    assert backup.read(elsewhere, store, io.BytesIO(file), SECRET, key_file(house)).withdrawn == 1
    with elsewhere.reads() as session:
        assert [card.caption for card in published.published_page(session).cards] == ["stays"]
        assert session.get_one(Entry, taken.id).state is State.WITHDRAWN
        assert list(verify.faults(session, store)) == []
    assert not [key for key in store.objects if key.startswith(f"renditions/{taken.id}")]
    figure(f"restore.{elsewhere.engine.dialect.name}", 0, goal="= 0", unit="entries back that were withdrawn after the backup")


def test_what_left_the_gallery_after_the_backup_does_not_come_back_there(
    house: Database, store: MemoryStore, elsewhere: Database
) -> None:
    file = written(house, store)
    for gallery in (False, True, False):
        with house.writing() as session:
            hidden = by_caption(session, "stays")
            consents.choose(session, hidden, replace(consents.of(hidden), gallery=gallery), store=store)
        assert (consents.hidden_key(hidden.id) in store.objects) is not gallery
    backup.read(elsewhere, store, io.BytesIO(file), SECRET, key_file(house))
    with elsewhere.reads() as session:
        assert "stays" not in [card.caption for card in published.published_page(session).cards]
        kept = session.get_one(Entry, hidden.id)
        assert (kept.state, kept.caption) == (State.APPROVED, "stays")
        assert list(verify.faults(session, store)) == []


def test_a_restore_drill_brings_nothing_back_that_has_lost_its_key(
    house: Database, store: MemoryStore, elsewhere: Database
) -> None:
    """The old backup and the newest keys, and the tombstones lost with the machine."""
    codes = ("1111222233334444", "5555666677778888")
    with house.writing() as session:
        withdrawn, erased = (
            make.pending(session, store=store, image=b"canary picture", caption=f"canary {code}", text="canary story",
                         receipt=receipts.digest("k" * 64, code))
            for code in codes
        )  # fmt: skip
        entries.transition(session, withdrawn, Action.APPROVE, actor="m")
        entries.transition(session, erased, Action.DECLINE, actor="m", reason="other", note="canary note")
    old, old_keys = written(house, store), key_file(house)
    with house.writing() as session:
        entries.withdraw(session, session.get_one(Entry, withdrawn.id), store=store)
        entries.erase(session, session.get_one(Entry, erased.id), store=store)
    lost = MemoryStore()
    done = backup.read(elsewhere, lost, io.BytesIO(old), SECRET, key_file(house))
    assert done.withdrawn == 2
    with elsewhere.reads() as session:
        found = [entries.by_receipt(session, receipts.digest("k" * 64, code)) for code in codes]
        assert [(entry.state, entry.caption, entry.note) for entry in found if entry] == [(State.WITHDRAWN, "", "")] * 2
        assert sorted(card.caption for card in published.published_page(session).cards) == ["is taken back", "stays"]
        assert [card.caption for card in published.published_page(session, find="stays").cards] == ["stays"], "found anew"
        assert list(verify.faults(session, lost)) == []
    name = Path(elsewhere.url.database or "")
    everywhere = [*lost.objects.values(), *(file.read_bytes() for file in name.parent.glob(f"{name.name}*"))]
    inside = pyrage.decrypt(old, [pyrage.x25519.Identity.from_str(SECRET)])
    assert not [data for data in (*everywhere, inside, old) if b"canary" in data]
    assert not [key for key in lost.objects if str(withdrawn.id) in key or str(erased.id) in key]
    assert entries.tombstone_key(withdrawn.id) in lost.objects
    assert {key.entry_id for key in backup_keys.read(old_keys, SECRET).rows} > {withdrawn.id, erased.id}, "the old ones had them"


def test_keys_that_are_missing_older_damaged_or_wrapped_by_another_one_change_nothing(
    house: Database, store: MemoryStore, elsewhere: Database
) -> None:
    before = key_file(house)
    with house.writing() as session:
        make.pending(session, caption="came later")
    file = written(house, store)
    strange = Database(elsewhere.url.render_as_string(hide_password=False), Keyring((b"x" * 32,)))
    for target, keys, words in (
        (elsewhere, None, "keys of the entries are missing"), (elsewhere, before, "older than the backup"),
        (elsewhere, io.BytesIO(b"no keys"), "damaged"), (strange, key_file(house), "INSTAMEMES_ENTRY_KEY is not the key"),
    ):  # fmt: skip
        with pytest.raises(BackupUnusable, match=words):
            backup.read(target, MemoryStore(), io.BytesIO(file), SECRET, keys)
    strange.dispose()
    with elsewhere.reads() as session:
        assert session.scalars(select(Entry)).all() == []
    assert backup.read(elsewhere, MemoryStore(), io.BytesIO(file), SECRET, key_file(house)).withdrawn == 0


def cut(file: bytes) -> bytes:
    return file[: len(file) // 2]


def bent(file: bytes) -> bytes:
    return file[:-40] + bytes([file[-40] ^ 1]) + file[-39:]


def unfinished(file: bytes) -> bytes:
    """As if the program had been killed while writing: whole as an envelope, without its last member."""
    key = pyrage.x25519.Identity.from_str(SECRET)
    inside = pyrage.decrypt(file, [key])
    return pyrage.encrypt(inside[: inside.index(b"end.json")] + bytes(1024), [key.to_public()])


@pytest.mark.parametrize("spoil", [cut, bent, unfinished, lambda file: b"", lambda file: b"no backup at all"])
def test_a_damaged_or_unfinished_file_changes_nothing(
    spoil: Callable[[bytes], bytes], house: Database, store: MemoryStore, elsewhere: Database
) -> None:
    with pytest.raises(BackupUnusable):
        backup.read(elsewhere, MemoryStore(), io.BytesIO(spoil(written(house, store))), SECRET, key_file(house))
    db.upgrade(str(elsewhere.url))
    with elsewhere.reads() as session:
        assert session.scalars(select(Entry)).all() == []


def test_a_database_that_holds_something_is_not_touched(house: Database, store: MemoryStore) -> None:
    before = everything(house)
    with pytest.raises(BackupUnusable, match="empty one"):
        backup.read(house, store, io.BytesIO(written(house, store)), SECRET)
    assert everything(house) == before


def test_no_key_is_said_in_a_sentence(house: Database, store: MemoryStore) -> None:
    with pytest.raises(BackupUnusable, match="must begin with age1"):
        backup.write(house, store, io.BytesIO(), "a key")
    with pytest.raises(BackupUnusable, match="AGE-SECRET-KEY"):
        backup.read(house, store, io.BytesIO(), "a key")
