"""A poster of an entry to hang in a school: a page with its two sizes, and the PDF.

The entry is asked for each time, with the child's consent to print. Making a PDF has a price (`workers.press`), so it is made
only for who has not got the same one, so many times in a while, and one at a time.
"""

import hashlib
import json
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, render_template, request

from memes import pages, published, web
from memes.errors import PressBusy
from memes.published import Card
from memes.schools.posters import sheet

bp = Blueprint("posters", __name__, url_prefix=f"/{web.LANGUAGE_RULE}/gallery/<uuid:entry_id>")

#: Seconds for which a poster may stay in a cache: withdrawn means gone within a minute, everywhere.
AGE = 60

#: Posters of one network in ten minutes, and of everybody in one: a staff room prints freely, and the press takes no more
#: than a quarter of a core, whoever asks.
OWN, OWN_WINDOW = 60, 600
ALL, ALL_WINDOW, EVERYBODY = 60, 60, "::"

#: Seconds after which it is worth asking again.
AGAIN = 5


@bp.get("/poster")
def index(entry_id: UUID) -> str:
    """The two sizes."""
    return _page(_printable(entry_id))


@bp.get("/poster-<any(a4, a3):paper>.pdf")
def poster(entry_id: UUID, paper: str) -> tuple[Response | str, int, dict[str, str]]:
    """The PDF; a kind page in its place while the press is busy."""
    card = _printable(entry_id)
    moves = card.image is not None and card.image.animated
    picture = sheet.picture(published.published_renditions(web.session(), entry_id), animated=moves)
    told = sheet.sheet(card, paper, f"{request.host_url}{web.language()}/gallery/{entry_id}")
    response = Response(mimetype="application/pdf", headers={
        "Cache-Control": f"public, max-age={AGE}, must-revalidate", "X-Robots-Tag": "noindex, noarchive",
        "Content-Disposition": f'attachment; filename="insta-memes-{card.kind}-{paper}.pdf"',
    })  # fmt: skip
    response.set_etag(_name(told, picture))
    if request.if_none_match.contains(response.get_etag()[0] or ""):
        return response, 304, {}
    try:
        response.set_data(_made(told, picture, entry_id))
    except PressBusy:
        return _page(card, busy=True), 503, {"Retry-After": str(AGAIN), "Cache-Control": "no-store"}
    return response, 200, {}


def _printable(entry_id: UUID) -> Card:
    card = published.published_entry(web.session(), entry_id)
    return card if card and card.printable else abort(404)


def _page(card: Card, *, busy: bool = False) -> str:
    return render_template("schools/posters/poster.html", entry=pages.card(card), papers=sheet.PAPERS, busy=busy)


def _made(told: dict[str, Any], picture: dict[str, Any] | None, entry_id: UUID) -> bytes:
    limiter, address = web.parts().limiter, request.remote_addr or ""
    if limiter.exceeded("posters", address, OWN - 1) or limiter.exceeded("posters_of_all", EVERYBODY, ALL - 1):
        raise PressBusy("enough for now")
    limiter.count("posters", address, OWN_WINDOW)
    limiter.count("posters_of_all", EVERYBODY, ALL_WINDOW)
    return web.parts().press.poster(told, _bytes(entry_id, picture["name"]) if picture else b"")


def _bytes(entry_id: UUID, name: str) -> bytes:
    found = published.published_picture(web.session(), entry_id, name) or abort(404)
    try:
        return found.read(web.media())
    except KeyError:
        abort(404)


def _name(told: dict[str, Any], picture: dict[str, Any] | None) -> str:
    """A digest of all that stands on the poster, known before it is made."""
    content = json.dumps([told, picture["sha256"] if picture else ""], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:32]
