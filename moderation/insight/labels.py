"""Words for the log. Keys are written out, so that they can be searched for."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from flask_babel import format_date
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from memes import log
from memes.lifecycle import Action
from memes.models import DeskEvent, EntryEvent, Line
from moderation import words
from moderation.audit import OPERATOR, Deed
from moderation.models import Moderator

_DEEDS = {
    Deed.VIEW_ESCALATED: lambda: _("desk.deed.view_escalated"),
    Deed.VIEW_SEALED: lambda: _("desk.deed.view_sealed"),
    Deed.ADD_ACCOUNT: lambda: _("desk.deed.add_account"),
    Deed.DISABLE_ACCOUNT: lambda: _("desk.deed.disable_account"),
    Deed.RESET_SECOND_FACTOR: lambda: _("desk.deed.reset_second_factor"),
    Deed.CHANGE_ROLE: lambda: _("desk.deed.change_role"),
    Deed.CHANGE_SETTING: lambda: _("desk.deed.change_setting"),
}

#: Whose reasons are told. What safeguarding answers is its own matter: others read that it did.
_REASONED = frozenset({Action.ASK_CHANGES, Action.DECLINE, Action.TAKE_DOWN})


@dataclass(frozen=True, slots=True)
class Told:
    """One line of a log in words. `entry` is what `whom` leads to, if it is one."""

    seq: int
    day: str
    who: str
    did: str
    whom: str
    entry: UUID | None = None


def people(session: Session) -> dict[str, str]:
    """Account id -> address, in the order of addresses."""
    found = session.execute(select(Moderator.id, Moderator.email).order_by(Moderator.email))
    return {str(number): email for number, email in found}


def others(kind: str) -> dict[str, str]:
    """Who beside accounts can be in a log."""
    actors = (log.CHILD, log.WORKER) if kind == "entries" else (OPERATOR,)
    return {actor: who(actor, {}) for actor in actors}


def told(line: Line, names: Mapping[str, str]) -> Told:
    """A line of either log."""
    day = str(format_date(line.at.date(), "long"))
    if isinstance(line, EntryEvent):
        coarse = line.actor in (log.CHILD, log.WORKER)
        return Told(
            line.seq, words.week(line.at.date()) if coarse else day, who(line.actor, names), _did(line),
            str(line.entry_id)[:8], line.entry_id,
        )  # fmt: skip
    assert isinstance(line, DeskEvent)  # noqa: S101  (there are two logs)
    did = str(_DEEDS[Deed(line.action)]()) if line.action in set(Deed) else line.action
    views = line.action in (Deed.VIEW_ESCALATED, Deed.VIEW_SEALED)
    subject = names.get(line.subject, line.subject[:8] if views else line.subject)
    return Told(line.seq, day, who(line.actor, names), did, subject, UUID(line.subject) if views else None)


def who(actor: str, names: Mapping[str, str]) -> str:
    """An actor in words."""
    known = {
        log.CHILD: lambda: _("desk.who.child"), log.WORKER: lambda: _("desk.who.worker"),
        OPERATOR: lambda: _("desk.who.operator"),
    }  # fmt: skip
    return str(known[actor]()) if actor in known else names.get(actor) or str(_("desk.who.nobody"))


def _did(event: EntryEvent) -> str:
    did, reason = words.did(event.action), words.reason(event.reason)
    return str(_("desk.did_because", did=did, reason=reason)) if reason and event.action in _REASONED else did
