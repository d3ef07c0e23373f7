"""`instamemes demo`: an empty platform filled with invented entries in every state, so that every page has something to show.

They go the way of every other entry: submitted, cleaned in the cage, decided by the verbs. Only the decisions' actor is
`demo`. Texts and captions are in `data/demo.json` (newest first), the pictures in `scenes.py`.
"""

import io
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select, update

from memes import entries, log, privacy, quorum, receipts, search, sending
from memes.db import Database
from memes.drafts import Draft
from memes.errors import ConfigurationError, DomainError
from memes.lifecycle import Action, State
from memes.models import Entry
from memes.ports import MediaStore
from memes.settings import Settings
from workers import demo_campaign, demo_schools, drawings, pipeline

ACTOR, SECOND_ACTOR = "demo", "demo-2"

#: What leads from `pending` to each state. The others are reached by what children and worker do.
_DECISIONS: Mapping[State, tuple[Action, ...]] = {
    State.APPROVED: (Action.APPROVE,),
    State.CHANGES_REQUESTED: (Action.ASK_CHANGES,),
    State.DECLINED: (Action.DECLINE,),
    State.ESCALATED: (Action.ESCALATE,),
    State.SUPPORTED: (Action.ESCALATE, Action.SUPPORT),
    State.SEALED: (Action.SEAL,),
    State.REMOVED: (Action.APPROVE, Action.TAKE_DOWN),
}

#: Days over which publications are spread, and hours between two entries that wait.
_PUBLISHED_OVER, _WAITING_STEP = 30, 9


class NotEmpty(DomainError):
    """There are entries already: invented ones must never mix with those of children."""


@dataclass(frozen=True, slots=True)
class Invented:
    """One row of `data/demo.json`."""

    draft: Draft
    state: State
    drawing: str | None
    traces: bool
    reason: str | None
    note: str
    appealed: bool
    screen: bool


@dataclass(slots=True)
class Planted:
    """What was made: how many in each state, and a receipt of the first one in it."""

    states: Counter[State] = field(default_factory=Counter)
    receipts: dict[State, str] = field(default_factory=dict)
    #: The short address of a collection, and a class code that is good.
    collection: str = ""
    class_code: str = ""


@cache
def invented() -> tuple[Invented, ...]:
    """All entries of the demo, newest first."""
    rows = json.loads((Path(__file__).with_name("data") / "demo.json").read_text(encoding="utf-8"))
    return tuple(_invented(row) for row in rows)


def refuse_unless_empty(settings: Settings, database: Database) -> None:
    """Raises ConfigurationError in production and NotEmpty if there is any entry."""
    if settings.production:
        raise ConfigurationError("Invented entries are refused in production.")
    with database.reads() as session:
        if session.scalar(select(Entry.id).limit(1)) is not None:
            raise NotEmpty("There are entries already, so no invented ones are added.")


def plant(settings: Settings, *, database: Database, store: MediaStore, render: pipeline.Render) -> Planted:
    """Fill the empty database; takes half a minute with the real `render`. Refuses like `refuse_unless_empty`."""
    refuse_unless_empty(settings, database)
    planted, made = Planted(), []
    for row in invented():
        code, entry_id = _submitted(row, settings, database, store)
        if row.state is not State.RECEIVED:
            pipeline.process(database, store, render, entry_id)
            _decide(row, entry_id, database, store)
        planted.states[row.state] += 1
        planted.receipts.setdefault(row.state, code)
        made.append((row, entry_id))
    _spread_publications([entry_id for row, entry_id in made if _is_public(row)], database)
    _spread_arrivals([(entry_id, row.state) for row, entry_id in made], database)
    demo_campaign.write(database, ACTOR)
    planted.collection, planted.class_code = demo_schools.leave(database, settings.secret_key)
    return planted


class _NoQueue:
    """The demo is its own worker: nothing is sent to another."""

    def process_entry(self, entry_id: UUID, *, urgent: bool = False) -> None:
        """Nothing: `plant` does it next."""

    def ready(self) -> bool:
        """Always."""
        return True

    def worker_seen(self) -> bool:
        """Always."""
        return True


def _invented(row: dict[str, Any]) -> Invented:
    consents = row.get("consents", {})
    draft = Draft(
        kind=row["kind"], language=row["language"], theme=row["theme"], text=row.get("text", ""),
        caption=row.get("caption", ""), alt=row.get("alt", ""), age=row.get("age"), region=row.get("region"),
        consent_gallery=consents.get("gallery", True), consent_schools=consents.get("schools", True),
        consent_print=consents.get("print", True),
    )  # fmt: skip
    return Invented(
        draft, State(row["state"]), row.get("drawing"), row.get("traces", False), row.get("reason"),
        row.get("note", ""), row.get("appealed", False), row.get("screen", True),
    )  # fmt: skip


def _submitted(row: Invented, settings: Settings, database: Database, store: MediaStore) -> tuple[str, UUID]:
    checked = sending.check(row.draft, _picture(row), settings=settings)
    code = receipts.new_code()
    digest = receipts.digest(settings.secret_key, code)
    with database.writing() as session:
        entry = entries.submit(session, checked.draft, checked.image, digest, store=store, queue=_NoQueue())
    return code, entry.id


def _picture(row: Invented) -> io.BytesIO | None:
    if row.drawing:
        return io.BytesIO(drawings.draw(row.drawing, traces=row.traces))
    return io.BytesIO(_broken()) if row.state is State.UNREADABLE else None


def _broken() -> bytes:
    """A picture with a sound header and nothing to be read behind it, as a bad memory card leaves it."""
    whole = drawings.draw(drawings.names()[0])
    return whole[:60] + bytes(400) + whole[460:]


def _decide(row: Invented, entry_id: UUID, database: Database, store: MediaStore) -> None:
    with database.writing() as session:
        entry = session.get_one(Entry, entry_id)
        if row.state is State.WITHDRAWN:
            entries.withdraw(session, entry, store=store)
        if row.appealed:
            entries.transition(session, entry, Action.DECLINE, actor=ACTOR, reason=row.reason, note=row.note)
            entries.appeal(session, entry)
        for action in _DECISIONS.get(row.state, ()):
            told = action not in (Action.APPROVE, Action.ESCALATE)
            reason, note = (row.reason, row.note) if told else (None, "")
            if action is Action.APPROVE and not quorum.is_met(entry, log.of_entry(session, entry.id), ACTOR):
                entries.transition(session, entry, Action.ENDORSE, actor=SECOND_ACTOR, seen=entry.version)
            entry.for_screen = action is Action.APPROVE and row.screen
            entries.transition(session, entry, action, actor=ACTOR, seen=entry.version, reason=reason, note=note)


def _is_public(row: Invented) -> bool:
    return row.state is State.APPROVED and row.draft.consent_gallery


def _spread_publications(newest_first: list[UUID], database: Database) -> None:
    """Let them have appeared over the last weeks.

    Written past the verbs, which know only today. Allowed here because the entries are invented: nobody sent them on any
    day. The state is not touched, and the constraint on `published_on` still holds.
    """
    today = privacy.now().date()
    days = [today - timedelta(days=place * _PUBLISHED_OVER // len(newest_first)) for place in range(len(newest_first))]
    rows = [
        {"entry": entry_id, "day": day, "week": privacy.week_of(day)}
        for entry_id, day in zip(newest_first, days, strict=True)
    ]
    statement = update(Entry).where(Entry.id == bindparam("entry"))
    with database.writing() as session:
        session.connection().execute(
            statement.values(published_on=bindparam("day"), received_at=bindparam("week")), rows
        )
        for entry_id in newest_first:
            search.keep(session, session.get_one(Entry, entry_id))


def _spread_arrivals(made: list[tuple[UUID, State]], database: Database) -> None:
    """Let those that wait have come in over the last days, the one not yet cleaned just now.

    Allowed here for the same reason. That one also counts as sent to the worker tomorrow, so that a sweep leaves it
    `received` for a day; otherwise that state would be gone within a minute.
    """
    now = privacy.now()
    waiting = sorted(
        ((entry_id, state) for entry_id, state in made if state in (State.RECEIVED, State.PENDING, State.ESCALATED)),
        key=lambda pair: pair[1] is not State.RECEIVED,
    )
    rows = [
        {
            "entry": entry_id,
            "arrived": now - timedelta(hours=_WAITING_STEP * place),
            "waits": None if state is State.RECEIVED else now - timedelta(hours=_WAITING_STEP * place),
            "sent": now + timedelta(days=1) if state is State.RECEIVED else None,
        }
        for place, (entry_id, state) in enumerate(waiting)
    ]
    statement = update(Entry).where(Entry.id == bindparam("entry"))
    with database.writing() as session:
        session.connection().execute(
            statement.values(received_at=bindparam("arrived"), sent_at=bindparam("sent"), waits_since=bindparam("waits")), rows
        )
