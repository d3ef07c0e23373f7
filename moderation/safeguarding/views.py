"""Pages of safeguarding: who waits for a word, the steps, what is sealed, and how to deal with that."""

from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from memes import messages, web
from memes.errors import Incomplete, NotAllowed
from memes.models import Entry
from moderation.door import me
from moderation.forms import DeskForm, MessageForm
from moderation.roles import READERS, SAFEGUARDS
from moderation.safeguarding import care
from moderation.views import entry_of, page_of

bp = Blueprint("safeguarding", __name__)


@bp.get("/safeguarding")
def overview() -> ResponseReturnValue:
    """Children who have written and wait, and what is sealed."""
    _only_safeguarding()
    session = web.session()
    children = [session.get_one(Entry, entry_id) for entry_id in messages.unread(session)]
    sealed = care.sealed(session, request.args.get("after"))
    return render_template("moderation/safeguarding.html", children=children, sealed=sealed.rows, next=sealed.next,
                           holders=web.settings().seal_holders)  # fmt: skip


@bp.get("/procedure/sealed")
def procedure() -> ResponseReturnValue:
    """What to do, and what never to do, with a picture that may be illegal."""
    if me().role not in READERS:
        raise NotAllowed("reads nothing that could be sealed")
    return render_template("moderation/procedure.html", holders=web.settings().seal_holders)


@bp.post("/entries/<uuid:entry_id>/message")
def write(entry_id: UUID) -> ResponseReturnValue:
    """A word to the child: typed, or one of the ready ones in the entry's language."""
    entry, form = _cared_for(entry_id), MessageForm()
    words = form.message.data or care.ready_reply(form.reply.data or "", entry.language)
    try:
        messages.write(web.session(), entry, words, from_child=False)
    except Incomplete as error:
        web.session().rollback()
        return page_of(entry_of(entry_id), refused=error, message=form.message.data or ""), 422
    web.session().commit()
    return _back(entry, _("desk.done.message"))


@bp.post("/entries/<uuid:entry_id>/read")
def read(entry_id: UUID) -> ResponseReturnValue:
    """Read, and nothing to say."""
    entry = _cared_for(entry_id)
    messages.mark_read(web.session(), entry_id)
    web.session().commit()
    return _back(entry, _("desk.done.read"))


@bp.post("/entries/<uuid:entry_id>/step")
def step(entry_id: UUID) -> ResponseReturnValue:
    """One step of the list is done."""
    entry = _cared_for(entry_id)
    care.take_step(web.session(), entry, me(), request.form.get("step", ""))
    web.session().commit()
    return _back(entry, _("desk.done.step"))


def _cared_for(entry_id: UUID) -> Entry:
    _only_safeguarding()
    if not DeskForm().validate_on_submit():
        abort(400)
    return entry_of(entry_id)


def _only_safeguarding() -> None:
    if me().role not in SAFEGUARDS:
        raise NotAllowed("is not safeguarding")


def _back(entry: Entry, sentence: str) -> ResponseReturnValue:
    flash(sentence)
    return redirect(url_for("desk.pages.review", entry_id=entry.id, _anchor="care"), 303)
