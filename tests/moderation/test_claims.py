from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from memes import entries, privacy
from memes.lifecycle import Action, State
from moderation import claims
from moderation.models import Claim, HiddenEntry
from tests.moderation.people import in_state, moderator


def test_a_claim_is_one_person_s_runs_out_and_never_blocks(session: Session) -> None:
    first, second, entry = moderator(session), moderator(session), in_state(session, State.PENDING)
    now = privacy.now()
    assert claims.take(session, entry.id, first, now)
    assert not claims.take(session, entry.id, second, now)
    assert claims.holder(session, entry.id, second, now) is first
    assert claims.holder(session, entry.id, first, now) is None
    assert claims.holders(session, [entry.id], second, now) == {entry.id: first.email}

    renewed = now + claims.LEASE - timedelta(seconds=1)
    assert claims.take(session, entry.id, first, renewed)
    assert not claims.take(session, entry.id, second, now + claims.LEASE), "it was renewed"

    late = renewed + claims.LEASE
    assert claims.holder(session, entry.id, second, late) is None
    assert claims.take(session, entry.id, second, late)
    assert not claims.take(session, entry.id, first, late)

    claims.take_over(session, entry.id, first, late)
    assert claims.holder(session, entry.id, second, late) is first
    claims.drop(session, entry.id, second)
    assert claims.holder(session, entry.id, second, late) is first, "nobody drops what is not theirs"
    claims.drop(session, entry.id, first)
    assert session.scalar(select(func.count()).select_from(Claim)) == 0


def test_leaving_to_others_drops_the_claim_and_forgets_what_waits_no_more(session: Session) -> None:
    who = moderator(session)
    gone, entry = in_state(session, State.PENDING), in_state(session, State.PENDING)
    claims.hide(session, gone.id, who)
    entries.transition(session, gone, Action.DECLINE, actor="somebody", reason="off_topic")
    claims.take(session, entry.id, who)
    claims.hide(session, entry.id, who)
    claims.hide(session, entry.id, who)
    assert [row.entry_id for row in session.scalars(select(HiddenEntry))] == [entry.id]
    assert session.get(Claim, entry.id) is None
