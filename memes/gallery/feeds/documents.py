"""A feed as Atom (RFC 4287) and as JSON (jsonfeed.org, 1.1). Knows days, never the minute."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID
from xml.etree import ElementTree

from markupsafe import Markup, escape

ATOM = "http://www.w3.org/2005/Atom"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
AUTHOR = "Insta-memes"

#: `updated` must not be missing; before anything was published it is the day the campaign began.
BEGINNING = date(2021, 11, 4)


@dataclass(frozen=True, slots=True)
class Item:
    """One entry. `page` and `picture` are whole addresses; `language` is empty where none fits."""

    id: UUID
    page: str
    title: str
    words: Sequence[str]
    picture: str
    description: str
    language: str
    theme: tuple[str, str]
    day: date

    @property
    def html(self) -> str:
        """Picture and words, as harmless markup."""
        picture = Markup('<p><img src="{}" alt="{}"></p>').format(self.picture, self.description) if self.picture else ""
        parts = (Markup("<p>{}</p>").format(Markup("<br>").join(map(escape, part.split("\n")))) for part in self.words)
        return str(Markup("\n").join(part for part in (picture, *parts) if part))


@dataclass(frozen=True, slots=True)
class Feed:
    """What both forms say of the whole: `address` is the feed's own, `page` the one for people."""

    title: str
    subtitle: str
    language: str
    address: str
    page: str
    icon: str
    items: Sequence[Item]


def atom(feed: Feed) -> bytes:
    """The whole document."""
    ElementTree.register_namespace("", ATOM)
    root = ElementTree.Element(f"{{{ATOM}}}feed", {_XML_LANG: feed.language} if feed.language else {})
    _add(root, "id", feed.address)
    _add(root, "title", feed.title)
    _add(root, "subtitle", feed.subtitle)
    _add(root, "updated", _moment(max((item.day for item in feed.items), default=BEGINNING)))
    _add(root, "link", rel="self", type="application/atom+xml", href=feed.address)
    _add(root, "link", rel="alternate", type="text/html", href=feed.page)
    _add(root, "icon", feed.icon)
    _add(_add(root, "author"), "name", AUTHOR)
    for item in feed.items:
        entry = _add(root, "entry", **({_XML_LANG: item.language} if item.language else {}))
        _add(entry, "id", item.id.urn)
        _add(entry, "title", item.title)
        _add(entry, "published", _moment(item.day))
        _add(entry, "updated", _moment(item.day))
        _add(entry, "link", rel="alternate", type="text/html", href=item.page)
        _add(entry, "category", term=item.theme[0], label=item.theme[1])
        _add(entry, "content", item.html, type="html")
    document: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def as_json(feed: Feed) -> dict[str, Any]:
    """The whole document."""
    return {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "description": feed.subtitle,
        "home_page_url": feed.page,
        "feed_url": feed.address,
        "icon": feed.icon,
        "language": feed.language,
        "authors": [{"name": AUTHOR}],
        "items": [_as_json(item) for item in feed.items],
    }


def _as_json(item: Item) -> dict[str, Any]:
    told = {
        "id": item.id.urn, "url": item.page, "title": item.title, "content_html": item.html,
        "date_published": _moment(item.day), "tags": [item.theme[1]],
    }  # fmt: skip
    return told | ({"image": item.picture} if item.picture else {}) | ({"language": item.language} if item.language else {})


def _moment(day: date) -> str:
    """The day, in the form of a moment that both formats ask for."""
    return f"{day.isoformat()}T00:00:00Z"


def _add(parent: ElementTree.Element, name: str, words: str | None = None, **attributes: str) -> ElementTree.Element:
    element = ElementTree.SubElement(parent, f"{{{ATOM}}}{name}", attributes)
    element.text = words
    return element
