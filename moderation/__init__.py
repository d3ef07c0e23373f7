"""What moderators do: accounts, sign-in, backlog (reads), desk (verbs). `init_app` puts it under /desk."""

from flask import Blueprint, Flask, Response
from flask_login import current_user
from flask_wtf.csrf import generate_csrf
from werkzeug.exceptions import HTTPException

from memes.errors import DomainError
from moderation import door, views
from moderation.again import views as again
from moderation.covering import views as covering
from moderation.editing import views as editing
from moderation.insight import views as insight
from moderation.joining import views as joining
from moderation.mine import views as mine
from moderation.people import views as people
from moderation.practice import views as practice
from moderation.running import views as running
from moderation.safeguarding import views as safeguarding
from moderation.schools import views as schools
from moderation.signin import views as signin
from moderation.turns import views as turns

__all__ = ["init_app"]


def init_app(app: Flask) -> None:
    """Register the desk. The guard stands on the blueprint that holds all others: a new page is closed unless listed."""
    door.init_app(app)
    desk = Blueprint("desk", __name__, url_prefix="/desk")
    desk.before_request(door.guard)
    desk.after_request(_never_stored)
    desk.context_processor(views.template_names)
    desk.context_processor(lambda: {"csrf_token": generate_csrf, "current_user": current_user})
    for kind in (HTTPException, DomainError):
        desk.register_error_handler(kind, views.answer_error)
    desk.register_blueprint(signin.bp)
    desk.register_blueprint(views.bp)
    desk.register_blueprint(turns.bp)
    desk.register_blueprint(covering.bp)
    desk.register_blueprint(insight.bp)
    desk.register_blueprint(practice.bp)
    desk.register_blueprint(safeguarding.bp)
    for room in (again, joining, people, mine, running, schools, editing):
        desk.register_blueprint(room.bp)
    app.register_blueprint(desk)


def _never_stored(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
