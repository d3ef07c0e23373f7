"""What teachers write and ask for. For editors and admins; what is decided is written down."""

from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from memes import classes, collections, web
from memes.errors import NotAllowed
from memes.school_models import Words
from moderation import audit
from moderation.audit import Deed
from moderation.door import me
from moderation.forms import DeskForm, SeenForm
from moderation.roles import SCHOOL_KEEPERS

bp = Blueprint("schools", __name__)


@bp.before_request
def _only_keepers() -> None:
    if me().role not in SCHOOL_KEEPERS:
        raise NotAllowed("cares for no schools")


@bp.get("/schools")
def overview() -> ResponseReturnValue:
    """Wishes for class codes, codes in use, and titles and notes that nobody has read yet."""
    session = web.session()
    to_read = [(found, collections.items(session, found)) for found in collections.unread(session)]
    page = classes.in_use(session, request.args.get("after"))
    codes = [(code, classes.told(code.sent)) for code in page.codes]
    return render_template(
        "moderation/schools.html", to_read=to_read, asked=classes.asked(session), codes=codes, next=page.next
    )  # fmt: skip


@bp.post("/schools/collections/<short>/<any('show', 'hide'):verb>")
def judge(short: str, verb: str) -> ResponseReturnValue:
    """Let everybody read the words of a collection, or nobody."""
    form = SeenForm()
    if not form.validate_on_submit():
        abort(400)
    words, deed = (Words.SHOWN, Deed.SHOW_WORDS) if verb == "show" else (Words.HIDDEN, Deed.HIDE_WORDS)
    found = collections.judge(web.session(), short, words, seen=form.seen.data or 0)
    audit.record(web.session(), me(), deed, found.short)
    web.session().commit()
    flash(_("desk.schools.shown") if verb == "show" else _("desk.schools.hidden"))
    return redirect(url_for(".overview"), 303)


@bp.post("/schools/codes/<uuid:code_id>/<any('grant', 'refuse', 'end'):verb>")
def answer(code_id: UUID, verb: str) -> ResponseReturnValue:
    """Give a class its code, or none, or take it away."""
    if not DeskForm().validate_on_submit():
        abort(400)
    session = web.session()
    if verb == "grant":
        classes.grant(session, code_id)
        deed, said = Deed.GRANT_CODE, _("desk.schools.granted")
    elif verb == "refuse":
        classes.refuse(session, code_id)
        deed, said = Deed.REFUSE_CODE, _("desk.schools.refused")
    else:
        classes.end(session, code_id)
        deed, said = Deed.END_CODE, _("desk.schools.ended")
    audit.record(session, me(), deed, code_id)
    session.commit()
    flash(said)
    return redirect(url_for(".overview"), 303)
