"""The desk's own log."""

import hashlib
import json

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from memes import log, privacy
from memes.db import Database
from memes.models import DeskEvent
from moderation import audit
from moderation.audit import Deed
from tests.moderation.people import moderator


def test_a_line_names_who_what_whom_and_the_day(session: Session) -> None:
    reader = moderator(session)
    audit.record(session, reader, Deed.VIEW_SEALED, reader.id)
    audit.record(session, None, Deed.DISABLE_ACCOUNT, reader.id)
    first, second = session.scalars(select(DeskEvent).order_by(DeskEvent.seq))
    assert (first.seq, first.actor, first.action, first.subject) == (1, str(reader.id), "view_sealed", str(reader.id))
    assert first.at == privacy.day_of(privacy.now())
    assert (second.seq, second.actor) == (2, "operator")
    # What `docs` promise to whoever checks an export with tools of their own.
    line = ["0" * 64, 1, first.actor, "view_sealed", first.subject, first.at.strftime("%Y-%m-%dT00:00:00Z")]
    assert first.digest == hashlib.sha256(json.dumps(line, separators=(",", ":")).encode()).hexdigest()


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE desk_events SET subject = 'another' WHERE seq = 2",
        "UPDATE desk_events SET actor = 'somebody' WHERE seq = 2",
        "DELETE FROM desk_events WHERE seq = 2",
    ],
)
def test_a_line_that_was_changed_or_taken_out_is_found(session: Session, damage: str) -> None:
    for _ in range(3):
        audit.record(session, None, Deed.CHANGE_SETTING, "retention")
    assert log.broken_at(session, DeskEvent) is None
    session.execute(text(damage))
    session.expire_all()
    assert log.broken_at(session, DeskEvent) in (2, 3)
    assert log.broken_at(session) is None  # the other log has a chain of its own


def test_two_sessions_write_one_chain(database: Database) -> None:
    with database.writes() as first, database.writes() as second:
        for session in (first, second, first):
            audit.record(session, None, Deed.CHANGE_SETTING, "retention")
            session.commit()
    with database.reads() as session:
        assert log.broken_at(session, DeskEvent) is None
