"""What the page of one entry shows: its content as far as this moderator may look, its history, what can be decided."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask_babel import format_date
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from memes import privacy, quorum, web
from memes.lanes import Lane
from memes.lifecycle import Action, State, can
from memes.models import Entry, EntryEvent
from memes.taxonomy import Reason, taxonomy
from moderation import desk, supervision, words
from moderation.history import ANSWERS, answered_by, covered_by, is_second_reading
from moderation.models import Moderator
from moderation.roles import may

#: The picture at the desk is at most this wide (CSS pixels of its column); the smallest size that fills it is loaded.
_WIDE_ENOUGH = 640


@dataclass(frozen=True, slots=True)
class Choice:
    """One reason, as the child would read it."""

    id: str
    label: str
    message: str
    tip: str
    advice: str
    fixable: bool
    needs_note: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything about one entry for one moderator. `shown`: whether words and picture are on the page."""

    shown: bool
    picture: dict[str, Any] | None
    facts: list[tuple[str, str]]
    history: list[tuple[str, str, str]]
    second_reading: bool
    answered: bool
    covered: bool
    actions: frozenset[str]
    choices: list[Choice]
    usual_choice: str
    help_first: bool
    #: Why a yes would be the first of two, and who has said the first one already.
    second: list[str]
    endorsed: list[str]
    age: timedelta | None
    #: The child lets schools show what is public.
    schools: bool

    @property
    def may_screen(self) -> bool:
        """Whether a yes can be one for the classroom screen as well: the last one, where the child allows it."""
        return "approve" in self.actions and self.schools and not self.second

    @property
    def choices_shown(self) -> bool:
        """Whether the page has a place for a note."""
        return bool(self.actions & {"ask_changes", "decline", "support", "take_down"})

    @property
    def clean(self) -> bool:
        """Words alone, on no sensitive theme, read for the first time: a single stroke may decide, if somebody likes it so."""
        return self.picture is None and not self.help_first and not self.second_reading


def sheet(session: Session, entry: Entry, events: list[EntryEvent], moderator: Moderator) -> Sheet:
    """Gather it. `events` is the entry's log, oldest first."""
    shown = desk.may_look(moderator.role, entry)
    answered, covered = str(moderator.id) in answered_by(events), str(moderator.id) in covered_by(events)
    actions = frozenset(
        action.value for action in Action
        if shown and action is not Action.ENDORSE and may(moderator.role, action) and can(entry.state, action)
        and not (answered and action in ANSWERS)
        and (action is not Action.KEEP or entry.lane is Lane.REPORTED)
    )  # fmt: skip
    grades = {"show_on_screen": True, "take_off_screen": False}
    actions |= {name for name, on in grades.items() if desk.may_grade(moderator.role, entry, for_screen=on)}
    return Sheet(
        shown=shown,
        picture=_picture(entry) if shown else None,
        facts=_facts(entry) if shown else [],
        history=[words.line(session, event, entry.redactions) for event in reversed(events)],
        second_reading=is_second_reading(events),
        answered=answered,
        covered=covered,
        actions=actions,
        choices=[_choice(reason) for reason in desk.reasons_for(_main_action(entry.state))],
        usual_choice="danger_support" if entry.state is State.ESCALATED else "",
        help_first=entry.state is State.PENDING and taxonomy().themes[entry.theme].help_first,
        second=supervision.why_second(session, entry, moderator) if "approve" in actions else [],
        endorsed=[words.name(session, who) for who in quorum.endorsed_by(events)],
        age=privacy.now() - entry.waits_since if entry.waits_since else None,
        schools=entry.consent_gallery and entry.consent_schools,
    )


def _main_action(state: State) -> Action:
    return {State.ESCALATED: Action.SUPPORT, State.APPROVED: Action.TAKE_DOWN}.get(state, Action.DECLINE)


def _choice(reason: Reason) -> Choice:
    message = web.in_language(reason.message).replace("{note}", "…")
    return Choice(
        reason.id, web.in_language(reason.label), message, web.in_language(reason.tip),
        web.in_language(reason.moderator_note),
        reason.fixable, reason.needs_note,
    )  # fmt: skip


def _picture(entry: Entry) -> dict[str, Any] | None:
    sizes = sorted((size for size in entry.renditions if size["format"] == "webp"), key=lambda size: int(size["width"]))
    if not sizes:
        return None
    return next((size for size in sizes if size["width"] >= _WIDE_ENOUGH), sizes[-1])


def _facts(entry: Entry) -> list[tuple[str, str]]:
    yes = {True: _("desk.yes"), False: _("desk.no")}
    found = [(_("desk.fact.language"), words.tongue(entry.language))]
    if entry.age:
        found.append((_("desk.fact.age"), web.in_language(taxonomy().ages[entry.age].label)))
    if entry.due_on:
        found.append((_("desk.fact.due"), format_date(entry.due_on, "long")))
    return [
        *found,
        (_("desk.fact.gallery"), yes[entry.consent_gallery]),
        (_("desk.fact.schools"), yes[entry.consent_schools]),
        (_("desk.fact.print"), yes[entry.consent_print]),
    ]
