"""Signing in and out, and the guard in front of every page of the desk.

A session is a signed cookie with the account's id and epoch, the time of signing in and of the last request. It ends after
half an hour without one, after ten hours anyway, and at once when the account is disabled or its epoch raised.
"""

import logging
from typing import cast
from uuid import UUID

from flask import Blueprint, Flask, abort, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import LoginManager, UserMixin, current_user, login_user

from memes import privacy, web
from moderation import accounts
from moderation.attempts import TooManyTries
from moderation.forms import DeskForm, LanguageForm
from moderation.models import Moderator
from moderation.signin.forms import CodeForm, PasswordForm

IDLE, ABSOLUTE = 30 * 60, 10 * 3600  # seconds
#: Tries at the first step per minute and network, whatever addresses are typed.
SPRAY = 30
#: How long the first step holds while somebody looks for the phone (seconds).
BETWEEN_STEPS = 5 * 60

bp = Blueprint("signin", __name__)

#: All that may be asked for without being signed in.
OPEN = frozenset({"desk.signin.password", "desk.signin.code", "desk.signin.language"})

#: What an open page asks for by itself: no sign that anybody still sits before it.
QUIET = frozenset({"desk.pages.live", "desk.turns.claim"})

_log = logging.getLogger(__name__)


class SignedIn(UserMixin):  # type: ignore[misc]
    """What Flask-Login keeps of a moderator."""

    def __init__(self, moderator: Moderator) -> None:
        self.moderator = moderator

    def get_id(self) -> str:
        """Account and epoch, as they go into the session."""
        return f"{self.moderator.id.hex}.{self.moderator.session_epoch}"


def init_app(app: Flask) -> None:
    """Let Flask-Login find out who asks."""
    # Its own protection would put a hash of the address and the browser into the cookie; a phone changes both in a bus.
    manager = LoginManager()
    manager.session_protection = None
    manager.user_loader(_load)
    manager.init_app(app)


def me() -> Moderator:
    """The moderator who asks; only behind the guard."""
    return cast(Moderator, current_user.moderator)


def guard() -> ResponseReturnValue | None:
    """In front of every page under /desk: nobody passes who is not signed in, save for the pages in OPEN."""
    known = current_user.is_authenticated
    g.lang = (me().language if known else None) or _asked_language() or session.get("lang") or web.preferred_language()
    if known:
        if request.endpoint not in QUIET:
            session["last"] = _clock()
        return None
    if request.endpoint in OPEN:
        return None
    if "_user_id" in session:
        _forget_session()
        flash(_("signin.ended"))
    return redirect(url_for("desk.signin.password"), 303)


@bp.route("/sign-in", methods=["GET", "POST"])
def password() -> ResponseReturnValue:
    """The first step: address and password."""
    if current_user.is_authenticated:
        return redirect(url_for("desk.pages.backlog"), 303)
    form = PasswordForm()
    if request.method == "GET":
        return _page("password", form)
    if not form.validate():
        return _page("password", form, _("signin.form_expired") if form.csrf_token.errors else _("signin.wrong"))
    if _sprayed():
        return _page("password", form, _wait(60))
    try:
        found = accounts.check_password(web.session(), web.settings().secret_key, form.email.data, form.password.data)
    except TooManyTries as error:
        return _page("password", form, _wait(error.wait))
    web.session().commit()
    if found is None:
        _log.warning("sign-in refused: address or password")
        return _page("password", form, _("signin.wrong"))
    session["candidate"] = [found.id.hex, found.session_epoch, _clock()]
    return redirect(url_for("desk.signin.code"), 303)


@bp.route("/sign-in/code", methods=["GET", "POST"])
def code() -> ResponseReturnValue:
    """The second step: the code from the app. Then a new session begins."""
    candidate = _candidate()
    if candidate is None:
        return redirect(url_for("desk.signin.password"), 303)
    form = CodeForm()
    if request.method == "GET":
        return _page("code", form)
    if not form.validate():
        return _page("code", form, _("signin.form_expired") if form.csrf_token.errors else _("signin.wrong_code"))
    try:
        right = accounts.check_code(web.session(), web.settings().secret_key, candidate, form.code.data)
    except TooManyTries as error:
        return _page("code", form, _wait(error.wait))
    web.session().commit()
    if not right:
        _log.warning("sign-in refused: second factor of account %s", candidate.id)
        return _page("code", form, _("signin.wrong_code"))
    _begin_session(candidate)
    return redirect(url_for("desk.pages.backlog"), 303)


@bp.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End every session of the account: a copy of the cookie must not outlive this."""
    if not DeskForm().validate_on_submit():
        abort(400)
    accounts.end_sessions(web.session(), me())
    web.session().commit()
    _log.info("account %s signed out", me().id)
    _forget_session()
    flash(_("signin.signed_out"))
    answer = redirect(url_for("desk.signin.password"), 303)
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


@bp.post("/language")
def language() -> ResponseReturnValue:
    """Another language: kept with the account, or in the session of who is not in yet."""
    form = LanguageForm()
    if not form.validate_on_submit():
        abort(400)
    if current_user.is_authenticated:
        accounts.choose_language(web.session(), me(), form.lang.data)
        web.session().commit()
    session["lang"] = form.lang.data
    back = form.back.data or ""
    # Only to a page of the desk: an address that begins with // or holds a backslash would lead elsewhere.
    return redirect(back if back.startswith("/desk/") and "\\" not in back else url_for("desk.pages.backlog"), 303)


def _load(stored: str) -> SignedIn | None:
    """Whom a session belongs to, if it has not ended. Anything odd in it belongs to nobody."""
    hex_id, _dot, epoch = stored.partition(".")
    now = _clock()
    if now - session.get("last", 0) > IDLE or now - session.get("since", 0) > ABSOLUTE:
        return None
    moderator = accounts.signed_in(web.session(), UUID(hex=hex_id), int(epoch))
    return SignedIn(moderator) if moderator else None


def _begin_session(moderator: Moderator) -> None:
    _forget_session()
    session["since"] = session["last"] = _clock()
    login_user(SignedIn(moderator))
    session.pop("_id", None)  # a hash of address and browser that Flask-Login leaves although its protection is off
    _log.info("account %s signed in", moderator.id)


def _forget_session() -> None:
    """Nothing of the old session stays but the language."""
    lang = session.get("lang")
    session.clear()
    if lang:
        session["lang"] = lang


def _candidate() -> Moderator | None:
    """Who passed the first step lately in this browser."""
    hex_id, epoch, at = session.get("candidate") or ("", 0, 0)
    if not hex_id or _clock() - at > BETWEEN_STEPS:
        return None
    return accounts.signed_in(web.session(), UUID(hex=hex_id), epoch)


def _asked_language() -> str | None:
    lang = request.args.get("lang")
    if lang in web.LANGUAGES:
        session["lang"] = lang
        return str(lang)
    return None


def _page(step: str, form: DeskForm, problem: str | None = None) -> ResponseReturnValue:
    page = render_template("moderation/sign_in.html", step=step, form=form, problem=problem)
    return page, 422 if problem else 200


def _sprayed() -> bool:
    """Whether this network tries too many addresses: the slow hash would keep our processes from everybody else."""
    limiter, address = web.parts().limiter, request.remote_addr or ""
    limiter.count("sign-in", address, 60)
    return limiter.exceeded("sign-in", address, SPRAY)


def _wait(seconds: int) -> str:
    minutes = -(-seconds // 60)
    return str(_("signin.too_many", wait=ngettext("plural.minutes", "plural.minutes", minutes)))


def _clock() -> int:
    return int(privacy.now().timestamp())
