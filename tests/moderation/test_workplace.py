from datetime import timedelta

from sqlalchemy.orm import Session

from memes import privacy
from memes.lanes import Lane
from memes.lifecycle import State
from moderation import workplace
from moderation.models import Workplace
from tests.moderation.people import in_state, moderator


def test_heavy_is_danger_a_sensitive_theme_and_what_was_escalated(session: Session) -> None:
    plain, theme = in_state(session, State.PENDING), in_state(session, State.PENDING, theme="sextortion")
    moved, danger = in_state(session, State.ESCALATED), in_state(session, State.PENDING)
    danger.lane = Lane.DANGER
    assert [workplace.is_heavy(entry) for entry in (plain, theme, moved, danger)] == [False, True, True, True]


def test_heavy_entries_count_once_a_day_and_tomorrow_is_another_day(session: Session) -> None:
    who, now = moderator(session), privacy.now()
    workplace.choose(session, who, muted=["hate"], heavy_cap=2, pictures="grey", keys="one")
    one, two = (in_state(session, State.PENDING, theme="threats") for _ in range(2))
    for entry in (one, one, in_state(session, State.PENDING)):
        workplace.opened(session, who, entry, now)
    place = workplace.of(session, who)
    assert workplace.figures(place, now) == (0, 1)
    assert not workplace.spared(place, now)
    workplace.opened(session, who, two, now)
    assert workplace.spared(place, now)
    tomorrow = now + timedelta(days=1)
    assert workplace.figures(place, tomorrow) == (0, 0)
    assert not workplace.spared(place, tomorrow)
    workplace.decided(session, who, one, tomorrow)
    session.expire_all()
    kept = session.get_one(Workplace, who.id)
    assert (kept.heavy, kept.decided, kept.muted, kept.pictures, kept.keys) == ([], 1, ["hate"], "grey", "one")


def test_a_break_is_proposed_after_a_stretch_and_a_pause_begins_a_new_one(session: Session) -> None:
    who, entry, now = moderator(session), in_state(session, State.PENDING), privacy.now()
    proposed = [
        workplace.break_is_due(workplace.decided(session, who, entry, now + timedelta(seconds=10 * count)))
        for count in range(workplace.STRETCH)
    ]
    assert proposed == [False] * (workplace.STRETCH - 1) + [True]
    workplace.go_on(session, who)
    assert not workplace.break_is_due(workplace.of(session, who))

    slow = [
        workplace.break_is_due(workplace.decided(session, who, entry, now + timedelta(minutes=9 * count)))
        for count in range(6)
    ]
    assert slow == [False] * 5 + [True], "45 minutes without a pause"
    assert not workplace.break_is_due(workplace.decided(session, who, entry, now + timedelta(hours=2)))


def test_who_never_chose_has_a_place_without_a_row(session: Session) -> None:
    who = moderator(session)
    place = workplace.of(session, who)
    assert (place.pictures, place.keys, place.heavy_cap, place.muted) == ("blurred", "two", workplace.USUAL_CAP, [])
    assert session.get(Workplace, who.id) is None
