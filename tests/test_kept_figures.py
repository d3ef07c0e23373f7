"""What tests measure is kept for whoever writes it down."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import assurance


def test_a_figure_is_kept_only_where_a_folder_is_named(
    figure: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.delenv("INSTAMEMES_FIGURES", raising=False)
    figure("a.b", 1)
    monkeypatch.setenv("INSTAMEMES_FIGURES", str(tmp_path / "kept"))
    figure("a.b", 312, goal=">= 300", unit="files")
    figure("a.b", 313, goal=">= 300", unit="files")
    figure("a.c", "all")
    first, _ = sorted((tmp_path / "kept").iterdir())
    assert json.loads(first.read_text()) == {
        "name": "a.b", "value": 313, "goal": ">= 300", "unit": "files", "test": request.node.nodeid,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("value", "goal", "reached"),
    [(50, ">= 50", True), (49, ">= 50", False), (0, "= 0", True), (0.2, "<= 0.1 of them", False), ("A+", "= A+", True),
     (3, "", None)],
)  # fmt: skip
def test_a_figure_is_judged_by_its_goal(value: float | str, goal: str, reached: bool | None) -> None:
    assert assurance.met({"value": value, "goal": goal}) is reached


def test_the_page_tells_what_is_missed_and_what_nobody_measured() -> None:
    figure = {"name": "cage.probes", "value": 9, "goal": ">= 12", "unit": "probes", "test": "tests/workers/test_cage.py::test_a"}
    text, missing = assurance.page([figure, figure | {"name": "strange"}])
    assert "| >= 12 | 9 | probes | **no** | `workers/test_cage.py` test_a |" in text
    assert "cage.probes is 9, not >= 12" in missing
    assert "nothing was measured for: What is over is erased" in missing
    assert "strange belongs to no promise" in missing
