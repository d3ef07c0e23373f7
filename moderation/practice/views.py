"""The practice queue: the same buttons as for real entries, then the agreed answer and why. One's own result only."""

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from memes import web
from memes.errors import Incomplete, NotAllowed, NotFound
from memes.lifecycle import Action
from memes.taxonomy import taxonomy
from moderation import words
from moderation.door import me
from moderation.forms import DeskForm, PracticeForm
from moderation.models import PracticeAnswer
from moderation.practice import items as practice
from moderation.practice.items import Answer, Item
from moderation.roles import READERS

bp = Blueprint("practice", __name__, url_prefix="/practice")


@bp.before_request
def readers_only() -> None:
    """Who reads entries practises reading them."""
    if me().role not in READERS:
        raise NotAllowed("does not read entries")


@bp.get("")
def overview() -> ResponseReturnValue:
    """All items, and how one's own answers went."""
    answers = practice.answers_of(web.session(), me())
    agreed = sum(answer.agreed for answer in answers.values())
    return render_template(
        "moderation/practice.html", items=practice.items().values(), answers=answers, agreed=agreed, next=_next(answers)
    )


@bp.get("/<item_id>")
def item(item_id: str) -> ResponseReturnValue:
    """One item: to be decided, or with its answer."""
    return _page(_known(item_id))


@bp.post("/<item_id>")
def answer(item_id: str) -> ResponseReturnValue:
    """Decide; the agreed answer stands on the same page afterwards."""
    form = PracticeForm()
    if not form.validate_on_submit():
        abort(400)
    item = _known(item_id)
    try:
        practice.answer(web.session(), me(), item, form.action.data or "", form.reason.data or "")
    except Incomplete as error:
        return _page(item, missing=error.field, chosen=form.reason.data or ""), 422
    web.session().commit()
    return redirect(url_for(".item", item_id=item.id), 303)


@bp.post("/start-over")
def start_over() -> ResponseReturnValue:
    """Practise from the start."""
    if not DeskForm().validate_on_submit():
        abort(400)
    practice.start_over(web.session(), me())
    web.session().commit()
    return redirect(url_for(".overview"), 303)


def _known(item_id: str) -> Item:
    found = practice.items().get(item_id)
    if found is None:
        raise NotFound("no such item")
    return found


def _page(item: Item, *, missing: str = "", chosen: str = "") -> str:
    answers = practice.answers_of(web.session(), me())
    given = answers.get(item.id)
    return render_template(
        "moderation/practice_item.html", item=item, given=given, missing=missing, chosen=chosen, next=_next(answers),
        place=list(practice.items()).index(item.id) + 1, total=len(practice.items()), reasons=taxonomy().reasons.values(),
        said=_said(Answer(given.action, given.reason)) if given else "", agreed=[_said(one) for one in item.accepted],
        why=web.in_language(item.why),
    )  # fmt: skip


def _next(answers: dict[str, PracticeAnswer]) -> str | None:
    return next((item_id for item_id in practice.items() if item_id not in answers), None)


def _said(one: Answer) -> str:
    """An answer in the words of its button."""
    buttons = {
        Action.APPROVE: _("desk.approve.button"), Action.ASK_CHANGES: _("desk.answer.ask_changes"),
        Action.DECLINE: _("desk.answer.decline"), Action.ESCALATE: _("desk.escalate.button"),
    }  # fmt: skip
    return f"{buttons[one.action]} ({words.reason(one.reason)})" if one.reason else str(buttons[one.action])
