"""The verbs: submit, settle, spoil, resubmit, withdraw, appeal, and the one writer of state, `transition`.

Every verb takes the session first and never commits. All checks come before any change, so that an error swallowed
by a caller leaves nothing half done.
"""

import hmac
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, BinaryIO
from uuid import UUID, uuid4

from sqlalchemy import Update, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.orm.exc import StaleDataError

from memes import first_reading, guard, likenesses, log, messages, pictures, privacy, publishing, quorum, search
from memes.db import keyring_of, on_commit
from memes.drafts import Draft
from memes.errors import IllegalTransition, NeedsSecond, StaleDecision
from memes.keys import EntryKey
from memes.lanes import Lane, lane_of
from memes.lifecycle import ENDED, UNDECIDED, Action, State, next_state
from memes.models import Entry, EntryEvent, Receipt
from memes.ports import MediaStore, TaskQueue

#: How often the worker may try one picture before it is called unreadable (measured trap: a poison picture loops for ever).
MAX_ATTEMPTS = 3

#: How long one attempt may take before another one may begin: longer than the longest rendering (40 s).
LEASE = timedelta(seconds=45)

#: With these somebody asks people to look at what was decided long before.
ASKS = frozenset({Action.APPEAL, Action.REPORT, Action.OFFER})

#: Where the store remembers what was taken back, so that an old backup cannot bring it back (`backup.read`).
TOMBSTONES = "tombstones/"


@dataclass(frozen=True, slots=True)
class CleanImage:
    """What the worker made of a picture; the renditions' bytes are already in the store."""

    renditions: Sequence[dict[str, Any]]
    animated: bool
    placeholder: str
    likeness: str
    removed: Sequence[str]
    #: The likeness of its seven flips and turns: asked for once, not kept.
    turned: Sequence[str] = ()
    faces: Sequence[list[float]] = ()


def transition(
    session: Session, entry: Entry, action: Action, *, actor: str, seen: int | None = None, reason: str | None = None,
    note: str = "", marks: Sequence[list[float]] = (),
) -> None:  # fmt: skip
    """Move `entry` by `action`: the only place where a state is written.

    Raises IllegalTransition (the table has no such move), StaleDecision (`seen` is not the version at hand, or somebody
    was faster) or NeedsSecond (not enough people have agreed, `quorum`); in all cases nothing has changed. Leaving
    `received` forgets when the worker was asked, which tells the minute of arrival; leaving the undecided states rounds
    the time of arrival itself to its week; leaving `approved` takes the entry off every public page in the same statement,
    and out of the search in the same transaction.
    """
    if seen is not None and seen != entry.version:
        raise StaleDecision(f"seen {seen}, is {entry.version}")
    before, after = entry.state, next_state(entry.state, action)
    day = entry.published_on
    with session.no_autoflush:  # what a caller has set and this move are one version
        past = log.of_entry(session, entry.id)
    if action is Action.APPROVE and not quorum.is_met(entry, past, actor):
        raise NeedsSecond("one more person must agree")
    entry._moved(after)
    _queue(entry, action, past)
    entry.reason, entry.note, entry.marks = reason, note, list(marks)
    if after is not before:
        entry.attempted_at = None  # else the worker is still at it
        entry.ended_in = privacy.week_of(privacy.now()).date() if after in ENDED else None
    if after is not State.RECEIVED:
        entry.sent_at = None
    if after not in UNDECIDED:
        entry.received_at = privacy.week_of(entry.received_at)
    publishing.set_day(session, entry)
    entry.for_screen = entry.for_screen and after is State.APPROVED
    _flush_or_stale(session)
    if entry.published_on != day or before is State.APPROVED:  # a batch may have shown it since it was read
        search.keep(session, entry)
    log.append(session, entry, action, before, actor)


def _queue(entry: Entry, action: Action, past: Sequence[EntryEvent]) -> None:
    """Where it waits for people from now on, and since when. From lane to lane, and while it is covered, one wait goes on.

    What its teacher reads first stands in no lane. Once that is over nothing of it is left, also where it was over in
    the very moment (`first_reading.pass_on`): hence the flags.
    """
    if first_reading.waits(entry, action):
        return
    overtaken = entry.first_reader is not None
    entry.first_reader = entry.first_shown = None
    actions = [event.action for event in quorum.standing(past)]
    actions = actions[:-1] if action is Action.UNDO else [*actions, action]
    entry.lane = lane_of(entry.state, actions, entry.priority)
    if entry.lane is not None and entry.waits_since is None:
        entry.waits_since = privacy.now() if action in ASKS else entry.received_at
    elif entry.lane is None and entry.state not in UNDECIDED:
        entry.waits_since = None
    for name in ("lane", "waits_since", "signals", "priority") if overtaken else ():
        flag_modified(entry, name)


def submit(
    session: Session, draft: Draft, image: BinaryIO | None, receipt: bytes, *, store: MediaStore, queue: TaskQueue,
    first_reader: UUID | None = None, then: Callable[[], None] | None = None,
) -> Entry:  # fmt: skip
    """Take a checked draft in. `receipt` is the digest under which its receipt is kept, `first_reader` the class code whose
    teacher reads it before the team; `then` is done once, after the commit of what is new.

    Order: put the picture, write the row, send the task after the commit; a row never points at nothing. A repeat of the
    same sending (same receipt) returns the entry that is already there.
    """
    entry_id = uuid4()
    entry = Entry(id=entry_id, key=EntryKey.new(entry_id, keyring_of(session)), received_at=privacy.now(), renditions=[],
                  removed=[], attempts=0)  # fmt: skip
    _fill(entry, draft)
    if first_reading.fits(entry.theme, entry.priority):
        entry.first_reader = first_reader
    _attach(entry, image, store)  # before the first query: a slow disk must not hold the database's write lock
    known = by_receipt(session, receipt)
    if known is not None:
        if entry.source is not None:
            store.delete(entry.source)
        return known
    entry._moved(State.RECEIVED)
    entry.sent_at = entry.received_at
    session.add_all([entry, Receipt(digest=receipt, entry_id=entry.id)])
    try:
        session.flush()
    except IntegrityError as error:
        raise StaleDecision("the same receipt is being written by a twin of this request") from error
    log.append(session, entry, Action.SUBMIT, None, log.CHILD)
    on_commit(session, partial(queue.process_entry, entry.id, urgent=entry.priority > 0))
    if then is not None:
        on_commit(session, then)
    return entry


def resubmit(
    session: Session, entry: Entry, draft: Draft, image: BinaryIO | None, *, store: MediaStore, queue: TaskQueue
) -> None:
    """Send a changed entry again under the same receipt. Without a new picture the clean sizes at hand stay."""
    next_state(entry.state, Action.RESUBMIT)
    _fill(entry, draft)
    if image is not None:
        likenesses.forget(session, entry.id)
        _forget_renditions(session, entry, store)
        _attach(entry, image, store)
    # The words are new, so nothing in them is covered any more; a picture that stays is.
    entry.redactions = [item for item in entry.redactions if "box" in item]
    entry.attempts, entry.received_at, entry.sent_at = 0, privacy.now(), privacy.now()
    transition(session, entry, Action.RESUBMIT, actor=log.CHILD)
    on_commit(session, partial(queue.process_entry, entry.id, urgent=entry.priority > 0))


def begin_attempt(session: Session, entry_id: UUID, *, store: MediaStore, lease: timedelta = LEASE) -> Entry | None:
    """Claim one attempt at an entry that still waits for the worker; None if there is nothing to do.

    The counter rises and is committed by the caller before the picture is touched, so that a crash counts. While an
    attempt is being made, at most for the time of a `lease`, nobody gets another one: copies of one task that arrive
    together would use them all up, and the picture would be called unreadable though nothing is wrong with it.
    An attempt that began later than now was dated by a clock that was wrong, and holds nobody up.
    """
    entry, now = session.get(Entry, entry_id, populate_existing=True), privacy.now()
    if entry is None or entry.state is not State.RECEIVED:
        return None
    if entry.attempted_at is not None and abs(now - entry.attempted_at) < lease:
        return None
    if entry.attempts >= MAX_ATTEMPTS:
        spoil(session, entry, store=store)
        return None
    # Not through the version: an attempt changes nothing that anybody decides on.
    claim = _attempt(entry_id, entry.attempts).values(attempts=entry.attempts + 1, attempted_at=now, sent_at=now)
    return entry if session.scalar(claim.returning(Entry.id)) else None


def give_back_attempt(session: Session, entry_id: UUID, attempt: int) -> None:
    """Attempt number `attempt` failed through no fault of the picture (no disk, no database): it does not count."""
    session.execute(_attempt(entry_id, attempt).values(attempts=attempt - 1, attempted_at=None))


def awaits_worker(entry: Entry) -> bool:
    """Whether the worker still has something to do."""
    return entry.state is State.RECEIVED


def settle(
    session: Session, entry_id: UUID, source: str | None, image: CleanImage | None, *, store: MediaStore
) -> bool:
    """The worker is done: the entry waits for a moderator. False if a twin was faster or the child has changed it meanwhile.

    StaleDecision if that happened in this very moment: the session is of no more use.
    """
    entry = session.get(Entry, entry_id, populate_existing=True)
    if entry is None or entry.state is not State.RECEIVED or entry.source != source:
        return False
    if image is not None:
        files = {size["file"] for size in image.renditions}
        _delete_renditions(session, entry, store, [size for size in entry.renditions if size["file"] not in files])
        entry.renditions, entry.animated, entry.faces = list(image.renditions), image.animated, list(image.faces)
        entry.signals = [*(signal for signal in entry.signals if signal != "face"), *(["face"] if image.faces else [])]
        entry.placeholder, entry.likeness, entry.removed = image.placeholder, image.likeness, list(image.removed)
    _drop_source(session, entry, store)
    transition(session, entry, Action.SETTLE, actor=log.WORKER)
    return True


def spoil(session: Session, entry: Entry, *, store: MediaStore) -> None:
    """The picture cannot be read, or not be covered: it goes, the child is told, and nobody tries again."""
    next_state(entry.state, Action.SPOIL)
    if entry.source is not None:
        _forget_renditions(session, entry, store)
    transition(session, entry, Action.SPOIL, actor=log.WORKER, reason="unreadable")


def appeal(session: Session, entry: Entry) -> None:
    """Ask for a second reading, once. `IllegalTransition` if there was one already."""
    if any(event.action is Action.APPEAL for event in log.of_entry(session, entry.id)):
        raise IllegalTransition("a second reading is final")
    transition(session, entry, Action.APPEAL, actor=log.CHILD)


def report(session: Session, entry: Entry, reason: str) -> None:
    """Somebody asks the team to look again; it stays public until they have. Nothing happens while it waits for that already.

    So however often a button is pressed, there is one line in the log for each look that the team takes.
    """
    if entry.lane is not Lane.REPORTED:
        transition(session, entry, Action.REPORT, actor=log.VISITOR, reason=reason)


def grade(session: Session, entry: Entry, *, for_screen: bool) -> None:
    """Let an approved entry stand on classroom screens, or not any more.

    Raises IllegalTransition if it is not approved or the child has not allowed that, StaleDecision if somebody was faster.
    """
    if for_screen and not (entry.state is State.APPROVED and entry.consent_gallery and entry.consent_schools):
        raise IllegalTransition("it may not be shown to a class")
    entry.for_screen = for_screen
    _flush_or_stale(session)


def withdraw(session: Session, entry: Entry, *, store: MediaStore) -> None:
    """Take the entry back: off every page at once, its words erased now, its pictures after the commit."""
    next_state(entry.state, Action.WITHDRAW)
    _empty(session, entry, store)
    transition(session, entry, Action.WITHDRAW, actor=log.CHILD)
    leave_tombstone(session, entry, store=store)


def erase(session: Session, entry: Entry, *, store: MediaStore) -> None:
    """Its days are over (`retention`): words, pictures and messages go as if it had been taken back; the receipt says so."""
    next_state(entry.state, Action.ERASE)
    _empty(session, entry, store)
    transition(session, entry, Action.ERASE, actor=log.WORKER)
    leave_tombstone(session, entry, store=store)


def leave_tombstone(session: Session, entry: Entry, *, store: MediaStore) -> None:
    """Remember beyond every backup that this entry is not to be shown again; to be called with what takes it off the pages."""
    on_commit(session, partial(store.put, tombstone_key(entry.id), io.BytesIO()))


def by_receipt(session: Session, receipt: bytes) -> Entry | None:
    """The entry that a receipt's digest opens, or None.

    The next one in order is read and compared, so that a receipt that opens nothing takes as long as one that does.
    """
    order = select(Entry, Receipt.digest).join(Receipt).where(Receipt.digest >= receipt).order_by(Receipt.digest).limit(1)
    found = session.execute(order).first()
    return found[0] if found is not None and hmac.compare_digest(found[1], receipt) else None


def tombstone_key(entry_id: UUID) -> str:
    """Where the store remembers that an entry was taken back."""
    return f"{TOMBSTONES}{entry_id.hex}"


def _attempt(entry_id: UUID, attempts: int) -> Update:
    """A change to an entry that waits for the worker and has had exactly so many attempts, or to nothing."""
    return update(Entry).where(Entry.id == entry_id, Entry.state == State.RECEIVED, Entry.attempts == attempts)


def _fill(entry: Entry, draft: Draft) -> None:
    entry.kind, entry.language, entry.theme = draft.kind, draft.language, draft.theme
    entry.text, entry.caption, entry.alt = draft.text, draft.caption, draft.alt
    entry.signals = draft.signals
    entry.priority = guard.priority(entry.signals)
    entry.age, entry.region, entry.mood, entry.nickname = draft.age, draft.region, draft.mood, draft.nickname
    entry.consent_gallery, entry.consent_schools = draft.consent_gallery, draft.consent_schools
    entry.consent_print = draft.consent_print


def _empty(session: Session, entry: Entry, store: MediaStore) -> None:
    likenesses.part(session, entry)
    _drop_source(session, entry, store)
    _forget_renditions(session, entry, store)
    messages.erase(session, entry.id)
    entry.text = entry.caption = entry.alt = entry.note = ""
    entry.key = None  # and with it every copy in every backup
    entry.redactions, entry.signals, entry.priority = [], [], 0
    entry.age = entry.region = entry.mood = entry.nickname = None


def _attach(entry: Entry, image: BinaryIO | None, store: MediaStore) -> None:
    if image is None:
        entry.has_image = bool(entry.renditions)
        return
    # A name of its own for each sending: a late worker of an earlier one cannot mistake it.
    entry.source, entry.has_image = f"private/{entry.id}/{uuid4().hex}", True
    pictures.put(store, entry.secret(), entry.source, image)


def _drop_source(session: Session, entry: Entry, store: MediaStore) -> None:
    if entry.source is not None:
        on_commit(session, partial(store.delete, entry.source))
        entry.source = None


def _forget_renditions(session: Session, entry: Entry, store: MediaStore) -> None:
    _delete_renditions(session, entry, store, entry.renditions)
    _drop_source(session, entry, store)
    entry.renditions, entry.placeholder, entry.likeness, entry.removed = [], "", "", []
    entry.faces, entry.redactions = [], [item for item in entry.redactions if "box" not in item]
    entry.has_image = entry.animated = False


def _delete_renditions(session: Session, entry: Entry, store: MediaStore, sizes: Sequence[dict[str, Any]]) -> None:
    for size in sizes:
        on_commit(session, partial(store.delete, pictures.rendition_key(entry.id, size["file"])))


def _flush_or_stale(session: Session) -> None:
    try:
        session.flush()
    except StaleDataError as error:
        raise StaleDecision("somebody was faster") from error
