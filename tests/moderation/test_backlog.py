from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import event, update
from sqlalchemy.orm import Session

from memes import entries, privacy
from memes.db import Database
from memes.errors import NotAllowed
from memes.lanes import Lane
from memes.lifecycle import State
from memes.models import Entry
from moderation import backlog, claims, desk, tallies, workplace
from moderation.backlog import Wish
from moderation.models import Moderator
from moderation.roles import Role
from tests import make
from tests.moderation.people import in_state, moderator


def waiting(session: Session, hours: float, **changes: object) -> Entry:
    entry = make.pending(session, **changes)
    entry.received_at = entry.waits_since = privacy.now() - timedelta(hours=hours)
    session.flush()
    return entry


def test_the_oldest_comes_first_and_only_what_waits(session: Session) -> None:
    reader = moderator(session)
    young, old = waiting(session, 2), waiting(session, 50)
    for state in State:
        if state is not State.PENDING:
            in_state(session, state)
    rows = backlog.waiting(session, Wish(reader)).rows
    assert [row.id for row in rows] == [old.id, young.id]
    assert rows[0].age // timedelta(hours=1) == 50


def test_a_row_tells_what_it_is_about(session: Session) -> None:
    waiting(session, 1, text="  une\nlongue   histoire " + "mot " * 60, theme="hate", language="fr", age="9-11")
    row = backlog.waiting(session, Wish(moderator(session))).rows[0]
    assert (row.kind, row.theme, row.language, row.age_band, row.has_image) == ("story", "hate", "fr", "9-11", False)
    assert row.excerpt.startswith("une longue histoire mot")
    assert row.excerpt.endswith("…")
    assert len(row.excerpt) <= 91


def test_words_that_cannot_be_opened_keep_no_other_from_being_read(session: Session) -> None:
    damaged, whole = waiting(session, 2, text="une histoire"), waiting(session, 1, text="une autre")
    session.execute(update(Entry).where(Entry.id == damaged.id).values(kept_text=whole.kept_text))
    assert [row.excerpt for row in backlog.waiting(session, Wish(moderator(session))).rows] == [None, "une autre"]


def test_the_list_goes_on_page_by_page_without_gap_or_repeat(session: Session) -> None:
    reader = moderator(session)
    same = privacy.now() - timedelta(hours=3)
    made = [make.pending(session) for _ in range(backlog.PAGE_SIZE + 7)]
    for entry in made:
        entry.received_at = entry.waits_since = same  # the id decides where times are equal
    session.flush()
    first = backlog.waiting(session, Wish(reader))
    second = backlog.waiting(session, Wish(reader), after=first.next)
    assert (len(first.rows), len(second.rows), second.next) == (backlog.PAGE_SIZE, 7, None)
    assert [row.id for row in first.rows + second.rows] == sorted((entry.id for entry in made), key=lambda one: one.hex)


@pytest.mark.parametrize("cursor", ["", "x", "~", "nan~x", "1e999~00000000000000000000000000000000", "1~zz"])
def test_a_broken_cursor_starts_at_the_top(session: Session, cursor: str) -> None:
    waiting(session, 1)
    assert len(backlog.waiting(session, Wish(moderator(session)), after=cursor).rows) == 1


@pytest.mark.parametrize("role", Role)
def test_each_role_sees_its_own_lists(session: Session, role: Role) -> None:
    reader = moderator(session, role)
    in_state(session, State.PENDING)
    in_state(session, State.ESCALATED)
    counts = tallies.counts(session, Wish(reader))
    if role is Role.EDITOR:
        assert (counts.all_mine, counts.escalated) == (0, None)
        with pytest.raises(NotAllowed):
            backlog.waiting(session, Wish(reader))
    else:
        assert counts.all_mine == 1
        assert len(backlog.waiting(session, Wish(reader)).rows) == 1
    if role is Role.SAFEGUARDING:
        assert counts.escalated == 1
        assert len(backlog.escalated(session, reader).rows) == 1
    else:
        assert counts.escalated is None
        with pytest.raises(NotAllowed):
            backlog.escalated(session, reader)


def follow(session: Session, wish: Wish, entry: Entry, *skipped: Entry) -> UUID | None:
    return backlog.next_for(
        session, wish, entry.lane or Lane.ORDINARY, backlog.position_of(entry), {one.id for one in skipped}
    )


def test_the_next_one_is_after_this_one_then_from_the_start_never_itself(session: Session) -> None:
    wish = Wish(moderator(session))
    old, middle, young = waiting(session, 30), waiting(session, 20), waiting(session, 10)
    assert [follow(session, wish, entry) for entry in (old, middle, young)] == [middle.id, young.id, old.id]
    assert follow(session, wish, old, middle) == young.id, "what was passed over stays so"
    for entry in (middle, young):
        desk.escalate(session, entry, wish.reader, entry.version)
    assert follow(session, wish, old) is None


def test_a_second_reading_is_marked_and_passed_over_for_who_read_first(session: Session) -> None:
    first, second = moderator(session), moderator(session)
    entry, other = waiting(session, 200), waiting(session, 2)
    desk.decline(session, entry, first, entry.version, "off_topic")
    entries.appeal(session, entry)
    entry.waits_since = privacy.now() - timedelta(hours=3)
    session.flush()
    mine, theirs = (backlog.waiting(session, Wish(reader)).rows[0] for reader in (first, second))
    assert mine.id == theirs.id == entry.id
    assert mine.lane is Lane.APPEALS
    assert (mine.second_reading, mine.answered) == (True, True)
    assert (theirs.second_reading, theirs.answered) == (True, False)
    assert follow(session, Wish(first), other) is None
    assert follow(session, Wish(second), other) == entry.id
    assert tallies.counts(session, Wish(first)).mine[Lane.APPEALS] == 0
    assert tallies.counts(session, Wish(second)).mine[Lane.APPEALS] == 1
    desk.approve(session, entry, second, entry.version)
    workplace.decided(session, second, entry)
    desk.undo(session, entry, second)
    assert tallies.counts(session, Wish(second)).mine[Lane.APPEALS] == 1, "it was a slip"
    assert tallies.counts(session, Wish(first)).mine[Lane.APPEALS] == 0


def test_what_was_reported_or_appealed_waits_since_that_and_one_wait_goes_on_from_lane_to_lane(session: Session) -> None:
    first, second, third = moderator(session), moderator(session), moderator(session)
    entry, other = waiting(session, 300), waiting(session, 200, theme="threats")

    def ages(reader: Moderator) -> dict[UUID, float]:
        rows = backlog.waiting(session, Wish(reader)).rows
        return {row.id: round(row.age / timedelta(hours=1)) for row in rows}

    desk.approve(session, entry, first, entry.version)
    desk.approve(session, other, first, other.version)
    assert (entry.waits_since, other.lane) == (None, Lane.SECOND)
    assert ages(second) == {other.id: 200}
    desk.approve(session, other, second, other.version)
    workplace.decided(session, second, other)
    desk.undo(session, other, second)
    assert other.lane is Lane.SECOND, "the first yes still stands"
    desk.decline(session, other, second, other.version, "off_topic")
    entries.report(session, entry, "real_name")
    entries.appeal(session, other)
    assert ages(third) == {entry.id: 0, other.id: 0}
    entry.waits_since = other.waits_since = privacy.now() - timedelta(hours=5)
    session.flush()
    desk.escalate(session, other, third, other.version)
    desk.return_to_backlog(session, other, moderator(session, Role.SAFEGUARDING), other.version)
    assert ages(third) == {entry.id: 5, other.id: 5}
    desk.keep(session, entry, third, entry.version)
    assert entry.waits_since is None, "the hour is forgotten with the lane"


def test_danger_stands_on_top_and_comes_next_whatever_somebody_reads(session: Session) -> None:
    wish = Wish(moderator(session))
    waiting(session, 90)
    danger, ordinary = waiting(session, 3), waiting(session, 50)
    danger.priority = 1
    session.flush()
    desk.escalate(session, danger, wish.reader, danger.version)
    lead = moderator(session, Role.SAFEGUARDING)
    desk.return_to_backlog(session, danger, lead, danger.version)
    assert danger.lane is Lane.DANGER
    assert [row.id for row in backlog.in_danger(session, wish)] == [danger.id]
    assert danger.id not in [row.id for row in backlog.waiting(session, wish).rows]
    assert follow(session, wish, ordinary) == danger.id


def test_each_person_is_offered_what_they_wish_and_their_own_count_can_reach_zero(session: Session) -> None:
    reader = moderator(session)
    hidden, muted, heavy, french = (
        waiting(session, 9), waiting(session, 8, theme="hate"), waiting(session, 7, theme="threats"),
        waiting(session, 6, language="fr"),
    )  # fmt: skip
    claims.hide(session, hidden.id, reader)
    wish = Wish(reader, frozenset({"hate"}), spared=True)
    assert [row.id for row in backlog.waiting(session, wish).rows] == [french.id]
    assert tallies.counts(session, wish).all_mine == 1
    assert backlog.something_waits(session)
    desk.approve(session, french, reader, french.version)
    assert tallies.counts(session, wish).all_mine == 0
    colleague = Wish(moderator(session))
    assert [row.id for row in backlog.waiting(session, colleague).rows] == [hidden.id, muted.id, heavy.id]
    assert tallies.counts(session, colleague).all_mine == 3
    claims.show_hidden(session, reader)
    assert [row.id for row in backlog.waiting(session, wish).rows] == [hidden.id]


def test_the_list_is_filtered_and_shows_who_reads_what(session: Session) -> None:
    reader, colleague = moderator(session), moderator(session, email="sara@example.org")
    ours, theirs = waiting(session, 5, language="fr"), waiting(session, 4, language="fr", theme="hate")
    waiting(session, 3)
    claims.take(session, theirs.id, colleague)
    rows = backlog.waiting(session, Wish(reader, filters={"language": "fr"})).rows
    assert [(row.id, row.reader) for row in rows] == [(ours.id, None), (theirs.id, "sara@example.org")]
    assert len(backlog.waiting(session, Wish(reader, filters={"language": "fr", "theme": "hate"})).rows) == 1
    assert follow(session, Wish(reader, filters={"language": "fr"}), ours) is None, "a colleague reads the other one"


@pytest.mark.parametrize(("lane", "index"), [(None, "ix_entries_backlog"), (Lane.ORDINARY, "ix_entries_")])
def test_the_list_is_read_along_its_index(database: Database, session: Session, lane: Lane | None, index: str) -> None:
    reader = moderator(session)
    asked: list[tuple[str, object]] = []
    listen = lambda _c, _cur, statement, parameters, _ctx, _many: asked.append((statement, parameters))  # noqa: E731
    event.listen(database.engine, "before_cursor_execute", listen)
    backlog.waiting(session, Wish(reader), lane, "1700000000.0~" + "0" * 32)
    event.remove(database.engine, "before_cursor_execute", listen)
    statement, parameters = next((words, given) for words, given in asked if "FROM entries" in words)
    explain = "EXPLAIN QUERY PLAN " if database.engine.dialect.name == "sqlite" else "EXPLAIN "
    if database.engine.dialect.name == "postgresql":
        # With next to no rows every way costs the same; a sort is taken only where no index has the order.
        for way in ("seqscan", "bitmapscan", "sort"):
            session.connection().exec_driver_sql(f"SET LOCAL enable_{way} = off")
    plan = "\n".join(str(row) for row in session.connection().exec_driver_sql(explain + statement, parameters))
    assert index in plan
    assert "SORT" not in plan.upper()
    assert "TEMP B-TREE" not in plan.upper()
