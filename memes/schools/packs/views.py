"""The page on which a teacher makes a pack, the pack, and the list of what packs must not show any more."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any

from flask import Blueprint, Response, abort, render_template, request
from flask_babel import format_date, format_decimal
from flask_babel import gettext as _

from memes import assets, help_pages, pages, privacy, published, recall, web
from memes.schools import show
from memes.schools.deck import deck, square
from memes.schools.packs import contents, scripts
from memes.schools.packs.archive import Archive
from memes.schools.packs.contents import Item, Pack
from memes.taxonomy import taxonomy

bp = Blueprint("packs", __name__)

#: Packs that are made for one network in ten minutes: a school's staff, and no machine that keeps ours busy.
MOST, WINDOW = 20, 600

#: What pages of a pack may load: their own folder (other browsers than Chromium know it as `file:` alone), and the list.
CSP = (
    "default-src 'none'; script-src 'self' file:; style-src 'self' file:; img-src 'self' file:; font-src 'self' file:; "
    "connect-src {recall}; base-uri 'none'; form-action 'none'"
)  # fmt: skip

#: Our files that its pages and style sheets name.
FILES = (
    "css/tokens.css", "css/site.css", "css/screen.css", "css/pack.css", "art/logo.svg", "art/pattern-frieze.svg",
    "art/pattern-frieze-dark.svg", "art/pattern-tile.svg", "art/pattern-tile-dark.svg", "fonts/OFL-Cairo.txt",
    "fonts/OFL-NotoSansArabic.txt", "fonts/cairo-arabic-wght-normal.woff2", "fonts/cairo-latin-wght-normal.woff2",
    "fonts/cairo-latin-accents-wght-normal.woff2", "fonts/noto-sans-arabic-arabic-400-normal.woff2",
)  # fmt: skip


@bp.get(f"/{web.LANGUAGE_RULE}/schools/pack")
def index() -> str:
    """Choose, see how much it is, and fetch it."""
    chosen, asked = show.asked(request.args), bool(request.args)
    pack = _gathered(chosen) if asked else None
    return render_template(
        "schools/packs/make.html", show=chosen, pack=pack, days=recall.FRESH.days, megabytes=pack and _megabytes(pack.size),
        fresh_until=pack and format_date(pack.fresh_until, "long"), title=pack and _title(pack),
    )  # fmt: skip


@bp.get(f"/{web.LANGUAGE_RULE}/schools/pack.zip")
def download() -> Response:
    """The pack, which can be asked for in parts. It is made in memory: pictures lie on no disk but encrypted."""
    limiter, network = web.parts().limiter, request.remote_addr or ""
    if limiter.exceeded("packs", network, MOST - 1):
        abort(429)
    limiter.count("packs", network, WINDOW)
    pack = _gathered(show.asked(request.args))
    if not pack.items:
        abort(404)
    whole = _written(pack)
    response = Response(whole, content_type="application/zip")
    response.set_etag(hashlib.sha256(whole).hexdigest())
    response.headers["Content-Disposition"] = f'attachment; filename="{_file_name(pack)}"'
    response.headers["X-Robots-Tag"] = "noindex"
    response.make_conditional(request, accept_ranges=True, complete_length=len(whole))
    return response


@bp.get("/recall.json")
def recalled() -> Response:
    """The list, for a pack that asks by itself: a page in a folder is of no origin, so any may read it. It sends nothing."""
    response = Response(_recalled(), content_type="application/json")
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@bp.get("/recall.js")
def recalled_by_hand() -> Response:
    """The same, to be put into a pack's folder: a page in a folder can load a script beside it, and nothing else."""
    response = Response(f"globalThis.recalled = {_recalled()};\n", content_type="text/javascript; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="recall.js"'
    return response


def _recalled() -> str:
    return json.dumps(recall.recalled(web.session(), privacy.now().date()), separators=(",", ":"))


def _gathered(chosen: show.Show) -> Pack:
    return contents.gathered(web.session(), chosen, privacy.now().date())


def _written(pack: Pack) -> bytes:
    archive = Archive()
    items = [item for item in pack.items if _has_pictures(item, archive)]
    for name in FILES:
        archive.add(f"files/{name}", assets.contents(name))
    archive.add("files/js/pack.js", scripts.plain("pack"))
    archive.add("files/js/screen.js", scripts.plain("screen", {"screen-live": "pack-live"}))
    archive.add("files/js/words.js", contents.index(items))
    archive.add("recall.js", "globalThis.recalled = [];\n")
    for name, page in _pages(pack, items):
        archive.add(name, page)
    about = {"name": "Insta-memes", "language": web.language(), "title": _title(pack), "licence": _("pack.licence"),
             "recall": _recall_address()}  # fmt: skip
    archive.add("manifest.json", contents.manifest(pack, items, archive.files, about))
    return archive.whole()


def _has_pictures(item: Item, archive: Archive) -> bool:
    """Put its pictures into the zip; False if one is not there: its child is taking it back in this moment."""
    read = []
    for picture in item.pictures:
        found = published.published_picture(web.session(), picture.entry_id, picture.rendition)
        try:
            if found is None:
                return False
            read.append((picture.name, found.read(web.media())))
        except KeyError:
            return False
    for name, data in read:
        archive.add(name, data)
    return True


def _pages(pack: Pack, items: Sequence[Item]) -> Iterator[tuple[str, str]]:
    doors = help_pages.doors()  # asked once, not for every page
    share = f"{request.host_url}{web.language()}/share"
    shared = {
        "csp": CSP.format(recall=_recall_address()), "recall": _recall_address(), "pack": pack, "title": _title(pack),
        "made_on": format_date(pack.made, "long"), "fresh_until": format_date(pack.fresh_until, "long"),
        "share": share.partition("://")[2], "qr": square(share), "help_doors": lambda: doors,
    }  # fmt: skip
    cards = [_card(item, "") for item in items]
    yield "index.html", render_template("schools/packs/index.html", root="", cards=cards, **shared)
    slides = deck([item.seen_from("") for item in items if item.card.for_screen])
    yield "screen.html", render_template("schools/packs/screen.html", root="", slides=slides, show=show.Show(), **shared)
    for item in items:
        asked = pages.prompts(item.card)
        page = render_template("schools/packs/entry.html", root="../", entry=_card(item, "../"), prompts=asked, **shared)
        yield item.page, page


def _card(item: Item, root: str) -> dict[str, Any]:
    return pages.card(item.seen_from(root)) | {"id": item.mark, "href": root + item.page, "packed": True, "said": item.note}


def _title(pack: Pack) -> str:
    """The collection's title, else what was chosen."""
    theme, language = pack.show.filters.get("theme"), pack.show.filters.get("language")
    chosen = [web.in_language(taxonomy().themes[theme].label)] if theme else []
    chosen += [web.in_language(taxonomy().languages[language].label)] if language else []
    plain = _("collection.plain_title") if pack.show.collection else _("pack.everything")
    return pack.title or " · ".join(chosen) or str(plain)


def _file_name(pack: Pack) -> str:
    chosen = [pack.show.collection] if pack.show.collection else list(pack.show.filters.values())
    return "-".join(["insta-memes", web.language(), *chosen, pack.made.isoformat()]) + ".zip"


def _recall_address() -> str:
    return f"{request.host_url}recall.json"


def _megabytes(size: int) -> str:
    return str(format_decimal(max(round(size / 1e6, 1), 0.1)))
