"""What a child allows: the gallery, schools, print. Each can be given and taken back at any time, with the receipt."""

import io
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from sqlalchemy.orm import Session

from memes import entries, log
from memes.db import on_commit
from memes.lifecycle import Action, State, next_state
from memes.models import Entry
from memes.ports import MediaStore

#: Where the store remembers who is not in the gallery any more, so that an old backup cannot bring it back there.
HIDDEN = "hidden/"


@dataclass(frozen=True, slots=True)
class Consents:
    """What is allowed."""

    gallery: bool
    schools: bool
    printing: bool


def choose(session: Session, entry: Entry, chosen: Consents, *, store: MediaStore) -> None:
    """Let `chosen` be what is allowed from now on; raises IllegalTransition where nothing can be chosen any more.

    Without the gallery the entry leaves every public page in the same transaction. Allowing it once it is decided on
    offers it again: whoever approved it may have known that nobody would see it, so people read it once more.
    """
    if chosen == of(entry):
        return
    offered = entry.state is State.APPROVED and chosen.gallery and not entry.consent_gallery
    action = Action.OFFER if offered else Action.CHOOSE
    next_state(entry.state, action)
    entry.consent_gallery, entry.consent_schools, entry.consent_print = chosen.gallery, chosen.schools, chosen.printing
    reason, note, marks = (None, "", ()) if offered else (entry.reason, entry.note, entry.marks)
    entries.transition(session, entry, action, actor=log.CHILD, reason=reason, note=note, marks=marks)
    forget = partial(store.delete, hidden_key(entry.id))
    on_commit(session, forget if chosen.gallery else partial(store.put, hidden_key(entry.id), io.BytesIO()))


def of(entry: Entry) -> Consents:
    """What is allowed now."""
    return Consents(entry.consent_gallery, entry.consent_schools, entry.consent_print)


def hidden_key(entry_id: UUID) -> str:
    """Where the store remembers that an entry left the gallery."""
    return f"{HIDDEN}{entry_id.hex}"
