"""Who works at the desk: invite, change a role, close and open accounts. For admins, after proving once more who they are."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from memes import web
from memes.errors import NotAllowed, NotFound
from moderation import accounts, audit, door, invitations
from moderation.accounts import AccountRefused
from moderation.audit import Deed
from moderation.door import me
from moderation.forms import DeskForm, InviteForm, RoleForm
from moderation.models import Moderator
from moderation.roles import ACCOUNT_KEEPERS, Role

bp = Blueprint("people", __name__)


@bp.before_request
def _only_keepers() -> None:
    if me().role not in ACCOUNT_KEEPERS:
        raise NotAllowed("keeps no accounts")


@bp.get("/people")
@door.freshly_proved
def everybody() -> ResponseReturnValue:
    """All accounts, and whom an invitation is on its way to."""
    return _page()


@bp.post("/people/invite")
@door.freshly_proved
def invite() -> ResponseReturnValue:
    """Make a link, and show it once: only its hash is kept."""
    form = InviteForm()
    if form.csrf_token.errors or not form.validate_on_submit():
        abort(400)
    try:
        token = invitations.invite(web.session(), form.email.data or "", Role(form.role.data))
    except AccountRefused as error:
        web.session().rollback()
        sentence = _("desk.people.known") if error.reason == "known" else _("desk.people.bad_email")
        return _page(typed=form.email.data, chosen=form.role.data, problem=sentence), 422
    audit.record(web.session(), me(), Deed.INVITE, form.role.data)
    web.session().commit()
    link = f"{request.host_url}desk/invitation#{token}"
    return _page(link=link, invited=accounts.normalised(form.email.data or ""))


@bp.post("/people/uninvite")
@door.freshly_proved
def uninvite() -> ResponseReturnValue:
    """The link works no more."""
    _checked(DeskForm())
    invitations.take_back(web.session(), request.form.get("email", ""))
    web.session().commit()
    return _back(_("desk.people.uninvited"))


@bp.post("/people/<uuid:account_id>/disable")
@door.freshly_proved
def disable(account_id: UUID) -> ResponseReturnValue:
    """Close an account: whoever uses it is out at the next request."""
    _checked(DeskForm())
    return _changed(account_id, accounts.disable, Deed.DISABLE_ACCOUNT, lambda who: _("desk.people.done_disable", who=who))


@bp.post("/people/<uuid:account_id>/enable")
@door.freshly_proved
def enable(account_id: UUID) -> ResponseReturnValue:
    """Open it again."""
    _checked(DeskForm())
    return _changed(account_id, accounts.enable, Deed.ENABLE_ACCOUNT, lambda who: _("desk.people.done_enable", who=who))


@bp.post("/people/<uuid:account_id>/role")
@door.freshly_proved
def role(account_id: UUID) -> ResponseReturnValue:
    """Another role, from the next sign-in on."""
    form = RoleForm()
    _checked(form)
    change = partial(accounts.change_role, role=Role(form.role.data))
    return _changed(account_id, change, Deed.CHANGE_ROLE, lambda who: _("desk.people.done_role", who=who))


def _changed(
    account_id: UUID, change: Callable[[Session, Moderator], None], deed: Deed, told: Callable[[str], str]
) -> ResponseReturnValue:
    """Do it, write it down, and say it; the last admin stays as it is."""
    session, who = web.session(), _account(account_id)
    try:
        change(session, who)
    except AccountRefused:
        session.rollback()
        return _page(problem_above=_("desk.people.last")), 409
    audit.record(session, me(), deed, account_id)
    session.commit()
    return _back(told(who.email))


def _page(**more: str | None) -> str:
    session = web.session()
    return render_template(
        "moderation/people.html", people=accounts.everybody(session), invitations=invitations.waiting(session), **more
    )


def _account(account_id: UUID) -> Moderator:
    found = web.session().get(Moderator, account_id)
    if found is None:
        raise NotFound("no such account")
    return found


def _checked(form: DeskForm) -> None:
    if not form.validate_on_submit():
        abort(400)


def _back(sentence: str) -> ResponseReturnValue:
    flash(sentence)
    return redirect(url_for(".everybody"), 303)
