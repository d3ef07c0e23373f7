"""Is it alive, and can it do its work? For machines that watch; says nothing about anybody."""

from flask import Blueprint, Response, jsonify
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from memes import web

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def alive() -> Response:
    """The process answers."""
    return jsonify(status="ok")


@bp.get("/readyz")
def ready() -> tuple[Response, int]:
    """Database, broker, media, and a worker seen lately; 503 names what is missing."""
    parts = web.parts()
    checks = {
        "database": _database(),
        "broker": parts.queue.ready(),
        "media": parts.media.ready(),
        "worker": parts.queue.worker_seen(),
    }
    whole = all(checks.values())
    return jsonify(status="ok" if whole else "unready", **checks), 200 if whole else 503


def _database() -> bool:
    try:
        web.session().execute(text("SELECT 1"))
    except SQLAlchemyError:
        web.session().rollback()
        return False
    return True
