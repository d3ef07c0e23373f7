"""Programs of a test's own in the place of the one that decodes pictures."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psutil
import pytest

from workers import cage, render
from workers.keeper import Keeper


def put(folder: Path, program: str) -> None:
    """Let `workers._child` be this program in `folder`; with `forked()` it says when it can be forked for a picture."""
    package = folder / "workers"
    package.mkdir(exist_ok=True)
    (package / "__init__.py").write_text(f"__path__.append({str(Path(cage.__file__).parent)!r})\n")
    (package / "_child.py").write_text(
        f"import os, resource, signal, struct, sys, time\nfrom workers._keeper import forked\n{program}"
    )


@contextmanager
def keeper(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Keeper]:
    """A keeper that finds what was put into `folder`."""
    monkeypatch.setitem(cage.ENVIRONMENT, "PYTHONPATH", f"{folder}:{cage.ROOT}")
    with closing(Keeper(render.CHILD, render.limits())) as made:
        yield made


def gone(number: int) -> bool:
    """Whether a process has ended, also where nobody has asked how."""
    try:
        return psutil.Process(number).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
