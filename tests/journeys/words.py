"""What a reader sees: the catalogs' texts and the names in the closed lists, in one language."""

import json
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2]


@cache
def _catalog(lang: str) -> dict[str, str]:
    with (ROOT / "translations" / lang / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return {message.id: message.string for message in read_po(file) if isinstance(message.id, str)}


@cache
def _lists() -> dict[str, list[dict[str, dict[str, str]]]]:
    lists: dict[str, list[dict[str, dict[str, str]]]] = json.loads(
        (ROOT / "memes" / "data" / "taxonomy.json").read_text(encoding="utf-8")
    )
    return lists


def text(lang: str, key: str, **values: object) -> str:
    """A text as the page shows it."""
    said = _catalog(lang)[key]
    return said % values if values else said


def label(lang: str, group: str, item: str) -> str:
    """The name of a theme, a reason, a kind …"""
    return next(entry["label"][lang] for entry in _lists()[group] if entry["id"] == item)
