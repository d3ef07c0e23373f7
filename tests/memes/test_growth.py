"""Questions that are asked again and again go along an index, so that a million entries cost no more than ten thousand.

How long they take is measured by `make bench BENCH=growth`; here nothing is timed. Both databases are asked for their way.
"""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, cast
from uuid import UUID

from sqlalchemy import event, text
from sqlalchemy.orm import Session

from memes import (
    collections,
    encrypting,
    likenesses,
    messages,
    metrics,
    pages,
    privacy,
    public_totals,
    published,
    publishing,
    recall,
    retention,
    sealing,
)
from memes.db import Database
from memes.lanes import Lane
from memes.public_totals import PublicTotal
from memes.settings import Settings
from moderation import backlog, tallies
from moderation.backlog import Wish
from moderation.insight import figures
from moderation.models import Moderator
from moderation.roles import Role
from moderation.safeguarding import care
from tests import make
from tests.fakes import MemoryStore, OneSession, RecordingQueue
from workers import housekeeping

TODAY = date(2026, 11, 1)
READER = Moderator(id=UUID(int=1), role=Role.SAFEGUARDING)
SETTINGS = Settings(Path("/nowhere"), "k" * 64, "", "unix:///nowhere", "file:///nowhere", make.KEYS)


def one(session: Session) -> Any:
    """For what opens its own session."""
    return OneSession(session)


#: Which index answers it, and the question. In an empty table some are as good as others.
ASKED: dict[str, tuple[str, Callable[[Any], object]]] = {
    "gallery": ("ix_entries_published", lambda s: published.published_page(s, after=f"2026-11-01~{'8' * 32}")),
    "filters": ("ix_entries_published", lambda s: published.published_page(s, {"theme": "hate", "age": "12-14"})),
    "filters that find few": ("ix_entries_combined", lambda s: published.published_page(s, {"language": "fr", "age": "12-14"})),
    "screens": ("ix_entries_(screened|published)", published.screen_cards),
    "screens of one theme": ("ix_entries_(screened|published)", lambda s: published.screen_cards(s, {"theme": "hate"})),
    "solutions to quote": ("ix_entries_(quotable|published)", lambda s: published.quotable_solutions(s, "hate", 6)),
    "backlog": ("ix_entries_backlog", lambda s: backlog.waiting(s, Wish(READER))),
    "one lane": ("ix_entries_(lane|backlog)", lambda s: backlog.waiting(s, Wish(READER), Lane.APPEALS)),
    "its counts": ("ix_entries_(lane|backlog)", lambda s: tallies.counts(s, Wish(READER))),
    "its ages": ("ix_entries_(lane|backlog)", figures.backlog_ages),
    "unread messages": ("ix_messages_unread", messages.unread),
    "metrics": ("ix_entries_received", lambda s: metrics.read(s, privacy.now())),
    "next batch": ("ix_entries_due", backlog.due),
    "how long an answer takes": ("ix_entries_backlog", pages.usual_delay),
    "sealed": ("ix_entries_sealed", care.sealed),
    "batch": ("ix_entries_due", publishing.publish_due),
    "sweep": ("ix_entries_received", lambda s: housekeeping.sweep(one(s), cast(Any, RecordingQueue()), SETTINGS)),
    "words in the clear": ("ix_entries_plain", lambda s: encrypting.encrypt(one(s), 1)),
    "messages in the clear": ("ix_messages_plain", lambda s: encrypting.encrypt(one(s), 1)),
    "seals to close": ("ix_entries_sealed", lambda s: sealing.close_rest(one(s), None, MemoryStore())),
    "wrapping keys": ("ix_entry_keys_wrapper", encrypting.keys_fit),
    "what is past its days": ("ix_entries_ended", lambda s: retention.due_ids(s, TODAY, 500)),
    "likenesses": ("ix_entries_ended", likenesses.expire),
    "collections": ("ix_entries_ended", collections.expire),
    "recall list": ("ix_entry_events_recalled", lambda s: recall.recalled(s, TODAY)),
}


def test_each_question_goes_along_its_index(database: Database, session: Session) -> None:
    for language, number in (("ar", 1_000_000), ("fr", public_totals.FEW)):
        fits = {"kind": "story", "theme": "hate", "language": language, "age": "12-14"}
        session.add(PublicTotal(**fits, number=number, in_schools=1, on_screen=1))
    session.flush()
    if database.engine.dialect.name == "postgresql":  # with no rows every way costs the same
        for way in ("seqscan", "bitmapscan", "sort"):
            session.execute(text(f"SET LOCAL enable_{way} = off"))
        # As long as nobody has looked at a table, it is taken for a large one. Rolled back like all else.
        session.execute(text("UPDATE pg_class SET reltuples = -1, relpages = 0 WHERE relnamespace = 'public'::regnamespace"))
        session.execute(text("DELETE FROM pg_statistic WHERE starelid > 16383"))
    wrong = {}
    for name, (index, ask) in ASKED.items():
        plan = "\n".join(ways(database, session, lambda ask=ask: ask(session)))
        if not re.search(rf"\b({index})\b", plan) or re.search(WHOLE, plan):
            wrong[name] = plan
    assert not wrong, "\n\n".join(f"{name}:\n{plan}" for name, plan in wrong.items())


#: The table of entries read row by row.
WHOLE = r"Seq Scan on entries|SCAN entries(?! USING (COVERING )?INDEX)"


def ways(database: Database, session: Session, ask: Callable[[], object]) -> list[str]:
    """How the database would answer each statement of a question, line by line."""
    asked: list[tuple[str, Any]] = []

    def listen(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, parameters))

    event.listen(database.engine, "before_cursor_execute", listen)
    ask()
    event.remove(database.engine, "before_cursor_execute", listen)
    explain = "EXPLAIN QUERY PLAN " if database.engine.dialect.name == "sqlite" else "EXPLAIN "
    connection = session.connection()
    return [str(row[-1]) for words, given in asked if words.startswith(("SELECT", "UPDATE", "DELETE"))
            for row in connection.exec_driver_sql(explain + words, given)]  # fmt: skip
