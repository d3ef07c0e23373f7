"""The search finds exactly what comparing every bit of every pair finds, and the pipeline asks it in time."""

import random
from uuid import UUID

import pytest
from PIL import Image, ImageOps
from sqlalchemy import delete, select, text

from memes import entries, likenesses
from memes.db import Database
from memes.lifecycle import Action
from memes.models import Cousin, Entry, Likeness
from tests import make
from tests.fakes import MemoryStore
from tests.workers.pictures import photo, saved
from workers import cousins, pipeline
from workers.images import render
from workers.likeness import distance


def blurred(digest: bytes, bits: int, chance: random.Random) -> bytes:
    """The same with so many bits turned over."""
    number = int.from_bytes(digest, "big")
    for place in chance.sample(range(256), bits):
        number ^= 1 << place
    return number.to_bytes(32, "big")


def test_the_search_finds_what_comparing_each_with_each_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cousins, "_BLOCK", 64)  # so that 700 likenesses fill many blocks and one in part
    chance = random.Random(7)  # noqa: S311  (a test that must repeat)
    hashes = [chance.randbytes(32) for _ in range(8)]
    kept = [chance.randbytes(32) for _ in range(500)]
    kept += [blurred(chance.choice(hashes), chance.randrange(26, 37), chance) for _ in range(200)]
    chance.shuffle(kept)
    rows = list(enumerate(kept, start=1))
    index = cousins.Index()
    index.add(rows[:1])
    index.add(rows[1:300])
    index.add(rows[300:])
    found = {alike.likeness_id: (alike.distance, alike.turned) for alike in index.search(hashes)}
    wanted = {}
    for number, digest in rows:
        near = min((distance(digest, asked), place > 0) for place, asked in enumerate(hashes))
        if near[0] <= 31:
            wanted[number] = near
    assert found == wanted
    assert 50 < len(found) < 200, "some of those planted are near enough and some are not"
    assert [alike.distance for alike in index.search(hashes)] == sorted(near for near, _ in wanted.values())


def test_an_index_reads_what_is_new_also_what_was_numbered_early_and_came_late(database: Database) -> None:
    index = cousins.Index()
    with database.writing() as session:
        for number in (1, 3):
            session.add(Likeness(id=number, digest=bytes([number]) * 32))
    with database.reads() as session:
        index.refresh(session)
        index.refresh(session)
    with database.writing() as session:
        session.add(Likeness(id=2, digest=b"\2" * 32))
        session.execute(delete(Likeness).where(Likeness.id == 3))
    with database.reads() as session:
        index.refresh(session)
    assert index.size == 3
    for number in (1, 2):
        assert [alike[:2] for alike in index.search([bytes([number]) * 32])][0] == (number, 0)


def test_a_number_is_never_given_twice(database: Database) -> None:
    """Else a worker that remembers a number would take a new likeness for the old one."""
    with database.writing() as session:
        first = make.pending(session, image=b"1")
        second = make.pending(session, image=b"2")
        before = likenesses.keep(session, first.id, b"1" * 32).id
        likenesses.forget(session, first.id)
        assert likenesses.keep(session, second.id, b"2" * 32).id > before


@pytest.fixture
def pictures() -> dict[str, bytes]:
    """One picture, as it was, mirrored and made worse, and another one."""
    first = photo(640, 480)
    return {
        "first": saved(first, "PNG"),
        "mirrored": saved(ImageOps.mirror(first).resize((500, 375)), "JPEG", quality=70),
        "turned": saved(first.transpose(Image.Transpose.ROTATE_90), "JPEG", quality=80),
        "other": saved(photo(640, 480).effect_spread(200), "PNG"),
    }


def sent(database: Database, store: MemoryStore, picture: bytes) -> UUID:
    with database.writing() as session:
        entry_id = make.received(session, image=picture, store=store, kind="meme").id
    pipeline.process(database, store, render, entry_id)
    pipeline.process(database, store, render, entry_id)
    return entry_id


def test_a_picture_that_comes_again_mirrored_or_turned_meets_the_first(
    database: Database, store: MemoryStore, pictures: dict[str, bytes]
) -> None:
    known = {name: sent(database, store, picture) for name, picture in pictures.items()}
    with database.reads() as session:
        links = session.execute(
            select(Cousin.entry_id, Likeness.entry_id, Cousin.turned).join(Likeness, Cousin.likeness_id == Likeness.id)
        )
        assert sorted(map(tuple, links)) == sorted([
            (known["mirrored"], known["first"], True), (known["turned"], known["first"], True),
            (known["turned"], known["mirrored"], True),
        ])  # fmt: skip
    # Taken back after a refusal for harm: the likeness stays and is met, without a way to the entry.
    with database.writing() as session:
        entry = session.get_one(Entry, known["first"])
        entries.transition(session, entry, Action.DECLINE, actor="somebody", reason="violence")
        entries.withdraw(session, entry, store=store)
    again = sent(database, store, pictures["first"])
    with database.reads() as session:
        met = session.scalars(select(Likeness).join(Cousin).where(Cousin.entry_id == again, ~Cousin.turned)).one()
        assert (met.entry_id, met.reason, met.outcome) == (None, "violence", "declined")
        assert session.scalar(text("SELECT count(*) FROM likenesses")) == 5
