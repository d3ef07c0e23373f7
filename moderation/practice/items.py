"""The invented entries, what people answer to them, and whether that is what was agreed. Verbs never commit."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from memes.errors import Incomplete
from memes.lifecycle import Action
from memes.taxonomy import Text, taxonomy
from moderation.models import Moderator, PracticeAnswer

_DATA = Path(__file__).resolve().parent.parent / "data" / "practice.json"

#: What can be answered, and whether with a reason.
ACTIONS: Mapping[Action, bool] = {
    Action.APPROVE: False, Action.ASK_CHANGES: True, Action.DECLINE: True, Action.ESCALATE: False,
}  # fmt: skip


class Answer(NamedTuple):
    """What somebody does with an entry, with a reason where the child gets one."""

    action: Action
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """An invented entry. `accepted`: the agreed answer first, then what is right as well. `sign`: the danger in it."""

    id: str
    kind: str
    language: str
    theme: str
    age: str | None
    text: str
    caption: str
    alt: str
    picture: str | None
    accepted: tuple[Answer, ...]
    about: str | None
    sign: str | None
    why: Text


@cache
def items() -> Mapping[str, Item]:
    """All of them by id, in the order in which they are practised."""
    return {row["id"]: _item(row) for row in json.loads(_DATA.read_text(encoding="utf-8"))}


def answers_of(session: Session, moderator: Moderator) -> dict[str, PracticeAnswer]:
    """One person's own answers by item; nobody else may ask for them."""
    found = session.scalars(select(PracticeAnswer).where(PracticeAnswer.moderator_id == moderator.id))
    return {answer.item: answer for answer in found if answer.item in items()}


def answer(session: Session, moderator: Moderator, item: Item, action: str, reason: str) -> PracticeAnswer:
    """Keep what was answered; the first answer stays. Raises Incomplete where a reason is missing or does not fit."""
    known = session.get(PracticeAnswer, (moderator.id, item.id))
    if known is not None:
        return known
    if action not in {known_action.value for known_action in ACTIONS}:
        raise Incomplete("action")
    given = Answer(Action(action), (reason or None) if ACTIONS[Action(action)] else None)
    if ACTIONS[given.action] and not _fits(given):
        raise Incomplete("reason")
    made = PracticeAnswer(
        moderator_id=moderator.id, item=item.id, action=given.action, reason=given.reason,
        agreed=given in item.accepted,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def start_over(session: Session, moderator: Moderator) -> None:
    """Forget one's own answers."""
    session.execute(delete(PracticeAnswer).where(PracticeAnswer.moderator_id == moderator.id))


def _fits(given: Answer) -> bool:
    reason = taxonomy().reasons.get(given.reason or "")
    return reason is not None and (given.action is not Action.ASK_CHANGES or reason.fixable)


def _item(row: dict[str, Any]) -> Item:
    accepted = tuple(Answer(Action(one["action"]), one.get("reason")) for one in row["accept"])
    return Item(
        row["id"], row["kind"], row["language"], row["theme"], row["age"], row.get("text", ""), row.get("caption", ""),
        row.get("alt", ""), row.get("picture"), accepted, row.get("about"), row.get("sign"), row["why"],
    )  # fmt: skip
