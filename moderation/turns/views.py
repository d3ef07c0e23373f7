"""Between two decisions: whose turn it is, a step back, a pause, and each one's own preferences."""

import re
from uuid import UUID

from flask import Blueprint, abort, flash, jsonify, redirect, render_template, url_for
from flask import session as browser
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from memes import privacy, web
from memes.errors import IllegalTransition, NotAllowed, StaleDecision
from memes.lanes import Lane
from memes.lifecycle import State
from memes.models import Entry
from moderation import backlog as waiting
from moderation import claims, desk, sessions, words, workplace
from moderation.covering.views import cover_page
from moderation.door import me
from moderation.editing.views import as_it_was_typed
from moderation.forms import DecisionForm, DeskForm, WorkplaceForm
from moderation.views import after, entry_of, page_of

bp = Blueprint("turns", __name__)

_OF_AN_ARTICLE = re.compile(r"/desk/editing/(?:new/)?(?P<kind>[a-z]+)(?:/(?P<slug>[a-z0-9-]+))?")
_OF_AN_ENTRY = re.compile(r"/desk/entries/(?P<entry>[0-9a-f-]{36})/(?P<verb>[a-z-]+)")

#: So many entries are remembered as passed over, in the browser's own session.
_SKIPPED = 20


@bp.post("/entries/<uuid:entry_id>/claim")
def claim(entry_id: UUID) -> ResponseReturnValue:
    """Renew the claim of an open page; says who holds it now and which version the entry has."""
    _checked(DeskForm())
    entry = _readable(entry_id)
    held = entry.lane is None or claims.take(web.session(), entry_id, me())
    other = None if held else claims.holder(web.session(), entry_id, me())
    web.session().commit()
    return jsonify(holder=words.short_name(other.email) if other else "", version=entry.version)


@bp.post("/entries/<uuid:entry_id>/take-over")
def take_over(entry_id: UUID) -> ResponseReturnValue:
    """Read on where a colleague began; what was typed stays on the page."""
    form = DecisionForm()
    _checked(form)
    entry = _readable(entry_id)
    claims.take_over(web.session(), entry_id, me())
    web.session().commit()
    refused = StaleDecision("changed meanwhile") if form.seen.data != entry.version else None
    return page_of(entry, form, refused=refused)


@bp.post("/entries/<uuid:entry_id>/skip")
def skip(entry_id: UUID) -> ResponseReturnValue:
    """Read another one. Nobody asks why, and it stays in the list."""
    _checked(DeskForm())
    entry = _readable(entry_id)
    claims.drop(web.session(), entry_id, me())
    browser["skipped"] = [*browser.get("skipped", []), entry_id.hex][-_SKIPPED:]
    web.session().commit()
    return redirect(after(entry.lane, waiting.position_of(entry), entry.state), 303)


@bp.post("/entries/<uuid:entry_id>/hide")
def hide(entry_id: UUID) -> ResponseReturnValue:
    """Leave it to colleagues for good. Nobody asks why."""
    _checked(DeskForm())
    entry = _readable(entry_id)
    claims.hide(web.session(), entry_id, me())
    web.session().commit()
    flash(_("desk.done.hide"))
    return redirect(after(entry.lane, waiting.position_of(entry), entry.state), 303)


@bp.post("/entries/<uuid:entry_id>/undo")
def undo(entry_id: UUID) -> ResponseReturnValue:
    """Take one's own last decision back, within a minute."""
    _checked(DeskForm())
    try:
        desk.undo(web.session(), entry_of(entry_id), me())
    except (NotAllowed, StaleDecision, IllegalTransition):
        web.session().rollback()
        flash(_("desk.undo.late"))
        return redirect(url_for("desk.pages.backlog"), 303)
    web.session().commit()
    flash(_("desk.done.undo"))
    return redirect(url_for("desk.pages.review", entry_id=entry_id), 303)


@bp.post("/entries/<uuid:entry_id>/screen")
def grade(entry_id: UUID) -> ResponseReturnValue:
    """Let what is public stand on classroom screens, or take it off them; then the same page again."""
    form = DecisionForm()
    _checked(form)
    try:
        desk.grade(web.session(), entry_of(entry_id), me(), form.seen.data, for_screen=form.screen.data)
    except (StaleDecision, IllegalTransition) as error:
        web.session().rollback()
        return page_of(entry_of(entry_id), form, refused=error, verb="screen"), 409
    web.session().commit()
    flash(_("desk.done.screen_on") if form.screen.data else _("desk.done.screen_off"))
    return redirect(url_for("desk.pages.review", entry_id=entry_id), 303)


@bp.get("/kept")
def kept() -> ResponseReturnValue:
    """What was typed before the session ran out, in its form again, once."""
    with web.parts().database.writing() as session:
        work = sessions.take_work(session, me())
    typed: MultiDict[str, str] = MultiDict((name, value) for name, value in (work.fields if work else ()))
    if work and (article := _OF_AN_ARTICLE.fullmatch(work.path)):
        flash(_("desk.kept"))
        return as_it_was_typed(article["kind"], article["slug"] or "", typed)
    found = _OF_AN_ENTRY.match(work.path) if work else None
    if work is None or found is None:
        return redirect(url_for("desk.pages.backlog"), 303)
    entry, verb = entry_of(UUID(found["entry"])), found["verb"]
    if not desk.may_look(me().role, entry):
        raise NotAllowed("may not look")
    flash(_("desk.kept"))
    if verb == "cover" and entry.state is State.PENDING:
        return cover_page(entry, typed)
    form = DecisionForm(formdata=typed)
    refused = StaleDecision("changed meanwhile") if form.seen.data not in (None, entry.version) else None
    return page_of(entry, form, refused=refused, verb=verb, message=typed.get("message", ""))


@bp.route("/break", methods=["GET", "POST"])
def pause() -> ResponseReturnValue:
    """A pause is proposed, never imposed: the same button goes on at once or after a glass of tea."""
    form = DeskForm()
    if not form.is_submitted():
        figures = workplace.figures(workplace.of(web.session(), me()))
        return render_template("moderation/break.html", figures=figures)
    _checked(form)
    workplace.go_on(web.session(), me())
    web.session().commit()
    start = (privacy.week_of(privacy.now()), UUID(int=0))
    return redirect(after(Lane.ORDINARY, start, State.PENDING), 303)


@bp.route("/me", methods=["GET", "POST"])
def mine() -> ResponseReturnValue:
    """How somebody likes to work, and their own figures of today."""
    form, place = WorkplaceForm(), workplace.of(web.session(), me())
    if not form.is_submitted():
        return render_template("moderation/me.html", figures=workplace.figures(place), caps=workplace.CAPS)
    _checked(form)
    workplace.choose(
        web.session(), me(), muted=form.muted.data or [], heavy_cap=int(form.heavy_cap.data), pictures=form.pictures.data,
        keys=form.keys.data,
    )  # fmt: skip
    web.session().commit()
    flash(_("desk.me.kept"))
    return redirect(url_for(".mine"), 303)


@bp.post("/me/hidden")
def show_hidden() -> ResponseReturnValue:
    """Take back everything that was left to colleagues."""
    _checked(DeskForm())
    claims.show_hidden(web.session(), me())
    web.session().commit()
    flash(_("desk.me.kept"))
    return redirect(url_for(".mine"), 303)


def _checked(form: DeskForm) -> None:
    if not form.validate_on_submit():
        abort(400)


def _readable(entry_id: UUID) -> Entry:
    entry = entry_of(entry_id)
    if not desk.may_look(me().role, entry):
        raise NotAllowed("may not look")
    return entry
