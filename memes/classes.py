"""Class codes: a whole class sends at once, and nobody can tell who sent what. Verbs take the session first and never commit.

A code knows a region, an age group and how many pupils were expected; no name of a school or a teacher. It lets its class in
past the limits of the network (`gate`), and fills region and age in where a child has left them empty. No entry names a code,
unless its teacher reads first and only until then (`first_reading`). How much was sent with it is counted in the memory store,
added up at night and told by tens, so that nobody can watch it rise by one, and no page of the database was written for both.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

import redis
from sqlalchemy import delete, select, tuple_
from sqlalchemy.orm import Session

from memes import first_reading, guard, places, privacy, receipts
from memes.db import Database
from memes.drafts import Draft
from memes.errors import IllegalTransition, NotFound
from memes.limits import Limiter
from memes.school_models import ClassCode, Granted
from memes.taxonomy import NO_ANSWER, taxonomy

#: Digits of a code: short enough for a blackboard. With some hundred codes in use, one guess in a million meets one.
DIGITS = 8

#: Pupils that a code can be asked for.
LEAST, MOST = 5, 60

#: Sendings in a day for each pupil: a first one, and a second because there is more to say.
PER_PUPIL = 2

#: An answer comes within, a code is begun within, and is good for, so long; and its page says what became of it for as long again.
ANSWERED, BEGUN, LASTS, TOLD = timedelta(days=30), timedelta(days=60), timedelta(days=14), timedelta(days=30)

#: Below this many nobody is told a number, and above it only tens.
THRESHOLD = 10

#: Codes on one page of the desk.
PAGE_SIZE = 50

#: Seconds for which the memory store keeps what the night has not added up.
COUNTED = 14 * 24 * 3600

#: Wrong codes that a network may send in ten minutes: a class mistypes more than once each, a search gets nowhere.
WRONG, WINDOW = 200, 600


@dataclass(frozen=True, slots=True)
class Given:
    """A code that is good today, as a sending uses it."""

    id: UUID
    code: str
    daily: int
    region: str | None
    age: str | None
    teacher_first: bool

    @property
    def lets_in(self) -> tuple[str, int]:
        """As the gate wants to know it."""
        return self.code, self.daily

    def read_first(self, draft: Draft) -> bool:
        """Whether the teacher of the code would read this draft before the team does: what the child is told before sending."""
        if not self.teacher_first or draft.theme not in taxonomy().themes:
            return False
        return first_reading.fits(draft.theme, guard.priority(draft.signals))

    def completed(self, draft: Draft) -> Draft:
        """The draft with the class's region and age where the child said none."""
        empty = (None, "", NO_ANSWER)
        return replace(
            draft, region=self.region if draft.region in empty else draft.region, age=self.age if draft.age in empty else draft.age
        )  # fmt: skip


class InUse(NamedTuple):
    """Codes, and the cursor of the next page, if there is one."""

    codes: Sequence[ClassCode]
    next: str | None


def ask(
    session: Session, secret_key: str, *, region: str | None, age: str | None, expected: int, teacher_first: bool = False,
    at_once: bool = False,
) -> tuple[ClassCode, str]:  # fmt: skip
    """Wish for a code; the row, and the key with which the teacher comes back. Unknown regions and ages count as none.

    `expected` pupils are taken as at least LEAST and at most MOST. With `at_once` nobody has to grant it. With
    `teacher_first` the teacher reads what comes through it before the team does.
    """
    key, lists = receipts.new_code(), taxonomy()
    made = ClassCode(
        digest=receipts.digest(secret_key, key), region=region if region in lists.regions and region != NO_ANSWER else None,
        age=age if age in lists.ages and age != NO_ANSWER else None, expected=min(max(expected, LEAST), MOST),
        teacher_first=teacher_first, granted=Granted.ASKED, good_until=_in(ANSWERED), begun=False, sent=0,
    )  # fmt: skip
    session.add(made)
    session.flush()
    if at_once:
        grant(session, made.id)
    return made, key


def opened(session: Session, secret_key: str, typed: str) -> ClassCode | None:
    """What a teacher's key opens; None takes the same time."""
    code = receipts.parse(typed)
    digest = receipts.digest(secret_key, code or "0" * receipts.LENGTH)
    return session.scalar(select(ClassCode).where(ClassCode.digest == digest)) if code else None


def grant(session: Session, code_id: UUID) -> ClassCode:
    """Give the wish a code. Raises NotFound, IllegalTransition if there was an answer already."""
    found = _asked(session, code_id)
    found.code = receipts.new_code(DIGITS)
    while session.scalar(select(ClassCode.id).where(ClassCode.code == found.code, ClassCode.id != code_id)):
        found.code = receipts.new_code(DIGITS)
    found.granted, found.good_until = Granted.GRANTED, _in(BEGUN)
    session.flush()
    return found


def refuse(session: Session, code_id: UUID) -> None:
    """No code. Raises NotFound, IllegalTransition if there was an answer already."""
    _asked(session, code_id).granted = Granted.REFUSED
    session.flush()


def end(session: Session, code_id: UUID) -> None:
    """From now on it lets nobody in, for instance because strangers have it. Raises NotFound."""
    _found(session, code_id).good_until = privacy.now().date() - timedelta(days=1)
    session.flush()


def asked(session: Session) -> Sequence[ClassCode]:
    """Wishes without an answer, the oldest first."""
    waiting = select(ClassCode).where(ClassCode.granted == Granted.ASKED, ClassCode.good_until >= privacy.now().date())
    return session.scalars(waiting.order_by(ClassCode.good_until, ClassCode.id)).all()


def in_use(session: Session, after: str | None = None) -> InUse:
    """Codes that let somebody in today, those that end first first. A broken cursor starts at the top."""
    good = select(ClassCode).where(ClassCode.granted == Granted.GRANTED, ClassCode.good_until >= privacy.now().date())
    place = places.read(after)
    if place is not None:
        good = good.where(tuple_(ClassCode.good_until, ClassCode.id) > tuple_(*place))
    found = session.scalars(good.order_by(ClassCode.good_until, ClassCode.id).limit(PAGE_SIZE + 1)).all()
    last = found[PAGE_SIZE - 1] if len(found) > PAGE_SIZE else None
    return InUse(found[:PAGE_SIZE], places.written(last.good_until, last.id) if last else None)


def is_good(code: ClassCode) -> bool:
    """Whether it lets somebody in today."""
    return code.granted is Granted.GRANTED and code.good_until >= privacy.now().date()


def given(database: Database, limiter: Limiter, address: str, typed: str) -> tuple[Given | None, dict[str, str]]:
    """The code that came with a sending, and what is wrong with it: nothing, or `class_code` is `unknown`.

    In a session of its own, which is over before the picture is stored.
    """
    if not typed.strip():
        return None, {}
    code = receipts.parse(typed, DIGITS)
    if code is None or limiter.exceeded("class_codes", address, WRONG):
        return None, {"class_code": "unknown"}
    with database.reads() as session:
        found = session.scalar(select(ClassCode).where(ClassCode.code == code))
    if found is None or not is_good(found):
        limiter.count("class_codes", address, WINDOW)
        return None, {"class_code": "unknown"}
    return Given(found.id, code, PER_PUPIL * found.expected, found.region, found.age, found.teacher_first), {}


def count(limiter: Limiter, code_id: UUID) -> None:
    """One more was sent with it; to be called after the commit of what was sent."""
    with suppress(redis.RedisError):
        limiter.add(_counter(code_id), COUNTED)


def add_up(session: Session, limiter: Limiter) -> None:
    """Put what was counted since last night into the rows. The first of it begins a code's days, with the day before this night.

    A number that is lost with the memory store, or between there and the commit, is one nobody is told anyway.
    """
    for code in session.scalars(select(ClassCode).where(ClassCode.granted == Granted.GRANTED)):
        try:
            sent = limiter.take(_counter(code.id))
        except redis.RedisError:
            return
        if sent and not code.begun:
            code.begun, code.good_until = True, min(code.good_until, _in(LASTS - timedelta(days=1)))
        code.sent += sent
    session.flush()


def told(sent: int) -> int:
    """What may be said of a number: 0 below the threshold, then tens."""
    return sent // THRESHOLD * THRESHOLD


def expire(session: Session) -> None:
    """What has been over for a month goes."""
    session.execute(delete(ClassCode).where(ClassCode.good_until < privacy.now().date() - TOLD))


def _counter(code_id: UUID) -> str:
    return f"class_sent:{code_id.hex}"


def _found(session: Session, code_id: UUID) -> ClassCode:
    found = session.get(ClassCode, code_id)
    if found is None:
        raise NotFound("no such code")
    return found


def _asked(session: Session, code_id: UUID) -> ClassCode:
    found = session.get(ClassCode, code_id, with_for_update=True)
    if found is None:
        raise NotFound("no such code")
    if found.granted is not Granted.ASKED:
        raise IllegalTransition("there was an answer already")
    return found


def _in(days: timedelta) -> date:
    return (privacy.now() + days).date()
