"""What stands on a poster, as plain data in the page's language: the press sets it, and adds no word of its own."""

import textwrap
from typing import Any

import segno
from flask_babel import gettext as _

from memes import help_pages, letters, pages, web
from memes.published import PREVIEW, Card
from memes.schools.deck import SENTENCES

#: Paper sizes.
PAPERS = ("a4", "a3")

#: Numbers of help that have room side by side: to talk to somebody first, then those for danger.
NUMBERS = 3

#: The largest picture on a poster: 1600 x 1600 fills it with 150 pixels an inch on A3. Larger ones cost the press too much.
MOST_PIXELS = 2_600_000

#: A sentence that is longer may be left out in part: whoever wrote no full stop shall still be read.
LONGEST = 240


def sheet(card: Card, paper: str, page: str) -> dict[str, Any]:
    """Everything but the picture. `page` is the address that the drawing to scan leads to."""
    shown = pages.card(card)
    written = card.caption if card.kind == "meme" else card.text
    return {
        "paper": paper,
        "lang": web.language(),
        "rtl": web.language() == "ar",
        "title": f"{shown['kind_label']} · {shown['theme_label']}",
        "campaign": _("poster.title"),
        "kind": card.kind,
        "kind_label": shown["kind_label"],
        "theme": shown["theme_label"],
        "note": _("gallery.note") if shown["note"] else "",
        "words": words(written, card.language),
        "alt": letters.for_paper(card.alt or card.caption) or shown["kind_label"],
        "question": {"label": _("poster.question"), "text": pages.prompts(card)[0]},
        "help": {"title": _("help.title"), "adult": _("help.adult"), "numbers": _numbers()},
        "code": {
            "drawing": segno.make(page, error="m", micro=False).svg_inline(border=0),
            "alt": page, "whole": _("poster.scan"), "more": _("poster.read_on"),
        },
    }  # fmt: skip


def picture(renditions: list[dict[str, Any]], *, animated: bool) -> dict[str, Any] | None:
    """The facts of the largest clean size that does not move and is not too dear to print."""
    sizes = [
        size for size in renditions
        if size["name"] != PREVIEW and size["width"] * size["height"] <= MOST_PIXELS and not (animated and size["format"] == "webp")
    ]  # fmt: skip
    return max(sizes, key=lambda size: int(size["width"]), default=None)


def sentences(text: str) -> list[str]:
    """A text in sentences or lines, which together are the text; one that is too long is broken between words."""
    found: list[str] = []
    for sentence in SENTENCES.findall(text):
        parts = textwrap.wrap(sentence, LONGEST, drop_whitespace=False) if len(sentence) > LONGEST else [sentence]
        found += parts
    return [part for part in found if part]


def words(text: str, language: str) -> dict[str, Any] | None:
    """What somebody wrote, in sentences, with its own direction and language; None if there is nothing."""
    printed = letters.for_paper(text)
    if not printed:
        return None
    rtl = letters.direction(printed) == "rtl"
    return {"lang": "ar" if rtl else language if language in ("fr", "en") else "fr", "rtl": rtl, "sentences": sentences(printed)}


def _numbers() -> list[dict[str, str]]:
    doors = {door.id: door.channels for door in help_pages.doors()}
    phones = [channel for door in ("talk", "now") for channel in doors[door] if channel.kind == "phone"]
    return [
        {"value": phone.shown, "label": phone.label,
         "note": _("help.checked_on", date=phone.confirmed_on) if phone.confirmed_on else _("numbers.unchecked")}
        for phone in phones[:NUMBERS]
    ]  # fmt: skip
