"""What everyone may see, as plain values for pages, feeds and the API. The only reads that public pages use.

One condition decides (`_PUBLIC`), and it is the index's own: a day of publication exists only on approved, consented
entries, by a constraint of the database. Within a day the order is that of random ids, so that nobody can tell who
came first.
"""

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    ColumnExpressionArgument,
    CursorResult,
    Row,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    exists,
    literal_column,
    select,
    tuple_,
)
from sqlalchemy.orm import Session, aliased

from memes import keys, letters, pictures, places, public_totals, search
from memes.db import keyring_of
from memes.errors import Unreadable
from memes.keys import EntryKey
from memes.lifecycle import State
from memes.models import Entry, SearchWord
from memes.places import Place
from memes.ports import MediaStore
from memes.public_totals import Filters, Shown
from memes.taxonomy import taxonomy
from memes.vault import Keyring

_log = logging.getLogger(__name__)

PAGE_SIZE = 24

#: So many entries make a show of about half an hour in class, and of a few megabytes of pictures.
SCREEN_SIZE = 40

#: The clean size made for previews on other sites (`workers.images`).
PREVIEW = "preview.jpg"

_PUBLIC = (Entry.published_on.is_not(None), Entry.state == State.APPROVED, Entry.consent_gallery)
#: What may stand before a whole class: public, with the child's consent to schools, and graded for it by a moderator.
_ON_SCREEN = (*_PUBLIC, Entry.consent_schools, Entry.for_screen)
_SHOWN = {"number": _PUBLIC, "in_schools": (*_PUBLIC, Entry.consent_schools), "on_screen": _ON_SCREEN}
_COLUMNS: tuple[Any, ...] = (
    Entry.id, Entry.kind, Entry.language, Entry.theme, Entry.kept_text, Entry.kept_caption, Entry.kept_alt, Entry.age,
    Entry.nickname, Entry.published_on, cast(Entry.renditions, Text).label("renditions"), Entry.animated, Entry.kept_placeholder,
    EntryKey.wrapped, and_(Entry.for_screen, Entry.consent_schools).label("for_screen"),
    and_(Entry.consent_print, Entry.consent_schools).label("on_paper"),
)  # fmt: skip
#: Put together once: that takes longer than to open what they find.
_CARDS = select(*_COLUMNS).outerjoin(EntryKey, EntryKey.entry_id == Entry.id)
_CARD = _CARDS.where(Entry.id == bindparam("entry_id"), *_PUBLIC)
_PICTURE = (
    select(Entry.renditions, EntryKey.wrapped).outerjoin(EntryKey, EntryKey.entry_id == Entry.id)
    .where(Entry.id == bindparam("entry_id"), *_PUBLIC)
)  # fmt: skip
#: Rows whose cards a process keeps at hand, opened and put together: that takes longer than to find them.
_AT_HAND = 1_000
#: Places in the whole list that it knows how to ask for.
_PLACES = 64

#: What a page may filter by, and the list whose ids it takes.
FILTERS = ("kind", "theme", "language", "age")


@dataclass(frozen=True, slots=True)
class Image:
    """A picture's clean sizes as addresses; `width` and `height` are those of the largest WebP."""

    src: str
    srcset: str
    fallback: str
    width: int
    height: int
    placeholder: str
    animated: bool
    #: For previews elsewhere, 1200 x 630; empty where it was cleaned before there were any.
    preview: str = ""
    sizes: str = "(min-width: 60rem) 24rem, (min-width: 40rem) 45vw, 92vw"


@dataclass(frozen=True, slots=True)
class Card:
    """A public entry. Labels are left to the page; region is never among its fields."""

    id: UUID
    kind: str
    language: str
    theme: str
    text: str
    caption: str
    alt: str
    age: str | None
    published_on: date
    image: Image | None
    nickname: str | None = None
    #: Graded for classroom screens.
    for_screen: bool = False
    #: Whether there may be a poster of it.
    printable: bool = False

    @property
    def cursor(self) -> str:
        """Where the next page starts after this card."""
        return places.written(self.published_on, self.id)


@dataclass(frozen=True, slots=True)
class Page:
    """Cards and the cursor of the next page, if there is one."""

    cards: list[Card]
    next: str | None


@dataclass(frozen=True, slots=True)
class Picture:
    """One clean size of a public entry: its facts, and its bytes for who asks for them."""

    entry_id: UUID
    size: dict[str, Any]
    wrapped: bytes | None
    keyring: Keyring

    def read(self, store: MediaStore) -> bytes:
        """What everyone may see. Raises as `pictures.clean`."""
        secret = self.keyring.unwrap(self.entry_id, self.wrapped) if self.wrapped is not None else None
        return pictures.clean(store, secret, self.entry_id, self.size)


def published_page(
    session: Session, filters: Filters | None = None, *, find: str = "",
    after: str | None = None, limit: int = PAGE_SIZE, schools: bool = False,
) -> Page:  # fmt: skip
    """The newest day first. A broken cursor starts at the top.

    `filters` maps FILTERS to an id or several; unknown ids find nothing.
    `find` leaves only entries that have all its words (`search`); where it holds none, nothing is found.
    `schools` leaves only what may be shown there.
    """
    shown: Shown = "in_schools" if schools else "number"
    asked, sought = (shown, places.read(after)), filters or find.strip()
    query = _sought(session, filters or {}, find, *asked, limit + 1) if sought else _newest(*asked)
    rows = _rows(session, query, most=limit + 1).all() if query is not None else []
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(_readable(session, rows[:limit]), places.written(last.published_on, last.id) if last else None)


def screen_cards(
    session: Session, filters: Mapping[str, str] | None = None, *, chosen: Sequence[UUID] | None = None
) -> list[Card]:
    """What a classroom screen shows: SCREEN_SIZE at most, the newest day first; or those of `chosen`, in their order."""
    query = _fitting(session, filters or {}, "on_screen", None, None if chosen else SCREEN_SIZE)
    if query is None:
        return []
    if chosen is None:
        return _cards(session, query.order_by(Entry.published_on.desc(), Entry.id.desc()).limit(SCREEN_SIZE))
    cards = {card.id: card for card in _cards(session, query.where(Entry.id.in_(chosen)))}
    return [cards[entry_id] for entry_id in chosen if entry_id in cards]


def published_entry(session: Session, entry_id: UUID) -> Card | None:
    """One public entry, or None if there is none that everyone may see. Unreadable where it was damaged."""
    row = _rows(session, _CARD, entry_id=entry_id).one_or_none()
    return _card(keyring_of(session), tuple(row)) if row else None


def published_in_schools(session: Session, entry_ids: Iterable[UUID]) -> dict[UUID, Card]:
    """Those of some entries that everyone may see, in schools too, by id."""
    query = _cards_where(Entry.id.in_(list(entry_ids)), *_PUBLIC, Entry.consent_schools)
    return {card.id: card for card in _cards(session, query)}


def renditions_for_schools(session: Session, entry_ids: Iterable[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """The facts of all clean sizes of those entries that may be shown in schools, by id."""
    query = select(Entry.id, Entry.renditions).where(Entry.id.in_(list(entry_ids)), *_PUBLIC, Entry.consent_schools)
    return {row.id: row.renditions for row in session.execute(query)}


def quotable_solutions(session: Session, theme: str, limit: int) -> list[Card]:
    """The newest solutions about a theme that everyone may see and whose children allow them to be printed, too."""
    solution = Entry.kind == literal_column("'solution'")  # written out, so that the index for these can be used
    query = _cards_where(*_PUBLIC, Entry.consent_print, solution, Entry.theme == theme)
    return _cards(session, query.order_by(Entry.published_on.desc(), Entry.id.desc()).limit(limit))


def published_picture(session: Session, entry_id: UUID, name: str) -> Picture | None:
    """One clean size of a public entry, or None."""
    row = session.execute(_PICTURE, {"entry_id": entry_id}).one_or_none()
    size = next((size for size in (row.renditions if row else []) if size["name"] == name), None)
    return Picture(entry_id, size, row.wrapped, keyring_of(session)) if row and size else None


def published_renditions(session: Session, entry_id: UUID) -> list[dict[str, Any]]:
    """The facts of all clean sizes of a public entry; none if it is not public."""
    return session.scalar(select(Entry.renditions).where(Entry.id == entry_id, *_PUBLIC)) or []


def published_count(session: Session) -> int:
    """How many entries everyone may see: a number that is kept."""
    return public_totals.number(session)


def published_days(session: Session, first: UUID, last: UUID, *, limit: int) -> list[tuple[UUID, date]]:
    """The public entries whose ids lie between two (both included), and when they were published."""
    query = select(Entry.id, Entry.published_on).where(Entry.id.between(first, last), *_PUBLIC).order_by(Entry.id)
    return [(row.id, row.published_on) for row in session.execute(query.limit(limit))]


def known_filters(asked: Mapping[str, str]) -> dict[str, str]:
    """The filters among what was asked whose values exist."""
    lists: dict[str, Mapping[str, object]] = {
        "kind": taxonomy().kinds, "theme": taxonomy().themes, "language": taxonomy().languages, "age": taxonomy().ages,
    }  # fmt: skip
    return {name: asked[name] for name in FILTERS if asked.get(name) in lists[name]}


@lru_cache(_PLACES)
def _newest(shown: Shown, after: Place | None) -> Select[Any]:
    """All that is shown: asked for most of all, and to put the question costs as much as to find the answer."""
    return _in_order(_cards_where(*_SHOWN[shown]), (Entry.published_on, Entry.id), after)


def _sought(session: Session, filters: Filters, find: str, shown: Shown, after: Place | None, limit: int) -> Select[Any] | None:
    """As `_newest`, of what fits; None where nothing does."""
    query = _fitting(session, filters, shown, after, None if find.strip() else limit)
    if query is None or not find.strip():
        return None if query is None else _in_order(query, (Entry.published_on, Entry.id), after)
    words = sorted(search.asked(find), key=len, reverse=True)  # the longest is most likely the rarest
    if not words:
        return None
    query = query.join(SearchWord, SearchWord.entry_id == Entry.id).where(SearchWord.word == words[0], *map(_has_too, words[1:]))
    return _in_order(query, (SearchWord.published_on, SearchWord.entry_id), after)


def _in_order(query: Select[Any], place: tuple[Any, Any], after: Place | None) -> Select[Any]:
    """As many as `most` says."""
    if after is not None:
        query = query.where(tuple_(*place) < tuple_(*after))
    return query.order_by(*(part.desc() for part in place)).limit(bindparam("most"))


def _has_too(word: str) -> ColumnElement[bool]:
    other = aliased(SearchWord)
    return exists().where(
        other.word == word, other.published_on == SearchWord.published_on, other.entry_id == SearchWord.entry_id
    )


def _fitting(session: Session, filters: Filters, shown: Shown, after: Place | None, limit: int | None) -> Select[Any] | None:
    """Cards of what is `shown` that fit `filters`; None where there are none, which nobody need look for.

    Many are met soon on the way along the days. Of few, the newest `limit` after a place are found along their own index; without a
    limit something else leads, words or ids.
    """
    totals = public_totals.of(session, filters) if filters else None
    if totals is not None and not getattr(totals, shown):
        return None
    if totals is None or limit is None or totals.number > public_totals.FEW:
        return _cards_where(*_SHOWN[shown], *public_totals.narrowed(Entry, filters))
    return _cards_where(*_SHOWN[shown], Entry.id.in_(public_totals.newest_of_few(session, filters, shown, after, limit)))


def _cards_where(*conditions: ColumnExpressionArgument[bool]) -> Select[Any]:
    return _CARDS.where(*conditions)


def _cards(session: Session, query: Select[Any]) -> list[Card]:
    return _readable(session, _rows(session, query))


def _rows(session: Session, query: Select[Any], **given: object) -> CursorResult[Any]:
    """Columns, not objects: the session's own way takes half as long again."""
    return session.connection().execute(query, given)


def _readable(session: Session, rows: Iterable[Row[Any]]) -> list[Card]:
    """One damaged row takes no other with it: a list goes on without it, and the operator is told."""
    keyring, cards = keyring_of(session), []
    for row in rows:
        try:
            cards.append(_card(keyring, tuple(row)))
        except Unreadable:
            _log.error("a public entry cannot be opened: instamemes verify")  # noqa: TRY400
    return cards


@lru_cache(_AT_HAND)
def _card(keyring: Keyring, row: tuple[Any, ...]) -> Card:
    """What everybody could read may stay in memory for a while: it is shown only where its row was found just now."""
    entry_id, kind, language, theme, *kept, age, nickname, day, renditions, animated, mist, wrapped, screen, paper = row
    key = keyring.unwrap(entry_id, wrapped) if wrapped is not None else None
    text, caption, alt, placeholder = (
        keys.opened(key, words, f"entries.{name}", entry_id.hex)
        for name, words in zip(("text", "caption", "alt", "placeholder"), (*kept, mist), strict=True)
    )
    # Paper cannot hide its words until somebody is ready for them: what stands behind a note needs a moderator's grade too.
    printable = paper and (screen or not taxonomy().themes[theme].help_first) and letters.can_be_printed(text + caption)
    image = _image(entry_id, json.loads(renditions), placeholder, animated)
    return Card(entry_id, kind, language, theme, text, caption, alt, age, day, image, nickname, screen, printable)


def _image(entry_id: UUID, renditions: list[dict[str, Any]], placeholder: str, animated: bool) -> Image | None:
    sizes = [rendition for rendition in renditions if rendition["format"] == "webp"]
    if not sizes:
        return None
    largest = max(sizes, key=lambda size: int(size["width"]))
    still = next((rendition["name"] for rendition in renditions if rendition["format"] != "webp"), largest["name"])
    base = f"/media/{entry_id}/"
    return Image(
        src=base + sizes[0]["name"],
        srcset=", ".join(f"{base}{size['name']} {size['width']}w" for size in sizes),
        fallback=base + still,
        width=largest["width"],
        height=largest["height"],
        placeholder=f"data:image/webp;base64,{placeholder}" if placeholder else "",
        animated=animated,
        preview=base + PREVIEW if any(size["name"] == PREVIEW for size in renditions) else "",
    )
