"""One person's place at the desk: how they like it, what today has asked of them, and the care that follows from it.

What harms is exposure, so heavy entries are counted when they are opened, not when they are decided. Verbs take the
session first and never commit.
"""

from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from memes import log, privacy
from memes.lanes import Lane
from memes.lifecycle import Action, can
from memes.models import Entry
from memes.taxonomy import taxonomy
from moderation.history import ANSWERS
from moderation.models import Moderator, Workplace

#: A break is proposed after so many decisions, or so long, without a pause.
STRETCH, STRETCH_TIME = 25, timedelta(minutes=45)
#: Nothing decided for so long is a pause.
PAUSE = timedelta(minutes=10)
#: How long a decision can be taken back.
UNDO_TIME = timedelta(minutes=1)
#: What can be taken back: an answer, whether or not it ended the reading, and that a reported entry may stay.
UNDOABLE = ANSWERS | {Action.KEEP}

PICTURES = ("blurred", "grey", "plain")
KEYS = ("off", "two", "one")
#: Heavy entries a day that a person may choose as a cap, and what holds for who has not chosen. Our own guess: kept low.
CAPS, USUAL_CAP = (0, 5, 10, 20, 40), 20


def heavy_themes() -> frozenset[str]:
    """Themes about which children need help first."""
    return frozenset(theme.id for theme in taxonomy().themes.values() if theme.help_first)


def is_heavy(entry: Entry) -> bool:
    """Whether reading it is likely to weigh on somebody."""
    return entry.lane in (Lane.DANGER, Lane.ESCALATED) or entry.theme in heavy_themes()


def of(session: Session, moderator: Moderator) -> Workplace:
    """The moderator's place, to be looked at; a new one, not kept, for who never had one."""
    return session.get(Workplace, moderator.id) or _new(moderator)


def mine(session: Session, moderator: Moderator, now: datetime | None = None) -> Workplace:
    """The same, to be changed: locked until the end of the transaction, with the figures of today alone."""
    lock = {"with_for_update": True, "populate_existing": True}
    place = session.get(Workplace, moderator.id, **lock)  # type: ignore[arg-type]
    if place is None:
        with suppress(IntegrityError), session.begin_nested():  # a twin of this request may be faster
            session.add(_new(moderator))
        place = session.get_one(Workplace, moderator.id, **lock)  # type: ignore[arg-type]
    today = (now or privacy.now()).date()
    if place.day != today:
        place.day, place.decided, place.heavy = today, 0, []
    return place


def figures(place: Workplace, now: datetime | None = None) -> tuple[int, int]:
    """Today's decisions and heavy entries: what this person may know about their own day, and nobody else."""
    return (place.decided, len(place.heavy)) if place.day == (now or privacy.now()).date() else (0, 0)


def choose(
    session: Session, moderator: Moderator, *, muted: list[str], heavy_cap: int, pictures: str, keys: str
) -> None:  # fmt: skip
    """Keep how the moderator likes to work."""
    place = mine(session, moderator)
    place.muted, place.heavy_cap, place.pictures, place.keys = sorted(muted), heavy_cap, pictures, keys
    session.flush()


def spared(place: Workplace, now: datetime | None = None) -> bool:
    """Whether today's share of heavy entries is read, so that others are offered the rest."""
    return figures(place, now)[1] >= place.heavy_cap


def opened(session: Session, moderator: Moderator, entry: Entry, now: datetime | None = None) -> None:
    """Count a heavy entry that was opened."""
    if is_heavy(entry):
        place = mine(session, moderator, now)
        place.heavy = sorted({*place.heavy, entry.id.hex})
        session.flush()


def decided(session: Session, moderator: Moderator, entry: Entry, now: datetime | None = None) -> Workplace:
    """Count a decision that was just made."""
    now = now or privacy.now()
    place = mine(session, moderator, now)
    if place.stretch_to is None or place.stretch_from is None or now - place.stretch_to > PAUSE:
        place.stretch_from, place.stretch = now, 0
    place.stretch_to = now
    place.stretch += 1
    place.decided += 1
    undoable = log.of_entry(session, entry.id)[-1].action in UNDOABLE and can(entry.state, Action.UNDO)
    place.last_entry, place.last_version, place.last_at = (entry.id, entry.version, now) if undoable else (None,) * 3
    session.flush()
    return place


def break_is_due(place: Workplace) -> bool:
    """Whether it is time to propose a pause."""
    if place.stretch_from is None or place.stretch_to is None:
        return False
    return place.stretch >= STRETCH or place.stretch_to - place.stretch_from >= STRETCH_TIME


def go_on(session: Session, moderator: Moderator) -> None:
    """The break was taken, or skipped: both are fine, and nobody asks which."""
    place = mine(session, moderator)
    place.stretch_from = place.stretch_to = None
    place.stretch = 0
    session.flush()


def undoable(place: Workplace, now: datetime | None = None) -> UUID | None:
    """The entry whose decision this person can still take back."""
    fresh = place.last_at is not None and (now or privacy.now()) - place.last_at <= UNDO_TIME
    return place.last_entry if fresh else None


def forget_last(session: Session, moderator: Moderator) -> None:
    """A decision is taken back once."""
    place = mine(session, moderator)
    place.last_entry = place.last_version = place.last_at = None
    place.decided = max(place.decided - 1, 0)
    session.flush()


def _new(moderator: Moderator) -> Workplace:
    return Workplace(
        moderator_id=moderator.id, muted=[], heavy_cap=USUAL_CAP, pictures="blurred", keys="two",
        day=privacy.now().date(), decided=0, heavy=[], stretch=0,
    )  # fmt: skip
