"""The settings of the platform (`memes.running`), each a form of its own. For admins, after proving once more who they are."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from memes import privacy, retention, running, web
from memes.errors import NotAllowed, StaleDecision
from memes.lifecycle import ENDED, State
from memes.running import NAMES, SettingRefused
from memes.taxonomy import taxonomy
from moderation import audit, door
from moderation.audit import Deed
from moderation.door import me
from moderation.forms import SettingForm
from moderation.roles import SETTERS

bp = Blueprint("running", __name__)

#: How far the page looks that says what is erased soon.
AHEAD = timedelta(days=30)

#: The states that have a clock, in the order of an entry's life.
CLOCKS = tuple(state for state in State if state in ENDED)

Sent = MultiDict[str, str]

#: What a form means, as the plain value that `running.change` takes; what cannot be is refused there.
_MEANT: dict[str, Callable[[Sent], Any]] = {
    "languages": lambda sent: sent.getlist("languages"),
    "themes_hidden": lambda sent: [theme for theme in taxonomy().themes if theme not in sent.getlist("themes")],
    "hours": lambda sent: _pair(sent, "") if any(_pair(sent, "")) else None,
    "window": lambda sent: _pair(sent, None),
    "banner": lambda sent: {language: sent.get(f"banner-{language}", "") for language in running.LANGUAGES},
    "photos": lambda sent: sent.get("photos") == "yes",
    "open_enrolment": lambda sent: sent.get("open_enrolment") == "yes",
    "batch_hour": lambda sent: sent.get("batch_hour") or None,
    "keep_days": lambda sent: {state.value: sent[state.value].strip() for state in CLOCKS if sent.get(state.value, "").strip()},
}


@bp.before_request
def _only_setters() -> None:
    if me().role not in SETTERS:
        raise NotAllowed("sets nothing")


@bp.get("/settings")
@door.freshly_proved
def settings() -> ResponseReturnValue:
    """Everything that can be set."""
    return _page()


@bp.get("/settings/due")
def due() -> ResponseReturnValue:
    """What is erased within AHEAD, in numbers: a last look before it is gone."""
    today = privacy.now().date()
    rows = retention.due(web.session(), today + AHEAD)
    return render_template("moderation/due.html", rows=rows, today=today, days=AHEAD.days)


@bp.post(f"/settings/<any({', '.join(map(repr, NAMES))}):name>")
@door.freshly_proved
def change(name: str) -> ResponseReturnValue:
    """Set one thing, write it down, and show it; what cannot be stays in its form, with why."""
    form, session = SettingForm(), web.session()
    if not form.validate_on_submit():
        abort(400)
    meant = _MEANT[name](request.form)
    try:
        told = running.change(session, name, meant, form.seen.data)
    except SettingRefused:
        session.rollback()
        return _page({name: meant}, {name: _refusals()[name]}), 422
    except StaleDecision:
        session.rollback()
        return _page(problems={name: _("desk.settings.stale")}), 409
    audit.record(session, me(), Deed.CHANGE_SETTING, told)
    session.commit()
    web.forget_running()
    flash(_("desk.settings.done"))
    return redirect(url_for(".settings", _anchor=name), 303)


def _page(typed: dict[str, Any] | None = None, problems: dict[str, str] | None = None) -> str:
    session = web.session()
    return render_template(
        "moderation/settings.html", values=running.plain(running.read(session)) | (typed or {}),
        versions=running.versions(session), problems=problems or {}, clocks=CLOCKS, banner_limit=running.BANNER_LIMIT,
    )  # fmt: skip


def _pair(sent: Sent, nothing: str | None) -> list[str | None]:
    return [sent.get(end, "").strip() or nothing for end in ("from", "to")]


def _refusals() -> dict[str, str]:
    return {
        "languages": _("desk.settings.languages_refused"), "themes_hidden": _("desk.settings.themes_refused"),
        "hours": _("desk.settings.hours_refused"), "window": _("desk.settings.window_refused"),
        "banner": _("desk.settings.banner_refused", most=running.BANNER_LIMIT), "photos": _("problem.choice"),
        "open_enrolment": _("problem.choice"), "batch_hour": _("problem.choice"),
        "keep_days": _("desk.settings.keep_refused", most=running.LONGEST_KEPT),
    }  # fmt: skip
