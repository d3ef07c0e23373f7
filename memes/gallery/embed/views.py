"""oEmbed (oembed.com) and the page for a frame on a school's site, which tells nobody where it stands."""

import re
from typing import Any
from uuid import UUID
from xml.etree import ElementTree

from flask import Blueprint, Response, abort, jsonify, render_template, request
from markupsafe import Markup

from memes import pages, published, web
from memes.taxonomy import taxonomy

bp = Blueprint("embed", __name__)

#: As `web.CSP`, without scripts, requests and forms; any site may frame it, and it carries nothing to be stolen by a click.
CSP = "; ".join((
    "default-src 'none'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'", "form-action 'none'",
    "base-uri 'none'", "frame-ancestors *",
))  # fmt: skip
#: A site that isolates itself asks what it frames for leave; and the way back from here must not name the page it was on.
HEADERS = {
    "Content-Security-Policy": CSP,
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Referrer-Policy": "no-referrer",
}

#: Pixels: the frame's usual size, and the least and most in which it is still to be read.
WIDTH, LEAST_WIDTH, HEIGHT, LEAST_HEIGHT = 480, 240, 600, 320
_PAGE = re.compile(r"https?://([^/]+)/(ar|fr|en)/(?:gallery|embed)/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/?(?:[?#].*)?")
#: No style: the other page's own policy may forbid it. Sandboxed, so that its owner need not trust us; without its own
#: origin, the frame could not load its style sheets.
_FRAME = Markup(
    '<iframe src="{}" width="{}" height="{}" title="{}" loading="lazy" referrerpolicy="no-referrer"'
    ' sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox" frameborder="0"></iframe>'
)


def frame(lang: str, entry_id: UUID, title: str, width: int | str = "100%", height: int = HEIGHT) -> str:
    """The markup that shows an entry on another page."""
    return str(_FRAME.format(f"{request.host_url}{lang}/embed/{entry_id}", width, height, title))


@bp.get(f"/{web.LANGUAGE_RULE}/embed/<uuid:entry_id>")
def framed(entry_id: UUID) -> tuple[Response, int]:
    """An entry for a frame; a kind sentence in its place once it is taken back."""
    found = published.published_entry(web.session(), entry_id)
    page = render_template("gallery/embed.html", entry=pages.card(found) if found else None)
    return Response(page, headers=HEADERS), 200 if found else 404


@bp.get("/oembed", defaults={"lang": "ar"})
def oembed() -> Response:
    """How to show the entry whose page is `url`; 404 if nobody may see it, 501 for another format than json and xml."""
    form = request.args.get("format", "json")
    if form not in ("json", "xml"):
        return Response(status=501)
    page = _PAGE.fullmatch(request.args.get("url", ""))
    found = published.published_entry(web.session(), UUID(page[3])) if page and page[1] == request.host else None
    if page is None or found is None:
        abort(404)
    answer = _described(found, page[2])
    return Response(_xml(answer), content_type="text/xml; charset=utf-8") if form == "xml" else jsonify(answer)


def _described(found: published.Card, lang: str) -> dict[str, Any]:
    theme = taxonomy().themes[found.theme]
    title = f"{taxonomy().kinds[found.kind].label[lang]} · {theme.label[lang]}"
    width, height = _fitting("maxwidth", LEAST_WIDTH, WIDTH), _fitting("maxheight", LEAST_HEIGHT, HEIGHT)
    answer = {
        "version": "1.0", "type": "rich", "title": title, "provider_name": "Insta-memes", "provider_url": request.host_url,
        "cache_age": 60, "html": frame(lang, found.id, title, width, height), "width": width, "height": height,
    }  # fmt: skip
    if found.image and found.image.preview and not theme.help_first:
        answer |= {"thumbnail_url": f"{request.host_url.rstrip('/')}{found.image.preview}",
                   "thumbnail_width": 1200, "thumbnail_height": 630}  # fmt: skip
    return answer


def _fitting(name: str, least: int, usual: int) -> int:
    return max(least, min(request.args.get(name, usual, int), usual))


def _xml(answer: dict[str, Any]) -> bytes:
    root = ElementTree.Element("oembed")
    for name, value in answer.items():
        ElementTree.SubElement(root, name).text = str(value)
    body: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return body
