"""Labels and sentences of the desk, in the moderator's language. Keys are written out, so that they can be searched for."""

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from flask_babel import format_date, format_timedelta, ngettext
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from memes import guard, log, privacy, web
from memes.errors import NotAllowed
from memes.lanes import Lane
from memes.lifecycle import Action, State
from memes.models import Entry, EntryEvent
from memes.status import covered_kinds, covers
from memes.taxonomy import taxonomy
from moderation.claims import Held
from moderation.models import Moderator
from moderation.tallies import MANY

#: What waits longer than this is marked: the campaign tells children "a few days" (`pages.usual_delay`).
LATE = timedelta(days=2)

_UUID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}", re.IGNORECASE)

_NAMELESS = {
    log.CHILD: lambda: _("desk.who.child"),
    log.WORKER: lambda: _("desk.who.worker"),
    log.VISITOR: lambda: _("desk.who.visitor"),
}
_WHY_SECOND = {
    "danger": lambda: _("desk.second.danger"),
    "theme": lambda: _("desk.second.theme"),
    "redacted": lambda: _("desk.second.redacted"),
    "face": lambda: _("desk.second.face"),
    "place": lambda: _("desk.second.place"),
    "new": lambda: _("desk.second.new"),
}
_DID = {
    Action.SUBMIT: lambda: _("desk.did.submit"),
    Action.SETTLE: lambda: _("desk.did.settle"),
    Action.SPOIL: lambda: _("desk.did.spoil"),
    Action.APPROVE: lambda: _("desk.did.approve"),
    Action.ASK_CHANGES: lambda: _("desk.did.ask_changes"),
    Action.DECLINE: lambda: _("desk.did.decline"),
    Action.ESCALATE: lambda: _("desk.did.escalate"),
    Action.SEAL: lambda: _("desk.did.seal"),
    Action.REDACT: lambda: _("desk.did.redact"),
    Action.RETURN: lambda: _("desk.did.return"),
    Action.SUPPORT: lambda: _("desk.did.support"),
    Action.ENDORSE: lambda: _("desk.did.endorse"),
    Action.KEEP: lambda: _("desk.did.keep"),
    Action.TAKE_DOWN: lambda: _("desk.did.take_down"),
    Action.REPORT: lambda: _("desk.did.report"),
    Action.RESUBMIT: lambda: _("desk.did.resubmit"),
    Action.APPEAL: lambda: _("desk.did.appeal"),
    Action.WITHDRAW: lambda: _("desk.did.withdraw"),
    Action.UNDO: lambda: _("desk.did.undo"),
    Action.CHOOSE: lambda: _("desk.did.choose"),
    Action.OFFER: lambda: _("desk.did.offer"),
    Action.ERASE: lambda: _("desk.did.erase"),
}
_STATES = {
    State.RECEIVED: lambda: _("desk.state.received"),
    State.UNREADABLE: lambda: _("desk.state.unreadable"),
    State.PENDING: lambda: _("desk.state.pending"),
    State.APPROVED: lambda: _("desk.state.approved"),
    State.CHANGES_REQUESTED: lambda: _("desk.state.changes_requested"),
    State.DECLINED: lambda: _("desk.state.declined"),
    State.ESCALATED: lambda: _("desk.state.escalated"),
    State.SUPPORTED: lambda: _("desk.state.supported"),
    State.SEALED: lambda: _("desk.state.sealed"),
    State.REMOVED: lambda: _("desk.state.removed"),
    State.WITHDRAWN: lambda: _("desk.state.withdrawn"),
    State.ERASED: lambda: _("desk.state.erased"),
}
_LANES = {
    Lane.DANGER: lambda: _("desk.lane.danger"),
    Lane.SECOND: lambda: _("desk.lane.second"),
    Lane.REPORTED: lambda: _("desk.lane.reported"),
    Lane.APPEALS: lambda: _("desk.lane.appeals"),
    Lane.RETURNED: lambda: _("desk.lane.returned"),
    Lane.ORDINARY: lambda: _("desk.lane.ordinary"),
    Lane.ESCALATED: lambda: _("desk.nav.escalated"),
}


def kind(entry_kind: str) -> str:
    """Meme, story, solution."""
    return web.in_language(taxonomy().kinds[entry_kind].label)


def theme(entry_theme: str) -> str:
    """The subject."""
    return web.in_language(taxonomy().themes[entry_theme].label)


def tongue(language: str) -> str:
    """The language that a child wrote in."""
    return web.in_language(taxonomy().languages[language].label)


def tag(language: str) -> str:
    """The same for the browser's `lang`: "other" is ours."""
    return "und" if language == "other" else language


def state(entry: Entry) -> str:
    """Where the entry stands."""
    return state_name(entry.state)


def state_name(value: State) -> str:
    """The name of a state."""
    return str(_STATES[value]())


def did(action: Action) -> str:
    """What somebody did, in the past tense."""
    return str(_DID[action]())


def why_second(names: list[str]) -> list[str]:
    """Why two people must agree, in words."""
    return [str(_WHY_SECOND[name]()) for name in names]


def reason(reason_id: str | None) -> str:
    """The name of a reason, or nothing."""
    known = taxonomy().reasons.get(reason_id or "")
    return web.in_language(known.label) if known else ""


def week(monday: date) -> str:
    """ "the week of 2 March 2026"."""
    return str(_("desk.week_of", day=format_date(monday, "long")))


def lane(which: Lane) -> str:
    """Why it waits, in a word."""
    return str(_LANES[which]())


def number(counted: int) -> str:
    """ "12", or "500+" for what was not counted any further."""
    return f"{MANY}+" if counted >= MANY else str(counted)


def password_refused(reason: str) -> str:
    """Why a password cannot be taken."""
    sentences = {
        "length": lambda: _("signin.password_length"), "email": lambda: _("signin.password_email"),
        "common": lambda: _("signin.password_common"),
    }  # fmt: skip
    return str(sentences[reason]())


def short_name(email: str) -> str:
    """A colleague's name as the list has room for it."""
    return email.partition("@")[0]


def lately(moment: datetime) -> str:
    """ "12 minutes ago", of one's own doing; a child's time is never told so finely (`ago`)."""
    return str(format_timedelta(-max(privacy.now() - moment, timedelta(minutes=1)), granularity="minute", add_direction=True))


def hours(waited: timedelta) -> str:
    """ "30 h": the clock of what must not wait."""
    number = max(1, waited // timedelta(hours=1))
    return str(ngettext("plural.hours", "plural.hours", number))


def ago(waited: timedelta) -> str:
    """ "14 hours ago"; never finer than an hour: nobody needs to know a child's minute."""
    return str(format_timedelta(-max(waited, timedelta(hours=1)), granularity="hour", add_direction=True))


def covered_kind(kind: str) -> str:
    """What was covered, in a word."""
    return covered_kinds()[kind]


def field(name: str) -> str:
    """What the desk calls a field of words."""
    return str({"text": _("desk.review.text"), "caption": _("desk.review.caption"), "alt": _("desk.review.alt")}[name])


def late(waited: timedelta) -> bool:
    """Whether it waits too long."""
    return waited > LATE


def line(session: Session, event: EntryEvent, redactions: Sequence[dict[str, Any]] = ()) -> tuple[str, str, str]:
    """Who did what when, for one event. Moderators by their address, by day; all else by week."""
    day = str(format_date(event.at.date(), "long"))
    if event.actor in _NAMELESS:
        return str(_NAMELESS[event.actor]()), _did_with_reason(event), _("desk.week_of", day=day)
    covered = covers([item for item in redactions if item["version"] == event.version])
    did = f"{_did_with_reason(event)} ({' · '.join(covered)})" if covered else _did_with_reason(event)
    return name(session, event.actor), did, day


def changes(session: Session, events: list[EntryEvent], seen: int) -> list[tuple[str, str, str]]:
    """What happened since version `seen` was on the screen."""
    return [line(session, event) for event in events if event.version > seen]


def done(verb: str, entry: Entry) -> str:
    """What a decision has done, in a sentence for the next page."""
    if entry.lane is Lane.SECOND:
        return str(_("desk.done.endorse"))
    if verb == "approve" and entry.due_on:
        return str(_("desk.done.due", day=format_date(entry.due_on, "long")))
    if verb == "approve" and not entry.is_public:
        return str(_("desk.done.kept"))
    sentences = {
        "approve": lambda: _("desk.done.approve"),
        "ask-changes": lambda: _("desk.done.ask_changes"),
        "decline": lambda: _("desk.done.decline"),
        "escalate": lambda: _("desk.done.escalate"),
        "return": lambda: _("desk.done.return"),
        "support": lambda: _("desk.done.support"),
        "take-down": lambda: _("desk.done.take_down"),
        "seal": lambda: _("desk.done.seal"),
        "keep": lambda: _("desk.done.keep"),
    }
    return str(sentences[verb]())


def problem(status: int, error: Exception) -> str:
    """Why a page cannot be shown."""
    if isinstance(error, NotAllowed):
        return str(_("desk.problem.not_allowed"))
    if isinstance(error, Held):
        return str(_("desk.held.refused"))
    return str(_("desk.problem.not_found") if status == 404 else _("desk.problem.form_expired"))


def entry_id_in(typed: str) -> UUID | None:
    """The number of an entry in an address or in what was pasted, or None."""
    found = _UUID.search(typed)
    return UUID(found[0]) if found else None


def _did_with_reason(event: EntryEvent) -> str:
    lists = taxonomy()
    reason = (lists.reports if event.action is Action.REPORT else lists.reasons).get(event.reason or "")
    did = str(_DID[event.action]())
    return str(_("desk.did_because", did=did, reason=web.in_language(reason.label))) if reason else did


def name(session: Session, actor: str) -> str:
    """A colleague's address."""
    try:
        found = session.scalar(select(Moderator.email).where(Moderator.id == UUID(actor)))
    except ValueError:
        found = None
    return found or str(_("desk.who.nobody"))


def pieces(text: str) -> list[tuple[str, str]]:
    """A child's text cut where the guard found something: each piece, and the kind of what was found there or nothing."""
    cut, last = [], 0
    for finding in guard.find(text):
        if finding.start >= last:
            cut += [(text[last : finding.start], ""), (text[finding.start : finding.end], finding.kind)]
            last = finding.end
    return [piece for piece in [*cut, (text[last:], "")] if piece[0]]


def found(kind: str) -> str:
    """What the guard found, in a word."""
    return str(_FOUND[kind]())


def underline(kind: str) -> str:
    """How it is underlined: what could tell who somebody is, a cry for help, or words that hurt."""
    return "private" if kind in guard.PRIVATE else "care" if kind in guard.CARE else "insult"


_FOUND = {
    "phone": lambda: _("desk.found.phone"),
    "email": lambda: _("desk.found.email"),
    "handle": lambda: _("desk.found.handle"),
    "link": lambda: _("desk.found.link"),
    "cin": lambda: _("desk.found.cin"),
    "name": lambda: _("desk.found.name"),
    "school": lambda: _("desk.found.school"),
    "place": lambda: _("desk.found.place"),
    "age": lambda: _("desk.found.age"),
    "danger": lambda: _("desk.found.danger"),
    "distress": lambda: _("desk.found.distress"),
    "insult": lambda: _("desk.found.insult"),
}
