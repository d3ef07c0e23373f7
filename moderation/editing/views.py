"""The editors' desk: all that is written, one article with its history, a preview, publishing; channels of help."""

from typing import Any, BinaryIO, cast
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from memes import article_pages, attachments, privacy, web, writing
from memes import help as help_directory
from memes.articles import KINDS, LANGUAGES, Article, ArticleVersion, Content, File
from memes.attachments import Attachment
from memes.errors import Incomplete, NotAllowed, NotFound, StaleDecision, UploadRefused
from memes.taxonomy import NO_ANSWER, taxonomy
from moderation import audit
from moderation.audit import Deed
from moderation.door import me
from moderation.editing import labels
from moderation.editing.forms import ArticleForm, Sent, VersionForm, content_in, typed_of
from moderation.forms import DeskForm
from moderation.roles import EDITORS

bp = Blueprint("editing", __name__)

#: Of these anybody may write new ones.
NEW = ("news", "event", "resource", "channel")
_KIND = f"<any({', '.join(KINDS)}):kind>"
_NEW = f"/editing/new/<any({', '.join(NEW)}):kind>"
_ONE = f"/editing/{_KIND}/<slug>"

#: Where the desk serves files, public or not.
FILES = "/desk/editing/files/"


@bp.before_request
def _only_editors() -> None:
    if me().role not in EDITORS:
        raise NotAllowed("edits nothing")


@bp.get("/editing")
def overview() -> str:
    """Channels of help, those first that somebody should try again; then all that is written, by kind."""
    session, today = web.session(), privacy.now().date()
    written = {kind: writing.everything(session, kind) for kind in KINDS}
    channels = [labels.channel(session, draft, today) for draft in written.pop("channel")]
    channels.sort(key=lambda one: (not one.due, not one.draft.is_public))
    return render_template("moderation/editing.html", written=written, channels=channels, labels=labels, new=NEW)


@bp.get(_NEW)
@bp.get(_ONE)
def edit(kind: str, slug: str = "") -> str:
    """The form, as the newest version has it; empty for a new article."""
    draft = writing.newest(web.session(), kind, slug) if slug else writing.blank(kind)
    return _page(draft, typed_of(draft.content))


@bp.post(_NEW)
@bp.post(_ONE)
def save(kind: str, slug: str = "") -> ResponseReturnValue:
    """Look at it first, keep it as a draft, or publish it; whatever stands in the way, what was typed stays."""
    form, session = ArticleForm(), web.session()
    if not form.validate_on_submit():
        abort(400)
    draft = writing.newest(session, kind, slug) if slug else writing.blank(kind)
    content, wrong = content_in(kind, slug, request.form)
    if form.do.data == "preview" and not wrong:
        return _page(draft, request.form, preview=content)
    try:
        if not wrong:
            article = _kept(draft, content, form.seen.data, publish=form.do.data == "publish")
    except StaleDecision:
        session.rollback()
        return _page(writing.newest(session, kind, slug), request.form, stale=True), 409
    except (Incomplete, UploadRefused) as error:
        session.rollback()
        wrong = {error.field: "needed"} if isinstance(error, Incomplete) else {"file": error.reason}
    if wrong:
        return _page(draft, request.form, wrong=wrong), 422
    session.commit()
    flash(_("desk.edit.published") if form.do.data == "publish" else _("desk.edit.saved"))
    return redirect(url_for(".edit", kind=kind, slug=article.slug), 303)


@bp.post(f"{_ONE}/publish")
def publish(kind: str, slug: str) -> ResponseReturnValue:
    """Show everyone the newest version as it stands."""
    form = _checked(VersionForm())
    draft = writing.newest(web.session(), kind, slug)
    try:
        _kept(draft, draft.content, form.seen.data, publish=True)
    except Incomplete as error:
        web.session().rollback()
        return _page(draft, typed_of(draft.content), wrong={error.field: "needed"}), 422
    web.session().commit()
    return _back(kind, slug, _("desk.edit.published"))


@bp.post(f"{_ONE}/unpublish")
def unpublish(kind: str, slug: str) -> ResponseReturnValue:
    """Show it to nobody any more."""
    form = _checked(VersionForm())
    article = writing.unpublish(web.session(), kind, slug, seen=form.seen.data)
    audit.record(web.session(), me(), Deed.UNPUBLISH_ARTICLE, article.id)
    web.session().commit()
    return _back(kind, slug, _("desk.edit.unpublished"))


@bp.post(f"{_ONE}/restore")
def restore(kind: str, slug: str) -> ResponseReturnValue:
    """An earlier version becomes the newest again, as a draft."""
    form, article = _checked(VersionForm()), _saved(kind, slug)
    writing.restore(web.session(), article, form.number.data or 0, editor=str(me().id), seen=form.seen.data)
    audit.record(web.session(), me(), Deed.RESTORE_ARTICLE, article.id)
    web.session().commit()
    return _back(kind, slug, _("desk.edit.restored"))


@bp.get(f"{_ONE}/versions/<int:number>")
def version(kind: str, slug: str, number: int) -> str:
    """One of the versions, as everyone would see it."""
    article = _saved(kind, slug)
    content = writing.content_of(web.session(), article, number)
    row = web.session().get_one(ArticleVersion, (article.id, number))
    return render_template(
        "moderation/article_version.html", draft=writing.newest(web.session(), kind, slug), row=row, labels=labels,
        previews=_previews(kind, content), who=labels.editor(web.session(), row.editor),
    )  # fmt: skip


@bp.post("/editing/channel/<slug>/confirm")
def confirm(slug: str) -> ResponseReturnValue:
    """Somebody has called or opened this very number or address today, and it works."""
    _checked(DeskForm())
    draft = writing.newest(web.session(), "channel", slug)
    if request.form.get("value") != draft.content.value:
        raise StaleDecision("another number by now")
    help_directory.confirm(web.session(), slug, privacy.now().date(), draft.content.value)
    audit.record(web.session(), me(), Deed.CONFIRM_CHANNEL, slug)
    web.session().commit()
    flash(_("desk.edit.confirmed"))
    return redirect(url_for(".overview"), 303)


@bp.get("/editing/files/<uuid:file_id>")
def file(file_id: UUID) -> ResponseReturnValue:
    """A file, whether it is public or not."""
    found = web.session().get(Attachment, file_id)
    if found is None or not found.is_ready:
        raise NotFound("no such file")
    return article_pages.answer_file(found)


def as_it_was_typed(kind: str, slug: str, typed: Sent) -> str:
    """The form with what was typed before a session ran out."""
    _only_editors()
    draft = writing.newest(web.session(), kind, slug) if slug else writing.blank(kind)
    return _page(draft, typed, stale=typed.get("seen") != str(draft.version))


def _kept(draft: writing.Draft, content: Content, seen: int, *, publish: bool) -> Article:
    """Save, with the file that came along, publish if asked, and write down what was done."""
    session, who = web.session(), str(me().id)
    sent, new = request.files.get("file"), None
    if sent is not None and sent.filename:
        new = attachments.keep(session, cast(BinaryIO, sent.stream), store=web.media())
        lang = request.form.get("file_language", "")
        content = writing.with_file(content, File(new.id, lang if lang in LANGUAGES else ""))
    if draft.slug:
        article = writing.save(session, draft.kind, draft.slug, content, editor=who, seen=seen)
    else:
        article = writing.create(session, draft.kind, content, editor=who)
    if new is not None:
        new.article_id = article.id
    if not draft.slug or article.latest != draft.latest:
        audit.record(session, me(), Deed.SAVE_ARTICLE, article.id)
    if publish:
        writing.publish(session, article, formats=attachments.formats(attachments.of(session, content).values()))
        audit.record(session, me(), Deed.PUBLISH_ARTICLE, article.id)
    return article


def _page(
    draft: writing.Draft, typed: Sent, *, wrong: dict[str, str] | None = None, preview: Content | None = None, stale: bool = False
) -> str:  # fmt: skip
    session, lists = web.session(), taxonomy()
    article = writing.find(session, draft.kind, draft.slug) if draft.slug else None
    shown, _wrong = content_in(draft.kind, draft.slug, typed)
    forms = {"event": lists.event_forms, "resource": lists.resource_forms}.get(draft.kind, {})
    return render_template(
        "moderation/article.html", draft=draft, typed=typed, wrong=wrong or {}, labels=labels, stale=stale,
        previews=_previews(draft.kind, preview) if preview else [],
        theirs=labels.differences(draft.content, typed) if stale else [],
        history=labels.history(session, writing.versions(session, article)) if article else [],
        files=labels.files(shown, attachments.of(session, shown)),
        forms=web.choices(forms), audiences=web.choices(lists.audiences), licences=web.choices(lists.licences),
        regions=[region for region in web.choices(lists.regions) if region["id"] != NO_ANSWER],
        channel=labels.channel(session, draft, privacy.now().date()) if draft.kind == "channel" and draft.slug else None,
        doors=labels.doors() if draft.kind == "channel" and draft.slug not in lists.channels else [],
        public_href=labels.public_address(draft), limits=attachments.LIMITS,
    )  # fmt: skip


def _previews(kind: str, content: Content) -> list[article_pages.Page]:
    attached = attachments.of(web.session(), content)
    return [article_pages.of_content(kind, content, lang=lang, files=FILES, attached=attached)
            for lang in LANGUAGES if lang in content.words]  # fmt: skip


def _saved(kind: str, slug: str) -> Article:
    article = writing.find(web.session(), kind, slug)
    if article is None:
        raise NotFound("never saved")
    return article


def _checked(form: Any) -> Any:
    if not form.validate_on_submit():
        abort(400)
    return form


def _back(kind: str, slug: str, sentence: str) -> ResponseReturnValue:
    flash(sentence)
    return redirect(url_for(".overview") if kind == "channel" else url_for(".edit", kind=kind, slug=slug), 303)
