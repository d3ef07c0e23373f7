"""One form for all that editors write: the words in three languages, and the facts that the kind has."""

import re
from collections.abc import Mapping
from datetime import date, time
from typing import Any
from uuid import UUID

from werkzeug.datastructures import MultiDict
from wtforms import IntegerField, StringField
from wtforms.validators import InputRequired

from memes.articles import LANGUAGES, Content, File, Words
from memes.help import DOORS
from memes.markdown import LONGEST
from memes.taxonomy import NO_ANSWER, taxonomy
from memes.text import clean, western_digits
from moderation.forms import DeskForm

#: Longest texts, in characters.
LIMITS = {"title": 150, "summary": 400, "body": LONGEST}
VALUE_LIMIT = 300

_PHONE = re.compile(r"\+?[0-9][0-9 ]{0,18}[0-9]")
_ADDRESS = re.compile(r"https://[^\s/]+\.[^\s]+")

Sent = MultiDict[str, str]


class ArticleForm(DeskForm):
    """What was seen, and what is to be done: `preview`, `save` or `publish`. The rest is read by `content_in`."""

    seen = IntegerField(validators=[InputRequired()])
    do = StringField()


class VersionForm(DeskForm):
    """An article at the version that was seen; `number` is the one to be restored."""

    seen = IntegerField(validators=[InputRequired()])
    number = IntegerField()


def typed_of(content: Content) -> Sent:
    """A version as its form shows it."""
    typed: Sent = MultiDict()
    for lang, said in content.words.items():
        for part in LIMITS:
            typed[f"{part}_{lang}"] = getattr(said, part)
    for name in ("form", "region", "licence", "value"):
        typed[name] = getattr(content, name)
    for name in ("first_day", "last_day"):
        typed[name] = getattr(content, name).isoformat() if getattr(content, name) else ""
    for name in ("begins_at", "ends_at"):
        typed[name] = f"{getattr(content, name):%H:%M}" if getattr(content, name) else ""
    for audience in content.audiences:
        typed.add("audiences", audience)
    for file in content.files:
        typed.add("files", f"{file.id}:{file.language}")
    return typed


def content_in(kind: str, slug: str, sent: Sent) -> tuple[Content, dict[str, str]]:
    """What a form says, cleaned, and what is wrong by field (`long`, `needed`, `unknown`, `order`).

    Of a choice that does not exist nothing is taken.
    """
    lists, wrong = taxonomy(), dict[str, str]()
    forms: Mapping[str, object] = {"event": lists.event_forms, "resource": lists.resource_forms}.get(kind, {})
    if kind == "channel" and slug not in lists.channels:
        forms = dict.fromkeys(DOORS)
    regions = {region: item for region, item in lists.regions.items() if region != NO_ANSWER}
    content = Content(
        words=_words(sent, wrong),
        form=_chosen(sent, "form", forms),
        audiences=tuple(one for one in lists.audiences if one in sent.getlist("audiences")),
        region=_chosen(sent, "region", regions),
        licence=_chosen(sent, "licence", lists.licences),
        files=_files(sent),
        value=clean(sent.get("value", ""), lines=False)[:VALUE_LIMIT],
        **_times(sent, wrong),
    )
    if kind == "channel":
        _judge_channel(slug, content, wrong)
    if not content.words and not wrong:
        wrong["title_ar"] = "needed"
    return content, wrong


def _judge_channel(slug: str, content: Content, wrong: dict[str, str]) -> None:
    """A number or an address, as it was before; a channel of our own may be either, and stands at a door."""
    known = taxonomy().channels.get(slug)
    shapes = {"phone": [_PHONE], "url": [_ADDRESS]}[known.kind] if known else [_PHONE, _ADDRESS]
    if not any(shape.fullmatch(western_digits(content.value)) for shape in shapes):
        wrong["value"] = "unknown"
    if known is None and not content.form:
        wrong["form"] = "needed"


def _words(sent: Sent, wrong: dict[str, str]) -> dict[str, Words]:
    found = {}
    for lang in LANGUAGES:
        said = {part: clean(sent.get(f"{part}_{lang}", ""), lines=part == "body") for part in LIMITS}
        wrong |= {f"{part}_{lang}": "long" for part, text in said.items() if len(text) > LIMITS[part]}
        if any(said.values()):
            found[lang] = Words(**said)
        if not said["title"] and any(said.values()):
            wrong[f"title_{lang}"] = "needed"
    return found


def _times(sent: Sent, wrong: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, read in (("first_day", date.fromisoformat), ("last_day", date.fromisoformat), ("begins_at", time.fromisoformat),
                       ("ends_at", time.fromisoformat)):  # fmt: skip
        typed = western_digits(sent.get(name, "").strip())
        try:
            found[name] = read(typed) if typed else None
        except ValueError:
            wrong[name] = "unknown"
    first, last, begins, ends = (found.get(name) for name in ("first_day", "last_day", "begins_at", "ends_at"))
    if last and (first is None or last < first):
        wrong["last_day"] = "order"
    if ends and (begins is None or (ends <= begins and not (first and last and first < last))):
        wrong["ends_at"] = "order"
    return found


def _files(sent: Sent) -> tuple[File, ...]:
    """The files that stay: `id:language`, without those whose box says that they go."""
    found = []
    for written in sent.getlist("files"):
        hex_id, _, lang = written.partition(":")
        try:
            file_id = UUID(hex_id)
        except ValueError:
            continue
        if str(file_id) not in sent.getlist("drop"):
            found.append(File(file_id, lang if lang in LANGUAGES else ""))
    return tuple(found)


def _chosen(sent: Sent, name: str, known: Mapping[str, object]) -> str:
    value = sent.get(name, "")
    return value if value in known else ""
