"""The verbs of the desk: what a moderator can decide. All rules are checked before anything changes; nobody commits here.

Every verb takes the version that was on the moderator's screen (`seen`) and raises StaleDecision or IllegalTransition when
the entry is not that any more, NotAllowed when the role or an earlier answer forbids it, Held while somebody else reads it,
Incomplete when a field is missing.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from memes import entries, log, redaction
from memes.drafts import LIMITS
from memes.errors import IllegalTransition, Incomplete, NotAllowed, StaleDecision
from memes.lanes import Lane
from memes.lifecycle import Action, State, next_state
from memes.models import Entry
from memes.ports import TaskQueue
from memes.redaction import Box, Span
from memes.taxonomy import Reason, taxonomy
from memes.text import clean
from moderation import audit, claims, supervision, workplace
from moderation.audit import Deed
from moderation.history import ANSWERS, answered_by
from moderation.models import Moderator
from moderation.roles import EVERYBODY, READERS, SAFEGUARDS, Role, may

#: What hides and protects never waits for a colleague who reads the same entry.
SAFE = frozenset({Action.ESCALATE, Action.SEAL, Action.TAKE_DOWN})

#: Longest note to a child, in characters: two or three kind sentences.
NOTE_LIMIT = 300


def may_look(role: Role, entry: Entry) -> bool:
    """Whether the words and the picture may be shown at the desk: only while there is something to decide about them."""
    if entry.first_reader is not None:
        return False
    if entry.state is State.APPROVED:
        return role in (EVERYBODY if entry.is_public else READERS)
    return role in {State.PENDING: READERS, State.ESCALATED: SAFEGUARDS}.get(entry.state, frozenset())


def has_answered(session: Session, entry: Entry, moderator: Moderator) -> bool:
    """Whether this moderator has answered what is there now, so that it is somebody else's turn."""
    return str(moderator.id) in answered_by(log.of_entry(session, entry.id))


def reasons_for(action: Action) -> list[Reason]:
    """The reasons that fit an action, in the order of the list."""
    reasons = taxonomy().reasons.values()
    if action is Action.ASK_CHANGES:
        return [reason for reason in reasons if reason.fixable]
    if action is Action.SUPPORT:
        return [reason for reason in reasons if reason.show_help]
    return list(reasons)


def approve(
    session: Session, entry: Entry, moderator: Moderator, seen: int, alt: str = "", *, ask_second: bool = False,
    for_screen: bool = False,
) -> None:  # fmt: skip
    """Say yes. A picture needs a description for who cannot see it; the moderator may have put the child's right.

    Where two people must agree, or `ask_second` says that another one should look, the first yes lets the entry wait
    for a second person; the last one shows it, and `for_screen` to classes as well if the child allows that.
    """
    _check(session, entry, moderator, Action.APPROVE, seen)
    first = ask_second or bool(supervision.why_second(session, entry, moderator))
    words = clean(alt, lines=False)
    if entry.has_image:
        if not entry.renditions:
            raise Incomplete("image")
        if not words or len(words) > LIMITS["alt"]:
            raise Incomplete("alt")
        entry.alt = words
    entry.for_screen = for_screen and entry.consent_gallery and entry.consent_schools
    entries.transition(
        session, entry, Action.ENDORSE if first else Action.APPROVE, actor=str(moderator.id), seen=seen
    )  # fmt: skip
    if entry.for_screen:
        audit.record(session, moderator, Deed.SHOW_ON_SCREEN, entry.id)


def ask_changes(
    session: Session, entry: Entry, moderator: Moderator, seen: int, reason: str, note: str = "",
    marks: Sequence[Box] = (),
) -> None:  # fmt: skip
    """Ask the child to change something and send it again, for reasons that can be put right; `marks` show where."""
    if marks and not entry.renditions:
        raise Incomplete("boxes")
    _answer(session, entry, moderator, Action.ASK_CHANGES, seen, reason, note, [box.sides for box in marks])


def decline(session: Session, entry: Entry, moderator: Moderator, seen: int, reason: str, note: str = "") -> None:
    """Say no, kindly and with a reason."""
    _answer(session, entry, moderator, Action.DECLINE, seen, reason, note)


def redact(
    session: Session, entry: Entry, moderator: Moderator, seen: int, boxes: Sequence[tuple[Box, str]],
    spans: Sequence[tuple[Span, str]], *, queue: TaskQueue,
) -> None:  # fmt: skip
    """Cover places of the picture and words, each with its kind; then somebody else reads what is left."""
    _check(session, entry, moderator, Action.REDACT, seen)
    redaction.redact(session, entry, boxes, spans, actor=str(moderator.id), seen=seen, queue=queue)


def escalate(session: Session, entry: Entry, moderator: Moderator, seen: int) -> None:
    """Move it to safeguarding: a child may be in danger, or somebody must look who knows more."""
    _check(session, entry, moderator, Action.ESCALATE, seen)
    entries.transition(session, entry, Action.ESCALATE, actor=str(moderator.id), seen=seen)


def return_to_backlog(session: Session, entry: Entry, moderator: Moderator, seen: int) -> None:
    """Safeguarding has looked: it can be read like any other."""
    _check(session, entry, moderator, Action.RETURN, seen)
    entries.transition(session, entry, Action.RETURN, actor=str(moderator.id), seen=seen)


def support(session: Session, entry: Entry, moderator: Moderator, seen: int, reason: str, note: str = "") -> None:
    """Safeguarding answers with help first; nothing is shown to anybody else."""
    _answer(session, entry, moderator, Action.SUPPORT, seen, reason, note)


def take_down(session: Session, entry: Entry, moderator: Moderator, seen: int, reason: str, note: str = "") -> None:
    """Take something off the public pages, at once."""
    _answer(session, entry, moderator, Action.TAKE_DOWN, seen, reason, note)


def seal(session: Session, entry: Entry, moderator: Moderator, seen: int, *, sure: bool) -> None:
    """A picture that may be illegal: from now on nobody sees, copies or exports it. Cannot be undone at the desk."""
    _check(session, entry, moderator, Action.SEAL, seen)
    if not sure:
        raise Incomplete("sure")
    entries.transition(session, entry, Action.SEAL, actor=str(moderator.id), seen=seen)


def keep(session: Session, entry: Entry, moderator: Moderator, seen: int) -> None:
    """What was reported may stay."""
    _check(session, entry, moderator, Action.KEEP, seen)
    if entry.lane is not Lane.REPORTED:
        raise IllegalTransition("nobody has reported it")
    entries.transition(session, entry, Action.KEEP, actor=str(moderator.id), seen=seen)


def may_grade(role: Role, entry: Entry, *, for_screen: bool) -> bool:
    """Whether it may come onto classroom screens, for who can approve, or off them, which is for everybody."""
    if not for_screen:
        return entry.for_screen
    allowed = entry.state is State.APPROVED and entry.consent_gallery and entry.consent_schools
    return role in READERS and allowed and not entry.for_screen


def grade(session: Session, entry: Entry, moderator: Moderator, seen: int, *, for_screen: bool) -> None:
    """Let something approved stand on classroom screens, or take it off them; nothing if it is so already."""
    if not moderator.active or (for_screen and moderator.role not in READERS):
        raise NotAllowed("may not grade")
    if seen != entry.version:
        raise StaleDecision(f"seen {seen}, is {entry.version}")
    if entry.for_screen is not for_screen:
        entries.grade(session, entry, for_screen=for_screen)
        audit.record(session, moderator, Deed.SHOW_ON_SCREEN if for_screen else Deed.TAKE_OFF_SCREEN, entry.id)


def undo(session: Session, entry: Entry, moderator: Moderator, now: datetime | None = None) -> None:
    """Take one's own last answer back within a minute, unless the child has done something since: back to the list.

    Raises NotAllowed when there is nothing to take back any more, StaleDecision when something has happened.
    """
    place = workplace.mine(session, moderator, now)
    if workplace.undoable(place, now) != entry.id or not moderator.active:
        raise NotAllowed("nothing to take back")
    entries.transition(session, entry, Action.UNDO, actor=str(moderator.id), seen=place.last_version)
    workplace.forget_last(session, moderator)


def _answer(
    session: Session, entry: Entry, moderator: Moderator, action: Action, seen: int, reason: str, note: str,
    marks: Sequence[list[float]] = (),
) -> None:  # fmt: skip
    _check(session, entry, moderator, action, seen)
    chosen = next((known for known in reasons_for(action) if known.id == reason), None)
    if chosen is None:
        raise Incomplete("reason")
    words = clean(note)
    if len(words) > NOTE_LIMIT or (chosen.needs_note and not words):
        raise Incomplete("note")
    entries.transition(session, entry, action, actor=str(moderator.id), seen=seen, reason=reason, note=words, marks=marks)


def _check(session: Session, entry: Entry, moderator: Moderator, action: Action, seen: int) -> None:
    if not moderator.active or not may(moderator.role, action):
        raise NotAllowed(f"{moderator.role} may not {action}")
    if seen != entry.version:
        raise StaleDecision(f"seen {seen}, is {entry.version}")
    next_state(entry.state, action)
    if action not in SAFE:
        claims.check(session, entry, moderator)
    # A second reading needs a second pair of eyes.
    if action in ANSWERS and has_answered(session, entry, moderator):
        raise NotAllowed("has answered already")
