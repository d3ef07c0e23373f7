"""Search and sitemap over two hundred thousand published entries, on SQLite and PostgreSQL.

The words are invented, and as unevenly frequent as words are (the n-th one about 1/n as often as the first); each entry has ten,
half of them in Arabic, where one word is found under several forms. The rows are written past the verbs, as they would write them.
A million entries, with fewer words each, are measured in `growth`.
"""

import random
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import accumulate, islice
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from benchmarks import _seeder
from benchmarks._databases import databases
from memes import db, entries, privacy, published, search
from memes.db import Base, Database
from memes.lifecycle import Action, State
from memes.models import Entry
from memes.taxonomy import taxonomy
from memes.vault import Keyring
from tests import make

ENTRIES, WORDS, RUNS, BATCH = 200_000, 10, 20, 20_000
DAYS, VOCABULARY = 600, 20_000
TITLE = f"Searching {ENTRIES:,} published entries".replace(",", " ")
_LATIN, _ARABIC = "abcdefghijlmnoprtuv", "بتجحدرسعفقكلمنهي"


def measure() -> str:
    """A table of medians and worst times."""
    times: dict[str, dict[str, str]] = {}
    rows = 0
    for name, address in databases():
        db.upgrade(address)
        with Database(address, Keyring((bytes(32),))) as database:
            rows = _fill(database)
            for what, spent in _measured(database).items():
                times.setdefault(what, {})[name] = spent
    table = [f"| {what} | {found['SQLite']} | {found['PostgreSQL']} |" for what, found in times.items()]
    head = f"Milliseconds, median and worst of {RUNS}. {rows / ENTRIES:.1f} rows of words for an entry of {WORDS} words."
    return "\n".join([head, "", "| | SQLite | PostgreSQL |", "|---|---|---|", *table])


def _vocabulary() -> list[str]:
    chance = random.Random(1)  # noqa: S311 - invented words
    letters = (_LATIN, _ARABIC)
    return ["".join(chance.choices(letters[place % 2], k=chance.randint(4, 9))) for place in range(VOCABULARY)]


def _texts() -> Iterator[str]:
    """Words by Zipf's law, the same ones in each run."""
    chance, words = random.Random(2), _vocabulary()  # noqa: S311
    weights = list(accumulate(1 / (place + 3) for place in range(VOCABULARY)))
    while True:
        yield " ".join(chance.choices(words, cum_weights=weights, k=WORDS))


def _fill(database: Database) -> int:
    chance, today = random.Random(3), date(2026, 11, 1)  # noqa: S311
    themes, kinds = list(taxonomy().themes), list(taxonomy().kinds)
    tables, texts = Base.metadata.tables, _texts()
    words: list[tuple[str, date, UUID]] = []
    with _seeder.at_once(database) as (connection, _):
        for start in range(0, ENTRIES, BATCH):
            rows: list[dict[str, Any]] = []
            for place, said in enumerate(islice(texts, BATCH), start):
                entry_id, day = UUID(int=chance.getrandbits(128), version=4), today - timedelta(days=place * DAYS // ENTRIES)
                rows.append(_seeder.EMPTY | {
                    "id": entry_id, "kind": kinds[place % 3], "language": "ar", "theme": themes[place % 13], "text": said,
                    "consent_gallery": True, "consent_schools": True, "consent_print": False, "state": State.APPROVED, "version": 3,
                    "received_at": privacy.now(), "published_on": day
                })  # fmt: skip
                words += ((word, day, entry_id) for word in search.words_of(said))
            _seeder.put(connection, tables["entries"], list(rows[0]), (row.values() for row in rows))
        _seeder.put(connection, tables["search_words"], ("word", "published_on", "entry_id"), sorted(words))
    return len(words)


def _measured(database: Database) -> dict[str, str]:
    words = _vocabulary()
    common, other, rare = words[1], words[3], words[15_001]
    with database.reads() as session:
        page = published.published_page(session, find=common)
        deep = f"{(date(2026, 11, 1) - timedelta(days=DAYS * 9 // 10)).isoformat()}~{'8' * 32}"
        asked: dict[str, Callable[[], object]] = {
            "no search, newest 24": lambda: published.published_page(session),
            "a common word": lambda: published.published_page(session, find=common),
            "a common word, at nine tenths": lambda: published.published_page(session, find=common, after=deep),
            "a rare word": lambda: published.published_page(session, find=rare),
            "a word that nobody wrote": lambda: published.published_page(session, find="xyzzy"),
            "two common words": lambda: published.published_page(session, find=f"{common} {other}"),
            "a common and a rare word": lambda: published.published_page(session, find=f"{common} {rare}"),
            "a common word of one theme": lambda: published.published_page(session, {"theme": "hate"}, find=common),
            "a rare word of one theme": lambda: published.published_page(session, {"theme": "hate"}, find=rare),
            "the sitemap's index (a count)": lambda: published.published_count(session),
            "a part of the sitemap": lambda: published.published_days(
                session, UUID(hex="8a" + "0" * 30), UUID(hex="8a" + "f" * 30), limit=16_666
            ),
        }  # fmt: skip
        assert len(page.cards) == 24  # noqa: S101
        found = {what: _spent(work) for what, work in asked.items()}
    with database.writes() as session:
        found["publishing an entry, its words included"] = _spent(lambda: _approve(session))
        found["taking it down"] = _spent(lambda: _take_down(session))
        session.rollback()
    return found


_shown: list[Entry] = []


def _approve(session: Session) -> None:
    entry = make.pending(session, text="كلمات جديدة في قصة قصيرة عن صديقتي وهاتفها والمدرسة")
    entries.transition(session, entry, Action.APPROVE, actor="m")
    _shown.append(entry)


def _take_down(session: Session) -> None:
    entries.transition(session, _shown.pop(), Action.TAKE_DOWN, actor="m")


def _spent(work: Callable[[], object]) -> str:
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - start))
    return f"{statistics.median(times):.1f}, {max(times):.1f}"
