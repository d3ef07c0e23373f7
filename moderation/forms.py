"""The shapes of the desk's forms. All carry a token: whoever is signed in must mean what is sent. Rules live in `desk`."""

from datetime import timedelta
from typing import Any

from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import AnyOf, InputRequired

from memes import web
from memes.taxonomy import taxonomy
from moderation.workplace import CAPS, KEYS, PICTURES


class DeskForm(FlaskForm):  # type: ignore[misc]
    """A form with a token that lives as long as a session can."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        """Always on, whatever the application's settings say."""

        csrf = True
        csrf_time_limit = timedelta(hours=10).total_seconds()


class DecisionForm(DeskForm):
    """One decision on one entry, at the version that was looked at."""

    seen = IntegerField(validators=[InputRequired()])
    reason = StringField()
    note = TextAreaField()
    alt = TextAreaField()

    def words(self) -> dict[str, Any]:
        """What was typed, to be shown again."""
        return {"reason": self.reason.data or "", "note": self.note.data or "", "alt": self.alt.data}


class PracticeForm(DeskForm):
    """One answer to an invented entry."""

    action = StringField()
    reason = StringField()


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
