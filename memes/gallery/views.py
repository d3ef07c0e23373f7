"""The gallery, an entry's page, and the pictures of approved entries."""

from contextlib import suppress
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, Response, abort, render_template, request
from flask_babel import gettext as _

from memes import entries, pages, published, search, web
from memes.errors import StaleDecision
from memes.gallery.embed.views import frame
from memes.models import Entry
from memes.taxonomy import taxonomy

bp = Blueprint("gallery", __name__)

#: Seconds a picture may stay in a browser: with the second of the proxy before us (`deploy/nginx.conf`), withdrawn means gone
#: within a minute, everywhere.
MEDIA_AGE = 55
_TYPES = {"webp": "image/webp", "jpg": "image/jpeg"}


@bp.get(f"/{web.LANGUAGE_RULE}/gallery")
def index() -> str:
    """One page of what everyone may see."""
    filters = published.known_filters(request.args)
    find = request.args.get("q", "").strip()[: search.MOST]
    page = published.published_page(web.session(), filters, find=find, after=request.args.get("after"))
    chosen = filters | ({"q": find} if find else {})
    return render_template(
        "gallery/index.html",
        cards=page.cards,
        find=find,
        kept=filters,
        feed_query=f"?theme={filters['theme']}" if "theme" in filters else "",
        groups=_filters,
        chosen=tuple(chosen.items()),
        next_href=_address(chosen, after=page.next) if page.next else None,
    )


@bp.get(f"/{web.LANGUAGE_RULE}/gallery/<uuid:entry_id>")
def entry(entry_id: UUID) -> str:
    """One entry, with two questions to talk about."""
    found = published.published_entry(web.session(), entry_id) or abort(404)
    return render_template(
        "gallery/entry.html", entry=pages.card(found), prompts=pages.prompts(found), back_href=_address({}),
        reports=web.choices(taxonomy().reports), frame=_frame(found),
    )  # fmt: skip


@bp.post(f"/{web.LANGUAGE_RULE}/gallery/<uuid:entry_id>/report")
def report(entry_id: UUID) -> str:
    """Ask the team to look at an entry again. Nothing about who asks is kept."""
    found = published.published_entry(web.session(), entry_id) or abort(404)
    chosen = request.form.get("reason", "")
    with suppress(StaleDecision):  # a moderator decides, or somebody else reports, in this very moment
        row = web.session().get_one(Entry, entry_id)
        entries.report(web.session(), row, chosen if chosen in taxonomy().reports else "something_else")
        web.session().commit()
    return render_template(
        "gallery/entry.html", entry=pages.card(found), prompts=pages.prompts(found), back_href=_address({}), told=True,
        frame=_frame(found),
    )  # fmt: skip


@bp.get("/media/<uuid:entry_id>/<name>")
def media(entry_id: UUID, name: str) -> Response:
    """A clean size of an approved entry; asked of the database each time, so that withdrawn is gone."""
    picture = published.published_picture(web.session(), entry_id, name) or abort(404)
    etag = picture.size["sha256"][:32]
    response = Response(mimetype=_TYPES[name.rpartition(".")[2]])
    response.set_etag(etag)
    response.headers["Cache-Control"] = f"public, max-age={MEDIA_AGE}, must-revalidate"
    if request.if_none_match.contains(etag):
        response.status_code = 304
        return response
    try:
        response.set_data(picture.read(web.media()))
    except KeyError:
        abort(404)
    return response


def _frame(found: published.Card) -> str:
    """The markup for a school's own site."""
    shown = pages.card(found)
    return frame(web.language(), found.id, f"{shown['kind_label']} · {shown['theme_label']}")


def _filters(chosen: dict[str, str]) -> list[dict[str, Any]]:
    lists = taxonomy()
    kinds = [{"id": kind.id, "label": web.in_language(kind.description)} for kind in lists.kinds.values()]
    groups = [
        ("kind", _("gallery.filter_kind"), kinds),
        ("theme", _("gallery.filter_theme"), web.choices(lists.themes)),
        ("language", _("gallery.filter_language"), web.choices(lists.languages)),
        ("age", _("gallery.filter_age"), [age for age in web.choices(lists.ages) if age["id"] != "na"]),
    ]
    return [
        {
            "id": name,
            "name": label,
            "options": [_everything(name, chosen), *(_option(name, item, chosen) for item in items)],
        }
        for name, label, items in groups
    ]


def _everything(name: str, chosen: dict[str, str]) -> dict[str, Any]:
    rest = {key: value for key, value in chosen.items() if key != name}
    return {"label": _("gallery.all"), "href": _address(rest), "current": name not in chosen}


def _option(name: str, item: dict[str, Any], chosen: dict[str, str]) -> dict[str, Any]:
    current = chosen.get(name) == item["id"]
    return {"label": item["label"], "href": _address(chosen | {name: item["id"]}), "current": current}


def _address(filters: dict[str, str], **more: str) -> str:
    query = urlencode(filters | more)
    return f"/{web.language()}/gallery" + (f"?{query}" if query else "")
