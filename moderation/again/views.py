"""Password and second factor once more: whoever sits down at an open desk must not be able to change accounts."""

import logging

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from memes import web
from moderation import accounts, door, passkeys
from moderation.attempts import TooManyTries
from moderation.door import me
from moderation.signin.forms import ProofForm
from moderation.signin.views import own_page, second_step, wait_sentence

bp = Blueprint("again", __name__)

_log = logging.getLogger(__name__)


@bp.route("/again", methods=["GET", "POST"])
def prove() -> ResponseReturnValue:
    """The form, and where it leads when both are right."""
    form, onward = ProofForm(), own_page(request.args.get("next")) or url_for("desk.mine.account")
    problem = _problem(form) if request.method == "POST" else None
    if request.method == "POST" and problem is None:
        door.renew()
        web.session().commit()
        return redirect(onward, 303)
    page = render_template(
        "moderation/again.html", problem=problem, keys=passkeys.of(web.session(), me()), onward=onward
    )
    return page, 422 if problem else 200


def _problem(form: ProofForm) -> str | None:
    if not form.validate():
        return str(_("signin.form_expired") if form.csrf_token.errors else _("signin.wrong_proof"))
    session, key = web.session(), web.settings().secret_key
    try:
        right = accounts.check_password(session, key, me().email, form.password.data) and second_step(me(), form)
    except TooManyTries as error:
        return wait_sentence(error.wait)
    session.commit()
    if not right:
        _log.warning("proof refused: account %s", me().id)
    return None if right else str(_("signin.wrong_proof"))
