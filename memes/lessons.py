"""A lesson of 45 minutes for each theme: the campaign's own words, in `data/lessons.json`, in three languages."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from memes.taxonomy import Text

_DATA = Path(__file__).with_name("data") / "lessons.json"

#: Part of a lesson -> minutes. Together one lesson hour with the time to come in and to sit down.
MINUTES: Mapping[str, int] = {"warm_up": 5, "look": 10, "create": 15, "close": 15}


@dataclass(frozen=True, slots=True)
class Lesson:
    """What is done in each part, and what it is all for (`aim`)."""

    aim: Text
    warm_up: Text
    look: Text
    create: Text
    close: Text


@cache
def lessons() -> Mapping[str, Lesson]:
    """Theme -> its lesson, read once."""
    return {theme: Lesson(**parts) for theme, parts in json.loads(_DATA.read_text(encoding="utf-8")).items()}
