"""Home and help, and the door that leads to the reader's language."""

from functools import partial

from flask import Blueprint, redirect, render_template
from werkzeug.wrappers import Response

from memes import article_pages, articles, pages, public_state, published, web
from memes.lifecycle import State

bp = Blueprint("campaign", __name__)

#: A phone shows two, a desk six: enough to see that many voices are here, not a ranking.
LATEST = 6


@bp.get("/")
def front_door() -> Response:
    """Lead to the page in the reader's language; the answer varies on nothing else."""
    answer = redirect(f"/{web.preferred_language()}/", 302)
    answer.vary.add("Accept-Language")
    return answer


@bp.get(f"/{web.LANGUAGE_RULE}/")
def home() -> str:
    """What this is, the three ways to speak, and some of the voices."""
    latest = published.published_page(web.session(), limit=LATEST)
    read = partial(public_state.remembered, web.parts().database, web.session())
    now = [read(articles.newest), read(articles.next_event, article_pages.today())]
    return render_template(
        "campaign/home.html", cards=latest.cards, delay=pages.usual_delay(web.session()),
        campaign=[article_pages.page(one) for one in now if one],
    )  # fmt: skip


@bp.get(f"/{web.LANGUAGE_RULE}/offline")
def offline() -> str:
    """What is shown without a network, to who has been here before: the numbers of help, and the way to the forms."""
    return render_template("campaign/offline.html")


@bp.get(f"/{web.LANGUAGE_RULE}/help")
def help_page() -> str:
    """The four doors."""
    return render_template("campaign/help.html")


@bp.get(f"/{web.LANGUAGE_RULE}/privacy")
def privacy() -> str:
    """Ten sentences for children about what is known of them."""
    return render_template("campaign/privacy.html", kept=web.running().keep_days.get(State.DECLINED))
