"""What somebody at the desk did beside deciding, in a log that cannot be changed unseen (`instamemes verify` proves it)."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Session

from memes import log, privacy
from memes.models import DeskEvent
from moderation.models import Moderator

#: Who works on the machine itself, through the command `instamemes`.
OPERATOR = "operator"


class Deed(StrEnum):
    """What is written down. A new one needs a label in `words`, and a word in the catalogs."""

    VIEW_ESCALATED = "view_escalated"
    VIEW_SEALED = "view_sealed"
    ADD_ACCOUNT = "add_account"
    DISABLE_ACCOUNT = "disable_account"
    RESET_SECOND_FACTOR = "reset_second_factor"
    CHANGE_ROLE = "change_role"
    CHANGE_SETTING = "change_setting"


def record(session: Session, actor: Moderator | None, action: Deed, subject: UUID | str) -> None:
    """Write it down, by the day, in the same transaction as the deed itself. `actor` None is the operator's command line.

    `subject` is the id of an entry or of an account, or the name of a setting; never words that somebody typed.
    """
    who = str(actor.id) if actor else OPERATOR
    log.link(session, DeskEvent(actor=who, action=action, subject=str(subject), at=privacy.day_of(privacy.now())))
