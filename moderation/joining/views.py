"""Who was invited opens the link, says a name, takes a password, sets up the app, and is in."""

import segno
from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from memes import web
from memes.errors import NotFound
from moderation import audit, door, invitations, passwords, recovery_codes, second_factor, words
from moderation.accounts import AccountRefused
from moderation.forms import DeskForm
from moderation.models import Invitation
from moderation.passwords import PasswordRefused
from moderation.signin.forms import JoinForm

bp = Blueprint("joining", __name__)


@bp.route("/invitation", methods=["GET", "POST"])
def invitation() -> ResponseReturnValue:
    """The link leads here. Its token stands in the fragment, which no server and no log sees; the page sends it as a form."""
    if request.method == "GET":
        return render_template("moderation/invitation.html")
    token = request.form.get("token", "").rpartition("#")[2]
    try:
        opened = invitations.opened(web.session(), invitations.hash_of(token))
    except NotFound:
        return render_template("moderation/invitation.html", problem=_("join.unknown")), 422
    if not DeskForm().validate():
        return render_template("moderation/invitation.html", problem=_("signin.form_expired")), 422
    door.forget()
    session["invited"] = opened.token_hash.hex()
    return redirect(url_for(".join"), 303)


@bp.route("/join", methods=["GET", "POST"])
def join() -> ResponseReturnValue:
    """One page for everything an account needs; then the recovery codes, once."""
    form = JoinForm()
    try:
        opened = invitations.opened(web.session(), bytes.fromhex(session.get("invited", "")))
    except NotFound:
        return redirect(url_for(".invitation"), 303)
    if request.method == "GET":
        return _page(opened, form)
    if not form.validate():
        return _page(opened, form, "form", _("signin.form_expired"))
    try:
        made = invitations.accept(
            web.session(), web.settings().secret_key, opened, name=form.name.data or "", password=form.password.data or "",
            code=form.code.data or "",
        )  # fmt: skip
    except PasswordRefused as error:
        web.session().rollback()
        return _page(opened, form, "password", words.password_refused(error.reason))
    except AccountRefused:
        web.session().rollback()
        return _page(opened, form, "form", _("desk.people.known"))
    if made is None:
        return _page(opened, form, "code", _("signin.wrong_code"))
    audit.record(web.session(), made, audit.Deed.ADD_ACCOUNT, made.id)
    codes = recovery_codes.new_set(web.session(), web.settings().secret_key, made)
    made.language = web.language()
    door.begin(made)
    web.session().commit()
    flash(_("join.done"))
    return render_template("moderation/codes.html", codes=codes)


def _page(opened: Invitation, form: JoinForm, wrong_at: str = "", problem: str = "") -> ResponseReturnValue:
    key = web.settings().secret_key
    qr = segno.make(second_factor.address(key, opened.totp_seed, opened.email), error="m").svg_inline(
        scale=4, border=2, svgclass="qr", lineclass=None, omitsize=True
    )
    page = render_template(
        "moderation/join.html", opened=opened, form=form, wrong_at=wrong_at, problem=problem, shortest=passwords.SHORTEST,
        qr=Markup(qr),  # noqa: S704  (drawn by us)
        secret=second_factor.secret(key, opened.totp_seed),
    )  # fmt: skip
    return page, 422 if problem else 200
