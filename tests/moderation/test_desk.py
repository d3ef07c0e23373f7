from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from memes import entries, log, privacy
from memes.errors import IllegalTransition, Incomplete, NotAllowed, StaleDecision
from memes.lanes import Lane
from memes.lifecycle import Action, State
from memes.models import Entry
from memes.redaction import Span
from moderation import accounts, claims, desk, supervision, workplace
from moderation.models import Moderator
from moderation.roles import Role
from tests import make
from tests.fakes import MemoryStore, RecordingQueue
from tests.moderation.people import in_state, moderator

Verb = Callable[[Session, Entry, Moderator, int], None]

VERBS: dict[Action, Verb] = {
    Action.APPROVE: lambda s, e, m, seen: desk.approve(s, e, m, seen, "une description"),
    Action.ASK_CHANGES: lambda s, e, m, seen: desk.ask_changes(s, e, m, seen, "face"),
    Action.DECLINE: lambda s, e, m, seen: desk.decline(s, e, m, seen, "off_topic"),
    Action.ESCALATE: lambda s, e, m, seen: desk.escalate(s, e, m, seen),
    Action.REDACT: lambda s, e, m, seen: desk.redact(
        s, e, m, seen, [], [(Span("text", 0, 2), "name")], queue=RecordingQueue()
    ),
    Action.RETURN: lambda s, e, m, seen: desk.return_to_backlog(s, e, m, seen),
    Action.SUPPORT: lambda s, e, m, seen: desk.support(s, e, m, seen, "danger_support"),
    Action.TAKE_DOWN: lambda s, e, m, seen: desk.take_down(s, e, m, seen, "copyright"),
    Action.ENDORSE: lambda s, e, m, seen: desk.approve(s, e, m, seen, "une description", ask_second=True),
}
LEADS_TO = {
    (State.PENDING, Action.APPROVE): State.APPROVED,
    (State.PENDING, Action.ASK_CHANGES): State.CHANGES_REQUESTED,
    (State.PENDING, Action.DECLINE): State.DECLINED,
    (State.PENDING, Action.ESCALATE): State.ESCALATED,
    (State.PENDING, Action.REDACT): State.RECEIVED,
    (State.ESCALATED, Action.RETURN): State.PENDING,
    (State.ESCALATED, Action.SUPPORT): State.SUPPORTED,
    (State.APPROVED, Action.TAKE_DOWN): State.REMOVED,
    (State.PENDING, Action.ENDORSE): State.PENDING,
}
READERS = {Role.MODERATOR, Role.SAFEGUARDING, Role.ADMIN}
ROLES = {
    Action.APPROVE: READERS, Action.ASK_CHANGES: READERS, Action.DECLINE: READERS, Action.ESCALATE: READERS,
    Action.REDACT: READERS,
    Action.RETURN: {Role.SAFEGUARDING}, Action.SUPPORT: {Role.SAFEGUARDING}, Action.TAKE_DOWN: set(Role),
    Action.ENDORSE: READERS,
}  # fmt: skip
START = {action: state for state, action in LEADS_TO}


@pytest.mark.parametrize("action", VERBS)
def test_a_decision_is_possible_in_its_own_state_only(session: Session, action: Action) -> None:
    lead = moderator(session, Role.SAFEGUARDING)
    for state in State:
        entry = in_state(session, state)
        if (state, action) in LEADS_TO:
            VERBS[action](session, entry, lead, entry.version)
            assert entry.state is LEADS_TO[state, action]
            assert log.of_entry(session, entry.id)[-1].actor == str(lead.id)
        else:
            with pytest.raises(IllegalTransition):
                VERBS[action](session, entry, lead, entry.version)
            assert entry.state is state


@pytest.mark.parametrize("role", Role)
def test_a_decision_is_for_its_own_roles_only(session: Session, role: Role) -> None:
    who = moderator(session, role)
    for action, verb in VERBS.items():
        entry = in_state(session, START[action])
        if role in ROLES[action]:
            verb(session, entry, who, entry.version)
            assert entry.state is LEADS_TO[START[action], action]
        else:
            with pytest.raises(NotAllowed):
                verb(session, entry, who, entry.version)
            assert entry.state is START[action]


@pytest.mark.parametrize("action", VERBS)
def test_a_decision_on_an_older_version_changes_nothing(session: Session, action: Action) -> None:
    lead, entry = moderator(session, Role.SAFEGUARDING), in_state(session, START[action])
    lines = len(log.of_entry(session, entry.id))
    with pytest.raises(StaleDecision):
        VERBS[action](session, entry, lead, entry.version - 1)
    assert entry.state is START[action]
    assert len(log.of_entry(session, entry.id)) == lines


def test_a_disabled_account_decides_nothing(session: Session) -> None:
    who, entry = moderator(session), in_state(session, State.PENDING)
    accounts.disable(session, who)
    with pytest.raises(NotAllowed):
        desk.decline(session, entry, who, entry.version, "off_topic")


@pytest.mark.parametrize(
    ("verb", "state", "reason", "note", "field"),
    [
        (desk.decline, State.PENDING, "", "", "reason"),
        (desk.decline, State.PENDING, "nonsense", "", "reason"),
        (desk.decline, State.PENDING, "other", "", "note"),
        (desk.decline, State.PENDING, "other", " \u200b ", "note"),
        (desk.decline, State.PENDING, "face", "x" * 301, "note"),
        (desk.ask_changes, State.PENDING, "sexual", "", "reason"),
        (desk.ask_changes, State.PENDING, "danger_support", "", "reason"),
        (desk.support, State.ESCALATED, "off_topic", "", "reason"),
        (desk.take_down, State.APPROVED, "", "", "reason"),
    ],
)
def test_an_answer_without_what_it_needs_changes_nothing(
    session: Session, verb: Callable[..., None], state: State, reason: str, note: str, field: str
) -> None:
    lead, entry = moderator(session, Role.SAFEGUARDING), in_state(session, state)
    before = entry.version
    with pytest.raises(Incomplete, match=field):
        verb(session, entry, lead, entry.version, reason, note)
    assert (entry.state, entry.version) == (state, before)


def test_the_child_gets_the_reason_and_a_clean_note(session: Session) -> None:
    entry = in_state(session, State.PENDING)
    desk.ask_changes(session, entry, moderator(session), entry.version, "face", " Merci \u202eà toi.\r\n" + "x" * 280)
    assert entry.reason == "face"
    assert entry.note == "Merci à toi.\n" + "x" * 280


def test_a_picture_is_approved_with_a_description_which_the_moderator_may_put_right(session: Session) -> None:
    entry = make.pending(session, image=b"picture", kind="meme", alt="un dessin")
    who = moderator(session)
    for alt in ("", " \u200b", "x" * 301):
        with pytest.raises(Incomplete, match="alt"):
            desk.approve(session, entry, who, entry.version, alt)
        assert (entry.state, entry.alt) == (State.PENDING, "un dessin")
    desk.approve(session, entry, who, entry.version, " un hérisson\nqui sourit ")
    assert (entry.state, entry.alt) == (State.APPROVED, "un hérisson qui sourit")
    assert entry.is_public


def test_a_picture_without_clean_sizes_is_not_approved(session: Session) -> None:
    entry = make.pending(session, image=b"picture", kind="meme")
    entry.renditions = []
    session.flush()
    with pytest.raises(Incomplete, match="image"):
        desk.approve(session, entry, moderator(session), entry.version, "un dessin")


def test_words_alone_need_no_description_and_keep_theirs(session: Session) -> None:
    entry = in_state(session, State.PENDING)
    desk.approve(session, entry, moderator(session), entry.version, "pas une image")
    assert entry.alt == ""


def test_what_the_child_keeps_for_schools_is_approved_but_not_published(session: Session) -> None:
    entry = make.pending(session, consent_gallery=False)
    desk.approve(session, entry, moderator(session), entry.version)
    assert entry.state is State.APPROVED
    assert not entry.is_public


@pytest.mark.parametrize("action", [Action.APPROVE, Action.ASK_CHANGES, Action.DECLINE])
def test_a_second_reading_is_for_another_moderator(session: Session, action: Action) -> None:
    first, second = moderator(session), moderator(session)
    entry = in_state(session, State.PENDING)
    desk.decline(session, entry, first, entry.version, "off_topic")
    entries.appeal(session, entry)
    with pytest.raises(NotAllowed):
        VERBS[action](session, entry, first, entry.version)
    VERBS[action](session, entry, second, entry.version)
    assert entry.state is LEADS_TO[State.PENDING, action]


def test_what_is_sensitive_is_shown_by_two_people_and_by_nobody_twice(session: Session) -> None:
    first, second = moderator(session), moderator(session)
    entry = make.pending(session, theme="threats")
    desk.approve(session, entry, first, entry.version)
    assert (entry.state, entry.lane, entry.published_on) == (State.PENDING, Lane.SECOND, None)
    with pytest.raises(NotAllowed):
        desk.approve(session, entry, first, entry.version)
    with pytest.raises(NotAllowed):
        desk.decline(session, entry, first, entry.version, "off_topic")
    desk.approve(session, entry, second, entry.version)
    assert entry.is_public
    events = log.of_entry(session, entry.id)[-2:]
    assert [(event.action, event.actor) for event in events] == [
        (Action.ENDORSE, str(first.id)), (Action.APPROVE, str(second.id)),
    ]  # fmt: skip


def test_a_first_yes_counts_only_for_what_was_read(session: Session) -> None:
    first, second, third = (moderator(session) for _ in range(3))
    entry = make.pending(session, theme="threats")
    desk.approve(session, entry, first, entry.version)
    desk.ask_changes(session, entry, second, entry.version, "face")
    store, queue = MemoryStore(), RecordingQueue()
    entries.resubmit(session, entry, make.draft(theme="threats", text="autre"), None, store=store, queue=queue)
    assert entries.settle(session, entry.id, None, None, store=store)
    desk.approve(session, entry, third, entry.version)
    assert entry.state is State.PENDING
    desk.approve(session, entry, first, entry.version)
    assert entry.state is State.APPROVED


def test_whoever_is_new_begins_beside_somebody_experienced_if_there_is_one(session: Session) -> None:
    newcomer, old_hand = moderator(session), moderator(session)
    entry = in_state(session, State.PENDING)
    desk.approve(session, entry, newcomer, entry.version)
    assert entry.state is State.APPROVED, "a first team has to begin somehow"
    for _ in range(supervision.FIRST):
        done = in_state(session, State.PENDING)
        desk.decline(session, done, old_hand, done.version, "off_topic")
    entry = in_state(session, State.PENDING)
    assert supervision.why_second(session, entry, newcomer) == ["new"]
    desk.approve(session, entry, newcomer, entry.version)
    assert entry.lane is Lane.SECOND
    desk.approve(session, entry, old_hand, entry.version)
    assert entry.state is State.APPROVED
    entry = in_state(session, State.PENDING)
    desk.approve(session, entry, old_hand, entry.version)
    assert entry.state is State.APPROVED


def test_what_was_reported_is_kept_or_taken_down_once(session: Session) -> None:
    who, entry = moderator(session), in_state(session, State.APPROVED)
    with pytest.raises(IllegalTransition):
        desk.keep(session, entry, who, entry.version)
    entries.report(session, entry, "hurts")
    entries.report(session, entry, "hurts")
    assert (entry.lane, entry.is_public) == (Lane.REPORTED, True)
    assert [event.action for event in log.of_entry(session, entry.id)].count(Action.REPORT) == 1
    desk.keep(session, entry, who, entry.version)
    assert (entry.lane, entry.is_public) == (None, True)
    entries.report(session, entry, "hurts")
    desk.take_down(session, entry, who, entry.version, "copyright")
    assert entry.state is State.REMOVED


def test_danger_can_be_seen_by_who_declined_before(session: Session) -> None:
    first, entry = moderator(session), in_state(session, State.PENDING)
    desk.decline(session, entry, first, entry.version, "off_topic")
    entries.appeal(session, entry)
    desk.escalate(session, entry, first, entry.version)
    assert entry.state is State.ESCALATED


def test_a_new_version_may_be_read_by_who_asked_for_it(session: Session) -> None:
    who, entry = moderator(session), in_state(session, State.PENDING)
    desk.ask_changes(session, entry, who, entry.version, "face")
    store, queue = MemoryStore(), RecordingQueue()
    entries.resubmit(session, entry, make.draft(text="une autre histoire"), None, store=store, queue=queue)
    assert entries.settle(session, entry.id, None, None, store=store)
    desk.approve(session, entry, who, entry.version)
    assert entry.state is State.APPROVED


@pytest.mark.parametrize("role", Role)
def test_content_is_looked_at_only_while_there_is_something_to_decide(session: Session, role: Role) -> None:
    may_look = {State.PENDING: READERS, State.ESCALATED: {Role.SAFEGUARDING}, State.APPROVED: set(Role)}
    for state in State:
        assert desk.may_look(role, in_state(session, state)) is (role in may_look.get(state, set())), state


def test_a_slip_is_taken_back_within_a_minute_by_the_same_person_and_shows_nothing(session: Session) -> None:
    who, colleague = moderator(session), moderator(session)
    for action in (Action.APPROVE, Action.ASK_CHANGES, Action.DECLINE, Action.ENDORSE):
        entry = in_state(session, State.PENDING, **({"theme": "threats"} if action is Action.ENDORSE else {}))
        VERBS[action](session, entry, who, entry.version)
        workplace.decided(session, who, entry)
        with pytest.raises(NotAllowed):
            desk.undo(session, entry, colleague)
        with pytest.raises(NotAllowed):
            desk.undo(session, entry, who, privacy.now() + workplace.UNDO_TIME + timedelta(seconds=1))
        desk.undo(session, entry, who)
        assert (entry.state, entry.published_on, entry.reason, entry.note) == (State.PENDING, None, None, "")
        assert entry.lane is Lane.ORDINARY
        with pytest.raises(NotAllowed):
            desk.undo(session, entry, who)
        VERBS[action](session, entry, who, entry.version)  # it is theirs to decide again
    assert workplace.figures(workplace.of(session, who)) == (0, 0)


def test_nothing_is_taken_back_once_the_child_has_done_something(session: Session) -> None:
    who, entry = moderator(session), in_state(session, State.PENDING)
    desk.decline(session, entry, who, entry.version, "off_topic")
    workplace.decided(session, who, entry)
    entries.appeal(session, entry)
    with pytest.raises(StaleDecision):
        desk.undo(session, entry, who)
    assert entry.lane is Lane.APPEALS


def test_what_was_moved_to_safeguarding_or_taken_down_is_not_taken_back(session: Session) -> None:
    who = moderator(session)
    for action in (Action.ESCALATE, Action.TAKE_DOWN):
        entry = in_state(session, START[action])
        VERBS[action](session, entry, who, entry.version)
        assert workplace.undoable(workplace.decided(session, who, entry)) is None
        with pytest.raises(NotAllowed):
            desk.undo(session, entry, who)
    lead, entry = moderator(session, Role.SAFEGUARDING), in_state(session, State.ESCALATED)
    desk.return_to_backlog(session, entry, lead, entry.version)
    assert workplace.undoable(workplace.decided(session, lead, entry)) is None


def test_nobody_decides_by_accident_what_a_colleague_reads_but_protects_at_once(session: Session) -> None:
    who, colleague = moderator(session), moderator(session)
    entry, other = in_state(session, State.PENDING), in_state(session, State.PENDING)
    for one in (entry, other):
        assert claims.take(session, one.id, colleague)
    with pytest.raises(claims.Held) as refused:
        desk.approve(session, entry, who, entry.version)
    assert refused.value.holder is colleague
    claims.take_over(session, entry.id, who)
    desk.approve(session, entry, who, entry.version)
    desk.escalate(session, other, who, other.version)
