"""The guard in front of every page of the desk, and the session of who is in.

The cookie is signed and names a row (`sessions`), the account's epoch, and the time of the last request. A session ends after
half an hour without one, after twelve hours anyway, and at once when its row is gone or the epoch was raised: on signing out,
and when the account is closed or gets another role, password or second factor.
"""

import logging
from functools import wraps
from typing import Any, Protocol, cast
from uuid import UUID

from flask import Flask, flash, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import LoginManager, UserMixin, current_user, login_user
from flask_wtf.csrf import validate_csrf
from wtforms.validators import ValidationError

from memes import privacy, web
from moderation import accounts, sessions
from moderation.models import DeskSession, Moderator

IDLE, ABSOLUTE = int(sessions.IDLE.total_seconds()), int(sessions.ABSOLUTE.total_seconds())

#: All that may be asked for without being signed in.
OPEN = frozenset({
    "desk.signin.password", "desk.signin.code", "desk.signin.passkey", "desk.signin.language", "desk.joining.invitation",
    "desk.joining.join",
})  # fmt: skip

#: What an open page asks for by itself: no sign that anybody still sits before it.
QUIET = frozenset({"desk.pages.live", "desk.turns.claim"})

#: Forms with typed words, which wait for their author when they come too late (`turns.kept` gives them back).
KEPT = frozenset({"desk.pages.decide", "desk.turns.take_over", "desk.safeguarding.write", "desk.covering.redact",
                  "desk.editing.save"})  # fmt: skip

_log = logging.getLogger(__name__)


class SignedIn(UserMixin):  # type: ignore[misc]
    """What Flask-Login keeps of a moderator."""

    def __init__(self, moderator: Moderator, row: DeskSession) -> None:
        self.moderator, self.row = moderator, row

    def get_id(self) -> str:
        """Account, epoch and session, as they go into the cookie."""
        return f"{self.moderator.id.hex}.{self.moderator.session_epoch}.{self.row.id.hex}"


class View(Protocol):
    """A page."""

    __name__: str

    def __call__(self, *args: Any, **values: Any) -> ResponseReturnValue:
        """Answer."""


def init_app(app: Flask) -> None:
    """Let Flask-Login find out who asks."""
    # Its own protection would put a hash of the address and the browser into the cookie; a phone changes both in a bus.
    manager = LoginManager()
    manager.session_protection = None
    manager.user_loader(_load)
    manager.init_app(app, add_context_processor=False)  # no public page asks who reads it


def me() -> Moderator:
    """The moderator who asks; only behind the guard."""
    return cast(Moderator, current_user.moderator)


def my_session() -> DeskSession:
    """The session in which is asked; only behind the guard."""
    return cast(DeskSession, current_user.row)


def guard() -> ResponseReturnValue | None:
    """In front of every page under /desk: nobody passes who is not signed in, save for the pages in OPEN."""
    known = current_user.is_authenticated
    g.lang = (me().language if known else None) or _asked_language() or session.get("lang") or web.preferred_language()
    if known:
        if request.endpoint not in QUIET:
            _note_use()
        return None
    if request.endpoint in OPEN:
        return None
    if "_user_id" in session:
        kept = _keep_work()
        forget()
        flash(_("signin.ended_kept") if kept else _("signin.ended"))
    return redirect(url_for("desk.signin.password"), 303)


def freshly_proved(view: View) -> View:
    """In front of what changes accounts: password and second factor must have been given lately."""

    @wraps(view)
    def proved(*args: Any, **values: Any) -> ResponseReturnValue:
        if clock() - int(my_session().proved_at.timestamp()) <= sessions.FRESH.total_seconds():
            return view(*args, **values)
        page = "/".join(request.path.split("/")[:3])  # the one whose form this is
        return redirect(url_for("desk.again.prove", next=page), 303)

    return cast(View, proved)


def begin(moderator: Moderator) -> None:
    """A new session, and nothing of the one before; commit."""
    forget()
    session["since"] = session["last"] = clock()
    row = sessions.begin(web.session(), moderator, sessions.device_of(request.headers.get("User-Agent", "")))
    login_user(SignedIn(moderator, row))
    session.pop("_id", None)  # a hash of address and browser that Flask-Login leaves although its protection is off
    _log.info("account %s signed in", moderator.id)


def renew() -> None:
    """Who has proved again who they are goes on under another session, which runs out when this one would have; commit."""
    login_user(SignedIn(me(), sessions.renew(web.session(), my_session(), privacy.now())))
    session.pop("_id", None)
    _log.info("account %s proved again", me().id)


def forget() -> None:
    """Nothing of the old session stays but the language."""
    lang = session.get("lang")
    session.clear()
    if lang:
        session["lang"] = lang


def clock() -> int:
    """Seconds since 1970."""
    return int(privacy.now().timestamp())


def _load(stored: str) -> SignedIn | None:
    """Whom a session belongs to, if it has not ended. Anything odd in it belongs to nobody."""
    now = clock()
    if now - session.get("last", 0) > IDLE or now - session.get("since", 0) > ABSOLUTE:
        return None
    return _owner(stored)


def _owner(stored: str) -> SignedIn | None:
    hex_id, epoch, row_id = (*stored.split("."), "", "", "")[:3]
    if not row_id:
        return None
    moderator = accounts.signed_in(web.session(), UUID(hex=hex_id), int(epoch))
    row = sessions.find(web.session(), moderator.id, UUID(hex=row_id)) if moderator else None
    return SignedIn(moderator, row) if moderator and row else None


def _note_use() -> None:
    session["last"] = clock()
    now, row = privacy.now(), my_session()
    if now - row.last_at < sessions.COARSE:
        return
    if request.method in ("GET", "HEAD"):  # whose own session cannot write
        with web.parts().database.writing() as writing:
            sessions.touch(writing, row.id, now)
    else:
        sessions.touch(web.session(), row.id, now)


def _keep_work() -> bool:
    """Typed words that come after the session ran out: kept, if the form was this session's own and nobody ended it."""
    if request.endpoint not in KEPT or request.method != "POST":
        return False
    owner = _owner(str(session["_user_id"]))
    try:
        validate_csrf(request.form.get("csrf_token"), time_limit=2 * ABSOLUTE)
    except ValidationError:
        return False
    if owner is None:
        return False
    fields = [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]
    sessions.keep_work(web.session(), owner.moderator.id, request.path, fields, privacy.now())
    web.session().commit()
    return True


def _asked_language() -> str | None:
    lang = request.args.get("lang")
    if lang in web.LANGUAGES:
        session["lang"] = lang
        return str(lang)
    return None
