"""The closed lists of the campaign: kinds, themes, ages, regions, languages, reasons, help channels.

They are data (`data/taxonomy.json`), with every label in Arabic, French and English; an operator edits the file, not the code.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

_DATA = Path(__file__).with_name("data") / "taxonomy.json"

#: What a person who would rather not say chooses; stored as nothing at all.
NO_ANSWER = "na"

Text = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Item:
    """One choice of a closed list; `label` and `description` by page language."""

    id: str
    label: Text
    description: Text = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Theme(Item):
    """A subject, with two questions for a class. `help_first`: help is shown before the form goes on."""

    help_first: bool = False
    prompts: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Reason(Item):
    """Why an entry is not shown as it is: `message` and `tip` for the child, `moderator_note` for the desk."""

    message: Text = field(default_factory=dict)
    tip: Text = field(default_factory=dict)
    moderator_note: Text = field(default_factory=dict)
    fixable: bool = True
    show_help: bool = False
    default_outcome: str = "rejected"
    #: Days for which a refused picture's likeness outlives the entry; 0: it does not, for there was no harm in it.
    likeness_days: int = 0

    @property
    def needs_note(self) -> bool:
        """Whether the message has a place for a sentence of the moderator's own."""
        return "{note}" in self.message["en"]


@dataclass(frozen=True, slots=True)
class Channel(Item):
    """A way to get help. `door` is where it stands: now, talk, report, image; `hours` when somebody is there, if known."""

    door: str = ""
    kind: str = "phone"
    value: str = ""
    show_by_default: bool = False
    hours: Text = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """All lists, each keyed by id in the order people see them."""

    kinds: Mapping[str, Item]
    languages: Mapping[str, Item]
    ages: Mapping[str, Item]
    regions: Mapping[str, Item]
    moods: Mapping[str, Item]
    #: Offered, never typed: animals and things that say nothing about who is behind them.
    nicknames: Mapping[str, Item]
    themes: Mapping[str, Theme]
    reasons: Mapping[str, Reason]
    reports: Mapping[str, Item]
    #: What safeguarding does for a child, in order.
    steps: Mapping[str, Item]
    #: `description` is the text that a child reads.
    replies: Mapping[str, Item]
    channels: Mapping[str, Channel]
    #: Of what editors write: for whom it is, what sort of event or resource, and under which terms.
    audiences: Mapping[str, Item]
    event_forms: Mapping[str, Item]
    resource_forms: Mapping[str, Item]
    licences: Mapping[str, Item]


@cache
def taxonomy() -> Taxonomy:
    """The lists, read once."""
    data: dict[str, list[dict[str, Any]]] = json.loads(_DATA.read_text(encoding="utf-8"))
    return Taxonomy(
        kinds={row["id"]: Item(row["id"], row["label"], row["plural"]) for row in data["kinds"]},
        languages=_items(data["languages"]),
        ages=_items(data["age_bands"]),
        regions=_items(data["regions"]),
        moods=_items(data["moods"]),
        nicknames=_items(data["nicknames"]),
        themes={row["id"]: _theme(row) for row in data["themes"]},
        reasons={row["id"]: _reason(row) for row in data["decision_reasons"]},
        reports=_items(data["report_reasons"]),
        steps=_items(data["safeguarding_steps"]),
        replies={row["id"]: Item(row["id"], row["label"], row["text"]) for row in data["ready_replies"]},
        channels={row["id"]: _channel(row) for row in data["help_channels"]},
        audiences=_items(data["audiences"]),
        event_forms=_items(data["event_forms"]),
        resource_forms=_items(data["resource_forms"]),
        licences=_items(data["licences"]),
    )


def _items(rows: list[dict[str, Any]]) -> dict[str, Item]:
    return {row["id"]: Item(row["id"], row["label"]) for row in rows}


def _theme(row: dict[str, Any]) -> Theme:
    return Theme(row["id"], row["label"], row["description"], row["help_first"], tuple(row["prompts"]))


def _reason(row: dict[str, Any]) -> Reason:
    fields = ("message", "tip", "moderator_note", "fixable", "show_help", "default_outcome", "likeness_days")
    return Reason(row["id"], row["label"], **{name: row[name] for name in fields})


def _channel(row: dict[str, Any]) -> Channel:
    fields = ("door", "kind", "value", "show_by_default")
    return Channel(row["id"], row["label"], row["what"], **{name: row[name] for name in fields})
