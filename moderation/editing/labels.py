"""What editors read about their articles, in their language. Keys are written out, so that they can be searched for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import format_date, format_decimal
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from memes import help as help_directory
from memes import web
from memes.article_pages import FOLDERS, Attached
from memes.articles import LANGUAGES, ArticleVersion, Content, File
from memes.attachments import BROKEN, MEGABYTE, Attachment
from memes.writing import SHIPPED, Draft
from moderation import words
from moderation.editing.forms import LIMITS, Sent

_KINDS = {
    "news": lambda: _("desk.edit.kind.news"), "event": lambda: _("desk.edit.kind.event"),
    "resource": lambda: _("desk.edit.kind.resource"), "about": lambda: _("desk.edit.kind.about"),
    "channel": lambda: _("desk.edit.kind.channel"),
}  # fmt: skip
_NEW = {
    "news": lambda: _("desk.edit.new.news"), "event": lambda: _("desk.edit.new.event"),
    "resource": lambda: _("desk.edit.new.resource"), "channel": lambda: _("desk.edit.new.channel"),
}  # fmt: skip
_PARTS = {
    "title": lambda: _("desk.edit.part.title"), "summary": lambda: _("desk.edit.part.summary"),
    "body": lambda: _("desk.edit.part.body"),
}  # fmt: skip
_CHANNEL_PARTS = {
    "title": lambda: _("desk.edit.part.label"), "summary": lambda: _("desk.edit.part.what"),
    "body": lambda: _("desk.edit.part.hours"),
}  # fmt: skip
_WRONG = {
    "long": lambda: _("desk.edit.wrong.long"), "needed": lambda: _("desk.edit.wrong.needed"),
    "unknown": lambda: _("desk.edit.wrong.unknown"), "order": lambda: _("desk.edit.wrong.order"),
    "empty": lambda: _("desk.edit.wrong.empty"), "too_big": lambda: _("desk.edit.wrong.too_big"),
    "type": lambda: _("desk.edit.wrong.type"), "damaged": lambda: _("desk.edit.wrong.damaged"),
    "tracks": lambda: _("desk.edit.wrong.tracks"),
    "active": lambda: _("desk.edit.wrong.active"), "too_many_pixels": lambda: _("desk.edit.wrong.too_many_pixels"),
}  # fmt: skip
_NEEDED = {
    "title": lambda: _("desk.edit.needed.title"), "body": lambda: _("desk.edit.needed.body"),
    "form": lambda: _("desk.edit.needed.door"), "first_day": lambda: _("desk.edit.needed.day"),
    "captions": lambda: _("desk.edit.needed.captions"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel in the list: `due` if somebody should try it again."""

    draft: Draft
    confirmed_on: date | None
    due: bool


def kind(name: str) -> str:
    """News, events …"""
    return str(_KINDS[name]())


def new(name: str) -> str:
    """What the button for another one says."""
    return str(_NEW[name]())


def doors() -> list[dict[str, str]]:
    """Where on the help page a channel can stand."""
    titles = {"now": _("help.now.title"), "talk": _("help.talk.title"), "report": _("help.report.title"),
              "image": _("help.image.title")}  # fmt: skip
    return [{"id": door, "label": str(titles[door])} for door in help_directory.DOORS]


def part(draft: Draft, name: str) -> str:
    """What a field of words is called; a channel's have names of their own."""
    return str((_CHANNEL_PARTS if draft.kind == "channel" else _PARTS)[name]())


def wrong(field: str, why: str) -> str:
    """What is wrong with a field."""
    return str(_NEEDED[field]() if why == "needed" and field in _NEEDED else _WRONG[why]())


def state(draft: Draft) -> str:
    """Who sees what of it."""
    if not draft.is_public:
        return str(_("desk.edit.state.hidden") if draft.kind == "channel" else _("desk.edit.state.draft"))
    return str(_("desk.edit.state.newer") if draft.has_unpublished else _("desk.edit.state.public"))


def title(draft: Draft) -> str:
    """In the reader's language, or another one that there is."""
    return draft.content.words[draft.content.spoken(web.language())].title if draft.content.words else ""


def tongue(draft: Draft) -> str:
    """The language of `title`."""
    return draft.content.spoken(web.language()) if draft.content.words else web.language()


def channel(session: Session, draft: Draft, today: date) -> Channel:
    """What is known of a channel's confirmation."""
    day = help_directory.confirmed_on(session, draft.slug, draft.content.value)
    return Channel(draft, day, help_directory.is_due(day, today))


def day(when: date | None) -> str:
    """ "26 November 2026"."""
    return str(format_date(when, "long")) if when else ""


def editor(session: Session, actor: str) -> str:
    """Who saved a version."""
    return str(_("desk.edit.shipped")) if actor == SHIPPED else words.name(session, actor)


def history(session: Session, rows: Sequence[ArticleVersion]) -> list[tuple[int, str, str]]:
    """Number, who and when of each version, newest first."""
    names = {actor: editor(session, actor) for actor in {row.editor for row in rows}}
    return [(row.number, names[row.editor], day(row.day)) for row in rows]


def files(content: Content, attached: Attached) -> list[dict[str, str]]:
    """The files of a version, for its form; `told` instead of a picture that cannot be shown (yet)."""
    return [_file(file, attached[file.id]) for file in content.files if file.id in attached]


def _file(file: File, attachment: Attachment) -> dict[str, str]:
    size = _("resource.megabytes", number=format_decimal(max(attachment.size / MEGABYTE, 0.1), "0.0"))
    told = "" if attachment.is_ready else _("desk.edit.broken") if attachment.format == BROKEN else _("desk.edit.being_made")
    shape = attachment.format.upper()
    return {"id": str(file.id), "language": file.language, "format": shape, "size": str(size), "told": str(told)}


def differences(theirs: Content, typed: Sent) -> list[tuple[str, str, str]]:
    """Language, field and a colleague's words, wherever they are not what was typed."""
    found = []
    for lang in LANGUAGES:
        for name in LIMITS:
            text = str(getattr(theirs.words[lang], name)) if lang in theirs.words else ""
            if text.split() != typed.get(f"{name}_{lang}", "").split():
                found.append((lang, name, text))
    return found


def public_address(draft: Draft) -> str:
    """Where everyone reads it."""
    if draft.kind in FOLDERS:
        return f"/{web.language()}/{FOLDERS[draft.kind]}/{draft.slug}"
    return f"/{web.language()}/{'help' if draft.kind == 'channel' else 'about'}"
