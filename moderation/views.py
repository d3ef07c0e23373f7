"""The desk's own pages: what waits, one entry, the decision, what is public."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, Response, abort, flash, g, make_response, redirect, render_template, request, url_for
from flask import session as browser
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from memes import classes, collections, entries, log, messages, pictures, published, sealing, web
from memes.errors import IllegalTransition, Incomplete, NotAllowed, NotFound, StaleDecision
from memes.lanes import OPEN_LANES, Lane
from memes.lifecycle import State
from memes.models import Entry
from memes.taxonomy import taxonomy
from moderation import audit, claims, cousins, desk, tallies, words, workplace
from moderation import backlog as waiting
from moderation.door import me
from moderation.forms import DecisionForm, boxes_in
from moderation.history import answered_by, covered_by
from moderation.models import Moderator
from moderation.roles import READERS, SAFEGUARDS
from moderation.safeguarding import care
from moderation.sheet import sheet

bp = Blueprint("pages", __name__)

_log = logging.getLogger(__name__)

Verb = Callable[[Session, Entry, Moderator, DecisionForm], None]


def _answer(verb: Callable[..., None]) -> Verb:
    def decide(session: Session, entry: Entry, moderator: Moderator, form: DecisionForm) -> None:
        verb(session, entry, moderator, form.seen.data, form.reason.data or "", form.note.data or "")

    return decide


#: The last part of a decision's address -> what it does.
VERBS: dict[str, Verb] = {
    "approve": lambda s, entry, moderator, form: desk.approve(
        s, entry, moderator, form.seen.data, form.alt.data or "", for_screen=form.screen.data
    ),
    "ask-second": lambda s, entry, moderator, form: desk.approve(
        s, entry, moderator, form.seen.data, form.alt.data or "", ask_second=True
    ),
    "ask-changes": lambda s, entry, moderator, form: _ask_changes(s, entry, moderator, form),
    "decline": _answer(desk.decline),
    "escalate": lambda s, entry, moderator, form: desk.escalate(s, entry, moderator, form.seen.data),
    "return": lambda s, entry, moderator, form: desk.return_to_backlog(s, entry, moderator, form.seen.data),
    "support": _answer(desk.support),
    "seal": lambda s, entry, moderator, form: _seal(s, entry, moderator, form),
    "keep": lambda s, entry, moderator, form: desk.keep(s, entry, moderator, form.seen.data),
    "take-down": lambda s, entry, moderator, form: _take_down(s, entry, moderator, form),
}


def _take_down(session: Session, entry: Entry, moderator: Moderator, form: DecisionForm) -> None:
    _answer(desk.take_down)(session, entry, moderator, form)
    entries.leave_tombstone(session, entry, store=web.media())


def _seal(session: Session, entry: Entry, moderator: Moderator, form: DecisionForm) -> None:
    desk.seal(session, entry, moderator, form.seen.data, sure=form.sure.data)
    sealing.close(session, entry, web.settings().seal_holders, store=web.media())


def _ask_changes(session: Session, entry: Entry, moderator: Moderator, form: DecisionForm) -> None:
    marks = [box for box, _ in boxes_in(request.form)]
    desk.ask_changes(session, entry, moderator, form.seen.data, form.reason.data or "", form.note.data or "", marks)


@bp.get("/")
def backlog() -> ResponseReturnValue:
    """What waits, lane by lane; an editor, who reads nothing that waits, goes to what editors write."""
    if me().role not in READERS:
        return redirect(url_for("desk.editing.overview"))
    return render_template("moderation/backlog.html", kind="pending", **_list())


@bp.get("/live")
def live() -> ResponseReturnValue:
    """The part of the list that changes, for a script that asks again and again; 304 if nothing has changed."""
    answer = make_response(render_template("moderation/_lanes.html", kind="pending", **_list()))
    answer.add_etag()
    return answer.make_conditional(request)


@bp.get("/escalated")
def escalated() -> ResponseReturnValue:
    """What was moved to safeguarding, for safeguarding."""
    page = waiting.escalated(web.session(), me(), request.args.get("after"))
    return render_template("moderation/backlog.html", page=page, kind="escalated", danger=[])


@bp.get("/published")
def public() -> ResponseReturnValue:
    """What everyone sees, newest day first; `find` takes the address or the number of one entry."""
    wanted = request.args.get("find", "")
    found = words.entry_id_in(wanted)
    if found is not None:
        return redirect(url_for(".review", entry_id=found))
    page = published.published_page(web.session(), after=request.args.get("after"), limit=waiting.PAGE_SIZE)
    due = waiting.due(web.session()) if me().role in READERS and not request.args.get("after") else []
    return render_template("moderation/published.html", page=page, wanted=wanted, due=due, most_due=waiting.MOST_DUE)


@bp.get("/entries/<uuid:entry_id>")
def review(entry_id: UUID) -> ResponseReturnValue:
    """One entry, with everything a decision needs. Opening it tells colleagues that somebody reads it."""
    entry = entry_of(entry_id)
    if entry.state in (State.SEALED, State.ESCALATED):
        if me().role not in SAFEGUARDS:
            raise NotAllowed("may not look")
        _write_down(entry)
    if me().role not in READERS and not desk.may_look(me().role, entry):
        raise NotAllowed("may not look")
    _claim(entry)
    return page_of(entry)


@bp.post(f"/entries/<uuid:entry_id>/<any({', '.join(map(repr, VERBS))}):verb>")
def decide(entry_id: UUID, verb: str) -> ResponseReturnValue:
    """Decide, commit, go on to the next entry; or show the entry again with what was typed."""
    form, entry = DecisionForm(), entry_of(entry_id)
    if not form.validate_on_submit():
        abort(400)
    session, position, lane, state = web.session(), waiting.position_of(entry), entry.lane, entry.state
    try:
        VERBS[verb](session, entry, me(), form)
    except (StaleDecision, IllegalTransition) as error:
        session.rollback()
        return page_of(entry_of(entry_id), form, refused=error, verb=verb), 409
    except Incomplete as error:
        session.rollback()
        return page_of(entry_of(entry_id), form, refused=error, verb=verb), 422
    claims.drop(session, entry_id, me())
    place = workplace.decided(session, me(), entry)
    session.commit()
    flash(words.done(verb, entry), "undo")
    if workplace.break_is_due(place):
        return redirect(url_for("desk.turns.pause"), 303)
    return redirect(after(lane, position, state), 303)


@bp.get("/entries/<uuid:entry_id>/media/<name>")
def media(entry_id: UUID, name: str) -> ResponseReturnValue:
    """A clean size of a picture that may be looked at; the original has no address anywhere."""
    entry = entry_of(entry_id)
    if not desk.may_look(me().role, entry):
        raise NotAllowed("may not look")
    size = next((size for size in entry.renditions if size["name"] == name), None)
    if size is None or size["format"] not in ("webp", "jpeg", "png", "gif"):
        raise NotFound("no such size")
    try:
        data = pictures.clean(web.media(), entry.secret_if_any(), entry.id, size)
    except KeyError:
        raise NotFound("no such object") from None
    return Response(data, mimetype=f"image/{size['format']}")


@bp.get("/<path:unknown>")
def nothing(unknown: str) -> ResponseReturnValue:
    """Whatever is no page of the desk: told in the desk's own clothes, and only to who is in."""
    raise NotFound(unknown)


def answer_error(error: Exception) -> ResponseReturnValue:
    """What went wrong, in the desk's own clothes; server errors are left to `web`, which logs their kind."""
    status = web.status_of(error)
    if status >= 500:
        return web.answer_error(error)
    web.session().rollback()
    if status in (400, 403):  # a form that is not ours, a page for somebody else: who asked, and never what was sent
        who = me().id if current_user.is_authenticated else "nobody"
        _log.warning("refused with %s: account %s on %s %s", status, who, request.method, request.url_rule)
    return render_template("moderation/error.html", status=status, sentence=words.problem(status, error)), status


def template_names() -> dict[str, Any]:
    """What every page of the desk needs: who reads, how many wait, and where a change of language comes back to."""
    place = workplace.of(web.session(), me()) if current_user.is_authenticated else None
    undoable = workplace.undoable(place) if place else None
    return {"words": words, "me": me, "counts": counts, "back": _here(), "place": place, "undoable": undoable,
            "unread": lambda: messages.unread(web.session()),
            "from_schools": lambda: len(classes.asked(web.session())) + len(collections.unread(web.session()))}  # fmt: skip


def counts() -> tallies.Counts:
    """How many wait; asked once a page."""
    if "counts" not in g:
        g.counts = tallies.counts(web.session(), replace(wish(), filters={}))
    found: tallies.Counts = g.counts
    return found


def wish() -> waiting.Wish:
    """What the moderator who asks wants to read, with the filters that were chosen last."""
    place = workplace.of(web.session(), me())
    return waiting.wish_of(place, me(), known_filters(browser.get("filters") or {}))


def known_filters(asked: Mapping[str, str]) -> dict[str, str]:
    """The filters of the list among what was asked whose values exist."""
    return {name: value for name, value in published.known_filters(asked).items() if name in waiting.FILTERS}


def entry_of(entry_id: UUID) -> Entry:
    """The entry, as it is now; raises NotFound, also while a teacher reads it first."""
    entry = web.session().get(Entry, entry_id, populate_existing=True)
    if entry is None or entry.first_reader is not None:
        raise NotFound("no such entry")
    return entry


def page_of(
    entry: Entry, form: DecisionForm | None = None, *, refused: Exception | None = None, verb: str = "", message: str = ""
) -> str:  # fmt: skip
    """The page of one entry; with `form` or `message`, as it was filled in, and why `verb` was `refused`."""
    session, events = web.session(), log.of_entry(web.session(), entry.id)
    held = isinstance(refused, claims.Held)
    stale = isinstance(refused, StaleDecision | IllegalTransition) and not held
    return render_template(
        "moderation/review.html", entry=entry, verb=verb, stale=stale, held=held,
        typed=form.words() if form else {"reason": "", "note": "", "alt": None, "boxes": [], "screen": False},
        changed=words.changes(session, events, form.seen.data) if form and stale else [],
        missing=refused.field if isinstance(refused, Incomplete) else "",
        holder=claims.holder(session, entry.id, me()) if entry.lane else None,
        sheet=sheet(session, entry, events, me()), heavy=workplace.is_heavy(entry),
        kin=cousins.of_entry(session, entry, me()), message=message, care=_care(entry),
    )  # fmt: skip


def _care(entry: Entry) -> dict[str, Any] | None:
    """What safeguarding sees beside the entry: what was said and done, or the proof of what is sealed."""
    if me().role not in SAFEGUARDS or entry.state not in messages.OPEN | {State.SEALED}:
        return None
    session = web.session()
    language = entry.language if entry.language in web.LANGUAGES else "ar"
    replies = [(reply.id, web.in_language(reply.label), reply.description[language]) for reply in taxonomy().replies.values()]
    done = {step.item.id: words.name(session, str(step.done.moderator_id)) for step in care.steps(session, entry.id) if step.done}
    return {
        "talks": entry.state in messages.OPEN, "thread": messages.thread(session, entry.id), "replies": replies,
        "steps": care.steps(session, entry.id), "done": done, "evidence": care.evidence(entry),
        "boxed": entry.state is State.SEALED and not sealing.is_open(entry),
    }  # fmt: skip


def after(lane: Lane | None, position: waiting.Position, state: State) -> str:
    """Where a decision on what stood there leads: to the next entry of this person, or to a list when there is none."""
    if lane is not None and me().role in READERS:
        skipped = {UUID(hex=one) for one in browser.get("skipped", [])}
        following = waiting.next_for(web.session(), wish(), lane, position, skipped)
        if following is not None:
            return url_for("desk.pages.review", entry_id=following)
    ends = {State.APPROVED: "public", State.ESCALATED: "escalated"}
    return url_for(f"desk.pages.{ends.get(state, 'backlog') if lane is not Lane.REPORTED else 'backlog'}")


def _list() -> dict[str, Any]:
    asked, wanted = request.args, known_filters(request.args)
    if browser.get("filters", {}) != wanted:
        browser["filters"] = wanted
    lane = next((lane for lane in OPEN_LANES if lane == asked.get("lane")), None)
    mine = wish()
    shown = replace(mine, spared=mine.spared and asked.get("heavy") != "shown")
    page = waiting.waiting(web.session(), shown, lane, asked.get("after"))
    on_top = lane is not Lane.DANGER and not asked.get("after") and not shown.spared
    danger = waiting.in_danger(web.session(), shown) if on_top else []

    def href(to: Lane | None, cursor: str | None = None, at: str = "") -> str:
        place = {"lane": to, "after": cursor, "heavy": asked.get("heavy")} | wanted
        return f"/desk/{at}?{urlencode({name: value for name, value in place.items() if value})}".removesuffix("?")

    return {
        "page": page, "danger": danger, "lane": lane, "lanes": OPEN_LANES, "filters": wanted, "spared": shown.spared,
        "href": href, "live": href(lane, asked.get("after"), "live"),
        "something_waits": not page.rows and waiting.something_waits(web.session()),
    }  # fmt: skip


def _write_down(entry: Entry) -> None:
    """That somebody has opened what others may not see; in a session of its own, as asking for a page only reads."""
    deed = audit.Deed.VIEW_SEALED if entry.state is State.SEALED else audit.Deed.VIEW_ESCALATED
    with web.parts().database.writing() as session:
        audit.record(session, me(), deed, entry.id)


def _claim(entry: Entry) -> None:
    """In a session of its own: asking for a page only reads otherwise."""
    events = log.of_entry(web.session(), entry.id)
    if entry.lane is None or str(me().id) in answered_by(events) | covered_by(events):
        return
    with web.parts().database.writing() as session:
        claims.take(session, entry.id, me())
        workplace.opened(session, me(), entry)


def _here() -> str:
    if request.method == "GET":
        return request.full_path.rstrip("?")
    entry_id = (request.view_args or {}).get("entry_id")
    return url_for("desk.pages.review", entry_id=entry_id) if entry_id else url_for("desk.pages.backlog")
