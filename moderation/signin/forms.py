"""The shapes of the two steps of signing in."""

from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from moderation.forms import DeskForm
from moderation.passwords import LONGEST


class PasswordForm(DeskForm):
    """The first step."""

    email = StringField(validators=[InputRequired(), Length(max=254)])
    # Longer than any password of ours: refused here, before the slow hash has to read it.
    password = PasswordField(validators=[InputRequired(), Length(max=LONGEST * 2)])


class CodeForm(DeskForm):
    """The second step."""

    code = StringField(validators=[InputRequired(), Length(max=20)])
