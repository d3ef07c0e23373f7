"""Who may do what at the desk. Standard library only, apart from the actions of an entry's life."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from memes.lifecycle import Action


class Role(StrEnum):
    """What somebody was let in for. One role a person."""

    MODERATOR = "moderator"
    SAFEGUARDING = "safeguarding"
    EDITOR = "editor"
    ADMIN = "admin"


#: Read what waits and decide on it. An editor cares for what is public only.
READERS = frozenset({Role.MODERATOR, Role.SAFEGUARDING, Role.ADMIN})

#: Look at what was moved to safeguarding: not even an admin, because a child may have told what nobody else should know.
SAFEGUARDS = frozenset({Role.SAFEGUARDING})

#: Read who did what at the desk.
AUDITORS = frozenset({Role.ADMIN})

#: Invite people, change their roles, close and open accounts.
ACCOUNT_KEEPERS = frozenset({Role.ADMIN})

#: Set how the platform runs: languages, hours, banner, clocks.
SETTERS = frozenset({Role.ADMIN})

#: Care for schools: read what teachers write before it is public, and grant class codes.
SCHOOL_KEEPERS = frozenset({Role.EDITOR, Role.ADMIN})

#: Write what everyone reads about the campaign, and keep the channels of help.
EDITORS = frozenset({Role.EDITOR, Role.ADMIN})

#: Taking something off the public pages is the safe direction: everybody at the desk may.
EVERYBODY = frozenset(Role)

PERMITTED: Mapping[Action, frozenset[Role]] = MappingProxyType(
    {
        Action.ENDORSE: READERS,
        Action.APPROVE: READERS,
        Action.ASK_CHANGES: READERS,
        Action.DECLINE: READERS,
        Action.ESCALATE: READERS,
        Action.REDACT: READERS,
        Action.SEAL: READERS,
        Action.RETURN: SAFEGUARDS,
        Action.SUPPORT: SAFEGUARDS,
        Action.TAKE_DOWN: EVERYBODY,
        Action.KEEP: READERS,
    }
)


def may(role: Role, action: Action) -> bool:
    """Whether people with this role may do this; what is not in the table, nobody may."""
    return role in PERMITTED.get(action, frozenset())
