"""What every template can name, and entries and waiting times in the words of the page's language."""

import math
from base64 import b64encode
from collections.abc import Callable, Hashable
from functools import cache, lru_cache
from typing import Any

from flask import Flask, current_app, request
from flask_babel import force_locale, get_domain, ngettext
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import Session

from memes import assets, help_pages, pictures, privacy, web
from memes.errors import StoreUnavailable, Unreadable
from memes.lanes import Lane
from memes.models import Entry
from memes.published import Card
from memes.taxonomy import taxonomy

_EXCERPT = 60

#: Since when whoever waits longest for a first answer does.
_OLDEST = (
    select(Entry.waits_since).where(Entry.lane.is_not(None), Entry.lane.not_in((Lane.REPORTED, Lane.ESCALATED)))
    .order_by(Entry.waits_since).limit(1)
)  # fmt: skip

#: Pieces of pages that a process keeps: a page of the gallery has some thirty, of a KB or two.
_PIECES = 1_000


def init_app(app: Flask) -> None:
    """Give the templates their names."""
    app.context_processor(_template_names)
    app.jinja_env.globals.update(art=art, piece=piece, static=assets.address)


def card(entry: Card) -> dict[str, Any]:
    """A public entry with its labels, for templates."""
    lists, lang = taxonomy(), web.language()
    theme = lists.themes[entry.theme]
    return {
        "id": entry.id,
        "href": f"/{lang}/gallery/{entry.id}",
        "kind": entry.kind,
        "kind_label": lists.kinds[entry.kind].label[lang],
        "theme": entry.theme,
        "theme_label": theme.label[lang],
        "language": entry.language,
        "title": title(entry),
        "text": entry.text,
        "caption": entry.caption,
        "alt": entry.alt,
        "age_label": lists.ages[entry.age].label[lang] if entry.age else None,
        "nickname": lists.nicknames[entry.nickname].label[lang] if entry.nickname else None,
        "note": theme.help_first,
        "image": entry.image,
        "published_on": entry.published_on.isoformat(),
        "printable": entry.printable,
    }


def title(entry: Card) -> str:
    """What to call an entry: its caption, its description, or its first words; there are no titles."""
    words = entry.caption or entry.alt or entry.text
    return words if len(words) <= _EXCERPT else words[:_EXCERPT].rsplit(" ", 1)[0] + "…"


def prompts(entry: Card) -> list[str]:
    """The two questions for a class that go with the entry's theme."""
    return [web.in_language(prompt) for prompt in taxonomy().themes[entry.theme].prompts]


def picture_inside(entry: Entry, width: int = 0) -> dict[str, Any] | None:
    """A clean picture inside the page, at least `width` wide if there is such a size: nobody but who has the page may see it,
    so it has no address. None where there is none; the words say it too."""
    webp = sorted((size for size in entry.renditions if size["format"] == "webp"), key=lambda size: int(size["width"]))
    if not webp:
        return None
    size = next((size for size in webp if size["width"] >= width), webp[-1])
    try:
        data = b64encode(pictures.clean(web.media(), entry.secret_if_any(), entry.id, size)).decode()
    except (KeyError, StoreUnavailable, Unreadable):
        return None
    return {"src": f"data:image/webp;base64,{data}", "width": size["width"], "height": size["height"], "alt": entry.alt}


def usual_delay(session: Session) -> str | None:
    """How long an answer takes now, from the oldest entry that waits: "1 day", "3 days"; None when nothing waits.

    The oldest one's age is a promise that the backlog itself keeps or breaks, so it is never better than the truth.
    """
    oldest = session.scalar(_OLDEST)
    if oldest is None:
        return None
    days = max(1, math.ceil((privacy.now() - oldest).total_seconds() / 86_400))
    return str(ngettext("plural.days", "plural.days", days))


def piece(name: str, **given: Hashable) -> Markup:
    """The template `name` for what it is given, in the language of the page: made once, and the same for everybody.

    It knows nothing but the language and what it is given: no address, no settings, nothing of who asks. So it can be of no
    other moment than the page that it stands in.
    """
    return _made(name, web.language(), tuple(given.items()))


@lru_cache(_PIECES)
def _made(name: str, lang: web.Language, given: tuple[tuple[str, Hashable], ...]) -> Markup:
    template = current_app.jinja_env.get_template(name)
    return Markup(template.render(_names_in(lang), **dict(given)))  # noqa: S704


@cache
def art(name: str, **attributes: str) -> Markup:
    """A drawing of `static/art`, inline so that it takes the page's colours; hidden from screen readers."""
    svg = (web.STATIC / "art" / f"{name}.svg").read_text(encoding="utf-8")
    extra = "".join(f' {key.rstrip("_")}="{value}"' for key, value in attributes.items())
    classes = "" if "class_" in attributes else ' class="art"'
    return Markup(svg.replace("<svg ", f'<svg{classes} aria-hidden="true" focusable="false"{extra} ', 1))  # noqa: S704


def _template_names() -> dict[str, Any]:
    lang = web.language()
    return _names_in(lang) | {
        "languages": _language_links(lang),
        "banner": web.running().banner.get(lang),
        "path": request.path,
        "host": request.host_url.rstrip("/"),
        "guard_address": assets.guard_address,
        "help_doors": help_pages.doors,
    }


@cache
def _names_in(lang: web.Language) -> dict[str, Any]:
    """What is the same on every page in a language, whoever asks."""
    return {
        "lang": lang,
        "_": _words(lang),
        "direction": "rtl" if lang == "ar" else "ltr",
        "labelled": card,
        "worker": assets.worker(lang),
        "exit_url": f"https://{lang}.wikipedia.org/",
        "taxonomy": _lists(lang),
    }


@cache
def _lists(lang: web.Language) -> dict[str, list[dict[str, Any]]]:
    """The closed lists in the language of the page that asks: the same for each page, and dear to put together."""
    lists = taxonomy()
    return {
        "kinds": web.choices(lists.kinds), "themes": web.choices(lists.themes), "ages": web.choices(lists.ages),
        "regions": web.choices(lists.regions), "languages": web.choices(lists.languages),
    }  # fmt: skip


@cache
def _words(lang: web.Language) -> Callable[..., Markup]:
    """What templates know as `_`, as Jinja's own; but it looks for the page's language once, and not for each sentence."""
    with force_locale(web.LOCALES[lang]):
        catalog = get_domain().get_translations()

    @lru_cache(2048)
    def plain(key: str) -> Markup:
        return Markup(catalog.ugettext(key))  # noqa: S704

    def sentence(key: str, **values: object) -> Markup:
        return plain(key) % values

    return sentence


def _language_links(lang: str) -> list[dict[str, Any]]:
    rest = request.path.split("/", 2)
    tail = rest[2] if len(rest) > 2 and rest[1] in web.LANGUAGES else ""
    query = request.query_string.decode("ascii", "ignore") if request.method == "GET" else ""
    offered = web.LANGUAGES if request.path.startswith("/desk") else web.running().languages
    return [
        {
            "code": code,
            "short": short,
            "name": name,
            "href": f"/{code}/{tail}" + (f"?{query}" if query else ""),
            "current": code == lang,
        }
        for code, (short, name) in web.LANGUAGES.items()
        if code in offered
    ]
