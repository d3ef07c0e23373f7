"""Static files under an address that holds a digest of them all, so that they may be kept for ever.

The digest is part of the path, not a parameter: what a style sheet or a module names beside itself (`../fonts/…`,
`./draft.js`) gets it too.
"""

import gzip
import hashlib
import json
import mimetypes
import re
from functools import cache

from flask import Blueprint, Response, abort, request
from werkzeug.security import safe_join

from memes import compression, guard, web

bp = Blueprint("assets", __name__)

_COMMENT = re.compile(rb"\s*/\*.*?\*/", re.DOTALL)

FOR_EVER = "public, max-age=31536000, immutable"


@cache
def version() -> str:
    """12 hex digits over the names and contents of all static files."""
    digest = hashlib.sha256()
    for path in sorted(path for path in web.STATIC.rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(web.STATIC)}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]


def address(path: str) -> str:
    """Where a static file is served: `css/site.css` -> `/static/0123456789ab/css/site.css`."""
    return f"/static/{version()}/{path}"


def worker(lang: str) -> str:
    """Where the service worker for pages in `lang` is served; another one with each release."""
    return f"/sw.js?v={version()}&lang={lang}"


@bp.get("/<any('sw', 'screen-sw'):name>.js")
def serve_worker(name: str) -> Response:
    """The site's, or the classroom screen's. From the top, because a service worker speaks for what lies beside and below it."""
    response = Response(_contents(f"js/{name}.js")[0], content_type=_type("js/sw.js"))
    response.headers["Cache-Control"] = "no-cache"
    return response


@bp.get("/manifest/<any(ar, fr, en):lang>.webmanifest")
def manifest() -> Response:
    """What a phone asks before it puts the site among its programs: a plain name and picture that tell nothing more."""
    lang = web.language()
    words = {
        "name": "Insta-memes", "short_name": "Memes", "lang": lang, "dir": "rtl" if lang == "ar" else "ltr",
        "id": "/", "start_url": f"/{lang}/", "scope": "/", "display": "minimal-ui",
        "background_color": "#fbf5e9", "theme_color": "#fbf5e9",
        "icons": [
            {"src": address("art/logo.svg"), "type": "image/svg+xml", "sizes": "any"},
            *({"src": address(f"art/icon-{size}.png"), "type": "image/png", "sizes": f"{size}x{size}", "purpose": purpose}
              for size in (192, 512) for purpose in ("any", "maskable")),
        ],
    }  # fmt: skip
    return Response(json.dumps(words), content_type=_type("x.webmanifest"))


@bp.get("/static/<asked>/<path:name>")
def serve(asked: str, name: str) -> Response:
    """A static file. Under an older digest (a page from before a new release) it is served, but not kept."""
    path = safe_join(str(web.STATIC), name)
    if path is None or not (web.ROOT / path).is_file():
        abort(404)
    plain, small = _contents(name)
    squeezed = small is not None and compression.is_understood(request)
    response = Response(small if squeezed else plain, content_type=_type(name))
    if small is not None:
        response.vary.add("Accept-Encoding")
    if squeezed:
        response.content_encoding = compression.ENCODING
    response.headers["Cache-Control"] = FOR_EVER if asked == version() else "no-cache"
    return response


def contents(name: str) -> bytes:
    """A static file as it is served."""
    return _contents(name)[0]


def guard_address() -> str:
    """Where the guard's rules are served, the operator's own words included."""
    return f"/guard/{guard.rules().version}.json"


@bp.get("/guard/<asked>.json")
def serve_guard(asked: str) -> Response:
    """The rules by which the phone warns while somebody types: the same that the server has."""
    known = guard.rules()
    response = Response(known.served, content_type="application/json")
    response.headers["Cache-Control"] = FOR_EVER if asked == known.version else "no-cache"
    return response


@cache
def _contents(name: str) -> tuple[bytes, bytes | None]:
    """The file and, if it is text, the same compressed as far as it goes.

    Of a style sheet without its comments: they are for who reads the source, and a sixth of what a phone would fetch.
    """
    plain = (web.STATIC / name).read_bytes()
    if name.endswith(".css"):
        plain = _COMMENT.sub(b"", plain)
    if not compression.is_text(_type(name)):
        return plain, None
    return plain, gzip.compress(plain, 9, mtime=0)


def _type(name: str) -> str:
    known = {"js": "text/javascript", "woff2": "font/woff2", "webmanifest": "application/manifest+json"}
    kind = known.get(name.rpartition(".")[2]) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
