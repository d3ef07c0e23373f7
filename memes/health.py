"""Is it alive, and can it do its work? For machines that watch; says nothing about anybody."""

from time import monotonic

from flask import Blueprint, Response, current_app, jsonify

from memes import readiness, web

bp = Blueprint("health", __name__)

#: Seconds for which an answer is remembered: each one writes a file, and everybody can ask.
FRESH = 2


@bp.get("/healthz")
def alive() -> Response:
    """The process answers."""
    return jsonify(status="ok")


@bp.get("/readyz")
def ready() -> tuple[Response, int]:
    """Database, the keys to its words, broker, media, and a worker that gets things done; 503 names what is missing."""
    checks = _checks()
    whole = all(checks.values())
    return jsonify(status="ok" if whole else "unready", **checks), 200 if whole else 503


def _checks() -> dict[str, bool]:
    known: tuple[float, dict[str, bool]] | None = current_app.extensions.get("instamemes_ready")
    if known is None or known[0] < monotonic():
        parts = web.parts()
        known = monotonic() + FRESH, readiness.parts(parts.database, parts.media, parts.queue)
        current_app.extensions["instamemes_ready"] = known
    return known[1]
