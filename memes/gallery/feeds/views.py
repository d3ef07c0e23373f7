"""Where feeds are served. Machines ask for them again and again: what has not changed is not sent again (`web`)."""

from flask import Blueprint, Response, current_app, request
from flask_babel import gettext as _

from memes import assets, pages, published, web
from memes.gallery.feeds.documents import Feed, Item, as_json, atom
from memes.taxonomy import taxonomy

bp = Blueprint("feeds", __name__)

#: In which languages the entries of a page's language are written: Darija and Amazigh are read by who reads Arabic here.
WRITTEN = {"ar": ("ar", "ary", "zgh"), "fr": ("fr",), "en": ("en",)}


@bp.get("/feed.atom", defaults={"lang": "ar"})
def everything() -> Response:
    """The newest entries in whatever language."""
    return _answer(atom(_feed("feed.atom", None)), "application/atom+xml")


@bp.get(f"/{web.LANGUAGE_RULE}/feed.atom")
def in_atom() -> Response:
    """The newest entries of one language."""
    return _answer(atom(_feed("feed.atom", web.language())), "application/atom+xml")


@bp.get(f"/{web.LANGUAGE_RULE}/feed.json")
def in_json() -> Response:
    """The same as JSON."""
    return _answer(current_app.json.dumps(as_json(_feed("feed.json", web.language()))).encode(), "application/feed+json")


def _feed(name: str, lang: web.Language | None) -> Feed:
    """`lang` is None for every language; `?theme=` leaves one theme."""
    host, theme = request.host_url.rstrip("/"), taxonomy().themes.get(request.args.get("theme", ""))
    filters: dict[str, str | tuple[str, ...]] = {"language": WRITTEN[lang]} if lang else {}
    if theme:
        filters["theme"] = theme.id
    found = published.published_page(web.session(), filters)
    query, folder = (f"?theme={theme.id}" if theme else ""), (f"/{lang}" if lang else "")
    title = _("gallery.title") + (f" · {web.in_language(theme.label)}" if theme else "")
    return Feed(
        title=f"Insta-memes · {title}", subtitle=_("home.subtitle"), language=lang or "",
        address=f"{host}{folder}/{name}{query}", page=f"{host}/{web.language()}/gallery{query}",
        icon=f"{host}{assets.address('art/icon-192.png')}", items=[_item(card, host) for card in found.cards],
    )  # fmt: skip


def _item(card: published.Card, host: str) -> Item:
    """What stands behind a note in the gallery is not put before anybody's eyes here either: only the way there is told."""
    shown = pages.card(card)
    kind_and_theme = f"{shown['kind_label']} · {shown['theme_label']}"
    words = [_("gallery.note")] if shown["note"] else [card.caption, card.text]
    return Item(
        id=card.id, page=f"{host}{shown['href']}",
        title=kind_and_theme if shown["note"] else shown["title"] or kind_and_theme,
        words=[part for part in words if part],
        picture=f"{host}{card.image.fallback}" if card.image and not shown["note"] else "",
        description=card.alt, language="" if card.language == "other" else card.language,
        theme=(card.theme, shown["theme_label"]), day=card.published_on,
    )  # fmt: skip


def _answer(body: bytes, content_type: str) -> Response:
    return Response(body, content_type=f"{content_type}; charset=utf-8")
