"""The desk's own pages: what waits, one entry, the decision, what is public."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from memes import entries, log, published, web
from memes.errors import IllegalTransition, Incomplete, NotAllowed, NotFound, StaleDecision
from memes.lifecycle import State
from memes.models import Entry
from moderation import backlog as waiting
from moderation import cousins, desk, words
from moderation.forms import DecisionForm
from moderation.models import Moderator
from moderation.roles import READERS, SAFEGUARDS
from moderation.sheet import sheet
from moderation.signin.views import me

bp = Blueprint("pages", __name__)

Verb = Callable[[Session, Entry, Moderator, DecisionForm], None]


def _answer(verb: Callable[..., None]) -> Verb:
    def decide(session: Session, entry: Entry, moderator: Moderator, form: DecisionForm) -> None:
        verb(session, entry, moderator, form.seen.data, form.reason.data or "", form.note.data or "")

    return decide


#: The last part of a decision's address -> what it does.
VERBS: dict[str, Verb] = {
    "approve": lambda s, entry, moderator, form: desk.approve(s, entry, moderator, form.seen.data, form.alt.data or ""),
    "ask-changes": _answer(desk.ask_changes),
    "decline": _answer(desk.decline),
    "escalate": lambda s, entry, moderator, form: desk.escalate(s, entry, moderator, form.seen.data),
    "return": lambda s, entry, moderator, form: desk.return_to_backlog(s, entry, moderator, form.seen.data),
    "support": _answer(desk.support),
    "take-down": lambda s, entry, moderator, form: _take_down(s, entry, moderator, form),
}


def _take_down(session: Session, entry: Entry, moderator: Moderator, form: DecisionForm) -> None:
    _answer(desk.take_down)(session, entry, moderator, form)
    entries.leave_tombstone(session, entry, store=web.media())


@bp.get("/")
def backlog() -> ResponseReturnValue:
    """What waits, oldest first; an editor, who reads nothing that waits, goes to what is public."""
    if me().role not in READERS:
        return redirect(url_for(".public"))
    page = waiting.oldest_pending(web.session(), me(), request.args.get("after"))
    return render_template("moderation/backlog.html", page=page, kind="pending")


@bp.get("/escalated")
def escalated() -> ResponseReturnValue:
    """What was moved to safeguarding, for safeguarding."""
    page = waiting.escalated(web.session(), me(), request.args.get("after"))
    return render_template("moderation/backlog.html", page=page, kind="escalated")


@bp.get("/published")
def public() -> ResponseReturnValue:
    """What everyone sees, newest day first; `find` takes the address or the number of one entry."""
    wanted = request.args.get("find", "")
    found = words.entry_id_in(wanted)
    if found is not None:
        return redirect(url_for(".review", entry_id=found))
    page = published.published_page(web.session(), after=request.args.get("after"), limit=waiting.PAGE_SIZE)
    return render_template("moderation/published.html", page=page, wanted=wanted)


@bp.get("/entries/<uuid:entry_id>")
def review(entry_id: UUID) -> ResponseReturnValue:
    """One entry, with everything a decision needs."""
    entry = _entry(entry_id)
    if entry.state is State.SEALED or (entry.state is State.ESCALATED and not desk.may_look(me().role, entry)):
        raise NotAllowed("may not look")
    if me().role not in READERS and not desk.may_look(me().role, entry):
        raise NotAllowed("may not look")
    return _page(entry)


@bp.post(f"/entries/<uuid:entry_id>/<any({', '.join(map(repr, VERBS))}):verb>")
def decide(entry_id: UUID, verb: str) -> ResponseReturnValue:
    """Decide, commit, go on to the next entry; or show the entry again with what was typed."""
    form, entry = DecisionForm(), _entry(entry_id)
    if not form.validate_on_submit():
        abort(400)
    position, state = waiting.position_of(entry), entry.state
    try:
        VERBS[verb](web.session(), entry, me(), form)
    except (StaleDecision, IllegalTransition):
        web.session().rollback()
        return _page(_entry(entry_id), form, stale=True), 409
    except Incomplete as error:
        web.session().rollback()
        return _page(_entry(entry_id), form, missing=error.field), 422
    web.session().commit()
    flash(words.done(verb, entry))
    return redirect(_after(position, state), 303)


@bp.get("/entries/<uuid:entry_id>/media/<name>")
def media(entry_id: UUID, name: str) -> ResponseReturnValue:
    """A clean size of a picture that may be looked at; the original has no address anywhere."""
    entry = _entry(entry_id)
    if not desk.may_look(me().role, entry):
        raise NotAllowed("may not look")
    size = next((size for size in entry.renditions if size["name"] == name), None)
    if size is None or size["format"] not in ("webp", "jpeg", "png", "gif"):
        raise NotFound("no such size")
    try:
        stream = web.media().open(entries.rendition_key(entry.id, name))
    except KeyError:
        raise NotFound("no such object") from None
    return send_file(stream, mimetype=f"image/{size['format']}", conditional=False, etag=False)


def answer_error(error: Exception) -> ResponseReturnValue:
    """What went wrong, in the desk's own clothes; server errors are left to `web`, which logs their kind."""
    status = web.status_of(error)
    if status >= 500:
        return web.answer_error(error)
    web.session().rollback()
    return render_template("moderation/error.html", status=status, sentence=words.problem(status, error)), status


def template_names() -> dict[str, Any]:
    """What every page of the desk needs: who reads, how many wait, and where a change of language comes back to."""
    return {"words": words, "me": me, "counts": lambda: waiting.counts(web.session(), me().role), "back": _here()}


def _entry(entry_id: UUID) -> Entry:
    entry = web.session().get(Entry, entry_id, populate_existing=True)
    if entry is None:
        raise NotFound("no such entry")
    return entry


def _page(
    entry: Entry, form: DecisionForm | None = None, *, stale: bool = False, missing: str = ""
) -> str:  # fmt: skip
    session, events = web.session(), log.of_entry(web.session(), entry.id)
    typed = form.words() if form else {"reason": "", "note": "", "alt": None}
    changed = words.changes(session, events, form.seen.data) if form and stale else []
    following = _following(waiting.position_of(entry), entry.state)
    return render_template(
        "moderation/review.html", entry=entry, typed=typed, stale=stale, changed=changed, missing=missing,
        next_id=following, sheet=sheet(session, entry, events, me()), kin=cousins.of_entry(session, entry, me()),
    )  # fmt: skip


def _following(position: waiting.Position, state: State) -> UUID | None:
    """The next entry of the list that this one stands or stood in, if the moderator reads that list."""
    if state is State.APPROVED or me().role not in READERS:
        return None
    from_safeguarding = state is State.ESCALATED and me().role in SAFEGUARDS
    return waiting.next_after(
        web.session(), me(), position, State.ESCALATED if from_safeguarding else State.PENDING
    )  # fmt: skip


def _after(position: waiting.Position, state: State) -> str:
    """Where a decision leads: on to the next one of the same list, or to the list when it is done."""
    following = _following(position, state)
    if following is not None:
        return url_for(".review", entry_id=following)
    return url_for({State.APPROVED: ".public", State.ESCALATED: ".escalated"}.get(state, ".backlog"))


def _here() -> str:
    if request.method == "GET":
        return request.full_path.rstrip("?")
    entry_id = (request.view_args or {}).get("entry_id")
    return url_for("desk.pages.review", entry_id=entry_id) if entry_id else url_for("desk.pages.backlog")
