"""How many people must say yes before an entry is shown, and who has. Asked by `entries.transition`: no way leads around it.

A second pair of eyes sees what a first one missed; it is asked for where a miss would harm a child most.
"""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from memes.lifecycle import Action
from memes.taxonomy import taxonomy


class Step(Protocol):
    """A line of an entry's log, as far as it matters here."""

    @property
    def action(self) -> Action: ...

    @property
    def actor(self) -> str: ...


S = TypeVar("S", bound=Step)


class Waiting(Protocol):
    """What is asked of an entry."""

    @property
    def theme(self) -> str: ...

    @property
    def signals(self) -> Sequence[str]: ...

    @property
    def faces(self) -> Sequence[Sequence[float]]: ...


def standing(events: Sequence[S]) -> list[S]:
    """The events (oldest first) without those that were taken back. Nothing can happen between a move and its undoing."""
    kept: list[S] = []
    for event in events:
        if event.action is Action.UNDO:
            kept.pop()
        else:
            kept.append(event)
    return kept


def why_two(entry: Waiting, events: Sequence[Step]) -> list[str]:
    """Why two different people must agree, by name; nothing where one is enough."""
    reasons = []
    if "danger" in entry.signals:
        reasons.append("danger")
    if taxonomy().themes[entry.theme].help_first:
        reasons.append("theme")
    if entry.faces or "face" in entry.signals:
        reasons.append("face")
    if "place" in entry.signals:
        reasons.append("place")
    if any(event.action is Action.REDACT for event in _since_sending(events)):
        reasons.append("redacted")  # whoever covered something has eyes for that alone
    return reasons


def endorsed_by(events: Sequence[Step]) -> frozenset[str]:
    """Who has said yes to the entry exactly as it is now; any other move makes it another question."""
    people = set()
    for event in reversed(standing(events)):
        if event.action is Action.ENDORSE:
            people.add(event.actor)
        elif event.action is not Action.CHOOSE:  # what a child allows changes nothing that was read
            break
    return frozenset(people)


def is_met(entry: Waiting, events: Sequence[Step], approver: str) -> bool:
    """Whether the entry may be shown when `approver` says yes now."""
    return len(endorsed_by(events) | {approver}) >= (2 if why_two(entry, events) else 1)


def _since_sending(events: Sequence[Step]) -> Sequence[Step]:
    sent = [place for place, event in enumerate(events) if event.action in (Action.SUBMIT, Action.RESUBMIT)]
    return events[sent[-1] :] if sent else events
