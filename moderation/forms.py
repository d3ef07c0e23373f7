"""The shapes of the desk's forms. All carry a token: whoever is signed in must mean what is sent. Rules live in `desk`."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, HiddenField, IntegerField, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import AnyOf, InputRequired, Length

from memes import web
from memes.errors import Incomplete
from memes.redaction import MOST, Box, Span
from memes.taxonomy import taxonomy
from moderation.passwords import LONGEST
from moderation.roles import Role
from moderation.workplace import CAPS, KEYS, PICTURES

#: The parts of a box's names in a form: `box-3-x`, in percent of the picture; with `box-3-kind` it is meant.
BOX_SIDES = ("x", "y", "width", "height")


class DeskForm(FlaskForm):  # type: ignore[misc]
    """A form with a token that lives as long as a session can."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        """Always on, whatever the application's settings say."""

        csrf = True
        csrf_time_limit = timedelta(hours=12).total_seconds()


class SeenForm(DeskForm):
    """About something at the version that was looked at."""

    seen = IntegerField(validators=[InputRequired()])


class DecisionForm(SeenForm):
    """One decision on one entry."""

    reason = StringField()
    note = TextAreaField()
    alt = TextAreaField()
    sure = BooleanField()
    screen = BooleanField()

    def words(self) -> dict[str, Any]:
        """What was typed, to be shown again."""
        boxes = [(name, value) for name, value in request.form.items() if name.startswith("box-")]
        return {"reason": self.reason.data or "", "note": self.note.data or "", "alt": self.alt.data, "boxes": boxes,
                "screen": self.screen.data}  # fmt: skip


def boxes_in(form: Mapping[str, str]) -> list[tuple[Box, str]]:
    """The boxes of a form whose kind was chosen; Incomplete if a number is missing or is no place on a picture."""
    found = []
    for number in range(MOST):
        sides = [form.get(f"box-{number}-{side}", "").strip().replace(",", ".") for side in BOX_SIDES]
        kind = form.get(f"box-{number}-kind", "")
        if not kind:
            continue
        try:
            found.append((Box(*(float(side) / 100 for side in sides)), kind))
        except ValueError:
            raise Incomplete("boxes") from None
    return found


def spans_in(form: "MultiDict[str, str]") -> list[tuple[Span, str]]:
    """The chosen words of a form: `field:start:end`, with a kind of their own (`:kind`) or the one for all."""
    found = []
    for chosen in form.getlist("words"):
        field, start, end, kind = (*chosen.split(":"), "", "", "")[:4]
        if not (start.isdecimal() and end.isdecimal()):
            raise Incomplete("words")
        found.append((Span(field, int(start), int(end)), kind or form.get("words_kind", "")))
    return found


class PracticeForm(DeskForm):
    """One answer to an invented entry."""

    action = StringField()
    reason = StringField()


class MessageForm(DeskForm):
    """A word to a child: one of the ready ones, or one's own."""

    reply = StringField()
    message = TextAreaField()


class LanguageForm(DeskForm):
    """Another language, and the page to come back to."""

    lang = StringField(validators=[AnyOf(list(web.LANGUAGES))])
    back = HiddenField()


class WorkplaceForm(DeskForm):
    """How somebody likes to work: closed lists throughout, so there is nothing to mistype."""

    pictures = RadioField(choices=list(PICTURES))
    keys = RadioField(choices=list(KEYS))
    heavy_cap = RadioField(choices=[str(cap) for cap in CAPS])
    muted = SelectMultipleField(choices=list(taxonomy().themes))


class RoleForm(DeskForm):
    """One of the roles."""

    role = RadioField(choices=[role.value for role in Role])


class InviteForm(RoleForm):
    """Who is asked to join, and as what."""

    email = StringField(validators=[Length(max=300)])


class SettingForm(DeskForm):
    """One setting, at the version that was looked at; what it may be is judged in `memes.running`."""

    seen = IntegerField(validators=[InputRequired()])


class NewPasswordForm(DeskForm):
    """The present password and another one."""

    current = StringField(validators=[Length(max=2 * LONGEST)])
    new = StringField(validators=[Length(max=2 * LONGEST)])


class PasskeyForm(DeskForm):
    """A passkey that the browser has made, as JSON, and what its owner calls it."""

    name = StringField(validators=[Length(max=200)])
    credential = HiddenField(validators=[InputRequired(), Length(max=20_000)])
