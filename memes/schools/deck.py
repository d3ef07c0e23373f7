"""The show of a classroom screen: which slides follow each other, and how long a class needs for each."""

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import segno
from markupsafe import Markup

from memes import pages
from memes.published import Card

#: Characters on one slide, at most: about ten lines that can be read from the last row.
PART = 360
#: What a text's size on the glass goes by: characters up to which it is large, and up to which it is middling.
LARGE, MIDDLING = 110, 220

#: Seconds at the usual pace: to look at a picture or at a few words, and to think about a question together.
LOOK, THINK = 20, 30
#: Characters a second of somebody who reads aloud, slowly.
ALOUD = 12

#: What comes between entries, in turn, and after how many of them.
BETWEEN, EVERY = ("help", "share", "rules"), 3

#: A sentence with the space behind it, or a line. Nothing is ever given back: time is in proportion to the text.
SENTENCES = re.compile(r"(?=[\s\S])(?:[^.!?؟…\n]++|[.!?؟…]++[»\"”]?+(?!\s))*+(?:[.!?؟…]++[»\"”]?+\s++|\n++)?")


@dataclass(frozen=True, slots=True)
class Slide:
    """One view of the screen. `kind`: note, entry, questions, rules, help, share or empty; `id` names it in the address."""

    id: str
    kind: str
    seconds: int = LOOK
    #: What it is about (`pages.card`); a slide goes with its entry.
    entry: dict[str, Any] | None = None
    #: This part of the entry's text.
    text: str = ""
    prompts: Sequence[str] = ()

    @property
    def size(self) -> str:
        """How large the text can stand."""
        return "large" if len(self.text) <= LARGE else "middling" if len(self.text) <= MIDDLING else "small"


def deck(cards: Sequence[Card]) -> list[Slide]:
    """The rules of a class, then each entry with its questions, and by turns between them help, the way to share and the rules."""
    slides = [Slide("rules-0", "rules")]
    for number, card in enumerate(cards, 1):
        slides += _of(card)
        if number % EVERY == 0:
            kind = BETWEEN[(number // EVERY - 1) % len(BETWEEN)]
            slides.append(Slide(f"{kind}-{number}", kind))
    if not cards:
        slides.append(Slide("empty-0", "empty"))
    shown = {slide.kind for slide in slides}
    return slides + [Slide(f"{kind}-0", kind) for kind in BETWEEN if kind not in shown]


def square(address: str) -> Markup:
    """A QR code that opens an address, as large as the slide lets it be."""
    drawn = segno.make(address, error="m").svg_inline(scale=4, border=2, svgclass="qr", lineclass=None, omitsize=True)
    return Markup(drawn)  # noqa: S704  (drawn by us)


def parts(text: str) -> list[str]:
    """A text in pieces of at most PART characters, broken between sentences or, where one is too long, between words."""
    pieces = [""]
    for sentence in SENTENCES.findall(text):
        for piece in [sentence] if len(sentence) <= PART else textwrap.wrap(sentence, PART):
            if pieces[-1] and len(pieces[-1]) + len(piece.rstrip()) > PART:
                pieces.append(piece)
            else:
                pieces[-1] += piece
    return [piece.strip() for piece in pieces if piece.strip()]


def _of(card: Card) -> list[Slide]:
    entry = pages.card(card)
    if card.image:  # as wide as the glass lets it be; the mist would only be seen for a moment
        entry["image"] = replace(card.image, sizes="(min-width: 56rem) 60vw, 95vw", placeholder="")
    slides = [Slide(f"n-{card.id.hex}", "note", entry=entry)] if entry["note"] else []
    texts = parts(card.text) or [""]
    slides += [
        Slide(f"e-{card.id.hex}-{number}", "entry", max(LOOK, len(text) // ALOUD), entry, text)
        for number, text in enumerate(texts, 1)
    ]
    return [*slides, Slide(f"q-{card.id.hex}", "questions", THINK, entry, prompts=pages.prompts(card))]
