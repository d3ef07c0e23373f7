"""What is in a pack: which entries, under which names, with which pictures and words."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from memes import collections, published, recall, search
from memes.published import Card
from memes.schools.show import Show

#: Entries in one pack: more than a class looks at in a term.
MOST = 200

#: Bytes of pictures in one pack: what a phone fetches in an evening, and what a process holds in memory for it meanwhile.
#: What comes after is left out.
MOST_BYTES = 60_000_000


@dataclass(frozen=True, slots=True)
class Picture:
    """One clean size: its name in the pack, and which one of which entry it is."""

    name: str
    entry_id: UUID
    rendition: str
    width: int
    size: int


@dataclass(frozen=True, slots=True)
class Item:
    """An entry in the pack: its card has the pack's name for it as id. `note` is what the teacher says about it."""

    card: Card
    pictures: tuple[Picture, ...]
    note: str

    @property
    def mark(self) -> str:
        """By which the recall list knows it."""
        return recall.mark(self.card.id)

    @property
    def page(self) -> str:
        """Its page in the pack."""
        return f"entries/{self.mark}.html"

    def seen_from(self, root: str) -> Card:
        """The card with the addresses of its pictures from a page whose way to the pack's folder is `root`."""
        if self.card.image is None:
            return self.card
        sizes = [picture for picture in self.pictures if picture.name.endswith(".webp")]
        still = next((picture for picture in self.pictures if picture not in sizes), sizes[min(1, len(sizes) - 1)])
        image = replace(
            self.card.image, src=root + sizes[0].name, fallback=root + still.name, placeholder="", preview="",
            srcset=", ".join(f"{root}{picture.name} {picture.width}w" for picture in sizes),
        )  # fmt: skip
        return replace(self.card, image=image)


@dataclass(frozen=True, slots=True)
class Pack:
    """All of it. Title and note are a collection's, once they were read; `more`: not everything has found room."""

    show: Show
    items: Sequence[Item]
    title: str
    note: str
    more: bool
    made: date

    @property
    def fresh_until(self) -> date:
        """The last day on which it does not ask for a new one."""
        return self.made + recall.FRESH

    @property
    def over_after(self) -> date:
        """The last day on which it shows its entries."""
        return self.made + recall.LONGEST

    @property
    def size(self) -> int:
        """Bytes of its pictures."""
        return sum(picture.size for item in self.items for picture in item.pictures)


def gathered(session: Session, show: Show, today: date) -> Pack:
    """What a choice holds now: public entries whose children allow schools, the newest first or in the collection's order."""
    title, note, chosen, more = _chosen(session, show)
    ids = [card.id for card, _note in chosen]
    sizes, names = published.renditions_for_schools(session, ids), recall.packed_ids(session, ids)
    items: list[Item] = []
    left = MOST_BYTES
    for card, said in chosen:
        if card.id not in sizes:
            continue  # taken back in this very moment
        pictures = _pictures(card, names[card.id], sizes[card.id])
        left -= sum(picture.size for picture in pictures)
        if left < 0:
            more = True
            break
        items.append(Item(replace(card, id=names[card.id]), pictures, said))
    return Pack(show, items, title, note, more, today)


def index(items: Sequence[Item]) -> str:
    """The script with the words by which each entry is found, and the rules for what is looked for: ASCII, so it is safe."""
    words = {item.mark: " ".join(sorted(_words(item.card))) for item in items}
    return f"globalThis.pack = {json.dumps({'words': words, 'rules': search.rules()}, sort_keys=True)};\n"


def manifest(pack: Pack, items: Sequence[Item], files: Mapping[str, str], about: Mapping[str, Any]) -> str:
    """The pack about itself, as JSON (docs/packs.md)."""
    choice = pack.show.filters | ({"collection": pack.show.collection} if pack.show.collection else {})
    listed = [{"mark": item.mark, "page": item.page, "screen": item.card.for_screen} for item in items]
    said = {
        "format": 1, **about, "choice": choice, "made": pack.made.isoformat(), "fresh_until": pack.fresh_until.isoformat(),
        "over_after": pack.over_after.isoformat(), "entries": listed, "files": dict(sorted(files.items())),
    }  # fmt: skip
    return json.dumps(said, ensure_ascii=False, indent=1) + "\n"


def _chosen(session: Session, show: Show) -> tuple[str, str, list[tuple[Card, str]], bool]:
    if show.collection:
        found = collections.shown(session, show.collection)
        return (found.title, found.note, found.items, False) if found else ("", "", [], False)
    page = published.published_page(session, show.filters, limit=MOST, schools=True)
    return "", "", [(card, "") for card in page.cards], page.next is not None


def _pictures(card: Card, packed: UUID, renditions: Sequence[Mapping[str, Any]]) -> tuple[Picture, ...]:
    """Every WebP size; of what moves also the still picture, for who asked for less motion."""
    still, mark = "800.jpg" if card.image and card.image.animated else "", recall.mark(packed)
    return tuple(
        Picture(f"media/{mark}-{size['name']}", card.id, size["name"], size["width"], size["bytes"])
        for size in renditions if size["format"] == "webp" or size["name"] == still
    )  # fmt: skip


def _words(card: Card) -> set[str]:
    return search.words_of(card.text, card.caption, card.alt)
