"""A worker with a fault built in: a picture that begins with MARK kills the process that renders it. For tests alone."""

import os
import signal
from pathlib import Path

from celery import Celery

from workers import app, tasks
from workers.images import Rendered
from workers.render import render_in_child

MARK = b"this kills"
_LIST = "deaths"


def _render(data: bytes) -> Rendered:
    if data.startswith(MARK):
        with (Path(os.environ["INSTAMEMES_HOME"]) / _LIST).open("a") as deaths:
            deaths.write("x")
        os.kill(os.getpid(), signal.SIGKILL)
    return render_in_child(data)


def deaths(home: Path) -> int:
    """How often it killed in this home."""
    return len((home / _LIST).read_text())


def __getattr__(name: str) -> Celery:
    """`tests.faults.poison:celery`: only a worker that asks for it gets the fault."""
    if name != "celery":
        raise AttributeError(name)
    tasks.render_in_child = _render
    return app.celery
