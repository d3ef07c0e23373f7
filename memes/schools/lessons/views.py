"""Pages for a teacher's desk and for paper. They ask nothing and know nobody."""

from dataclasses import asdict

from flask import Blueprint, abort, render_template

from memes import web
from memes.lessons import MINUTES, lessons
from memes.taxonomy import taxonomy

bp = Blueprint("lessons", __name__, url_prefix=f"/{web.LANGUAGE_RULE}/schools")


@bp.get("/lessons")
def index() -> str:
    """A lesson for each theme."""
    themes = [theme for theme in taxonomy().themes.values() if theme.id in lessons()]
    aims = [(theme.id, web.in_language(theme.label), web.in_language(lessons()[theme.id].aim)) for theme in themes]
    return render_template("schools/lessons/index.html", aims=aims)


@bp.get("/lessons/<theme_id>")
def lesson(theme_id: str) -> str:
    """One sheet."""
    theme, found = taxonomy().themes.get(theme_id), lessons().get(theme_id)
    if theme is None or found is None:
        abort(404)
    return render_template(
        "schools/lessons/lesson.html", theme={"id": theme.id, "label": web.in_language(theme.label)}, hard=theme.help_first,
        prompts=[web.in_language(prompt) for prompt in theme.prompts], minutes=MINUTES,
        said={part: web.in_language(text) for part, text in asdict(found).items()},
    )  # fmt: skip


@bp.get("/paper")
def paper() -> str:
    """Empty frames to draw in, where there are no phones."""
    return render_template("schools/lessons/paper.html")


@bp.get("/disclosure")
def disclosure() -> str:
    """The card for when a pupil tells something."""
    return render_template("schools/lessons/disclosure.html")
