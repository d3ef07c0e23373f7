"""Whether something can be sent now, and what is said when it cannot, in the reader's language."""

from dataclasses import dataclass
from datetime import timedelta

from flask_babel import format_date
from flask_babel import gettext as _

from memes import privacy, running, web
from memes.running import MOROCCO

#: Who was writing when the doors closed may still send.
GRACE = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Shut:
    """What a page says, and in how many seconds it opens, if that is known."""

    sentence: str
    seconds: int | None


def shut(*, writing: bool = False) -> Shut | None:
    """Why nothing can be sent now, or None; with `writing`, whether what was begun while it was open comes too late."""
    now, set_so = privacy.now(), web.running()
    closed = running.closed(set_so, now)
    if closed is None or (writing and running.closed(set_so, now - GRACE) is None):
        return None
    seconds = int((closed.opens_at - now).total_seconds()) + 1 if closed.opens_at else None
    return Shut(_sentence(closed), seconds)


def _sentence(closed: running.Closed) -> str:
    if closed.why == "late":
        return str(_("closed.late"))
    if closed.why == "early" and closed.opens_at:
        return str(_("closed.early", day=format_date(closed.opens_at.astimezone(MOROCCO).date(), "long")))
    start, end = closed.hours or ("", "")
    return str(_("closed.hours", start=f"{start:%H:%M}", end=f"{end:%H:%M}"))
