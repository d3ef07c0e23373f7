"""Who is signed in where, what was typed when a session ran out. Verbs take the session first and never commit."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from memes import privacy
from memes.db import keyring_of
from moderation.models import DeskSession, KeptWork, Moderator

#: A session ends so long after its last request, and so long after its beginning (OWASP ASVS 7.3).
IDLE, ABSOLUTE = timedelta(minutes=30), timedelta(hours=12)
#: Changing an account asks for password and second factor that are not older.
FRESH = timedelta(minutes=10)
#: The row says when it was last used, give or take this: not every page needs to write.
COARSE = timedelta(minutes=5)
#: Rows of ended sessions are still good for this: to know whose typed words come in late.
_REMEMBERED = timedelta(days=2)
#: How long typed words wait for their owner, and how many characters of them.
KEPT, MOST_KEPT = timedelta(hours=12), 20_000


class Work(NamedTuple):
    """What was typed, as pairs of name and value, and for which address."""

    path: str
    fields: list[list[str]]


def begin(session: Session, moderator: Moderator, device: str, now: datetime | None = None) -> DeskSession:
    """A new one, flushed. What is long over goes."""
    now = now or privacy.now()
    session.execute(delete(DeskSession).where(DeskSession.last_at < now - _REMEMBERED))
    session.execute(delete(KeptWork).where(KeptWork.until < now))
    moderator.last_seen_on = now.date()
    row = DeskSession(moderator_id=moderator.id, device=device, started_at=now, last_at=now, proved_at=now)
    session.add(row)
    session.flush()
    return row


def renew(session: Session, row: DeskSession, now: datetime) -> DeskSession:
    """Another row in the place of this one, for who has just proved who they are: a copy of the cookie opens nothing more."""
    made = DeskSession(moderator_id=row.moderator_id, device=row.device, started_at=row.started_at, last_at=now, proved_at=now)
    session.add(made)
    session.delete(row)
    session.flush()
    return made


def find(session: Session, moderator_id: UUID, session_id: UUID) -> DeskSession | None:
    """This session of this person, whether it ran out or not."""
    row = session.get(DeskSession, session_id)
    return row if row is not None and row.moderator_id == moderator_id else None


def touch(session: Session, session_id: UUID, now: datetime) -> None:
    """It was used."""
    row = session.get(DeskSession, session_id)
    if row is not None:
        row.last_at = now
        session.get_one(Moderator, row.moderator_id).last_seen_on = now.date()


def alive(session: Session, moderator: Moderator, now: datetime | None = None) -> list[DeskSession]:
    """Where this person is signed in now, the latest first."""
    now = now or privacy.now()
    mine = select(DeskSession).where(
        DeskSession.moderator_id == moderator.id, DeskSession.last_at > now - IDLE - COARSE,
        DeskSession.started_at > now - ABSOLUTE,
    )  # fmt: skip
    return list(session.scalars(mine.order_by(DeskSession.started_at.desc(), DeskSession.id)))


def end(session: Session, moderator: Moderator, session_id: UUID) -> None:
    """Sign out there. Somebody else's session is not touched."""
    session.execute(delete(DeskSession).where(DeskSession.moderator_id == moderator.id, DeskSession.id == session_id))


def end_all(session: Session, moderator: Moderator, but: UUID | None = None) -> None:
    """Sign out everywhere, or everywhere else."""
    mine = delete(DeskSession).where(DeskSession.moderator_id == moderator.id)
    session.execute(mine if but is None else mine.where(DeskSession.id != but))


def keep_work(session: Session, moderator_id: UUID, path: str, fields: Iterable[tuple[str, str]], now: datetime) -> None:
    """Keep what was typed, in place of what was kept before; nothing if it is no form that a page of ours sends."""
    pairs = [[name, value] for name, value in fields]
    if len(path) > 200 or sum(len(name) + len(value) for name, value in pairs) > MOST_KEPT:
        return
    kept = keyring_of(session).close_words(json.dumps(pairs), _place(moderator_id))
    session.merge(KeptWork(moderator_id=moderator_id, path=path, kept_fields=kept, until=now + KEPT))


def has_work(session: Session, moderator: Moderator) -> bool:
    """Whether something was kept for this person."""
    return session.get(KeptWork, moderator.id) is not None


def take_work(session: Session, moderator: Moderator, now: datetime | None = None) -> Work | None:
    """What was kept for this person, once."""
    row = session.get(KeptWork, moderator.id)
    if row is None:
        return None
    session.delete(row)
    if row.until <= (now or privacy.now()):
        return None
    return Work(row.path, json.loads(keyring_of(session).opened_words(row.kept_fields, _place(moderator.id))))


def _place(moderator_id: UUID) -> str:
    return f"kept_work.fields {moderator_id.hex}"


def device_of(agent: str) -> str:
    """The coarse kind of device behind what a browser calls itself."""
    if "iPad" in agent or "Tablet" in agent or ("Android" in agent and "Mobile" not in agent):
        return "tablet"
    return "phone" if "Mobi" in agent else "computer"
