"""The shape of asking for a class code."""

from typing import Any

from wtforms import BooleanField, SelectField, StringField

from memes import web
from memes.classes import LEAST, MOST
from memes.schools.forms import OpenForm
from memes.taxonomy import NO_ANSWER, taxonomy
from memes.text import western_digits


class AskForm(OpenForm):
    """Region, age group, how many pupils, who reads first."""

    region = SelectField(validate_choice=False, default=NO_ANSWER)
    age = SelectField(validate_choice=False, default=NO_ANSWER)
    expected = StringField()
    teacher_first = BooleanField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field, items in ((self.region, taxonomy().regions), (self.age, taxonomy().ages)):
            field.choices = [(item.id, web.in_language(item.label)) for item in items.values()]

    def pupils(self) -> int | None:
        """The number that was typed, if it is one that a class can have."""
        typed = western_digits(self.expected.data or "").strip()
        return int(typed) if typed.isdecimal() and len(typed) < 4 and LEAST <= int(typed) <= MOST else None
