"""The page for teachers."""

from flask import Blueprint, render_template

from memes import web

bp = Blueprint("schools", __name__)


@bp.get(f"/{web.LANGUAGE_RULE}/schools")
def index() -> str:
    """What there is for a class."""
    return render_template("schools/index.html")
