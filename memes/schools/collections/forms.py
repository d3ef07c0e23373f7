"""The shape of a collection's form. What the words may be is judged in `collections`."""

from typing import Any

from flask import request
from flask_babel import gettext as _
from wtforms import SelectField, StringField, TextAreaField

from memes import web
from memes.collections import LIMITS, MOST, Wording
from memes.schools.forms import OpenForm
from memes.taxonomy import taxonomy

_NOTE = "note-"


class CollectionForm(OpenForm):
    """Title, note, language, theme; the notes on entries are fields of their own, named after the entry."""

    title = StringField()
    note = TextAreaField()
    language = SelectField(validate_choice=False)
    theme = SelectField(validate_choice=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        #: Entry -> what is wrong with the note on it.
        self.wrong_notes: dict[str, str] = {}
        self.language.choices = [(code, name) for code, (_short, name) in web.LANGUAGES.items()]
        themes = [(theme.id, web.in_language(theme.label)) for theme in taxonomy().themes.values()]
        self.theme.choices = [("", _("collection.any_theme")), *themes]
        if not self.language.data:
            self.language.data = web.language()

    @property
    def notes(self) -> dict[str, str]:
        """Entry -> the note that was typed."""
        return {name.removeprefix(_NOTE): said for name, said in request.form.items() if name.startswith(_NOTE)}

    def wording(self) -> Wording:
        """The fields as a plain value."""
        return Wording(
            self.title.data or "", self.note.data or "", self.language.data or "", self.theme.data or None, self.notes
        )

    def show(self, problems: dict[str, str]) -> None:
        """Put a sentence beside each field that has a problem."""
        for name, problem in problems.items():
            sentence = _sentence(problem, LIMITS.get(name, LIMITS["item"]))
            if name in ("title", "note"):
                self[name].errors = [sentence]
            else:
                self.wrong_notes[name] = sentence


def full() -> str:
    """There is no more room."""
    return str(_("collection.full", max=MOST))


def _sentence(problem: str, limit: int) -> str:
    if problem == "too_long":
        return str(_("error.too_long", max=limit))
    return str(_("collection.no_contact") if problem == "contact" else _("collection.no_title"))
