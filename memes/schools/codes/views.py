"""A teacher asks for a class code, and comes back with a key for the answer, the code and the poster.

Nothing is asked that names a school or a person. A teacher who wished to reads first what comes through the code, and passes
it on to the team (`first_reading`); nothing else here leads from a code to what was sent with it.
"""

from uuid import UUID

import segno
from flask import Blueprint, Response, render_template, request
from flask_babel import format_date
from flask_babel import gettext as _
from markupsafe import Markup

from memes import classes, first_reading, pages, receipts, web
from memes.first_reading import Remark
from memes.school_models import ClassCode
from memes.schools.codes.forms import AskForm
from memes.schools.forms import KeyForm, digits_of, note_wrong_key, tried_too_often, unkept

bp = Blueprint("codes", __name__, url_prefix=f"/{web.LANGUAGE_RULE}")

#: Wishes of a network in a day: the classes of a large school, and no flood for the team.
MOST_ASKED, DAY = 40, 24 * 3600

#: Pixels in which the words on a meme can be read.
_WIDE_ENOUGH = 480


@bp.get("/schools/code")
def index() -> str:
    """Ask for a code, or come back."""
    return _index(AskForm(formdata=None))


@bp.post("/schools/code/ask")
def ask() -> Response:
    """Take the wish in, and show its key once."""
    limiter, address, form = web.parts().limiter, request.remote_addr or "", AskForm()
    if limiter.exceeded("class_wishes", address, MOST_ASKED - 1):
        return unkept(_index(form, trouble=_("check.too_many")), 429)
    pupils = form.pupils()
    if pupils is None:
        form.expected.errors = [_("code.expected_wrong", least=classes.LEAST, most=classes.MOST)]
        return unkept(_index(form), 422)
    made, key = classes.ask(
        web.session(), web.settings().secret_key, region=form.region.data, age=form.age.data, expected=pupils,
        teacher_first=form.teacher_first.data, at_once=web.running().open_enrolment,
    )  # fmt: skip
    limiter.count("class_wishes", address, DAY)
    web.session().commit()
    return unkept(_page(made, key, new=True))


@bp.post("/schools/code/open")
def open_again() -> Response:
    """What became of the wish."""
    found, key = _opened()
    if isinstance(found, Response):
        return found
    if request.form.get("do") == "end" and classes.is_good(found):
        classes.end(web.session(), found.id)
        web.session().commit()
    return unkept(_page(found, key))


@bp.post("/schools/code/read")
def read() -> Response:
    """What waits for its teacher, to be passed on."""
    found, key = _opened()
    return found if isinstance(found, Response) else _to_read(found, key)


@bp.post("/schools/code/pass-on")
def pass_on() -> Response:
    """Hand one entry, or all of a page, to the team."""
    found, key = _opened()
    if isinstance(found, Response):
        return found
    remark = next((known for known in Remark if known == request.form.get("remark")), None)
    passed = 0
    for entry_id in request.form.getlist("entry", type=UUID)[: first_reading.MOST]:
        passed += first_reading.pass_on(web.session(), entry_id, found.id, remark)
        web.session().commit()  # each by itself, so that no two of them stay written together
    return _to_read(found, key, passed=passed)


def _opened() -> tuple[ClassCode, str] | tuple[Response, str]:
    """What the key in the form opens, and the key; or the page that says why it opens nothing."""
    key = digits_of(request.form.get("key", ""))
    if tried_too_often():
        return unkept(_index(AskForm(formdata=None), wrong_key=_("check.too_many")), 429), key
    found = classes.opened(web.session(), web.settings().secret_key, key)
    if found is None:
        note_wrong_key()
        return unkept(_index(AskForm(formdata=None), wrong_key=_("code.wrong_key")), 404), key
    return found, key


def _to_read(found: ClassCode, key: str, *, passed: int = 0) -> Response:
    session = web.session()
    waiting = first_reading.shown(session, found.id) if found.teacher_first and classes.is_good(found) else ()
    session.commit()
    shown = [(entry, pages.picture_inside(entry, _WIDE_ENOUGH)) for entry in waiting]
    return unkept(render_template(
        "schools/codes/read.html", shown=shown, key=receipts.parse(key) or "", passed=passed, remarks=Remark,
        least=first_reading.LEAST, kept=first_reading.KEPT.days,
    ))  # fmt: skip


def _index(form: AskForm, *, trouble: str | None = None, wrong_key: str | None = None) -> str:
    return render_template(
        "schools/codes/index.html", form=form, typed_key=KeyForm(), trouble=trouble, wrong_key=wrong_key,
        by_team=not web.running().open_enrolment, lasts=classes.LASTS.days,
        least=first_reading.LEAST, kept=first_reading.KEPT.days,
    )  # fmt: skip


def _page(found: ClassCode, key: str, *, new: bool = False) -> str:
    code, digits = found.code or "", receipts.parse(key) or ""
    share = f"{request.host_url}{web.language()}/share"
    with_code = f"{share}#class={code}{'&first' if found.teacher_first else ''}"
    # In the fragment: browsers never send it, so no server and no log ever sees which class a phone belongs to.
    qr = segno.make(with_code, error="m").svg_inline(scale=4, border=2, svgclass="qr", lineclass=None, omitsize=True)
    return render_template(
        "schools/codes/code.html", asked=found, good=classes.is_good(found), groups=receipts.grouped(code), new=new,
        key=digits, until=format_date(found.good_until, "long"), sent=classes.told(found.sent), share=share,
        with_code=with_code, private=f"{request.host_url}{web.language()}/schools/code#{digits}",
        qr=Markup(qr), lasts=classes.LASTS.days, threshold=classes.THRESHOLD,  # noqa: S704  (drawn by us from digits)
        least=first_reading.LEAST, kept=first_reading.KEPT.days,
    )  # fmt: skip
