"""What can be refused, by name. `web.py` maps each family to an HTTP status; nothing here knows HTTP."""


class ConfigurationError(Exception):
    """The program was started with settings that cannot work; the message is for the operator."""


class DomainError(Exception):
    """Something asked for cannot be done; nothing was changed."""


class IllegalTransition(DomainError):
    """The entry's state does not allow this action."""


class StaleDecision(DomainError):
    """The entry changed after it was looked at, or somebody was faster."""


class NeedsSecond(DomainError):
    """One more person must agree before the entry can be shown."""


class NotFound(DomainError):
    """No such entry, or none that the asker may know of."""


class NotAllowed(DomainError):
    """The person's role, or what they did before with this entry, forbids it."""


class Incomplete(DomainError):
    """A decision lacks something it needs. `field` names it."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class UploadRefused(DomainError):
    """Bytes that cannot be taken as a picture: `reason` is `empty`, `too_big`, `type`, `damaged` or `too_many_pixels`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Unreadable(Exception):
    """Something that lies encrypted cannot be opened: its key is gone, or it is not what was put there."""


class BackupUnusable(Exception):
    """A backup cannot be written or read back; the message is for the operator."""


class PressBusy(Exception):
    """No poster can be made now: another one is being made, or the press has failed. Try again later."""


class StoreUnavailable(Exception):
    """The media store did not answer: try again later."""
