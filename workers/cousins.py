"""Which pictures look alike: the likenesses of all that is kept, in the memory of each worker process, and a search over them.

The search compares a picture and its seven flips and turns with every likeness there is, so that it finds exactly what is
near enough and nothing hangs on an index. Of each likeness half is compared first: two pictures that have nothing in
common differ there in 64 bits of 128, give or take 6, so almost all are out after that.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, cast
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from memes import likenesses
from memes.db import Database
from memes.likenesses import Alike
from memes.models import Likeness

#: The publishers count up to 31 of 256 bits as the same picture.
NEAR = 31
#: An entry with more cousins than this (a picture that everybody has) shows the nearest ones.
MOST = 50

#: Likenesses that lie together: 64 bits of each are half a megabyte, and stay in a core's own cache between two steps.
_BLOCK = 1 << 16
#: Numbers are given before the commit: this many behind the newest one are read again, lest one that came late be missed.
_LATE = 256

Words = NDArray[np.uint64]


class Index:
    """Likenesses by number. 40 bytes each."""

    def __init__(self) -> None:
        self._blocks: list[Words] = []  # each 4 x _BLOCK: the first 64 bits of all, then the next
        self._ids: list[NDArray[np.int64]] = []
        self._recent: set[int] = set()
        self._scratch = np.empty(_BLOCK, np.uint64)
        self.size = 0
        self.newest = 0

    def refresh(self, session: Session) -> None:
        """Read what was added since the last time. What was removed stays until the process ends; it is nobody's cousin."""
        query = select(Likeness.id, Likeness.digest).where(Likeness.id > self.newest - _LATE).order_by(Likeness.id)
        found = session.connection().execute(query.execution_options(yield_per=_BLOCK))  # plain rows: half the time
        for rows in found.partitions():
            self.add([row for row in rows if row[0] not in self._recent])

    def add(self, rows: Sequence[Sequence[Any]]) -> None:
        """Put likenesses (number, 32 bytes; by rising number) at the end."""
        while rows:
            at = self.size % _BLOCK
            if at == 0:
                self._blocks.append(np.zeros((4, _BLOCK), np.uint64))
                self._ids.append(np.zeros(_BLOCK, np.int64))
            part, rows = rows[: _BLOCK - at], rows[_BLOCK - at :]
            numbers, digests = zip(*part, strict=True)
            words = np.frombuffer(b"".join(digests), np.uint64).reshape(-1, 4)
            self._blocks[-1][:, at : at + len(part)] = words.T
            self._ids[-1][at : at + len(part)] = numbers
            self.size, self.newest = self.size + len(part), max(self.newest, numbers[-1])
            self._recent = {known for known in (*self._recent, *numbers[-_LATE:]) if known > self.newest - _LATE}

    def search(self, hashes: Sequence[bytes]) -> list[Alike]:
        """What is at most NEAR bits from one of `hashes` (32 bytes each, the upright one first), nearest first."""
        found: dict[int, Alike] = {}
        for place, digest in enumerate(hashes):
            for alike in self._near(np.frombuffer(digest, np.uint64), turned=place > 0):
                best = found.get(alike.likeness_id)
                if best is None or alike.distance < best.distance:
                    found[alike.likeness_id] = alike
        return sorted(found.values(), key=lambda alike: (alike.distance, -alike.likeness_id))

    def _near(self, wanted: Words, *, turned: bool) -> Iterable[Alike]:
        for number, (block, ids) in enumerate(zip(self._blocks, self._ids, strict=True)):
            filled = min(_BLOCK, self.size - number * _BLOCK)
            half = _differing(block[0, :filled], wanted[0], self._scratch[:filled])
            half += _differing(block[1, :filled], wanted[1], self._scratch[:filled])
            places = np.flatnonzero(half <= NEAR)
            if not places.size:
                continue
            rest = _differing(block[2, places], wanted[2]) + _differing(block[3, places], wanted[3])
            whole = half[places] + rest
            for place, distance in zip(places[whole <= NEAR], whole[whole <= NEAR], strict=True):
                yield Alike(int(ids[place]), int(distance), turned)


def meet(database: Database, entry_id: UUID, hashes: Sequence[str]) -> list[Alike]:
    """Keep the likeness of an entry's picture (hex; the upright one first) and find its cousins, nearest first.

    Kept and committed before the search: of two alike that come at the same moment at least one then sees the other.
    """
    digests = [bytes.fromhex(digest) for digest in hashes]
    with database.writing() as session:
        own = likenesses.keep(session, entry_id, digests[0]).id
    index = _index(str(database.url))
    with database.reads() as session:
        index.refresh(session)
    return [alike for alike in index.search(digests) if alike.likeness_id != own][:MOST]


@cache
def _index(_url: str) -> Index:
    """One for each database, made at the first picture of a worker process."""
    return Index()


def _differing(words: Words, wanted: np.uint64, scratch: Words | None = None) -> NDArray[np.uint8]:
    """How many of the 64 bits differ. With a place to work in no memory is asked for: a quarter faster."""
    return cast("NDArray[np.uint8]", np.bitwise_count(np.bitwise_xor(words, wanted, out=scratch)))
