"""The least that a program can do behind granian, and the least that one of Flask can: the peers of `benchmarks/pages.py`."""

from collections.abc import Iterable
from typing import Any

from flask import Flask

WORDS = "Hello, world!"

of_flask = Flask(__name__, static_folder=None)


def bare(_environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """A function."""
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(WORDS)))])
    return (WORDS.encode(),)


@of_flask.get("/")
def hello() -> str:
    """A view."""
    return WORDS
