"""A worker in whose cage a picture does harm: `tests.faults.rounds.cursed:celery`. For tests alone.

What it does, and how long it may hang, is told by the cage's own interpreter, which runs `curses/sitecustomize.py` first.
"""

from pathlib import Path

from celery import Celery

from workers import app, cage, render

#: What a picture ends with: the decoder's process falls over a null pointer, waits for ever, or wants all memory.
CURSES = (b"curse of the segfault", b"curse of the hang", b"curse of the memory")

_SECONDS = 2.0


def __getattr__(name: str) -> Celery:
    """Only a worker that asks for it is cursed."""
    if name != "celery":
        raise AttributeError(name)
    render.WALL_SECONDS = _SECONDS
    cage.ENVIRONMENT["PYTHONPATH"] = f"{Path(__file__).parent / 'curses'}:{cage.ROOT}"
    return app.celery
