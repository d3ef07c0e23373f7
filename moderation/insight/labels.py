"""Words for the log and for the plots. Keys are written out, so that they can be searched for."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from flask_babel import format_date
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from memes import log
from memes.articles import Article
from memes.lifecycle import Action
from memes.models import DeskEvent, EntryEvent, Line
from moderation import words
from moderation.audit import OPERATOR, Deed
from moderation.insight.figures import MANY, Sum, Work
from moderation.models import Moderator

_DEEDS = {
    Deed.VIEW_ESCALATED: lambda: _("desk.deed.view_escalated"),
    Deed.VIEW_SEALED: lambda: _("desk.deed.view_sealed"),
    Deed.ADD_ACCOUNT: lambda: _("desk.deed.add_account"),
    Deed.DISABLE_ACCOUNT: lambda: _("desk.deed.disable_account"),
    Deed.RESET_SECOND_FACTOR: lambda: _("desk.deed.reset_second_factor"),
    Deed.CHANGE_ROLE: lambda: _("desk.deed.change_role"),
    Deed.INVITE: lambda: _("desk.deed.invite"),
    Deed.ENABLE_ACCOUNT: lambda: _("desk.deed.enable_account"),
    Deed.CHANGE_PASSWORD: lambda: _("desk.deed.change_password"),
    Deed.NEW_RECOVERY_CODES: lambda: _("desk.deed.new_recovery_codes"),
    Deed.USE_RECOVERY_CODE: lambda: _("desk.deed.use_recovery_code"),
    Deed.ADD_PASSKEY: lambda: _("desk.deed.add_passkey"),
    Deed.REMOVE_PASSKEY: lambda: _("desk.deed.remove_passkey"),
    Deed.CHANGE_SETTING: lambda: _("desk.deed.change_setting"),
    Deed.SHOW_ON_SCREEN: lambda: _("desk.deed.show_on_screen"),
    Deed.TAKE_OFF_SCREEN: lambda: _("desk.deed.take_off_screen"),
    Deed.SHOW_WORDS: lambda: _("desk.deed.show_words"),
    Deed.HIDE_WORDS: lambda: _("desk.deed.hide_words"),
    Deed.SAVE_ARTICLE: lambda: _("desk.deed.save_article"),
    Deed.PUBLISH_ARTICLE: lambda: _("desk.deed.publish_article"),
    Deed.UNPUBLISH_ARTICLE: lambda: _("desk.deed.unpublish_article"),
    Deed.RESTORE_ARTICLE: lambda: _("desk.deed.restore_article"),
    Deed.CONFIRM_CHANNEL: lambda: _("desk.deed.confirm_channel"),
    Deed.GRANT_CODE: lambda: _("desk.deed.grant_code"),
    Deed.REFUSE_CODE: lambda: _("desk.deed.refuse_code"),
    Deed.END_CODE: lambda: _("desk.deed.end_code"),
}

#: Their subject is an entry, else an account or a setting.
_OF_ENTRIES = frozenset({Deed.VIEW_ESCALATED, Deed.VIEW_SEALED, Deed.SHOW_ON_SCREEN, Deed.TAKE_OFF_SCREEN})

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


@dataclass(frozen=True, slots=True)
class Plot:
    """Bars with a table around them. Each row has a number for every part; `whole`: each bar fills its row."""

    id: str
    title: str
    note: str
    parts: list[str]
    rows: list[tuple[str, list[int]]]
    whole: bool = False
    #: Counted no further than this.
    limit: int | None = None

    @property
    def most(self) -> int:
        """What the longest bar stands for."""
        return max((sum(numbers) for _, numbers in self.rows), default=0)

    def said(self, number: int) -> str:
        """A number, or that there are more."""
        return f"{number}+" if number == self.limit else str(number)


def ages(counted: list[int]) -> Plot:
    """How long what waits has waited."""
    names = [_("desk.insight.age.day"), _("desk.insight.age.days"), _("desk.insight.age.week"), _("desk.insight.age.older")]
    rows = [(name, [number]) for name, number in zip(names, counted, strict=True)]
    return Plot("ages", _("desk.insight.ages"), _("desk.insight.ages_note"), [_("desk.insight.entries")], rows, limit=MANY)


def answers(work: Work) -> Plot:
    """What was answered, and why."""
    parts = [_("desk.insight.change"), _("desk.insight.refused")]
    rows = [(words.reason(reason), [asked, refused]) for reason, asked, refused in work.reasons()]
    approved = _("desk.insight.approved", number=work.approved())
    return Plot("answers", _("desk.insight.answers"), f"{approved} {_('desk.insight.answers_note')}", parts, rows)


def waits(counted: list[int]) -> Plot:
    """How many weeks children waited."""
    names = [_("desk.insight.wait.same"), _("desk.insight.wait.next"), _("desk.insight.wait.two"), _("desk.insight.wait.more")]
    rows = [(name, [number]) for name, number in zip(names, counted, strict=True)] if sum(counted) else []
    return Plot("waits", _("desk.insight.waits"), _("desk.insight.waits_note"), [_("desk.insight.answered")], rows)


def agreement(work: Work, practised: Sum | None) -> Plot:
    """How often two people, or a person and the agreed answer, said the same."""
    found = [
        (_("desk.insight.agree.endorse"), work.agreement(Action.ENDORSE)),
        (_("desk.insight.agree.appeal"), work.agreement(Action.APPEAL)),
        (_("desk.insight.agree.practice"), practised or Sum(0, 0)),
    ]
    rows = [(name, list(pair)) for name, pair in found if sum(pair)]
    parts = [_("desk.insight.same"), _("desk.insight.different")]
    return Plot("agreement", _("desk.insight.agreement"), _("desk.insight.agreement_note"), parts, rows, whole=True)


def people(session: Session) -> dict[str, str]:
    """Account id -> address, in the order of addresses."""
    found = session.execute(select(Moderator.id, Moderator.email).order_by(Moderator.email))
    return {str(number): email for number, email in found}


def subjects(session: Session) -> dict[str, str]:
    """What a line of the desk's log can be about, by its id: accounts and articles."""
    found = session.execute(select(Article.id, Article.kind, Article.slug))
    return people(session) | {str(number): f"{kind}/{slug}" for number, kind, slug in found}


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
    of_entry = line.action in _OF_ENTRIES
    subject = names.get(line.subject, line.subject[:8] if of_entry else line.subject)
    return Told(line.seq, day, who(line.actor, names), did, subject, UUID(line.subject) if of_entry else None)


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
