"""Is it alive, and can it do its work? For machines that watch; says nothing about anybody."""

from collections.abc import Callable

from flask import Blueprint, Response, jsonify
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from memes import encrypting, web

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def alive() -> Response:
    """The process answers."""
    return jsonify(status="ok")


@bp.get("/readyz")
def ready() -> tuple[Response, int]:
    """Database, the keys to its words, broker, media, and a worker seen lately; 503 names what is missing."""
    parts = web.parts()
    checks = {
        "database": _database(),
        "keys": _keys(),
        "broker": parts.queue.ready(),
        "media": parts.media.ready(),
        "worker": parts.queue.worker_seen(),
    }
    whole = all(checks.values())
    return jsonify(status="ok" if whole else "unready", **checks), 200 if whole else 503


def _database() -> bool:
    return _answers(lambda session: session.scalar(text("SELECT 1")) == 1)


def _keys() -> bool:
    return _answers(encrypting.keys_fit)


def _answers(ask: Callable[[Session], bool]) -> bool:
    try:
        return ask(web.session())
    except SQLAlchemyError:
        web.session().rollback()
        return False
