"""My account: password, recovery codes, passkeys, and where I am signed in."""

from uuid import UUID

from flask import Blueprint, Response, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from memes import web
from moderation import accounts, audit, door, passkeys, passwords, recovery_codes, sessions, words
from moderation.attempts import TooManyTries
from moderation.audit import Deed
from moderation.door import me
from moderation.forms import DeskForm, NewPasswordForm, PasskeyForm
from moderation.passwords import PasswordRefused
from moderation.signin.views import site, wait_sentence

bp = Blueprint("mine", __name__)


@bp.get("/account")
def account() -> ResponseReturnValue:
    """Everything about one's own account."""
    return _page()


@bp.post("/account/password")
def password() -> ResponseReturnValue:
    """Another password, if the present one is right. All other browsers are signed out."""
    form = NewPasswordForm()
    _checked(form)
    session, who = web.session(), me()
    try:
        right = accounts.check_password(session, web.settings().secret_key, who.email, form.current.data or "")
    except TooManyTries as error:
        return _page("current", wait_sentence(error.wait)), 422
    session.commit()
    if right is None:
        return _page("current", _("desk.account.wrong_current")), 422
    try:
        accounts.change_password(session, who, form.new.data or "")
    except PasswordRefused as error:
        session.rollback()
        return _page("new", words.password_refused(error.reason)), 422
    audit.record(session, who, Deed.CHANGE_PASSWORD, who.id)
    door.begin(who)
    session.commit()
    return _back(_("desk.account.password_done"))


@bp.post("/account/codes")
@door.freshly_proved
def codes() -> ResponseReturnValue:
    """Ten new recovery codes, shown once; the earlier ones are void."""
    _checked(DeskForm())
    made = recovery_codes.new_set(web.session(), web.settings().secret_key, me())
    audit.record(web.session(), me(), Deed.NEW_RECOVERY_CODES, me().id)
    web.session().commit()
    return render_template("moderation/codes.html", codes=made)


@bp.post("/account/passkeys/offer")
@door.freshly_proved
def offer() -> ResponseReturnValue:
    """What the browser needs to make a passkey."""
    _checked(DeskForm())
    options = passkeys.offer(web.session(), me(), site())
    web.session().commit()
    return Response(options, content_type="application/json")


@bp.post("/account/passkeys")
@door.freshly_proved
def add_passkey() -> ResponseReturnValue:
    """Keep the one that the browser has made."""
    form = PasskeyForm()
    _checked(form)
    try:
        passkeys.add(web.session(), me(), form.name.data or "", form.credential.data or "", site())
    except passkeys.PasskeyRefused:
        web.session().commit()  # the challenge is spent
        return _page("passkey", _("desk.account.passkey_refused")), 422
    audit.record(web.session(), me(), Deed.ADD_PASSKEY, me().id)
    web.session().commit()
    return _back(_("desk.account.passkey_done"))


@bp.post("/account/passkeys/<uuid:passkey_id>/remove")
@door.freshly_proved
def remove_passkey(passkey_id: UUID) -> ResponseReturnValue:
    """It opens nothing any more."""
    _checked(DeskForm())
    passkeys.remove(web.session(), me(), passkey_id)
    audit.record(web.session(), me(), Deed.REMOVE_PASSKEY, me().id)
    web.session().commit()
    return _back(_("desk.account.passkey_gone"))


@bp.post("/account/sessions/<uuid:session_id>/end")
@door.freshly_proved
def end_session(session_id: UUID) -> ResponseReturnValue:
    """Sign out there."""
    _checked(DeskForm())
    sessions.end(web.session(), me(), session_id)
    web.session().commit()
    return _back(_("desk.account.session_done"))


@bp.post("/account/sessions/end-others")
@door.freshly_proved
def end_others() -> ResponseReturnValue:
    """Sign out everywhere but here."""
    _checked(DeskForm())
    sessions.end_all(web.session(), me(), but=door.my_session().id)
    web.session().commit()
    return _back(_("desk.account.session_done"))


def _page(wrong_at: str = "", problem: str = "") -> str:
    session = web.session()
    return render_template(
        "moderation/account.html", wrong_at=wrong_at, problem=problem, shortest=passwords.SHORTEST,
        passkeys=passkeys.of(session, me()), codes_left=recovery_codes.left(session, me()),
        sessions=sessions.alive(session, me()), here=door.my_session().id,
    )  # fmt: skip


def _checked(form: DeskForm) -> None:
    if not form.validate_on_submit():
        abort(400)


def _back(sentence: str) -> ResponseReturnValue:
    flash(sentence)
    return redirect(url_for(".account"), 303)
