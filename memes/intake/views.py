"""Sending an entry, and what its receipt opens. No account, no cookie, no receipt in any address."""

from functools import lru_cache, partial
from secrets import token_hex
from typing import Any

import segno
from flask import Blueprint, Response, make_response, render_template, request
from flask_babel import gettext as _
from markupsafe import Markup

from memes import classes, consents, db, entries, guard, log, messages, opening, pages, receipts, sending, web
from memes.consents import Consents
from memes.drafts import LIMITS
from memes.errors import Incomplete, StoreUnavailable
from memes.gate import Wait
from memes.intake.forms import IMAGE_TYPES, ConsentForm, ReceiptForm, ShareForm
from memes.lifecycle import Action, next_state
from memes.making import Making, making
from memes.models import Entry
from memes.opening import Shut
from memes.sending import DraftRefused
from memes.settings import MEGABYTE
from memes.status import status_of
from memes.taxonomy import NO_ANSWER, taxonomy

bp = Blueprint("intake", __name__, url_prefix=f"/{web.LANGUAGE_RULE}")

#: Wrong codes a network may send in ten minutes: a class of 40 mistypes once each with room to spare, a search gets nowhere.
WRONG_CODES, WINDOW = 60, 600

#: Below this age an adult beside the child is advised, never required (campaign: the law sets no age; 12 is the advice).
YOUNG = 12

_KIND = "<any(meme, story, solution):kind>"


@bp.get("/share")
def choose() -> str | Response:
    """Meme, story or solution?"""
    shut = opening.shut()
    return _closed(shut) if shut else render_template("intake/choose.html")


@bp.get(f"/share/{_KIND}")
def share(kind: str) -> str | Response:
    """The empty form."""
    shut = opening.shut()
    return _closed(shut) if shut else _form_page(ShareForm(formdata=None), kind)


@bp.get("/share/meme/make")
def make() -> str | Response:
    """The empty form below the meme maker."""
    shut = opening.shut()
    return _closed(shut) if shut else _form_page(ShareForm(formdata=None), "meme", making=making())


@bp.post(f"/share/{_KIND}")
def send(kind: str) -> Response:
    """Take it in, and show the receipt once."""
    form = ShareForm()
    if form.website.data:  # the field nobody sees: a program filled it in
        return _answer(_thanks_page(receipts.new_code(), kind))
    form.key.data = form.key.data or token_hex(16)  # nobody else is sent this page: shown again, it can be repeated
    shut = opening.shut(writing=True)
    if shut:
        return _later(_form_page(form, kind, trouble=shut.sentence), shut)
    try:
        given, wrong = classes.given(web.parts().database, web.parts().limiter, request.remote_addr or "",
                                     form.class_code.data or "")  # fmt: skip
        draft = given.completed(form.draft(kind)) if given else form.draft(kind)
        checked = sending.check(draft, form.picture(), settings=web.settings(), running=web.running(),
                                made=bool(form.made.data), wrong=wrong)  # fmt: skip
        if form.warns(checked.draft) | form.tells_reader(given, checked.draft):
            return _answer(_form_page(form, kind), 422)
        reader = given if given and given.read_first(checked.draft) else None
        wait = web.parts().gate.admit(request.remote_addr or "", proof=form.altcha.data or "", ticket=form.ticket.data or "",
                                      sending=checked.sending(form.key.data or ""),
                                      class_code=given.lets_in if given else None)  # fmt: skip
        if wait is not None:
            return _waiting(form, kind, wait)
        code = sending.send(web.session(), checked, key=form.key.data or "", settings=web.settings(),
                            store=web.media(), queue=web.queue(), first_reader=reader.id if reader else None,
                            then=partial(classes.count, web.parts().limiter, given.id) if given else None)  # fmt: skip
    except DraftRefused as refused:
        form.show(refused.problems)
        return _answer(_form_page(form, kind), 422)
    except (*db.AWAY, StoreUnavailable):
        web.session().rollback()  # the page asks for the channels of help, which is refused after a failed flush
        return _answer(_form_page(form, kind, trouble=_("error.generic")), 503)
    care = not guard.CARE.isdisjoint(checked.draft.signals)
    return _answer(_thanks_page(code, kind, care=care, read_first=reader is not None))


@bp.get("/receipt")
def receipt() -> Response:
    """Where to type the code: empty, it may be found by anybody who looks for it."""
    answer = _answer(render_template("intake/receipt.html", form=ReceiptForm(formdata=None), error=None))
    del answer.headers["X-Robots-Tag"]
    return answer


@bp.post("/receipt")
def look_up() -> Response:
    """The entry's state."""
    entry = _opened()
    return entry if isinstance(entry, Response) else _status_page(entry)


@bp.post("/receipt/withdraw")
def withdraw() -> Response:
    """Ask once, then take it down everywhere."""
    entry = _opened()
    if isinstance(entry, Response):
        return entry
    if request.form.get("confirm") != "yes":
        next_state(entry.state, Action.WITHDRAW)
        return _answer(render_template("intake/withdraw.html", receipt=_typed_code()))
    entries.withdraw(web.session(), entry, store=web.media())
    web.session().commit()
    return _status_page(entry)


@bp.post("/receipt/appeal")
def appeal() -> Response:
    """Ask for a second reading."""
    entry = _opened()
    if isinstance(entry, Response):
        return entry
    entries.appeal(web.session(), entry)
    web.session().commit()
    return _status_page(entry)


@bp.post("/receipt/consents")
def choose_consents() -> Response:
    """Change what is allowed, now."""
    entry = _opened()
    if isinstance(entry, Response):
        return entry
    form = ConsentForm()
    chosen = Consents(form.consent_gallery.data, form.consent_schools.data, form.consent_print.data)
    consents.choose(web.session(), entry, chosen, store=web.media())
    web.session().commit()
    return _status_page(entry, saved=True)


@bp.post("/receipt/message")
def write() -> Response:
    """A word to the team."""
    entry = _opened()
    if isinstance(entry, Response):
        return entry
    typed = request.form.get("message", "")
    try:
        messages.write(web.session(), entry, typed, from_child=True)
        web.session().commit()
    except Incomplete:
        return _status_page(entry, wrong=True, typed=typed)
    return _status_page(entry, sent=True)


@bp.post("/receipt/change")
def change() -> Response:
    """The form with everything that was sent, and then its second sending under the same receipt."""
    entry = _opened()
    if isinstance(entry, Response):
        return entry
    next_state(entry.state, Action.RESUBMIT)
    kind, keeps = entry.kind, bool(entry.renditions)  # as they are now: what fails below may have touched the entry
    if request.form.get("step") != "send":
        return _answer(_form_page(ShareForm(formdata=None, obj=_prefill(entry)), kind, change=True, keeps=keeps))
    form = ShareForm()
    try:
        checked = sending.check(form.draft(kind), form.picture(), settings=web.settings(), running=web.running(),
                                made=bool(form.made.data), keeps_image=keeps, keeps_theme=entry.theme)  # fmt: skip
        if form.warns(checked.draft):
            return _answer(_form_page(form, kind, change=True, keeps=keeps), 422)
        entries.resubmit(web.session(), entry, checked.draft, checked.image, store=web.media(), queue=web.queue())
        web.session().commit()
    except DraftRefused as refused:
        form.show(refused.problems)
        return _answer(_form_page(form, kind, change=True, keeps=keeps), 422)
    except (*db.AWAY, StoreUnavailable):
        web.session().rollback()  # the page asks for the channels of help, which is refused after a failed flush
        return _answer(_form_page(form, kind, trouble=_("error.generic"), change=True, keeps=keeps), 503)
    return _status_page(entry)


def _opened() -> Entry | Response:
    """The entry of the typed receipt, or the page that says why there is none."""
    limiter, address = web.parts().limiter, request.remote_addr or ""
    form = ReceiptForm()
    if limiter.exceeded("receipts", address, WRONG_CODES):
        return _answer(render_template("intake/receipt.html", form=form, error=_("check.too_many")), 429)
    typed = receipts.digits_in(form.receipt.data or "")
    if len(typed) != receipts.LENGTH:
        wrong = _("check.length", count=len(typed))
        return _answer(render_template("intake/receipt.html", form=form, error=wrong), 422)
    entry = sending.find(web.session(), typed, settings=web.settings())
    if entry is None:
        limiter.count("receipts", address, WINDOW)
        return _answer(render_template("intake/receipt.html", form=form, error=_("check.not_found")), 404)
    return entry


def _typed_code() -> str:
    return receipts.parse(request.form.get("receipt", "")) or ""


def _prefill(entry: Entry) -> Any:
    class Prefilled:
        """The entry's words under the form's names; the picture stays where it is."""

        text, caption, alt = entry.text, entry.caption, entry.alt
        theme, language, age, region = entry.theme, entry.language, entry.age, entry.region
        mood, nickname = entry.mood or NO_ANSWER, entry.nickname or NO_ANSWER
        consent_gallery, consent_schools = entry.consent_gallery, entry.consent_schools
        consent_print = entry.consent_print

    return Prefilled


def _status_page(
    entry: Entry, *, saved: bool = False, sent: bool = False, wrong: bool = False, typed: str = ""
) -> Response:  # fmt: skip
    appealed = any(event.action is Action.APPEAL for event in log.of_entry(web.session(), entry.id))
    status = status_of(entry, appealed=appealed)
    picture = pages.picture_inside(entry) if status.marks else None
    form = ConsentForm(formdata=None, obj=entry)
    form.saved = saved
    said = messages.thread(web.session(), entry.id)
    talk = {"thread": said, "open": messages.can_write(entry, said), "sent": sent, "wrong": wrong, "typed": typed}
    page = render_template(
        "intake/status.html", status=status, consents=form, talk=talk, receipt=_typed_code(), picture=picture
    )  # fmt: skip
    return _answer(page, 422 if wrong else 200)


def _form_page(
    form: ShareForm, kind: str, *, trouble: str | None = None, wait: str | None = None, change: bool = False,
    keeps: bool = False, making: Making | None = None,
) -> str:  # fmt: skip
    lists = taxonomy()
    return render_template(
        "intake/share.html",
        form=form,
        kind=kind,
        trouble=trouble,
        wait=wait,
        change=change,
        keeps_image=keeps,
        making=making,
        photos=web.running().photos,
        receipt=_typed_code() if change else None,
        young_age=YOUNG,
        limits=LIMITS | {"size": f"{web.settings().image_limit // MEGABYTE} MB", "types": IMAGE_TYPES,
                         "bytes": web.settings().image_limit},
        theme_help_first={theme.id for theme in lists.themes.values() if theme.help_first},
    )  # fmt: skip


def _thanks_page(code: str, kind: str, *, care: bool = False, read_first: bool = False) -> str:
    web.session().close()  # a page that only reads must not hold the database's write lock
    web.read_in(web.parts().database.reads())
    return render_template(
        "intake/thanks.html",
        receipt=code,
        groups=receipts.grouped(code),
        qr=_qr(f"{request.host_url}{web.language()}/receipt"),
        kind=kind,
        delay=_usual_delay(),
        care=care,
        read_first=read_first,
    )


@lru_cache(maxsize=16)
def _qr(address: str) -> Markup:
    """The way to the page where a receipt is typed, the same on every card: drawing it took a sixth of taking an entry in.

    Without the code, also behind a "#": a browser writes each address that it is sent to into its history before a page can act.
    """
    drawn = segno.make(address, error="m").svg_inline(scale=4, border=2, svgclass="qr", lineclass=None, omitsize=True)
    return Markup(drawn)  # noqa: S704  (drawn by us)


def _closed(shut: Shut) -> Response:
    """The page while nothing can be sent: receipts and help go on. 503, so that no device keeps it in a form's place."""
    return _later(render_template("intake/closed.html", sentence=shut.sentence), shut)


def _later(page: str, shut: Shut) -> Response:
    answer = _answer(page, 503)
    if shut.seconds is not None:
        answer.headers["Retry-After"] = str(shut.seconds)
    return answer


def _waiting(form: ShareForm, kind: str, wait: Wait) -> Response:
    """The form as it was, with a place in the line."""
    form.ticket.data = wait.ticket
    sentence = _("limits.wait", seconds=wait.seconds) if wait.ticket else _("limits.later")
    answer = _answer(_form_page(form, kind, wait=sentence), 429)
    answer.headers["Retry-After"] = str(wait.seconds)
    return answer


def _usual_delay() -> str | None:
    """How long an answer takes; nothing if it cannot be found out, for the receipt must be shown after its commit."""
    try:
        return pages.usual_delay(web.session())
    except db.AWAY:
        web.session().rollback()
        return None


def _answer(page: str, status: int = 200) -> Response:
    """A page that leaves no copy behind on the device and is in no index."""
    response = make_response(page, status)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
