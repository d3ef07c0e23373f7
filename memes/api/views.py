"""JSON for programs: send an entry, ask with a receipt, withdraw, read the gallery."""

from functools import partial
from typing import Any, BinaryIO, cast
from uuid import UUID

from flask import Blueprint, Response, jsonify, request

from memes import classes, entries, guard, log, messages, opening, pages, published, receipts, sending, web
from memes.api import openapi
from memes.drafts import OPTIONAL, Draft
from memes.gate import Wait
from memes.lifecycle import Action
from memes.models import Entry
from memes.opening import Shut
from memes.sending import DraftRefused
from memes.status import status_of

bp = Blueprint("api", __name__, url_prefix="/api/v1")

#: Wrong codes a network may send in ten minutes, as on the receipt page.
WRONG_CODES, WINDOW = 60, 600
MOST = 100


@bp.get("/openapi.json")
def document() -> Response:
    """The description of this API."""
    return jsonify(openapi.document(request.host_url.rstrip("/")))


@bp.post("/entries")
def send() -> tuple[Response, int]:
    """Take an entry in; 201 with its receipt and what the guard finds in its words, 422 with every field that is wrong."""
    shut = opening.shut(writing=True)
    if shut:
        return _closed(shut), 503
    image = request.files.get("image")
    try:
        draft, stream = _draft(), cast(BinaryIO, image.stream) if image else None
        given, wrong = classes.given(web.parts().database, web.parts().limiter, request.remote_addr or "",
                                     request.form.get("class_code", ""))  # fmt: skip
        draft = given.completed(draft) if given else draft
        reader = given if given and given.read_first(draft) else None
        if reader and request.form.get("teacher_reads") != "true":
            wrong = {"class_code": "teacher_reads_first"}
        checked = sending.check(draft, stream, settings=web.settings(), running=web.running(), wrong=wrong)
    except DraftRefused as refused:
        detail = "Some fields are not right."
        if refused.problems.get("image") == "no_photos":
            detail = "Pictures are not taken now: send words, or make a meme from a template on the page."
        return web.problem(422, detail=detail, errors=refused.problems), 422
    key, form = request.form.get("key", ""), request.form
    wait = web.parts().gate.admit(request.remote_addr or "", proof=form.get("altcha", ""), ticket=form.get("ticket", ""),
                                  sending=checked.sending(key), class_code=given.lets_in if given else None)  # fmt: skip
    if wait is not None:
        return _please_wait(wait), 429
    code = sending.send(web.session(), checked, key=key, settings=web.settings(),
                        store=web.media(), queue=web.queue(), first_reader=reader.id if reader else None,
                        then=partial(classes.count, web.parts().limiter, given.id) if given else None)  # fmt: skip
    warnings = {field: guard.signals(found) for field, found in checked.draft.findings.items()}
    return jsonify(receipt=code, state="received", warnings=warnings), 201


@bp.get("/challenge")
def challenge() -> Response:
    """A small work (ALTCHA, version 2) whose solution lets one entry in, however many its network has sent."""
    answer = jsonify(web.parts().gate.challenge(request.remote_addr or ""))
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.post("/receipts")
def look_up() -> Response:
    """The state of the entry that a receipt opens, in the words of its child."""
    entry = _opened()
    return entry if isinstance(entry, Response) else _state(entry)


@bp.post("/receipts/withdraw")
def withdraw() -> Response:
    """Take the entry back, everywhere."""
    entry = _opened()
    if isinstance(entry, Response):
        return entry
    entries.withdraw(web.session(), entry, store=web.media())
    web.session().commit()
    return _state(entry)


@bp.get("/gallery")
def gallery() -> Response:
    """One page of what everyone may see; 422 for what is asked twice, because two readers would take two answers from it."""
    twice = {name: "repeated" for name, values in request.args.lists() if len(values) > 1}
    if twice:
        return web.problem(422, detail="Some parameters are given twice.", errors=twice)
    page = published.published_page(
        web.session(),
        published.known_filters(request.args),
        find=request.args.get("q", ""),
        after=request.args.get("after"),
        limit=min(max(request.args.get("limit", published.PAGE_SIZE, int), 1), MOST),
    )
    return jsonify(items=[_item(card) for card in page.cards], next=page.next)


@bp.get("/gallery/<uuid:entry_id>")
def entry(entry_id: UUID) -> Response:
    """One entry that everyone may see."""
    card = published.published_entry(web.session(), entry_id)
    return jsonify(_item(card)) if card else web.problem(404)


def _closed(shut: Shut) -> Response:
    """Nothing can be sent now; receipts go on."""
    answer = web.problem(503, detail=shut.sentence)
    if shut.seconds is not None:
        answer.headers["Retry-After"] = str(shut.seconds)
    return answer


def _please_wait(wait: Wait) -> Response:
    """Many have come from this network: send a solution, or the same again later with the ticket."""
    detail = "Solve /api/v1/challenge and send it as `altcha`, or wait and send `ticket`."
    answer = web.problem(429, detail=detail, ticket=wait.ticket, retry_after=wait.seconds)
    answer.headers["Retry-After"] = str(wait.seconds)
    return answer


def _draft() -> Draft:
    """The multipart fields; raises DraftRefused for a repeated field or a consent that is neither true nor false."""
    form = request.form
    repeated = [name for name in form if len(form.getlist(name)) > 1] + [
        name for name in request.files if len(request.files.getlist(name)) > 1
    ]
    wrong = dict.fromkeys(repeated, "repeated")
    consents = {name: form.get(name, "false") for name in ("consent_gallery", "consent_schools", "consent_print")}
    wrong |= {name: "unknown" for name, value in consents.items() if value not in ("true", "false")}
    if wrong:
        raise DraftRefused(wrong)
    words = ("kind", "language", "theme", "text", "caption", "alt")
    fields: dict[str, Any] = {name: form.get(name, "") for name in words}
    fields |= {name: form.get(name) for name in OPTIONAL}
    fields |= {name: value == "true" for name, value in consents.items()}
    return Draft(**fields)


def _opened() -> Entry | Response:
    limiter, address = web.parts().limiter, request.remote_addr or ""
    if limiter.exceeded("receipts", address, WRONG_CODES):
        return web.problem(429, detail="Too many wrong receipts; wait some minutes.")
    body = request.get_json(silent=True)
    typed = body.get("receipt") if isinstance(body, dict) else None
    if not isinstance(typed, str) or receipts.parse(typed) is None:
        return web.problem(422, detail="`receipt` must be 16 digits.", errors={"receipt": "unknown"})
    found = sending.find(web.session(), typed, settings=web.settings())
    if found is None:
        limiter.count("receipts", address, WINDOW)
        return web.problem(404, detail="No entry has this receipt.")
    return found


def _state(entry: Entry) -> Response:
    appealed = any(event.action is Action.APPEAL for event in log.of_entry(web.session(), entry.id))
    status = status_of(entry, appealed=appealed)
    reason = status.reason and {
        "id": entry.reason, "label": status.reason.label, "message": status.reason.message, "tip": status.reason.tip,
    }  # fmt: skip
    return jsonify(
        state=status.state, title=status.title, message=status.body, reason=reason, note=status.note,
        entry=str(entry.id) if entry.is_public else None, shown_on=entry.due_on and entry.due_on.isoformat(),
        removed=status.removed, covered=status.covered, marks=status.marks,
        messages=[
            {"from": "child" if said.from_child else "team", "text": said.text, "week": said.week.isoformat()}
            for said in messages.thread(web.session(), entry.id)
        ],
        can_withdraw=status.can_withdraw, can_resubmit=status.can_resubmit, can_appeal=status.can_appeal,
    )  # fmt: skip


def _item(card: published.Card) -> dict[str, Any]:
    image = card.image and {
        "width": card.image.width, "height": card.image.height, "animated": card.image.animated,
        "srcset": card.image.srcset, "fallback": card.image.fallback, "placeholder": card.image.placeholder,
    }  # fmt: skip
    return {
        "id": str(card.id), "kind": card.kind, "language": card.language, "theme": card.theme, "title": pages.title(card),
        "text": card.text, "caption": card.caption, "alt": card.alt, "age": card.age, "nickname": card.nickname,
        "published_on": card.published_on.isoformat(), "image": image,
    }  # fmt: skip
