"""What tests measure is kept for whoever writes it down."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest


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
