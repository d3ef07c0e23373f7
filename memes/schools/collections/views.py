"""A teacher picks entries for a class, and everybody sees them under a short address.

There is no account and no cookie: a key of 16 digits opens the teacher's page. It travels in the body of a form, or behind
the # of a link, which no server and no log sees.
"""

import re
from uuid import UUID

from flask import Blueprint, Response, abort, render_template, request
from flask_babel import gettext as _

from memes import collections, pages, published, receipts, web
from memes.collections import Full, WordsRefused
from memes.errors import NotFound
from memes.school_models import Collection
from memes.schools.collections.forms import CollectionForm, full
from memes.schools.forms import KeyForm, digits_of, note_wrong_key, tried_too_often, unkept
from memes.taxonomy import taxonomy

bp = Blueprint("collections", __name__, url_prefix=f"/{web.LANGUAGE_RULE}")

#: New collections of a network in a day: a day of teachers' training behind one address, and no flood.
MOST_NEW, DAY = 80, 24 * 3600

#: Entries on one page of those that can be added.
OFFERED = 12

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@bp.get("/schools/collections")
def index() -> str:
    """Make one, or open one's own."""
    return _index(CollectionForm(formdata=None))


@bp.post("/schools/collections/new")
def begin() -> Response:
    """Make a collection, and show its key."""
    limiter, address, form = web.parts().limiter, request.remote_addr or "", CollectionForm()
    if limiter.exceeded("collections", address, MOST_NEW - 1):
        return unkept(_index(form, trouble=_("check.too_many")), 429)
    try:
        made, key = collections.begin(web.session(), web.settings().secret_key, form.wording())
    except WordsRefused as refused:
        form.show(refused.problems)
        return unkept(_index(form), 422)
    limiter.count("collections", address, DAY)
    web.session().commit()
    return unkept(_edit_page(made, key, CollectionForm(formdata=None, obj=made), new=True))


@bp.post("/schools/collections/edit")
def edit() -> Response:
    """Open a collection with its key. Whatever button was pressed, what was typed is kept first."""
    key = digits_of(request.form.get("key", ""))
    found = _opened(key)
    if isinstance(found, Response):
        return found
    do, _colon, what = request.form.get("do", "").partition(":")
    if not do:
        web.session().commit()
        return unkept(_edit_page(found, key, CollectionForm(formdata=None, obj=found)))
    form = CollectionForm()
    try:
        collections.write(web.session(), found, form.wording())
    except WordsRefused as refused:
        form.show(refused.problems)
        return unkept(_edit_page(found, key, form, trouble=next(iter(form.wrong_notes.values()), None)), 422)
    if do == "give-up":
        return _given_up(found, key)
    trouble = _change(found, do, what)
    web.session().commit()
    page = _edit_page(found, key, CollectionForm(formdata=None, obj=found), trouble=trouble, done=f"{do}:{what}")
    return unkept(page, 422 if trouble else 200)


@bp.get("/c/<short>")
def collection(short: str) -> str:
    """What everybody sees. Asked of the entries each time, so that what was taken back is not in it."""
    found = collections.shown(web.session(), short) or abort(404)
    cards = [pages.card(card) | {"said": note} for card, note in found.items]
    theme = taxonomy().themes.get(found.theme or "")
    return render_template(
        "schools/collections/collection.html", collection=found, cards=cards, theme=theme and web.in_language(theme.label)
    )


def _change(found: Collection, do: str, what: str) -> str | None:
    """Do what a button says; a sentence if it cannot be done."""
    wanted = _ID.search(what or request.form.get("address", "").lower())
    if do in ("save", "find", "more"):
        return None
    if wanted is None:
        return str(_("collection.no_entry"))
    entry_id = UUID(wanted[0])
    try:
        if do in ("add", "address"):
            collections.add(web.session(), found, entry_id)
        elif do in ("up", "down"):
            collections.move(web.session(), found, entry_id, -1 if do == "up" else 1)
        elif do == "remove":
            collections.remove(web.session(), found, entry_id)
    except NotFound:
        return str(_("collection.no_entry"))
    except Full:
        return full()
    return None


def _given_up(found: Collection, key: str) -> Response:
    """Ask once, then it is gone."""
    if request.form.get("confirm") != "yes":
        web.session().commit()
        return unkept(render_template("schools/collections/give_up.html", key=key, collection=found))
    collections.give_up(web.session(), found)
    web.session().commit()
    return unkept(_index(CollectionForm(formdata=None), gone=True))


def _opened(key: str) -> Collection | Response:
    if tried_too_often():
        return unkept(_index(CollectionForm(formdata=None), wrong_key=_("check.too_many")), 429)
    found = collections.opened(web.session(), web.settings().secret_key, key)
    if found is None:
        note_wrong_key()
        return unkept(_index(CollectionForm(formdata=None), wrong_key=_("collection.wrong_key")), 404)
    return found


def _index(
    form: CollectionForm, *, trouble: str | None = None, wrong_key: str | None = None, gone: bool = False
) -> str:  # fmt: skip
    return render_template(
        "schools/collections/index.html", form=form, typed_key=KeyForm(), trouble=trouble, wrong_key=wrong_key, gone=gone,
        limits=collections.LIMITS,
    )  # fmt: skip


def _edit_page(
    found: Collection, key: str, form: CollectionForm, *, new: bool = False, trouble: str | None = None, done: str = ""
) -> str:  # fmt: skip
    session, typed = web.session(), form.notes if form.errors or form.wrong_notes else {}
    listed = [
        pages.card(card) | {"said": typed.get(str(card.id), note), "wrong": form.wrong_notes.get(str(card.id))}
        for card, note in collections.items(session, found)
    ]
    filters = published.known_filters({name: request.form.get(f"find-{name}", "") for name in published.FILTERS})
    do, _colon, what = done.partition(":")
    after = {"find": "", "more": what}.get(do, request.form.get("after", ""))
    page = published.published_page(session, filters, after=after, limit=OFFERED, schools=True)
    code = receipts.parse(key) or ""
    return render_template(
        "schools/collections/edit.html", collection=found, form=form, key=code, items=listed, new=new, trouble=trouble,
        done=done, filters=filters, found=[pages.card(card) for card in page.cards], next=page.next,
        after=after, inside={item["id"] for item in listed}, limits=collections.LIMITS,
        public=f"{request.host_url}{web.language()}/c/{found.short}",
        private=f"{request.host_url}{web.language()}/schools/collections#{code}",
    )  # fmt: skip
