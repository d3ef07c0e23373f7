"""Signing in, in two steps, and out."""

import logging
from uuid import UUID

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from memes import web
from moderation import accounts, door, passkeys, sessions
from moderation.attempts import TooManyTries
from moderation.door import me
from moderation.forms import DeskForm, LanguageForm
from moderation.models import Moderator
from moderation.signin.forms import CodeForm, PasswordForm

#: Tries at the first step per minute and network, whatever addresses are typed.
SPRAY = 30
#: How long the first step holds while somebody looks for the phone (seconds).
BETWEEN_STEPS = 5 * 60

bp = Blueprint("signin", __name__)

_log = logging.getLogger(__name__)


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
        return _page("password", form, wait_sentence(60))
    try:
        found = accounts.check_password(web.session(), web.settings().secret_key, form.email.data, form.password.data)
    except TooManyTries as error:
        return _page("password", form, wait_sentence(error.wait))
    web.session().commit()
    if found is None:
        _log.warning("sign-in refused: address or password")
        return _page("password", form, _("signin.wrong"))
    session["candidate"] = [found.id.hex, found.session_epoch, door.clock()]
    return redirect(url_for("desk.signin.code"), 303)


@bp.route("/sign-in/code", methods=["GET", "POST"])
def code() -> ResponseReturnValue:
    """The second step: the code from the app, one from paper, or a passkey. Then a new session begins."""
    candidate = _candidate()
    if candidate is None:
        return redirect(url_for("desk.signin.password"), 303)
    form, keys = CodeForm(), bool(passkeys.of(web.session(), candidate))
    if request.method == "GET":
        return _page("code", form, keys=keys)
    if not form.validate():
        return _page("code", form, _("signin.form_expired") if form.csrf_token.errors else _("signin.wrong_code"), keys=keys)
    try:
        right = second_step(candidate, form)
    except TooManyTries as error:
        return _page("code", form, wait_sentence(error.wait), keys=keys)
    web.session().commit()
    if not right:
        _log.warning("sign-in refused: second factor of account %s", candidate.id)
        return _page("code", form, _("signin.wrong_code"), keys=keys)
    door.begin(candidate)
    kept = sessions.has_work(web.session(), candidate)
    web.session().commit()
    return redirect(url_for("desk.turns.kept" if kept else "desk.pages.backlog"), 303)


@bp.post("/sign-in/passkey")
def passkey() -> ResponseReturnValue:
    """What the browser needs to sign with a passkey, for who passed the first step or is in."""
    who = me() if current_user.is_authenticated else _candidate()
    if who is None or not DeskForm().validate_on_submit():
        abort(400)
    options = passkeys.ask(web.session(), who, site())
    web.session().commit()
    return Response(options, content_type="application/json")


@bp.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End this session on the server: a copy of the cookie must not outlive this."""
    if not DeskForm().validate_on_submit():
        abort(400)
    sessions.end(web.session(), me(), door.my_session().id)
    web.session().commit()
    _log.info("account %s signed out", me().id)
    door.forget()
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
    return redirect(own_page(form.back.data) or url_for("desk.pages.backlog"), 303)


def second_step(moderator: Moderator, form: CodeForm) -> bool:
    """Whether the second factor in the form is right. Commit in both cases. Raises TooManyTries."""
    key = web.settings().secret_key
    if form.credential.data:
        return accounts.check_passkey(web.session(), key, moderator, form.credential.data, site())
    return accounts.check_code(web.session(), key, moderator, form.code.data or "")


def site() -> passkeys.Site:
    """Who asks for a passkey: passkeys are bound to the host's name."""
    origin = request.host_url.rstrip("/")
    return passkeys.Site(request.host.rsplit(":", 1)[0], origin)


def own_page(path: str | None) -> str:
    """The path, if it is a page of the desk: an address that begins with // or holds a backslash would lead elsewhere."""
    return path if path and path.startswith("/desk/") and "\\" not in path else ""


def wait_sentence(seconds: int) -> str:
    """How long nothing more is tried."""
    minutes = -(-seconds // 60)
    return str(_("signin.too_many", wait=ngettext("plural.minutes", "plural.minutes", minutes)))


def _candidate() -> Moderator | None:
    """Who passed the first step lately in this browser."""
    hex_id, epoch, at = session.get("candidate") or ("", 0, 0)
    if not hex_id or door.clock() - at > BETWEEN_STEPS:
        return None
    return accounts.signed_in(web.session(), UUID(hex=hex_id), epoch)


def _page(step: str, form: DeskForm, problem: str | None = None, *, keys: bool = False) -> ResponseReturnValue:
    page = render_template("moderation/sign_in.html", step=step, form=form, problem=problem, keys=keys)
    return page, 422 if problem else 200


def _sprayed() -> bool:
    """Whether this network tries too many addresses: the slow hash would keep our processes from everybody else."""
    limiter, address = web.parts().limiter, request.remote_addr or ""
    limiter.count("sign-in", address, 60)
    return limiter.exceeded("sign-in", address, SPRAY)
