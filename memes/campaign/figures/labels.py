"""The words for the figures. Keys are written out, so that they can be searched for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import format_date
from flask_babel import gettext as _

from memes import web
from memes.figures import WAITS, Figure, Month, Report, Span
from memes.taxonomy import taxonomy

#: Months in the table; JSON and CSV have all.
COLUMNS = 12


@dataclass(frozen=True, slots=True)
class Plot:
    """Bars with a table around them: a name and the sum of what is shown (0: nothing is) in each row."""

    id: str
    title: str
    note: str
    rows: list[tuple[str, int]]

    @property
    def most(self) -> int:
        """What the longest bar stands for."""
        return max((number for _name, number in self.rows), default=0)


@dataclass(frozen=True, slots=True)
class Cell:
    """A number (None: still too few) over `wide` columns; `months` says which, where it is more than one."""

    number: int | None
    wide: int
    months: str


def plots(report: Report) -> list[Plot]:
    """Everything in sum, since the beginning."""
    reasons = [(web.in_language(reason.label), report[f"declined.{reason.id}"].total) for reason in taxonomy().reasons.values()]
    return [
        Plot("received", _("figures.received"), _("figures.received_note"), [
            (_kind("meme"), report["received.meme"].total), (_kind("story"), report["received.story"].total),
            (_kind("solution"), report.total("received.solution.")),
        ]),
        Plot("answers", _("figures.answers"), _("figures.answers_note"), [
            (_("figures.approved"), report.total("approved.")), (_("figures.changes"), report.total("changes.")),
            (_("figures.declined"), report.total("declined.")), (_("figures.taken_down"), report["taken_down"].total),
        ]),
        Plot("waits", _("figures.waits"), _("figures.waits_note"), [
            (_wait(wait), report.total(f"approved.{wait}", f"changes.{wait}")) for wait in WAITS
        ]),
        Plot("reasons", _("figures.reasons"), _("figures.reasons_note"), sorted(reasons, key=lambda row: -row[1])),
        Plot("appeals", _("figures.appeals"), _("figures.appeals_note"), [
            (_("figures.upheld"), report["appeal.upheld"].total), (_("figures.changed"), report["appeal.changed"].total),
        ]),
        Plot("withdrawn", _("figures.withdrawn"), _("figures.withdrawn_note"), [
            (_("figures.withdrawn"), report["withdrawn"].total),
        ]),
    ]  # fmt: skip


def columns(report: Report) -> list[Month]:
    """The newest months, the oldest of them first."""
    return list(report.months[-COLUMNS:])


def rows(report: Report) -> list[tuple[str, list[Cell]]]:
    """Month by month: every figure of which something is shown in one of the columns, with its cells from the first to the last."""
    shown = [month.first for month in columns(report)]
    found = [(figure_name(figure), _cells(figure, shown)) for figure in report.figures]
    return [(name, cells) for name, cells in found if any(cell.number is not None for cell in cells)]


def month_name(month: date) -> str:
    """ "November 2026", shortly."""
    return str(format_date(month, "MMM y"))


def figure_name(figure: Figure) -> str:
    """A single figure in words."""
    group, _dot, rest = figure.name.partition(".")
    if group == "received":
        kind, _dot, theme = rest.partition(".")
        return f"{_kind(kind)} · {web.in_language(taxonomy().themes[theme].label)}" if theme else _kind(kind)
    if group in ("approved", "changes"):
        return f"{_('figures.approved') if group == 'approved' else _('figures.changes')} · {_wait(rest)}"
    if group == "declined":
        return f"{_('figures.declined')} · {web.in_language(taxonomy().reasons[rest].label)}"
    names = {
        "appeal.upheld": _("figures.upheld"), "appeal.changed": _("figures.changed"), "taken_down": _("figures.taken_down"),
        "withdrawn": _("figures.withdrawn"),
    }  # fmt: skip
    return str(names[figure.name])


def _cells(figure: Figure, shown: Sequence[date]) -> list[Cell]:
    return [_cell(span, shown) for span in figure.spans if span.last in shown]


def _cell(span: Span, shown: Sequence[date]) -> Cell:
    wide = sum(span.first <= month <= span.last for month in shown)
    months = "" if span.first == span.last else f"{month_name(span.first)} – {month_name(span.last)}"
    return Cell(span.number, wide, months)


def _kind(kind: str) -> str:
    return web.in_language(taxonomy().kinds[kind].description)


def _wait(wait: str) -> str:
    return str({"same": _("figures.same"), "next": _("figures.next"), "later": _("figures.later")}[wait])
