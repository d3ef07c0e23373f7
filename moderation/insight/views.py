"""Pages that look back: how the work goes in sum, and the log."""

from datetime import date
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from memes import web
from memes.errors import NotAllowed
from moderation import audit as audit_log
from moderation import words
from moderation.audit import LOGS, Wanted
from moderation.door import me
from moderation.insight import figures, labels
from moderation.roles import AUDITORS, READERS

bp = Blueprint("insight", __name__)


@bp.get("/insight")
def insight() -> ResponseReturnValue:
    """How the work goes, in sum."""
    if me().role not in READERS:
        raise NotAllowed("does not read entries")
    session = web.session()
    work = figures.work(session)
    return render_template(
        "moderation/insight.html", work=work, since=words.week(work.since) if work.since else "",
        plots=[labels.ages(figures.backlog_ages(session)), labels.answers(work), labels.waits(work.waits()),
               labels.agreement(work, figures.practice(session))],
    )  # fmt: skip


@bp.get("/audit")
def audit() -> ResponseReturnValue:
    """Both logs, newest first, by entry, person and day."""
    if me().role not in AUDITORS:
        raise NotAllowed("does not read the log")
    kind = request.args.get("log", "")
    kind = kind if kind in LOGS else "entries"
    wanted, wrong = _wanted()
    names, subjects = labels.people(web.session()), labels.subjects(web.session())
    found = audit_log.page(web.session(), LOGS[kind], wanted, request.args.get("before", type=int))
    asked: dict[str, Any] = {name: request.args[name] for name in ("entry", "person", "day") if request.args.get(name)}
    older = url_for(".audit", log=kind, before=found.next, **asked) if found.next else None
    return render_template(
        "moderation/audit.html", kind=kind, lines=[labels.told(line, subjects) for line in found.lines], names=names,
        asked=asked, wrong=wrong, older=older, others=labels.others(kind),
    )  # fmt: skip


def _wanted() -> tuple[Wanted, dict[str, str]]:
    """What was asked for, and what of it cannot be understood, by field: that part is left out."""
    wrong, subject, day = {}, None, None
    if typed := request.args.get("entry", "").strip():
        subject = words.entry_id_in(typed)
        if subject is None:
            wrong["entry"] = _("desk.audit.error.entry")
    if typed := request.args.get("day", "").strip():
        try:
            day = date.fromisoformat(typed)
        except ValueError:
            wrong["day"] = _("desk.audit.error.day")
    return Wanted(subject, request.args.get("person", ""), day), wrong
