"""Covering what could tell who somebody is, before anyone else sees it: boxes on a picture, spans of words.

What was covered is kept as its place and its kind, which is the reason; never the pixels or the words themselves.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from memes import entries, likenesses, pictures, privacy
from memes.db import on_commit
from memes.errors import Incomplete, StaleDecision
from memes.lifecycle import Action, next_state
from memes.models import Entry
from memes.ports import TaskQueue

#: What can be covered, and why: each tells who or where somebody is.
KINDS = ("face", "name", "phone", "place", "school", "other")
#: The fields of an entry that hold words.
FIELDS = ("text", "caption", "alt")
#: What stands in the place of covered words.
COVER = "[…]"
#: Boxes or spans in one go: more faces than a class has.
MOST = 40
#: The smallest side of a box, as a part of the picture's: under it a slip of the hand is more likely than a face.
SMALLEST = 0.005


@dataclass(frozen=True, slots=True)
class Box:
    """A place on the picture: left and top edge, width and height as fractions of the picture's, 0 to 1."""

    x: float
    y: float
    width: float
    height: float

    def __post_init__(self) -> None:
        """ValueError for anything that is no place on a picture; a hair over its edge is cut off."""
        sides = (self.x, self.y, self.width, self.height)
        if not all(map(math.isfinite, sides)) or min(self.x, self.y) < 0 or min(self.width, self.height) < SMALLEST:
            raise ValueError("not a place on a picture")
        if self.x + self.width > 1.01 or self.y + self.height > 1.01:
            raise ValueError("beyond the picture")
        object.__setattr__(self, "width", min(self.width, 1 - self.x))
        object.__setattr__(self, "height", min(self.height, 1 - self.y))

    @property
    def sides(self) -> list[float]:
        """As it is kept: x, y, width, height with four digits (a fifth of a pixel of the largest size)."""
        return [round(side, 4) for side in (self.x, self.y, self.width, self.height)]


@dataclass(frozen=True, slots=True)
class Span:
    """Some characters of one field, `end` not included."""

    field: str
    start: int
    end: int


def redact(
    session: Session, entry: Entry, boxes: Sequence[tuple[Box, str]], spans: Sequence[tuple[Span, str]], *, actor: str,
    seen: int, queue: TaskQueue,
) -> None:  # fmt: skip
    """Cover words now and the picture's places as soon as the worker comes to it; until then nobody can see the entry.

    Each box and span comes with its kind. Raises StaleDecision or IllegalTransition if it is not the entry that was
    seen, Incomplete ("boxes", "words", or "redaction" if there is nothing to cover); nothing has changed then.
    """
    if seen != entry.version:
        raise StaleDecision(f"seen {seen}, is {entry.version}")
    next_state(entry.state, Action.REDACT)
    _check(entry, boxes, spans)
    version = entry.version + 1  # the one that the event will carry
    kept = [*entry.redactions, *({"kind": kind, "box": box.sides, "version": version} for box, kind in boxes)]
    for field in FIELDS:
        found = _joined(sorted((span.start, span.end, kind) for span, kind in spans if span.field == field))
        for start, end, kind in reversed(found):
            words = getattr(entry, field)
            setattr(entry, field, words[:start] + COVER + words[end:])
            kept = [_moved(item, field, start, end) for item in kept]
            kept.append({"kind": kind, "field": field, "at": start, "version": version})
    entry.redactions = kept
    if boxes:
        entry.source = pictures.rendition_key(entry.id, largest(entry.renditions)["file"])
    entry.attempts, entry.sent_at = 0, privacy.now()
    entries.transition(session, entry, Action.REDACT, actor=actor, seen=seen)
    if boxes:
        likenesses.forget(session, entry.id)
    on_commit(session, partial(queue.process_entry, entry.id, urgent=entry.priority > 0))


def words_of(line: str) -> list[tuple[int, int]]:
    """Start and end of each word of a line that can be covered; what is covered already is none."""
    return [match.span() for match in re.finditer(r"\S+", line) if match[0] != COVER]


def largest(renditions: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The clean size that all others can be made from; for an animation the largest that moves."""
    return max((size for size in renditions if size["format"] == "webp"), key=lambda size: int(size["width"]))


def boxes_of(entry: Entry) -> list[list[float]]:
    """Every place of the picture that is or must be covered: x, y, width, height as fractions."""
    return [item["box"] for item in entry.redactions if "box" in item]


def _check(entry: Entry, boxes: Sequence[tuple[Box, str]], spans: Sequence[tuple[Span, str]]) -> None:
    if not boxes and not spans:
        raise Incomplete("redaction")
    if len(boxes) > MOST or any(kind not in KINDS for _, kind in boxes) or (boxes and not entry.renditions):
        raise Incomplete("boxes")
    for span, kind in spans:
        fits = span.field in FIELDS and 0 <= span.start < span.end <= len(getattr(entry, span.field))
        if not fits or kind not in KINDS:
            raise Incomplete("words")


def _joined(spans: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Spans in order, those that touch or overlap made one (so that nothing tells how many words a name has)."""
    joined: list[tuple[int, int, str]] = []
    for start, end, kind in spans:
        if joined and start <= joined[-1][1] + 1:
            first, last, before = joined.pop()
            start, end, kind = first, max(last, end), before
        joined.append((start, end, kind))
    return joined


def _moved(item: dict[str, Any], field: str, start: int, end: int) -> dict[str, Any]:
    """A cover of before, where it stands after characters `start` to `end` of its field became one cover."""
    at = item.get("at", -1)
    if item.get("field") != field or at <= start:
        return item
    return item | {"at": start if at < end else at - (end - start) + len(COVER)}
