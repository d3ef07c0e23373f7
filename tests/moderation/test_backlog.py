from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from memes import entries, privacy
from memes.db import Database
from memes.errors import NotAllowed
from memes.lifecycle import State
from memes.models import Entry
from moderation import backlog, desk
from moderation.roles import Role
from tests import make
from tests.moderation.people import in_state, moderator


def waiting(session: Session, hours: float, **changes: object) -> Entry:
    entry = make.pending(session, **changes)
    entry.received_at = privacy.now() - timedelta(hours=hours)
    session.flush()
    return entry


def test_the_oldest_comes_first_and_only_what_waits(session: Session) -> None:
    reader = moderator(session)
    young, old = waiting(session, 2), waiting(session, 50)
    for state in State:
        if state is not State.PENDING:
            in_state(session, state)
    rows = backlog.oldest_pending(session, reader).rows
    assert [row.id for row in rows] == [old.id, young.id]
    assert rows[0].age // timedelta(hours=1) == 50


def test_a_row_tells_what_it_is_about(session: Session) -> None:
    waiting(session, 1, text="  une\nlongue   histoire " + "mot " * 60, theme="hate", language="fr", age="9-11")
    row = backlog.oldest_pending(session, moderator(session)).rows[0]
    assert (row.kind, row.theme, row.language, row.age_band, row.has_image) == ("story", "hate", "fr", "9-11", False)
    assert row.excerpt.startswith("une longue histoire mot")
    assert row.excerpt.endswith("…")
    assert len(row.excerpt) <= 91


def test_the_list_goes_on_page_by_page_without_gap_or_repeat(session: Session) -> None:
    reader = moderator(session)
    same = privacy.now() - timedelta(hours=3)
    made = [make.pending(session) for _ in range(backlog.PAGE_SIZE + 7)]
    for entry in made:
        entry.received_at = same  # the id decides where times are equal
    session.flush()
    first = backlog.oldest_pending(session, reader)
    second = backlog.oldest_pending(session, reader, first.next)
    assert (len(first.rows), len(second.rows), second.next) == (backlog.PAGE_SIZE, 7, None)
    assert [row.id for row in first.rows + second.rows] == sorted((entry.id for entry in made), key=lambda one: one.hex)


@pytest.mark.parametrize("cursor", ["", "x", "~", "nan~x", "1e999~00000000000000000000000000000000", "1~zz"])
def test_a_broken_cursor_starts_at_the_top(session: Session, cursor: str) -> None:
    waiting(session, 1)
    assert len(backlog.oldest_pending(session, moderator(session), cursor).rows) == 1


@pytest.mark.parametrize("role", Role)
def test_each_role_sees_its_own_lists(session: Session, role: Role) -> None:
    reader = moderator(session, role)
    in_state(session, State.PENDING)
    in_state(session, State.ESCALATED)
    counts = backlog.counts(session, role)
    if role is Role.EDITOR:
        assert counts.pending is None
        with pytest.raises(NotAllowed):
            backlog.oldest_pending(session, reader)
    else:
        assert counts.pending == 1
        assert len(backlog.oldest_pending(session, reader).rows) == 1
    if role is Role.SAFEGUARDING:
        assert counts.escalated == 1
        assert len(backlog.escalated(session, reader).rows) == 1
    else:
        assert counts.escalated is None
        with pytest.raises(NotAllowed):
            backlog.escalated(session, reader)


def test_the_next_one_is_after_this_one_then_from_the_start_never_itself(session: Session) -> None:
    reader = moderator(session)
    old, middle, young = waiting(session, 30), waiting(session, 20), waiting(session, 10)
    follow = [backlog.next_after(session, reader, backlog.position_of(entry)) for entry in (old, middle, young)]
    assert follow == [middle.id, young.id, old.id]
    for entry in (middle, young):
        desk.escalate(session, entry, reader, entry.version)
    assert backlog.next_after(session, reader, backlog.position_of(old)) is None


def test_a_second_reading_is_marked_and_passed_over_for_who_read_first(session: Session) -> None:
    first, second = moderator(session), moderator(session)
    entry, other = waiting(session, 200), waiting(session, 2)
    desk.decline(session, entry, first, entry.version, "off_topic")
    entries.appeal(session, entry)
    mine, theirs = (backlog.oldest_pending(session, reader).rows[0] for reader in (first, second))
    assert mine.id == theirs.id == entry.id
    assert (mine.second_reading, mine.answered) == (True, True)
    assert (theirs.second_reading, theirs.answered) == (True, False)
    assert backlog.next_after(session, first, backlog.position_of(other)) is None
    assert backlog.next_after(session, second, backlog.position_of(other)) == entry.id


def test_the_list_is_read_along_its_index(database: Database, session: Session) -> None:
    reader = moderator(session)
    asked: list[tuple[str, object]] = []
    listen = lambda _c, _cur, statement, parameters, _ctx, _many: asked.append((statement, parameters))  # noqa: E731
    event.listen(database.engine, "before_cursor_execute", listen)
    backlog.oldest_pending(session, reader, "1700000000.0~" + "0" * 32)
    event.remove(database.engine, "before_cursor_execute", listen)
    statement, parameters = next((words, given) for words, given in asked if "FROM entries" in words)
    explain = "EXPLAIN QUERY PLAN " if database.engine.dialect.name == "sqlite" else "EXPLAIN "
    if database.engine.dialect.name == "postgresql":
        session.connection().exec_driver_sql("SET LOCAL enable_seqscan = off")
    plan = "\n".join(str(row) for row in session.connection().exec_driver_sql(explain + statement, parameters))
    assert "ix_entries_waiting" in plan
    assert "SORT" not in plan.upper()
    assert "TEMP B-TREE" not in plan.upper()
