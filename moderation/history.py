"""Reading an entry's log: who has decided on the words and the picture as they are now, and is this a second reading?"""

from collections.abc import Iterable, Sequence

from memes import quorum
from memes.answers import ANSWERS as ANSWERS
from memes.answers import SENDINGS as SENDINGS
from memes.lifecycle import Action
from memes.models import EntryEvent


def since_sending(events: Iterable[EntryEvent]) -> list[EntryEvent]:
    """The events (oldest first) after the child last sent something."""
    found: list[EntryEvent] = []
    for event in events:
        found = [] if event.action in SENDINGS else [*found, event]
    return found


def answered_by(events: Sequence[EntryEvent]) -> frozenset[str]:
    """Ids of the moderators who have answered what is there now: a second reading is for somebody else.

    Covering a place makes it another picture, which whoever has endorsed the one before may look at again.
    """
    found: list[EntryEvent] = []
    for event in since_sending(quorum.standing(events)):
        if event.action is Action.REDACT:
            found = [answer for answer in found if answer.action is not Action.ENDORSE]
        elif event.action in ANSWERS:
            found.append(event)
    return frozenset(event.actor for event in found)


def covered_by(events: Iterable[EntryEvent]) -> frozenset[str]:
    """Ids of the moderators who have covered something in what is there now: they do not approve it alone (`quorum`)."""
    return frozenset(event.actor for event in since_sending(events) if event.action is Action.REDACT)


def is_second_reading(events: Iterable[EntryEvent]) -> bool:
    """Whether the child asked for another moderator."""
    return any(event.action is Action.APPEAL for event in since_sending(events))
