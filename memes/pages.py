"""What every template can name, and entries, help and waiting times in the words of the page's language."""

import math
from base64 import b64encode
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

from flask import Flask, request
from flask_babel import force_locale, get_domain, ngettext
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import Session

from memes import assets, db, kept, pictures, privacy, web
from memes import help as help_directory
from memes.errors import StoreUnavailable, Unreadable
from memes.lanes import Lane
from memes.models import Entry
from memes.published import Card
from memes.taxonomy import taxonomy

_EXCERPT = 60


def init_app(app: Flask) -> None:
    """Give the templates their names."""
    app.context_processor(_template_names)


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
    oldest = session.scalar(
        select(Entry.waits_since)
        .where(Entry.lane.is_not(None), Entry.lane.not_in((Lane.REPORTED, Lane.ESCALATED)))
        .order_by(Entry.waits_since)
        .limit(1)
    )
    if oldest is None:
        return None
    days = max(1, math.ceil((privacy.now() - oldest).total_seconds() / 86_400))
    return str(ngettext("plural.days", "plural.days", days))


@cache
def art(name: str, **attributes: str) -> Markup:
    """A drawing of `static/art`, inline so that it takes the page's colours; hidden from screen readers."""
    svg = (web.STATIC / "art" / f"{name}.svg").read_text(encoding="utf-8")
    extra = "".join(f' {key.rstrip("_")}="{value}"' for key, value in attributes.items())
    classes = "" if "class_" in attributes else ' class="art"'
    return Markup(svg.replace("<svg ", f'<svg{classes} aria-hidden="true" focusable="false"{extra} ', 1))  # noqa: S704


def _template_names() -> dict[str, Any]:
    lang = web.language()
    return {
        "lang": lang,
        "_": _words(lang),
        "direction": "rtl" if lang == "ar" else "ltr",
        "languages": _language_links(lang),
        "banner": web.running().banner.get(lang),
        "path": request.path,
        "host": request.host_url.rstrip("/"),
        "static": assets.address,
        "guard_address": assets.guard_address,
        "art": art,
        "worker": assets.worker(lang),
        "exit_url": f"https://{lang}.wikipedia.org/",
        "taxonomy": _lists(lang),
        "help_doors": help_doors,
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


def help_doors() -> list[dict[str, Any]]:
    """The four doors of help for the panel; with the shipped list, nobody having confirmed it, if the database is away."""
    try:
        found = help_directory.doors(web.session())
    except db.AWAY:
        web.session().rollback()
        kept.not_this_one()
        found = help_directory.unconfirmed_doors()
    titles = {
        "now": (_("help.now.title"), "lantern", []),
        "talk": (_("help.talk.title"), "bubbles", []),
        "report": (_("help.report.title"), "phone", []),
        "image": (_("help.image.title"), "hedgehog", [_("help.image.steps")]),
    }
    return [
        {"id": door, "title": title, "art": drawing, "steps": steps,
         "channels": [_channel(checked) for checked in found[door]]}
        for door, (title, drawing, steps) in titles.items()
    ]  # fmt: skip


def _channel(checked: help_directory.CheckedChannel) -> dict[str, Any]:
    channel = checked.channel
    return {
        "id": channel.id,
        "label": web.in_language(channel.label),
        "what": web.in_language(channel.description),
        "hours": channel.hours.get(web.language(), ""),
        "value": channel.value,
        "kind": channel.kind,
        "href": checked.href,
        "shown": checked.shown,
        "confirmed_on": checked.confirmed_on,
    }
