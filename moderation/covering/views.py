"""The page where places of a picture and words are covered or marked."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from memes import guard, log, redaction, web
from memes.errors import IllegalTransition, Incomplete, NotAllowed, StaleDecision
from memes.models import Entry
from moderation import backlog as waiting
from moderation import claims, desk, workplace
from moderation.door import me
from moderation.forms import BOX_SIDES, DecisionForm, boxes_in, spans_in
from moderation.sheet import sheet
from moderation.views import after, entry_of, page_of

bp = Blueprint("covering", __name__)

#: Empty rows for who draws without a script; with one there are as many as are drawn.
_SPARE = 3


@bp.get("/entries/<uuid:entry_id>/cover")
def cover(entry_id: UUID) -> ResponseReturnValue:
    """The picture with proposed boxes, and every word as something that can be chosen."""
    return cover_page(entry_of(entry_id), MultiDict())


@bp.post("/entries/<uuid:entry_id>/cover")
def redact(entry_id: UUID) -> ResponseReturnValue:
    """Cover; or show the page again with everything that was drawn and chosen."""
    form, entry = DecisionForm(), entry_of(entry_id)
    if not form.validate_on_submit():
        abort(400)
    session, position, lane, state = web.session(), waiting.position_of(entry), entry.lane, entry.state
    try:
        boxes, spans = boxes_in(request.form), spans_in(request.form)
        desk.redact(session, entry, me(), form.seen.data, boxes, spans, queue=web.queue())
    except (StaleDecision, IllegalTransition, claims.Held) as error:
        session.rollback()
        return page_of(entry_of(entry_id), form, refused=error, verb="ask-changes"), 409
    except Incomplete as error:
        session.rollback()
        return cover_page(entry_of(entry_id), request.form, missing=error.field), 422
    # Somebody else decides on what is left to see.
    claims.hide(session, entry_id, me())
    place = workplace.decided(session, me(), entry)
    session.commit()
    flash(_("desk.done.redact"))
    if workplace.break_is_due(place):
        return redirect(url_for("desk.turns.pause"), 303)
    return redirect(after(lane, position, state), 303)


def cover_page(entry: Entry, sent: "MultiDict[str, str]", missing: str = "") -> str:
    """The page, with what was drawn, chosen and typed before (`sent`, as the form sends it)."""
    seen = sheet(web.session(), entry, log.of_entry(web.session(), entry.id), me())
    if "redact" not in seen.actions:
        raise NotAllowed("may not cover")
    fixable = [choice for choice in seen.choices if choice.fixable]
    typed = {"reason": sent.get("reason", ""), "note": sent.get("note", "")}
    return render_template(
        "moderation/cover.html", entry=entry, sheet=replace(seen, choices=fixable), rows=_rows(entry, sent), fields=_words(entry),
        found=_found(entry), ticked=_ticked(sent), words_kind=sent.get("words_kind", "name"), typed=typed,
        missing=missing, kinds=redaction.KINDS,
    )  # fmt: skip


def _ticked(sent: "MultiDict[str, str]") -> dict[str, str]:
    """The place of each chosen word -> what the form sent for it, which may end with a kind."""
    return {":".join(chosen.split(":")[:3]): chosen for chosen in sent.getlist("words")}


def _rows(entry: Entry, sent: "MultiDict[str, str]") -> list[dict[str, Any]]:
    """A row for each proposed face, for what was typed, and some empty ones. Sides in percent, as text."""
    faces = [dict(zip(BOX_SIDES, (f"{100 * side:.1f}" for side in face), strict=True)) for face in entry.faces]
    rows: list[dict[str, Any]] = [{"kind": "", "proposed": True} | face for face in faces]
    rows += [{"kind": "", "proposed": False} for _ in range(_SPARE)]
    typed = {
        int(name.split("-")[1]) for name in sent if name.startswith("box-") and name.split("-")[1].isdigit()
    }
    rows += [{"kind": "", "proposed": False} for _ in range(len(rows), min(max(typed, default=-1) + 1, redaction.MOST))]
    for number, row in enumerate(rows):
        names = {side: f"box-{number}-{side}" for side in (*BOX_SIDES, "kind")}
        row |= {side: sent[name] for side, name in names.items() if name in sent}
    return rows


def _found(entry: Entry) -> list[tuple[str, str, str]]:
    """What the form sends for each finding of the guard that could tell who somebody is, its words, and what it is."""
    return [
        (f"{field}:{found.start}:{found.end}:{found.kind if found.kind in redaction.KINDS else 'other'}",
         getattr(entry, field)[found.start : found.end], found.kind)
        for field in redaction.FIELDS for found in guard.find(getattr(entry, field)) if found.kind in guard.PRIVATE
    ]  # fmt: skip


def _words(entry: Entry) -> list[tuple[str, list[list[tuple[str, str]]]]]:
    """Field -> its lines -> (what the form sends for a word, the word)."""
    found = []
    for field in redaction.FIELDS:
        lines, at = [], 0
        for line in getattr(entry, field).splitlines(keepends=True):
            pieces = redaction.words_of(line)
            lines.append([(f"{field}:{at + start}:{at + end}", line[start:end]) for start, end in pieces])
            at += len(line)
        if lines:
            found.append((field, lines))
    return found
