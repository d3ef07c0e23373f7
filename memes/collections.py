"""Collections: a teacher picks public entries for a class, without an account. Verbs take the session first and never commit.

What is shown is asked of the entries each time (`published`), so what a child takes back leaves a collection at once. What the
teacher writes (title, notes) is cleaned and judged here, and is public only once the team has read it: until then a collection
is its entries under a plain title, and nobody gains a notice board.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from memes import guard, privacy, published, receipts
from memes.errors import DomainError, NotFound, StaleDecision
from memes.lifecycle import State
from memes.models import Entry
from memes.published import Card
from memes.school_models import Collection, CollectionItem, Words
from memes.taxonomy import taxonomy
from memes.text import clean

LANGUAGES = ("ar", "fr", "en")

#: Longest texts, in characters: a title that fits a slide, a note of some lines.
LIMITS = {"title": 80, "note": 300, "item": 200}

#: Entries in one collection: more than several lessons can look at.
MOST = 60

#: Digits of the short address.
SHORT = 8

#: A collection goes when its key was not used for so long: one school year and a bit.
UNUSED = timedelta(days=400)

#: What would lead a reader elsewhere, or to a person.
REFUSED = frozenset({"phone", "email", "handle", "link", "cin"})


class WordsRefused(DomainError):
    """What a teacher wrote breaks rules: `problems` maps `title`, `note` or an entry's id to `empty`, `too_long` or `contact`."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__(", ".join(f"{field}: {problem}" for field, problem in problems.items()))
        self.problems = problems


class Full(DomainError):
    """There are MOST entries in the collection already."""


@dataclass(frozen=True, slots=True)
class Wording:
    """What a teacher writes and chooses. `notes` maps an entry's id to what is said about it."""

    title: str
    note: str = ""
    language: str = "ar"
    theme: str | None = None
    notes: Mapping[str, str] | None = None

    def cleaned(self) -> "Wording":
        """The same in harmless characters; raises WordsRefused."""
        notes = {entry: clean(note) for entry, note in (self.notes or {}).items()}
        theme = self.theme if self.theme in taxonomy().themes else None
        language = self.language if self.language in LANGUAGES else LANGUAGES[0]
        made = Wording(clean(self.title, lines=False), clean(self.note), language, theme, notes)
        found = {"title": "empty"} if not made.title else {}
        for field, text in (("title", made.title), ("note", made.note), *notes.items()):
            if len(text) > LIMITS.get(field, LIMITS["item"]):
                found[field] = "too_long"
            elif not REFUSED.isdisjoint(guard.signals(guard.find(text))):
                found[field] = "contact"
        if found:
            raise WordsRefused(found)
        return made


@dataclass(frozen=True, slots=True)
class Shown:
    """A collection as everybody sees it: its words are empty unless the team has read them."""

    short: str
    language: str
    theme: str | None
    title: str
    note: str
    items: list[tuple[Card, str]]


def begin(session: Session, secret_key: str, wording: Wording) -> tuple[Collection, str]:
    """A new collection, and the key that opens it for changes, which is kept nowhere. Raises WordsRefused."""
    said = wording.cleaned()
    key = receipts.new_code()
    short = receipts.new_code(SHORT)
    while session.get(Collection, short) is not None:
        short = receipts.new_code(SHORT)
    made = Collection(
        short=short, digest=receipts.digest(secret_key, key), language=said.language, theme=said.theme, title=said.title,
        note=said.note, words=Words.WAITING,
    )  # fmt: skip
    _use(made)
    session.add(made)
    session.flush()
    return made, key


def opened(session: Session, secret_key: str, typed: str) -> Collection | None:
    """The collection that a typed key opens, which is thereby in use; None takes the same time."""
    code = receipts.parse(typed)
    digest = receipts.digest(secret_key, code or "0" * receipts.LENGTH)
    found = session.scalar(select(Collection).where(Collection.digest == digest)) if code else None
    if found is not None:
        _use(found)
    return found


def write(session: Session, collection: Collection, wording: Wording) -> None:
    """Let these be its words. If they are new the team reads them before they are public. Raises WordsRefused."""
    said = wording.cleaned()
    notes = said.notes or {}
    before = _words_of(collection)
    collection.title, collection.note, collection.language, collection.theme = (
        said.title, said.note, said.language, said.theme,
    )  # fmt: skip
    for item in collection.items:
        item.note = notes.get(str(item.entry_id), item.note)
    if _words_of(collection) != before:
        collection.words, collection.version = Words.WAITING, collection.version + 1
    session.flush()


def add(session: Session, collection: Collection, entry_id: UUID) -> None:
    """Put a public entry at the end, once. Raises NotFound for what schools may not see, Full.

    The words were read as words about other entries: the team reads them once more before they are public beside this one.
    """
    if any(item.entry_id == entry_id for item in collection.items):
        return
    if entry_id not in published.published_in_schools(session, [entry_id]):
        raise NotFound("no such public entry")
    if len(collection.items) >= MOST:
        raise Full(f"{MOST} entries")
    place = max((item.place for item in collection.items), default=0) + 1
    collection.items.append(CollectionItem(entry_id=entry_id, place=place, note=""))
    collection.version += 1
    if collection.words is Words.SHOWN:
        collection.words = Words.WAITING
    session.flush()


def remove(session: Session, collection: Collection, entry_id: UUID) -> None:
    """Take an entry out; nothing if it is not in."""
    collection.items = [item for item in collection.items if item.entry_id != entry_id]
    session.flush()


def move(session: Session, collection: Collection, entry_id: UUID, step: int) -> None:
    """One place up (-1) or down (1) among those that are shown; nothing at either end."""
    visible = published.published_in_schools(session, [item.entry_id for item in collection.items])
    row = [item for item in collection.items if item.entry_id in visible]
    here = next((place for place, item in enumerate(row) if item.entry_id == entry_id), None)
    if here is None or not 0 <= here + step < len(row):
        return
    row[here].place, row[here + step].place = row[here + step].place, row[here].place
    session.flush()
    session.refresh(collection, ["items"])


def give_up(session: Session, collection: Collection) -> None:
    """The collection and its words are gone; the entries stay where they are."""
    session.delete(collection)
    session.flush()


def items(session: Session, collection: Collection) -> list[tuple[Card, str]]:
    """What is in it and may be shown now, in order, each with the teacher's note."""
    visible = published.published_in_schools(session, [item.entry_id for item in collection.items])
    return [(visible[item.entry_id], item.note) for item in collection.items if item.entry_id in visible]


def shown(session: Session, short: str) -> Shown | None:
    """What everybody sees under a short address."""
    found = session.get(Collection, short)
    if found is None or found.kept_until < privacy.now().date():
        return None
    public = found.words is Words.SHOWN
    listed = [(card, note if public else "") for card, note in items(session, found)]
    title, note = (found.title, found.note) if public else ("", "")
    return Shown(short, found.language, found.theme, title, note, listed)


def unread(session: Session) -> Sequence[Collection]:
    """Those whose words the team has not read, as long as there is an entry in them."""
    waiting = select(Collection).where(Collection.words == Words.WAITING, Collection.items.any())
    return session.scalars(waiting.order_by(Collection.kept_until, Collection.short)).all()


def judge(session: Session, short: str, words: Words, *, seen: int) -> Collection:
    """The team has read the words, in the version `seen`. Raises NotFound, or StaleDecision if they are other ones now."""
    found = session.get(Collection, short)
    if found is None:
        raise NotFound("no such collection")
    if found.version != seen:
        raise StaleDecision("the words have changed")
    found.words = words
    session.flush()
    return found


def expire(session: Session) -> None:
    """What nobody has used goes, and notes about what a child has taken back."""
    withdrawn = select(Entry.id).where(Entry.state == State.WITHDRAWN, Entry.ended_in.is_not(None))
    session.execute(delete(CollectionItem).where(CollectionItem.entry_id.in_(withdrawn)))
    session.execute(delete(Collection).where(Collection.kept_until < privacy.now().date()))


def _use(collection: Collection) -> None:
    """By the week: nobody needs to know on which day a teacher was here."""
    collection.kept_until = (privacy.week_of(privacy.now()) + UNUSED).date()


def _words_of(collection: Collection) -> tuple[str, str, list[str]]:
    return collection.title, collection.note, sorted(f"{item.entry_id}{item.note}" for item in collection.items if item.note)
