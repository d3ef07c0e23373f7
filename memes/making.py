"""The drawings a meme can be made of: templates with their places for words, and stickers. Drawn for this site."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from memes.taxonomy import Text

_DATA = Path(__file__).parent / "data" / "templates.json"

#: Middle across, middle down and width of a place for words, in percent of the drawing.
Place = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Template:
    """A square drawing, a symbol of `static/memes/drawings.svg`; the description is what somebody hears who does not see it."""

    id: str
    name: Text
    description: Text
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Making:
    """Templates, in the order they are offered, and names of stickers (symbols `sticker-{id}`)."""

    templates: tuple[Template, ...]
    stickers: Mapping[str, Text]


@cache
def making() -> Making:
    """The drawings, read once."""
    data = json.loads(_DATA.read_text(encoding="utf-8"))
    return Making(
        templates=tuple(
            Template(row["id"], row["name"], row["description"], tuple((x, y, width) for x, y, width in row["places"]))
            for row in data["templates"]
        ),
        stickers={row["id"]: row["name"] for row in data["stickers"]},
    )
