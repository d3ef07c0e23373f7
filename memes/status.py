"""What the receipt page says in each state, in the reader's language."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import format_date
from flask_babel import gettext as _

from memes import privacy, publishing, web
from memes.lifecycle import Action, State, can
from memes.models import Entry
from memes.taxonomy import Reason, taxonomy

_WORDS: dict[str, Callable[[], str]] = {
    "place": lambda: _("removed.place"),
    "time": lambda: _("removed.time"),
    "device": lambda: _("removed.device"),
    "author": lambda: _("removed.author"),
    "comment": lambda: _("removed.comment"),
    "thumbnail": lambda: _("removed.thumbnail"),
}


@dataclass(frozen=True, slots=True)
class ReasonText:
    """Why, and what could be done next time."""

    label: str
    message: str
    tip: str


@dataclass(frozen=True, slots=True)
class Status:
    """Everything the receipt page and the API tell about an entry. `step`: 1 arrived, 2 being read, 3 answered."""

    state: str
    title: str
    body: str
    step: int
    reason: ReasonText | None
    note: str | None
    show_help_first: bool
    entry_href: str | None
    again_href: str | None
    can_withdraw: bool
    can_resubmit: bool
    can_appeal: bool
    can_choose: bool
    removed: list[str]
    image_problem: bool
    covered: list[str]
    marks: list[list[float]]


def status_of(entry: Entry, *, appealed: bool) -> Status:
    """The state of an entry as its child may know it."""
    state = State.PENDING if entry.state is State.SEALED else entry.state
    reason = taxonomy().reasons.get(entry.reason or "")
    supported = state is State.SUPPORTED or (state is State.DECLINED and _is_support(reason))
    title, body = _words(entry, State.SUPPORTED if supported else state)
    answered = state not in (State.RECEIVED, State.PENDING, State.ESCALATED)
    return Status(
        state=state.value,
        title=title,
        body=body,
        step=3 if answered else 1 if state is State.RECEIVED else 2,
        reason=_reason(reason, entry.note) if reason and answered and state is not State.UNREADABLE else None,
        note=entry.note if entry.note and not (reason and reason.needs_note) else None,
        show_help_first=supported or bool(answered and reason and reason.show_help),
        entry_href=f"/{web.language()}/gallery/{entry.id}" if entry.is_public else None,
        again_href=f"/{web.language()}/share/{entry.kind}" if state in (State.DECLINED, State.UNREADABLE) else None,
        can_withdraw=can(entry.state, Action.WITHDRAW),
        can_resubmit=can(state, Action.RESUBMIT),
        can_appeal=can(state, Action.APPEAL) and not appealed,
        can_choose=can(entry.state, Action.CHOOSE),
        removed=[word() for name, word in _WORDS.items() if name in entry.removed],
        image_problem=state is State.UNREADABLE,
        covered=covers(entry.redactions) if state is not State.RECEIVED else [],
        marks=entry.marks if state is State.CHANGES_REQUESTED else [],
    )


def covered_kinds() -> dict[str, str]:
    """What can be covered, in words."""
    return {
        "face": _("covered.face"), "name": _("covered.name"), "phone": _("covered.phone"), "place": _("covered.place"),
        "school": _("covered.school"), "other": _("covered.other"),
    }  # fmt: skip


def covers(redactions: Sequence[Mapping[str, Any]]) -> list[str]:
    """What was covered, each kind once with its number: "in the picture: a face × 2"."""
    found = Counter(("box" in item, item["kind"]) for item in redactions)
    sentences = []
    for (in_picture, kind), number in found.items():
        what = covered_kinds()[kind] + (f" × {number}" if number > 1 else "")
        sentences.append(_("covered.in_picture", what=what) if in_picture else _("covered.in_words", what=what))
    return sentences


def _is_support(reason: Reason | None) -> bool:
    return reason is not None and reason.default_outcome == "support"


def _reason(reason: Reason, note: str) -> ReasonText:
    message = web.in_language(reason.message).replace("{note}", note)
    return ReasonText(web.in_language(reason.label), message, web.in_language(reason.tip))


def _due(day: date) -> str:
    hour, now = web.running().batch_hour, privacy.now()
    if hour is None or day < publishing.next_batch(hour, now):
        return str(_("status.due.soon"))
    return str(_("status.due.body", day=format_date(day, "long"), hour=f"{hour:02}:00"))


def _words(entry: Entry, state: State) -> tuple[str, str]:
    if state is State.APPROVED and not entry.consent_gallery:
        return _("status.kept.title"), _("status.kept.body")
    if state is State.APPROVED and entry.due_on:
        return _("status.due.title"), _due(entry.due_on)
    if state is State.PENDING and entry.first_reader is not None:
        return _("status.first.title"), _("status.first.body")
    words = {
        State.RECEIVED: lambda: (_("status.received.title"), _("status.received.body")),
        State.PENDING: lambda: (_("status.waiting.title"), _("status.waiting.body")),
        State.ESCALATED: lambda: (_("status.reviewing.title"), _("status.reviewing.body")),
        State.APPROVED: lambda: (_("status.approved.title"), _("status.approved.body")),
        State.CHANGES_REQUESTED: lambda: (_("status.changes.title"), _("status.changes.body")),
        State.DECLINED: lambda: (_("status.rejected.title"), _("status.rejected.body")),
        State.SUPPORTED: lambda: (_("status.support.title"), _("status.support.body")),
        State.REMOVED: lambda: (_("status.removed.title"), _("status.removed.body")),
        State.UNREADABLE: lambda: (_("status.unreadable.title"), _("status.unreadable.body")),
        State.WITHDRAWN: lambda: (_("status.withdrawn.title"), _("status.withdrawn.body")),
        State.ERASED: lambda: (_("status.erased.title"), _("status.erased.body")),
    }
    return words[state]()
