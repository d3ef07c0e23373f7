"""The shapes of the child's forms. What the words may be is judged in `drafts`, for pages and API alike."""

from typing import Any, BinaryIO

from flask_babel import gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, RadioField, SelectField, StringField, TextAreaField

from memes import guard, web
from memes.classes import Given
from memes.drafts import LIMITS, Draft
from memes.settings import MEGABYTE
from memes.taxonomy import NO_ANSWER, Item, taxonomy

#: What the file chooser offers; the bytes decide in the end.
IMAGE_TYPES = "JPEG, PNG, WebP, GIF, HEIC, AVIF"


class ShareForm(FlaskForm):  # type: ignore[misc]
    """Meme, story or solution. No token: public pages have no cookie, and foreign origins are refused before (`web`)."""

    class Meta:
        """No session, no token."""

        csrf = False

    text = TextAreaField()
    caption = StringField()
    alt = StringField()
    image = FileField()
    theme = RadioField(validate_choice=False)
    language = SelectField(validate_choice=False)
    age = RadioField(validate_choice=False, default=NO_ANSWER)
    region = SelectField(validate_choice=False, default=NO_ANSWER)
    mood = RadioField(validate_choice=False, default=NO_ANSWER)
    nickname = SelectField(validate_choice=False, default=NO_ANSWER)
    consent_gallery = BooleanField(false_values=("", "false", "0"))
    consent_schools = BooleanField(false_values=("", "false", "0"))
    consent_print = BooleanField(false_values=("", "false", "0"))
    class_code = StringField()
    key = HiddenField()
    altcha = HiddenField()
    ticket = HiddenField()
    made = HiddenField()  # not empty: the picture comes from the meme maker
    first_told = HiddenField()  # not empty: the page has said that a teacher reads it first
    told = HiddenField()  # not empty: the page has said what the guard finds
    website = StringField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        #: Field -> kind and words of each finding that is to be told beside it.
        self.warned: dict[str, list[tuple[str, str]]] = {}
        #: Whether it is said that a teacher reads first.
        self.read_first = bool(self.first_told.data)
        lists, lang = taxonomy(), web.language()
        for field, items in (
            (self.theme, lists.themes), (self.language, lists.languages), (self.age, lists.ages), (self.region, lists.regions),
            (self.mood, lists.moods), (self.nickname, lists.nicknames),
        ):  # fmt: skip
            field.choices = [(item.id, item.label[lang]) for item in _ordered(items)]
        hidden = web.running().themes_hidden - {self.theme.data}  # what was chosen before stays
        self.theme.choices = [choice for choice in self.theme.choices if choice[0] not in hidden]
        if not self.language.data:
            self.language.data = lang

    def draft(self, kind: str) -> Draft:
        """The fields as a plain value."""
        return Draft(
            kind=kind, language=self.language.data or "", theme=self.theme.data or "", text=self.text.data or "",
            caption=self.caption.data or "", alt=self.alt.data or "", age=self.age.data, region=self.region.data,
            mood=self.mood.data, nickname=self.nickname.data,
            consent_gallery=self.consent_gallery.data, consent_schools=self.consent_schools.data,
            consent_print=self.consent_print.data,
        )  # fmt: skip

    def picture(self) -> BinaryIO | None:
        """The chosen file's bytes, or None if none was chosen."""
        chosen = self.image.data
        return chosen.stream if chosen else None

    def warns(self, draft: Draft) -> bool:
        """Say, once, what in the words could tell who somebody is; whether that is to be said now.

        Signs of danger and distress alone never hold a child up: what was sent is read, and help stands on the next page.
        """
        if self.told.data or guard.PRIVATE.isdisjoint(draft.signals):
            return False
        self.told.data = "yes"
        self.warned = {
            field: [(finding.kind, getattr(draft, field)[finding.start : finding.end]) for finding in findings]
            for field, findings in draft.findings.items()
        }
        return True

    def tells_reader(self, given: Given | None, draft: Draft) -> bool:
        """Say, once, that the teacher of the code reads it first; whether that is to be said now."""
        if self.first_told.data or given is None or not given.read_first(draft):
            return False
        self.first_told.data, self.read_first = "yes", True
        return True

    def show(self, problems: dict[str, str]) -> None:
        """Put a sentence beside each field that has a problem; a field that this form does not show speaks for the form."""
        for name, problem in problems.items():
            field = getattr(self, name, self.text)
            field.errors = [*field.errors, sentence(name, problem)]


class ReceiptForm(FlaskForm):  # type: ignore[misc]
    """The 16 digits."""

    class Meta:
        """No session, no token."""

        csrf = False

    receipt = StringField()


class ConsentForm(FlaskForm):  # type: ignore[misc]
    """What is allowed, for an entry that is sent already."""

    class Meta:
        """No session, no token."""

        csrf = False

    consent_gallery = BooleanField(false_values=("", "false", "0"))
    consent_schools = BooleanField(false_values=("", "false", "0"))
    consent_print = BooleanField(false_values=("", "false", "0"))
    saved = False


def sentence(field: str, problem: str) -> str:
    """What is wrong with a field, in the reader's language."""
    size = f"{web.settings().image_limit // MEGABYTE} MB"
    sentences = {
        ("theme", "unknown"): lambda: _("problem.theme"),
        ("class_code", "unknown"): lambda: _("problem.class_code"),
        ("image", "empty"): lambda: _("problem.no_image"),
        ("image", "no_photos"): lambda: _("problem.no_photos"),
        ("image", "too_big"): lambda: _("error.too_big", size=size),
        ("image", "type"): lambda: _("error.type", types=IMAGE_TYPES),
        ("image", "damaged"): lambda: _("problem.damaged"),
        ("image", "too_many_pixels"): lambda: _("problem.too_many_pixels"),
        ("text", "empty"): lambda: _("error.empty"),
    }
    if problem == "too_long":
        return str(_("error.too_long", max=LIMITS[field]))
    return str(sentences.get((field, problem), lambda: _("problem.choice"))())


def _ordered(items: Any) -> list[Item]:
    return list(items.values())
