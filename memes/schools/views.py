"""The page for teachers, and the classroom screen: where a show is chosen, the show, and what asks for changes in it."""

import hashlib

from flask import Blueprint, Response, jsonify, render_template, request

from memes import assets, collections, help_pages, privacy, published, web
from memes.published import Card
from memes.schools import show
from memes.schools.deck import deck, square
from memes.schools.show import Show

bp = Blueprint("schools", __name__)


@bp.get(f"/{web.LANGUAGE_RULE}/schools")
def index() -> str:
    """What there is for a class."""
    return render_template("schools/index.html")


@bp.get(f"/{web.LANGUAGE_RULE}/screen/start")
def start() -> str:
    """A plain form whose address is the show."""
    return render_template("schools/start.html", show=show.asked(request.args), speeds=list(show.SPEEDS), times=show.TIMES)


@bp.get(f"/{web.LANGUAGE_RULE}/screen")
def screen() -> str:
    """The whole show in one page: without a script its slides are leafed through by links."""
    chosen = show.asked(request.args)
    share = f"{request.host_url}{web.language()}/share"
    return render_template(
        "schools/screen.html", show=chosen, slides=deck(_cards(chosen)), share=share.partition("://")[2],
        qr=square(share), release=_release(), today=privacy.now().date(),
    )  # fmt: skip


@bp.get(f"/{web.LANGUAGE_RULE}/screen/entries.json")
def entries() -> Response:
    """Which entries the show has now, for a screen that asks twice a minute (304 if they are the same: `web`)."""
    cards = _cards(show.asked(request.args))
    return jsonify(release=_release(), entries=[str(card.id) for card in cards])


def _cards(chosen: Show) -> list[Card]:
    if not chosen.collection:
        return published.screen_cards(web.session(), chosen.filters)
    found = collections.shown(web.session(), chosen.collection)
    wanted = [card.id for card, _note in found.items] if found else []
    return published.screen_cards(web.session(), chosen.filters, chosen=wanted)


def _release() -> str:
    """Another one when the page's own parts have changed: files, or what is known of the help channels."""
    return hashlib.sha256(f"{assets.version()}{help_pages.doors()}".encode()).hexdigest()[:12]
