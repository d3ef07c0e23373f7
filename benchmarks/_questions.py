"""Every question the product asks its database, by what it is for. What changes something is to be rolled back."""

from collections.abc import Callable, Sized
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from benchmarks import _seeder
from memes import (
    classes,
    collections,
    encrypting,
    entries,
    figures,
    first_reading,
    likenesses,
    messages,
    metrics,
    pages,
    privacy,
    published,
    publishing,
    recall,
    retention,
    sealing,
)
from memes.db import Database
from memes.lanes import Lane
from memes.lifecycle import Action, State
from memes.models import Entry, EntryEvent, Receipt
from memes.school_models import Collection
from memes.settings import Settings
from moderation import audit, backlog, cousins, tallies
from moderation.audit import Wanted
from moderation.backlog import Wish
from moderation.insight import figures as insight
from moderation.models import Moderator
from moderation.roles import Role
from moderation.safeguarding import care
from tests.fakes import MemoryStore, OneSession, RecordingQueue
from tests.moderation.people import moderator
from workers import housekeeping


@dataclass(frozen=True, slots=True)
class Known:
    """What the questions are about, in one database."""

    receipt: bytes
    public: UUID
    pictured: UUID
    deep: str
    short: str
    reader: Moderator
    person: str


def opened(address: str) -> tuple[Database, "Known"]:
    """A database and what is asked of it."""
    database = Database(address, _seeder.KEYRING)
    with database.writing() as session:
        reader = session.scalar(select(Moderator)) or moderator(session, Role.SAFEGUARDING)
    with database.reads() as session:
        pictured = session.scalars(select(Entry.id).where(Entry.lane == Lane.ORDINARY, Entry.has_image).limit(1)).one()
        card = published.published_page(session).cards[0]
        deep = privacy.now().date() - timedelta(days=_seeder.DAYS * 9 // 10)
        return database, Known(
            session.scalars(select(Receipt.digest).limit(1)).one(), card.id, pictured, f"{deep.isoformat()}~{'8' * 32}",
            session.scalars(select(Collection.short).order_by(Collection.short.desc()).limit(1)).one(), reader,
            session.scalars(select(EntryEvent.actor).where(EntryEvent.action == Action.APPROVE).limit(1)).one(),
        )  # fmt: skip


Asked = Callable[[Session, Known], object]


def questions() -> dict[str, Asked]:
    """By what they are for."""
    page, wish = published.published_page, lambda known: Wish(known.reader)
    four = {"kind": "story", "theme": "hate", "language": "fr", "age": "12-14"}
    today, then = privacy.now().date(), privacy.week_of(privacy.now() - timedelta(days=100)).date()
    return {
        "gallery and feed: newest 24": lambda s, k: page(s),
        "gallery at nine tenths": lambda s, k: page(s, after=k.deep),
        "gallery of one theme": lambda s, k: page(s, {"theme": "hate"}),
        "gallery, four filters": lambda s, k: page(s, four),
        "gallery, four filters, at nine tenths": lambda s, k: page(s, four, after=k.deep),
        "gallery, a filter that finds nothing": lambda s, k: page(s, {"language": "none"}),
        "gallery, two filters that find nothing": lambda s, k: page(s, {"theme": "hate", "age": "none"}),
        "schools, one age": lambda s, k: page(s, {"age": "12-14"}, schools=True),
        "search, a common word": lambda s, k: page(s, find="w1"),
        "search, a rare word": lambda s, k: page(s, find="w4999"),
        "search, two words": lambda s, k: page(s, find="w1 w2"),
        "one public entry": lambda s, k: published.published_entry(s, k.public),
        "its picture": lambda s, k: published.published_picture(s, k.public, "320.webp"),
        "classroom screen": lambda s, k: published.screen_cards(s),
        "classroom screen of one theme": lambda s, k: published.screen_cards(s, {"theme": "hate"}),
        "solutions to quote": lambda s, k: published.quotable_solutions(s, "hate", 6),
        "sitemap: how many entries": lambda s, k: published.published_count(s),
        "a collection": lambda s, k: collections.shown(s, k.short),
        "class codes in use": lambda s, k: classes.in_use(s),
        "transparency": lambda s, k: figures.report(s),
        "recall list of packs": lambda s, k: recall.recalled(s, today),
        "receipt": lambda s, k: entries.by_receipt(s, k.receipt),
        "how long an answer takes": lambda s, k: pages.usual_delay(s),
        "backlog": lambda s, k: backlog.waiting(s, wish(k)),
        "backlog, one lane": lambda s, k: backlog.waiting(s, wish(k), Lane.APPEALS),
        "backlog, filtered": lambda s, k: backlog.waiting(s, Wish(k.reader, filters={"kind": "story"})),
        "backlog: danger on top": lambda s, k: backlog.in_danger(s, wish(k)),
        "backlog: counts of all lanes": lambda s, k: tallies.counts(s, wish(k)),
        "backlog: due with the next batch": lambda s, k: backlog.due(s),
        "escalated": lambda s, k: backlog.escalated(s, k.reader),
        "sealed": lambda s, k: care.sealed(s),
        "metrics": lambda s, k: metrics.read(s, privacy.now()),
        "unread messages": lambda s, k: messages.unread(s),
        "similar pictures of an entry": lambda s, k: cousins.of_entry(s, s.get_one(Entry, k.pictured), k.reader),
        "insight: the newest answers": lambda s, k: insight.work(s),
        "insight: age of the backlog": lambda s, k: insight.backlog_ages(s),
        "log, newest lines": lambda s, k: audit.page(s, EntryEvent, Wanted()),
        "log of one entry": lambda s, k: audit.page(s, EntryEvent, Wanted(subject=k.public)),
        "log of one person": lambda s, k: audit.page(s, EntryEvent, Wanted(actor=k.person)),
        "log of one day": lambda s, k: audit.page(s, EntryEvent, Wanted(day=then)),
        "retention: what is due, by day": lambda s, k: retention.due(s, today + timedelta(days=30)),
        "retention: ids for one round": lambda s, k: retention.due_ids(s, today, housekeeping.BATCH),
        "sweep: what the broker lost": lambda s, k: housekeeping.sweep(_one(s), _QUEUE, SETTINGS),
        "publish what is due": lambda s, k: publishing.publish_due(s),
        "tidy: tombstones": lambda s, k: housekeeping.restore_tombstones(_one(s), _Deaf()),
        "tidy: what no teacher reads": lambda s, k: first_reading.late(s),
        "tidy: keys that were left": lambda s, k: encrypting.destroy_left_keys(s),
        "tidy: words in the clear": lambda s, k: encrypting.encrypt(_one(s), housekeeping.BATCH),
        "tidy: sealed and still open": lambda s, k: sealing.close_rest(_one(s), None, MemoryStore()),
        "tidy: likenesses": lambda s, k: likenesses.expire(s),
        "tidy: collections": lambda s, k: collections.expire(s),
        "tidy: class codes": lambda s, k: classes.expire(s),
        "ready: do the keys fit": lambda s, k: encrypting.keys_fit(s),
    }  # fmt: skip


def _number(*where: ColumnElement[bool]) -> Select[int]:
    return select(func.count()).select_from(Entry).where(*where)


#: What a round looks at without answering it, where that grows.
_LOOKED_AT: dict[str, Select[int]] = {
    "tidy: tombstones": _number(Entry.state.in_((State.WITHDRAWN, State.REMOVED, State.ERASED))),
    "tidy: keys that were left": _number(),
    "tidy: sealed and still open": _number(Entry.state == State.SEALED),
    **dict.fromkeys(
        ("tidy: likenesses", "tidy: collections"), _number(Entry.state == State.WITHDRAWN, Entry.ended_in.is_not(None))
    ),
}  # fmt: skip


def rows_of(what: str, opened: tuple[Database, Known], answer: Any) -> int | None:
    """How many rows an answer has or has counted, or how many were looked at for it; None if that is not known."""
    if what in _LOOKED_AT:
        with opened[0].reads() as session:
            return session.scalar(_LOOKED_AT[what])
    if isinstance(answer, tallies.Counts):
        return answer.all_mine + (answer.escalated or 0)
    for name in ("cards", "rows", "codes"):
        answer = getattr(answer, name, answer)
    if isinstance(answer, list) and answer and isinstance(answer[0], retention.Due):
        return sum(day.number for day in answer)
    return len(answer) if isinstance(answer, Sized) and not isinstance(answer, str) else None


_BACKGROUND = (
    "nobody waits for it. A list of what is still to be done would be shorter, and the promise would hang on that list."
)  # fmt: skip

#: Why a question takes longer among more entries, and whether it is worth the next idea.
WHY = {
    "search, two words": "among more there are more that have both, up to a page: where the longer word stands, the other one is "
    "looked for.",
    "tidy: tombstones": f"all that is gone is compared with all that the store says is gone, whatever happened; {_BACKGROUND}",
    "tidy: keys that were left": f"all that is gone is compared with all keys; {_BACKGROUND}",
    "recall list of packs": "it names all that has left the public in four months. Nothing else is read; caches keep it.",
    "backlog: counts of all lanes": f"up to {tallies.MANY} are counted in each lane, and never more.",
    "tidy: sealed and still open": "without keys away from the server, whatever is sealed lies in no box.",
    "sealed": "a page of fifty where there are so many.",
    "class codes in use": "a page of fifty where there are so many.",
    "retention: what is due, by day": "what is due within a month is counted.",
    **dict.fromkeys(("tidy: likenesses", "tidy: collections"), "all that was taken back, and is not erased yet, is looked at."),
}


def _one(session: Session) -> Any:
    """For what opens its own session."""
    return OneSession(session)


class _Deaf(MemoryStore):
    """A store that takes a moment for nothing."""

    def put(self, key: str, source: BinaryIO) -> None:
        pass


SETTINGS = Settings(Path("/nowhere"), "k" * 64, "", "unix:///nowhere", "file:///nowhere", _seeder.KEYRING, limits=False)
_QUEUE: Any = RecordingQueue()
