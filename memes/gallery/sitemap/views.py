"""robots.txt, and the sitemap (sitemaps.org): an index, the plain pages, what editors write, and the entries in parts that are
never too long.

Ids are random, so their first digits cut any number of entries into parts of nearly one size, and an entry stays in its part.
"""

from collections.abc import Iterable
from datetime import date
from uuid import UUID
from xml.etree import ElementTree

from flask import Blueprint, Response, abort, request

from memes import articles, published, web
from memes.article_pages import FOLDERS

bp = Blueprint("sitemap", __name__)

XMLNS = "http://www.sitemaps.org/schemas/sitemap/0.9"

#: Addresses that a part may hold by the protocol, and those that it holds on average: no part is ever twice that.
MOST, WANTED = 50_000, 20_000

#: Pages that anybody may find. Receipts, the desk and what is made for machines are not among them.
PAGES = (
    "", "gallery", "share", "help", "schools", "solutions", "news", "events", "resources", "about", "transparency", "privacy"
)  # fmt: skip

#: What no robot need read. It keeps nothing secret: that is done by asking who is there.
ROBOTS = "User-agent: *\nDisallow: /api/\nDisallow: /desk/\nDisallow: /*/offline\nSitemap: {}sitemap.xml\n"


@bp.get("/robots.txt")
def robots() -> Response:
    """What robots may read."""
    return Response(ROBOTS.format(request.host_url), content_type="text/plain; charset=utf-8")


@bp.get("/sitemap.xml")
def index() -> Response:
    """Where the parts are."""
    digits = _digits(published.published_count(web.session()))
    names = ["pages", "articles", *(f"entries-{number:0{digits}x}" if digits else "entries" for number in range(16**digits))]
    return _document("sitemapindex", "sitemap", ((f"{request.host_url}sitemap/{name}.xml", None) for name in names))


@bp.get("/sitemap/pages.xml")
def plain_pages() -> Response:
    """The pages that are always there, in each language."""
    places = ((f"{request.host_url}{lang}/{page}", None) for page in PAGES for lang in web.running().languages)
    return _document("urlset", "url", places)


@bp.get("/sitemap/articles.xml")
def written() -> Response:
    """What editors have published, in the languages that it is in, with its days."""
    found = [(folder, one) for kind, folder in FOLDERS.items() for one in articles.published(web.session(), kind)]
    return _document("urlset", "url", (
        (f"{request.host_url}{lang}/{folder}/{one.slug}", one.day)
        for folder, one in found for lang in web.running().languages if lang in one.content.words
    ))  # fmt: skip


@bp.get("/sitemap/entries.xml", defaults={"digits": ""})
@bp.get("/sitemap/entries-<digits>.xml")
def entries(digits: str) -> Response:
    """The entries whose ids begin with these digits, in each language, with their days."""
    if len(digits) > 8 or set(digits) - set("0123456789abcdef"):
        abort(404)
    first, last = UUID(hex=digits.ljust(32, "0")), UUID(hex=digits.ljust(32, "f"))
    found = published.published_days(web.session(), first, last, limit=MOST // len(web.LANGUAGES))
    return _document("urlset", "url", (
        (f"{request.host_url}{lang}/gallery/{entry_id}", day) for entry_id, day in found for lang in web.running().languages
    ))  # fmt: skip


def _digits(count: int) -> int:
    """How many first digits tell parts apart, so that each holds about WANTED addresses at most."""
    digits = 0
    while count * len(web.LANGUAGES) > WANTED * 16**digits:
        digits += 1
    return digits


def _document(root: str, child: str, places: Iterable[tuple[str, date | None]]) -> Response:
    document = ElementTree.Element(root, xmlns=XMLNS)
    for address, day in places:
        place = ElementTree.SubElement(document, child)
        ElementTree.SubElement(place, "loc").text = address
        if day:
            ElementTree.SubElement(place, "lastmod").text = day.isoformat()
    body = ElementTree.tostring(document, encoding="utf-8", xml_declaration=True)
    return Response(body, content_type="application/xml; charset=utf-8")
