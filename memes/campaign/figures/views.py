"""Figures of finished months as a page, JSON and CSV; and what children propose, by theme."""

import csv
import io
from typing import Any

from flask import Blueprint, Response, jsonify, render_template
from flask_babel import format_date

from memes import figures, pages, privacy, published, web
from memes.campaign.figures import labels
from memes.figures import THRESHOLD, Report
from memes.taxonomy import taxonomy

bp = Blueprint("figures", __name__)

#: Solutions quoted for each theme.
QUOTED = 3


@bp.get(f"/{web.LANGUAGE_RULE}/transparency")
def transparency() -> str:
    """What came, what was answered and why, in sum and month by month."""
    report = figures.report(web.session())
    return render_template(
        "campaign/transparency.html", report=report, plots=labels.plots(report), columns=labels.columns(report),
        rows=labels.rows(report), month_name=labels.month_name, threshold=THRESHOLD,
        first=format_date(figures.month_of(privacy.now()), "MMMM y"),
    )  # fmt: skip


@bp.get("/transparency.json")
def as_json() -> Response:
    """The same for programs."""
    report = figures.report(web.session())
    return jsonify(
        threshold=THRESHOLD,
        months=[
            {
                "month": f"{month.first:%Y-%m}", "weeks": month.weeks,
                "log_heads": {"entries": month.entries_head, "desk": month.desk_head},
            }
            for month in report.months
        ],
        figures=[
            {"name": figure.name, "total": figure.total or None, "spans": [
                {"from": first, "to": last, "number": number} for name, first, last, number in _lines(report) if name == figure.name
            ]}
            for figure in report.figures
        ],
    )  # fmt: skip


@bp.get("/transparency.csv")
def as_csv() -> Response:
    """The same for a spreadsheet: a line for each number; a number that is still too small is empty."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["figure", "from", "to", "number"])
    writer.writerows(_lines(figures.report(web.session())))
    answer = Response(file.getvalue(), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = "attachment; filename=insta-memes-transparency.csv"
    return answer


@bp.get(f"/{web.LANGUAGE_RULE}/solutions")
def solutions() -> str:
    """What children propose, by theme: how often, and in the words of those who allow it."""
    report = figures.report(web.session())
    themes = [
        {
            "id": theme.id, "label": web.in_language(theme.label), "number": report[f"received.solution.{theme.id}"].total,
            "cards": [pages.card(card) for card in published.quotable_solutions(web.session(), theme.id, QUOTED)],
        }
        for theme in taxonomy().themes.values()
    ]  # fmt: skip
    told = sorted((theme for theme in themes if theme["number"] or theme["cards"]), key=lambda theme: -_number(theme))
    return render_template("campaign/solutions.html", themes=told, threshold=THRESHOLD, most=max(map(_number, told), default=0))


def _number(theme: dict[str, Any]) -> int:
    return int(theme["number"])


def _lines(report: Report) -> list[tuple[str, str, str, int | None]]:
    return [
        (figure.name, f"{span.first:%Y-%m}", f"{span.last:%Y-%m}", span.number)
        for figure in report.figures for span in figure.spans
    ]  # fmt: skip
