"""What editors have written, in the words of the page's language, for templates. As `pages` does for entries."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Response, abort
from flask_babel import format_date, format_decimal
from flask_babel import gettext as _
from markupsafe import Markup

from memes import markdown, web
from memes.articles import Content, File, Shown
from memes.attachments import MEGABYTE, TYPES, Attachment
from memes.taxonomy import Item, taxonomy

#: Where the campaign's clocks are.
ZONE = ZoneInfo("Africa/Casablanca")

#: What is known of the files that a version names.
Attached = Mapping[UUID, Attachment]

#: Seconds for which a file may stay in a cache: what is not public any more is gone within a minute.
FILE_AGE = 60

#: The folder of a kind's pages.
FOLDERS = {"news": "news", "event": "events", "resource": "resources"}


@dataclass(frozen=True, slots=True)
class Page:
    """An article as a template needs it. `lang` is the language of its words, which may not be the page's own."""

    lang: str
    direction: str
    title: str
    summary: str
    body: Markup
    form: str
    audiences: list[str]
    licence: str
    when: str
    region: str
    #: (code, its own name, address) of the languages that it is in.
    languages: list[tuple[str, str, str]]
    href: str = ""
    day: str = ""
    over: bool = False
    files: list["FilePage"] = field(default_factory=list)

    @property
    def pictures(self) -> list["FilePage"]:
        """Those that do not stand among the words already."""
        return [one for one in self.files if one.format == "webp" and one.href not in self.body]

    @property
    def captions(self) -> list["FilePage"]:
        """What goes with its films; those in the reader's language first."""
        return [one for one in self.files if one.format == "vtt"]


@dataclass(frozen=True, slots=True)
class FilePage:
    """A file as a template needs it: the language's code and own name (empty: none in particular), its size in words.

    Of a picture, `width` and `height` in pixels.
    """

    href: str
    format: str
    language: str
    language_name: str
    size: str
    width: int | None = None
    height: int | None = None


def page(shown: Shown, attached: Attached | None = None) -> Page:
    """A public article."""
    folder = FOLDERS.get(shown.kind)
    path = f"{folder}/{shown.slug}" if folder else "about"
    return of_content(shown.kind, shown.content, path, published_on=shown.published_on, attached=attached)


def of_content(
    kind: str, content: Content, path: str = "", *, lang: str = "", published_on: date | None = None,
    files: str = markdown.FILES, attached: Attached | None = None,
) -> Page:  # fmt: skip
    """A version of an article, in `lang` or in the language of the page; `files` as for `markdown.render`."""
    lang = content.spoken(lang or web.language())
    said, lists = content.words[lang], taxonomy()
    forms = {"event": lists.event_forms, "resource": lists.resource_forms}.get(kind, {})
    return Page(
        lang, "rtl" if lang == "ar" else "ltr", said.title, said.summary, markdown.render(said.body, files),
        _label(forms.get(content.form)), [_label(lists.audiences[one]) for one in content.audiences],
        _label(lists.licences.get(content.licence)), when(content), _label(lists.regions.get(content.region)),
        [(code, name, f"/{code}/{path}") for code, (_short, name) in web.LANGUAGES.items()
         if code in content.words and code in web.running().languages],
        f"/{web.language()}/{path}", str(format_date(published_on, "long")) if published_on else "", is_over(content),
        _files(content, attached or {}, files),
    )  # fmt: skip


def when(content: Content) -> str:
    """The days and hours of an event: "4 December 2026, 10:00 to 12:00"."""
    if content.first_day is None:
        return ""
    first = str(format_date(content.first_day, "full"))
    days = first
    if content.last_day and content.last_day != content.first_day:
        days = str(_("event.days", start=first, end=format_date(content.last_day, "full")))
    if content.begins_at is None:
        return days
    begins = _clock(content.begins_at)
    hours = str(_("event.hours", start=begins, end=_clock(content.ends_at))) if content.ends_at else begins
    return f"{days} · {hours}"


def is_over(content: Content) -> bool:
    """Whether an event's last day is behind us."""
    last = content.last_day or content.first_day
    return last is not None and last < today()


def today() -> date:
    """The day in Morocco."""
    return datetime.now(ZONE).date()


def answer_file(attachment: Attachment) -> Response:
    """The file itself. Films play in the page; a document is saved, never opened under our name."""
    try:
        response = web.stream_from_store(
            attachment.key, size=attachment.size, etag=attachment.sha256[:32], content_type=TYPES[attachment.format]
        )
    except KeyError:
        abort(404)
    if attachment.format == "pdf":
        response.headers["Content-Disposition"] = f'attachment; filename="insta-memes-{attachment.id.hex[:8]}.pdf"'
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = f"public, max-age={FILE_AGE}, must-revalidate"
    return response


def _files(content: Content, attached: Attached, base: str) -> list[FilePage]:
    """In the reader's language first, then without a language, then the others."""
    order = {web.language(): 0, "": 1}
    ready = [file for file in content.files if file.id in attached and attached[file.id].is_ready]
    return [_file(file, attached[file.id], base) for file in sorted(ready, key=lambda file: order.get(file.language, 2))]


def _file(file: File, attachment: Attachment, base: str) -> FilePage:
    size = _("resource.megabytes", number=format_decimal(max(attachment.size / MEGABYTE, 0.1), "0.0"))
    name = web.LANGUAGES[file.language][1] if file.language else ""  # type: ignore[index]
    return FilePage(f"{base}{file.id}", attachment.format, file.language, name, str(size), attachment.width,
                    attachment.height)  # fmt: skip


def _clock(moment: time) -> str:
    return f"{moment:%H:%M}"


def _label(item: Item | None) -> str:
    return web.in_language(item.label) if item else ""
