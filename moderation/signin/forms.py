"""The shapes of signing in, of proving oneself again, and of joining."""

from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from moderation.forms import DeskForm
from moderation.passwords import LONGEST

#: Longer than any password of ours: refused before the slow hash has to read it.
_PASSWORD = Length(max=LONGEST * 2)


class PasswordForm(DeskForm):
    """The first step."""

    email = StringField(validators=[InputRequired(), Length(max=254)])
    password = PasswordField(validators=[InputRequired(), _PASSWORD])


class CodeForm(DeskForm):
    """The second step: a code, or what a passkey signed (as JSON)."""

    code = StringField(validators=[Length(max=20)])
    credential = HiddenField(validators=[Length(max=8000)])


class ProofForm(CodeForm):
    """Both at once, of who is in already."""

    password = PasswordField(validators=[InputRequired(), _PASSWORD])


class JoinForm(DeskForm):
    """Who was invited says a name, takes a password, and shows that the app works."""

    name = StringField(validators=[Length(max=40)])
    password = PasswordField(validators=[_PASSWORD])
    code = StringField(validators=[Length(max=20)])
