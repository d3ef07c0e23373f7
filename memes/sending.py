"""From bytes and words to a receipt: the one way in, for the share pages and for the API."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import BinaryIO
from uuid import UUID

from sqlalchemy.orm import Session

from memes import entries, receipts, uploads
from memes.drafts import Draft, problems
from memes.errors import DomainError, StaleDecision, UploadRefused
from memes.models import Entry
from memes.ports import MediaStore, TaskQueue
from memes.running import Running
from memes.settings import Settings

#: Nothing is left out, nothing is wrong.
EVERYTHING, NOTHING = Running(), MappingProxyType[str, str]({})


class DraftRefused(DomainError):
    """The draft breaks rules: `problems` maps field to what is wrong (`unknown`, `empty`, `too_long`, `too_big`, `type`, …)."""

    def __init__(self, found: dict[str, str]) -> None:
        super().__init__(", ".join(f"{field}: {problem}" for field, problem in found.items()))
        self.problems = found


@dataclass(frozen=True, slots=True)
class Checked:
    """A draft and picture that may be sent. `content` is a digest of both."""

    draft: Draft
    image: BinaryIO | None
    content: bytes

    def sending(self, key: str) -> str:
        """A name for sending just this under the page's random `key`, so that a repetition is known; empty without a key."""
        return hashlib.sha256(key.encode() + b"\0" + self.content).hexdigest()[:32] if key else ""


def check(
    draft: Draft, image: BinaryIO | None, *, settings: Settings, running: Running = EVERYTHING, made: bool = False,
    keeps_image: bool = False, keeps_theme: str = "", wrong: Mapping[str, str] = NOTHING,
) -> Checked:  # fmt: skip
    """Clean and judge what was sent, all fields at once; raises DraftRefused. Touches no database.

    `running` says what is offered now. While pictures from phones are not taken, one that was `made` with the page's own
    templates is: no byte tells them apart, and people look at each.
    `wrong` is what is known to be wrong beside the draft.
    """
    draft = draft.cleaned()
    found, mark = {}, ""
    if image is not None:
        try:
            uploads.inspect(image, limit=settings.image_limit)
            mark = receipts.mark_of(settings.secret_key, image)
            image.seek(0)
        except UploadRefused as refused:
            found["image"] = refused.reason
        if not (running.photos or made):
            found["image"] = "no_photos"
    if draft.theme in running.themes_hidden - {keeps_theme}:
        found["theme"] = "unknown"
    found = problems(draft, has_image=image is not None or keeps_image) | found | dict(wrong)
    if found:
        raise DraftRefused(found)
    return Checked(draft, image, draft.digest(mark))


def send(
    session: Session, checked: Checked, *, key: str, settings: Settings, store: MediaStore, queue: TaskQueue,
    first_reader: UUID | None = None, then: Callable[[], None] | None = None,
) -> str:  # fmt: skip
    """Take a checked draft in, commit, and return its receipt of 16 digits.

    `key` is random and chosen by the sender's page (empty: none); the same key with the same content gives the same
    receipt and one entry, however often a weak network repeats it. The receipt is returned after the commit only.
    `first_reader` and `then` are those of `entries.submit`.
    """
    code = receipts.repeatable_code(settings.secret_key, key, checked.content) if key else receipts.new_code()
    digest = receipts.digest(settings.secret_key, code)
    try:
        entries.submit(session, checked.draft, checked.image, digest, store=store, queue=queue, first_reader=first_reader,
                       then=then)  # fmt: skip
        session.commit()
    except StaleDecision:
        session.rollback()  # a twin of this request has just committed the same sending
    return code


def find(session: Session, typed: str, *, settings: Settings) -> Entry | None:
    """The entry that a typed receipt opens, or None; takes the same time for a wrong code as for a right one."""
    code = receipts.parse(typed)
    digest = receipts.digest(settings.secret_key, code or "0" * receipts.LENGTH)
    return entries.by_receipt(session, digest) if code else None
