"""Flask plumbing shared by every blueprint: the request's session, language, headers, template names, errors.

Blueprints reach the parts through `session()`, `media()`, `queue()`, `settings()`; nothing is global.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from time import monotonic
from typing import Any, Literal, cast

from flask import Flask, Request, Response, current_app, g, redirect, render_template, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask_babel import Babel
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wsgi import wrap_file

from memes import compression, db, in_place
from memes import running as setting
from memes.bodies import BodiesFirst
from memes.counts import Counts, kind_of
from memes.db import Database
from memes.errors import DomainError, IllegalTransition, NotAllowed, NotFound, StaleDecision, StoreUnavailable
from memes.gate import Gate
from memes.limits import Limiter
from memes.ports import MediaStore, Press, TaskQueue
from memes.running import Running
from memes.settings import Settings
from memes.taxonomy import Text

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "static"

Language = Literal["ar", "fr", "en"]

#: Page languages, the first one being the default. Arabic is `ar_MA`: western digits, Moroccan month names.
LANGUAGES: dict[Language, tuple[str, str]] = {"ar": ("ع", "العربية"), "fr": ("FR", "Français"), "en": ("EN", "English")}
LANGUAGE_RULE = "<any(ar, fr, en):lang>"
LOCALES = {"ar": "ar_MA", "fr": "fr", "en": "en"}

#: Seconds for which a process remembers the desk's settings.
FRESH = 5

#: Only our own files, nothing inline, nobody may frame us. Every extra grant needs a reason here.
CSP = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",  # placeholders are data:, the preview of a chosen picture is blob:
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "manifest-src 'self'",
        "media-src 'self'",  # films of the campaign and their captions
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), browsing-topics=()",
    # `no-referrer` would make Flask-WTF refuse the desk's forms over HTTPS.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
#: What a style sheet, a module or a font of ours needs of them. The others speak of pages, and would cost a weak network
#: more than most of these files themselves.
PART_HEADERS = ("Cross-Origin-Resource-Policy", "X-Content-Type-Options")


@dataclass(frozen=True, slots=True)
class Parts:
    """What `wsgi.create_app` puts together."""

    settings: Settings
    database: Database
    media: MediaStore
    queue: TaskQueue
    limiter: Limiter
    gate: Gate
    press: Press
    counts: Counts


def parts() -> Parts:
    """The parts of the running application."""
    return cast(Parts, current_app.extensions["instamemes"])


def settings() -> Settings:
    """The settings of the running application."""
    return parts().settings


def media() -> MediaStore:
    """The media store."""
    return parts().media


def queue() -> TaskQueue:
    """The task queue."""
    return parts().queue


def session() -> Session:
    """The request's session, opened when first asked for: a reading one for GET and HEAD, else a writing one."""
    if "session" not in g:
        database = parts().database
        g.session = database.reads() if request.method in ("GET", "HEAD", "OPTIONS") else database.writes()
    return cast(Session, g.session)


def read_in(opened: Session) -> None:
    """Read what this request asks for in `opened`, which is closed at its end."""
    g.session = opened


def running() -> Running:
    """How the platform runs now, as the desk has set it, at most FRESH seconds old; as it last was if the database is away.

    Read in a session of its own: a form's writing session would hold the database's lock for it.
    """
    return running_of(current_app)


def running_of(app: Flask) -> Running:
    """The same, before a request has come to the application."""
    known: tuple[float, Running] | None = app.extensions.get("instamemes_running")
    if known is not None and known[0] > monotonic():
        return known[1]
    made: Parts = app.extensions["instamemes"]
    try:
        with made.database.reads() as reading:
            found = setting.read(reading)
    except db.AWAY:
        found = known[1] if known else Running()
    app.extensions["instamemes_running"] = (monotonic() + FRESH, found)
    return found


def forget_running() -> None:
    """The settings have just been changed here: read them anew. Other processes see the change FRESH seconds later."""
    current_app.extensions.pop("instamemes_running", None)


def stream_from_store(key: str, *, size: int, etag: str, content_type: str) -> Response:
    """An answer with an object's bytes, as they come and in parts if asked for parts, as films are. KeyError if there is none."""
    accel = settings().media_accel
    if accel:
        known = request.if_none_match.contains(etag)  # the proxy does not ask
        way = {} if known else {"X-Accel-Redirect": accel + key}
        return Response(status=304 if known else 200, content_type=content_type, headers={"ETag": f'"{etag}"', **way})
    response = Response(wrap_file(request.environ, media().open(key)), content_type=content_type, direct_passthrough=True)
    response.content_length = size
    response.set_etag(etag)
    response.make_conditional(request, accept_ranges=True, complete_length=size)
    return response


def init_app(app: Flask, made: Parts) -> None:
    """Give the application its parts and its manners."""
    app.extensions["instamemes"] = made
    app.session_interface = DeskOnlySessions()
    app.request_class = FormRequest
    app.config.update(
        SECRET_KEY=made.settings.secret_key,
        MAX_CONTENT_LENGTH=made.settings.body_limit,
        MAX_FORM_PARTS=50,
        SESSION_COOKIE_NAME="__Host-desk" if made.settings.production else "desk",
        SESSION_COOKIE_SECURE=made.settings.production,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        BABEL_TRANSLATION_DIRECTORIES=str(ROOT / "translations"),
    )
    app.wsgi_app = BodiesFirst(app.wsgi_app, made.settings.body_limit)  # type: ignore[method-assign]
    if made.settings.trusted_proxies:
        hops = made.settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    Babel(app, locale_selector=lambda: LOCALES[language()])
    app.url_value_preprocessor(_take_language)
    app.before_request(_same_origin_only)
    app.before_request(_offered_language_only)
    app.after_request(compression.compress)  # they run from the last to the first: this one sees the headers
    app.after_request(_name_by_content)
    app.after_request(_add_headers)
    app.teardown_appcontext(_close_session)
    for kind in (HTTPException, DomainError, *db.AWAY, StoreUnavailable, Exception):
        app.register_error_handler(kind, answer_error)


class FormRequest(Request):
    """A request whose form's files are read where they lie."""

    make_form_data_parser = in_place.parser_of


class DeskOnlySessions(SecureCookieSessionInterface):
    """Cookies exist under /desk only. Anywhere else a session cannot be opened, so none can be set by mistake."""

    digest_method = staticmethod(hashlib.sha256)  # Flask's own choice is SHA-1

    def open_session(self, app: Flask, request: Request) -> Any:
        """The signed session on desk pages, else one that refuses to be written."""
        if request.path.startswith("/desk"):
            return super().open_session(app, request)
        return self.make_null_session(app)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Nothing to save where nothing was opened."""
        if request.path.startswith("/desk"):
            super().save_session(app, session, response)


def language() -> Language:
    """The page's language: set by the address or by the desk, else the first one the browser asks for that we speak."""
    if "lang" not in g:
        first = request.path.split("/", 2)[1] if request.path.count("/") > 1 else ""
        g.lang = first if first in LANGUAGES else preferred_language()
    return cast(Language, g.lang)


def preferred_language() -> Language:
    """The best of the offered languages for the browser's `Accept-Language`; the first one if it names none."""
    offered = running().languages
    return cast(Language, request.accept_languages.best_match(offered) or offered[0])


def in_language(text: Text) -> str:
    """A text of the closed lists in the page's language."""
    return text[language()]


def choices(items: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A closed list as {id, label, description} in the page's language."""
    return [
        {"id": item.id, "label": in_language(item.label), "description": item.description.get(language(), "")}
        for item in items.values()
    ]


def answer_error(error: Exception) -> tuple[Response | str, int, dict[str, str]]:
    """A kind page (or, for the API, a problem document) for anything that went wrong. Tells no detail, logs no content."""
    if "session" in g:
        g.session.rollback()  # first: after a failed flush every other query fails too
    status = status_of(error)
    if status >= 500:
        current_app.logger.error("%s on %s %s", type(error).__name__, request.method, request.url_rule)
        parts().counts.failed("web", kind_of(error))
    headers = {"Allow": ", ".join(error.valid_methods or ())} if isinstance(error, MethodNotAllowed) else {}
    if request.path.startswith("/api/"):
        return problem(status), status, headers
    names = {404: "not_found", 409: "conflict", 413: "too_big", 429: "too_many"}
    name = names.get(status, "refused" if status < 500 else "generic")
    page = render_template("error.html", title=_("problem.title"), body=_problem_sentence(name), action_href=f"/{language()}/",
                           action_label=_("nav.home"))  # fmt: skip
    return page, status, headers


def status_of(error: Exception) -> int:
    """The HTTP status that tells of an error."""
    if isinstance(error, HTTPException):
        return error.code or 500
    for kinds, status in (
        ((NotFound,), 404),
        ((NotAllowed,), 403),
        ((IllegalTransition, StaleDecision), 409),
        ((DomainError,), 422),
        ((*db.AWAY, StoreUnavailable), 503),
    ):
        if isinstance(error, kinds):
            return status
    return 500


def problem(status: int, *, detail: str | None = None, **extra: Any) -> Response:
    """An RFC 9457 problem document."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    if detail:
        body["detail"] = detail
    text = current_app.json.dumps(body | extra)
    return Response(text, status, content_type="application/problem+json")


def _problem_sentence(name: str) -> str:
    sentences: dict[str, str] = {
        "not_found": _("problem.not_found"),
        "conflict": _("problem.conflict"),
        "too_big": _("error.too_big", size="15 MB"),
        "too_many": _("check.too_many"),
        "refused": _("problem.refused"),
        "generic": _("error.generic"),
    }
    return sentences[name]


def _take_language(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    if values and "lang" in values:
        g.lang = values.pop("lang")


def _same_origin_only() -> Response | None:
    """Refuse forms that another site makes a browser send. There is no cookie to steal, but a child could be made to speak.

    The desk has tokens of its own on top. Programs (no Sec-Fetch-Site, no Origin) may use the API.
    """
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return None
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    foreign = site not in ("same-origin", "none") if site else origin not in (None, request.host_url.rstrip("/"))
    return problem(403, detail="This form was sent by another site.") if foreign else None


def _offered_language_only() -> Any:
    """Lead from a page in a language that is not offered now to the same page in one that is. What is sent is taken."""
    asked, _slash, rest = request.full_path.rstrip("?").removeprefix("/").partition("/")
    if request.method not in ("GET", "HEAD") or asked not in LANGUAGES or asked in running().languages:
        return None
    return redirect(f"/{running().languages[0]}/{rest}", 302)


def _add_headers(response: Response) -> Response:
    opens_a_page = not request.path.startswith("/static/") or response.mimetype == "image/svg+xml"
    for name in HEADERS if opens_a_page else PART_HEADERS:
        response.headers.setdefault(name, HEADERS[name])
    if settings().production:
        response.headers.setdefault("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store" if request.method == "POST" else "no-cache"
    return response


def _name_by_content(response: Response) -> Response:
    """A page that the phone has already is not sent again: it asks by the name, which is a digest of the words."""
    if compression.may_be_kept(response) and not response.cache_control.max_age and "ETag" not in response.headers:
        response.add_etag(weak=True)
        response.make_conditional(request)
    return response


def _close_session(_error: BaseException | None) -> None:
    opened = g.pop("session", None)
    if opened is not None:
        opened.close()
