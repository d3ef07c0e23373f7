"""What was wanted, and what came out: the first table of docs/performance.md. A module says it where it has the numbers."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

HEAD = ("| | wanted | measured | |", "|---|---|---|---|")


@dataclass(frozen=True, slots=True)
class Goal:
    """One line. `wanted` and `measured` name the peer and the spread where there is one; `why`: of a missed one."""

    what: str
    wanted: str
    measured: str
    met: bool
    why: str = ""


_said: list[Goal] = []


def goal(what: str, wanted: str, measured: str, met: bool, why: str = "") -> None:
    """Remember it for the table."""
    _said.append(Goal(what, wanted, measured, bool(met), why))


@contextmanager
def heard() -> Iterator[list[Goal]]:
    """What is said meanwhile, alone."""
    _said.clear()
    yield _said


def spread(values: Sequence[float], form: str, unit: str = "") -> str:
    """The median, and in brackets the lowest and the highest."""
    return f"{median(values):{form}}{unit} ({min(values):{form}} to {max(values):{form}})"


def table(before: str, name: str, title: str, goals: Sequence[Goal]) -> str:
    """The table of all modules: lines of others as they were, those of `name` anew, whose section is `title`."""
    others = [line for line in before.splitlines() if line.startswith("| [") and not line.startswith(f"| [{name}]")]
    link = re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")
    lines = [
        f"| [{name}](#{link}): {one.what} | {one.wanted} | {one.measured} | {_judged(one)} |" for one in goals
    ]  # fmt: skip
    rows = sorted(others + lines, key=lambda line: line.partition("]")[0])
    missed = sum("| **missed**" in line for line in rows)
    return "\n".join([f"{len(rows) - missed} of {len(rows)} goals are met.", "", *HEAD, *rows, ""])


def _judged(one: Goal) -> str:
    return "met" if one.met else f"**missed**{one.why and ': '}{one.why}"
