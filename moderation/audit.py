"""What somebody at the desk did beside deciding, in a log that cannot be changed unseen (`instamemes verify` proves it)."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Generic, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from memes import log, privacy
from memes.models import DeskEvent, EntryEvent, Line, LogHead
from moderation.models import Moderator

#: Who works on the machine itself, through the command `instamemes`.
OPERATOR = "operator"


class Deed(StrEnum):
    """What is written down. A new one needs a label in `insight/labels.py`, and a word in the catalogs."""

    VIEW_ESCALATED = "view_escalated"
    VIEW_SEALED = "view_sealed"
    ADD_ACCOUNT = "add_account"
    DISABLE_ACCOUNT = "disable_account"
    RESET_SECOND_FACTOR = "reset_second_factor"
    CHANGE_ROLE = "change_role"
    INVITE = "invite"
    ENABLE_ACCOUNT = "enable_account"
    CHANGE_PASSWORD = "change_password"  # noqa: S105  (a deed's name)
    NEW_RECOVERY_CODES = "new_recovery_codes"
    USE_RECOVERY_CODE = "use_recovery_code"
    ADD_PASSKEY = "add_passkey"
    REMOVE_PASSKEY = "remove_passkey"
    CHANGE_SETTING = "change_setting"
    SHOW_ON_SCREEN = "show_on_screen"
    TAKE_OFF_SCREEN = "take_off_screen"
    SHOW_WORDS = "show_words"
    HIDE_WORDS = "hide_words"
    SAVE_ARTICLE = "save_article"
    PUBLISH_ARTICLE = "publish_article"
    UNPUBLISH_ARTICLE = "unpublish_article"
    RESTORE_ARTICLE = "restore_article"
    CONFIRM_CHANNEL = "confirm_channel"
    GRANT_CODE = "grant_code"
    REFUSE_CODE = "refuse_code"
    END_CODE = "end_code"


def record(session: Session, actor: Moderator | None, action: Deed, subject: UUID | str) -> None:
    """Write it down, by the day, in the same transaction as the deed itself. `actor` None is the operator's command line.

    `subject` is the id of an entry, an account, an article or a wish for a class code, the short address of a collection, or the
    name of a setting or a channel; never words that somebody typed.
    """
    who = str(actor.id) if actor else OPERATOR
    log.link(session, DeskEvent(actor=who, action=action, subject=str(subject), at=privacy.day_of(privacy.now())))


PAGE_SIZE = 50

#: The logs by the names they have in addresses and in exports.
LOGS: dict[str, type[Line]] = {"entries": EntryEvent, "desk": DeskEvent}

L = TypeVar("L", bound=Line)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a reader asks for: lines about an entry or account, by somebody (`actor` as the log has it), of one day."""

    subject: UUID | None = None
    actor: str = ""
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[L]):
    """At most PAGE_SIZE lines, newest first, and the number before which the next page starts, if there is one."""

    lines: list[L]
    next: int | None


def page(session: Session, kind: type[L], wanted: Wanted, before: int | None = None) -> Page[L]:
    """The newest lines of a log that fit."""
    query = select(kind).order_by(kind.seq.desc()).limit(PAGE_SIZE + 1)
    if before is not None:
        query = query.where(kind.seq < before)
    if wanted.subject is not None and issubclass(kind, EntryEvent):
        query = query.where(EntryEvent.entry_id == wanted.subject)
    elif wanted.subject is not None:
        query = query.where(DeskEvent.subject == str(wanted.subject))
    if wanted.actor:
        query = query.where(kind.actor == wanted.actor)
    if wanted.day is not None:
        # The logs know days alone (`log.link`), so the newest lines of one are found along its index without sorting all of them.
        query = query.where(kind.at == datetime(wanted.day.year, wanted.day.month, wanted.day.day, tzinfo=UTC))
    found = list(session.scalars(query))
    return Page(found[:PAGE_SIZE], found[PAGE_SIZE - 1].seq if len(found) > PAGE_SIZE else None)


def export(session: Session) -> Iterator[str]:
    """Both logs as lines of JSON, each with the facts that its digest covers (docs/audit.md says how to check them).

    The first line names the heads: where each log ended, and with which digest.
    """
    # Read before the lines: what is added meanwhile stays out.
    heads = {name: session.get_one(LogHead, kind.LOG, populate_existing=True) for name, kind in LOGS.items()}
    ends = {name: {"seq": head.seq, "digest": head.digest} for name, head in heads.items()}
    yield json.dumps({"format": "instamemes audit 1", "exported_on": str(privacy.now().date()), "heads": ends})
    for name, kind in LOGS.items():
        lines = select(kind).where(kind.seq <= ends[name]["seq"]).order_by(kind.seq)
        for line in session.scalars(lines.execution_options(yield_per=1000)):
            yield json.dumps({"log": name, "seq": line.seq, "facts": line.facts(), "digest": line.digest})
