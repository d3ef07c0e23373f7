"""Lessons: whole in three languages for every theme, in words that talk to everybody alike."""

import re

import pytest
from flask.testing import FlaskClient

from memes.lessons import MINUTES, lessons
from memes.taxonomy import taxonomy
from tests.templates.test_texts import _IMPERATIVES, _SECOND_PERSON

PARTS = ("aim", *MINUTES)
ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_every_theme_has_a_lesson_of_forty_five_minutes_in_three_languages() -> None:
    assert list(lessons()) == list(taxonomy().themes)
    assert sum(MINUTES.values()) == 45
    for theme, lesson in lessons().items():
        for part in PARTS:
            text = getattr(lesson, part)
            assert set(text) == {"ar", "fr", "en"}, (theme, part)
            assert all(40 <= len(said) <= 250 for said in text.values()), (theme, part, text)
            assert re.search("[\u0621-\u064a]", text["ar"]), (theme, part)


def test_their_words_keep_the_rules_of_the_catalogs() -> None:
    spoken_to = re.compile(rf"(?<!\w)[وف]?({'|'.join((*_IMPERATIVES, *_SECOND_PERSON))})(?!\w)")
    for theme, lesson in lessons().items():
        for part in PARTS:
            text = getattr(lesson, part)
            assert not spoken_to.search(text["ar"]), (theme, part)
            assert not re.search("[٠-٩۰-۹]", text["ar"])
            assert not re.search("[^\u00a0:;?!.][:;?!»]|«[^\u00a0]", text["fr"]), (theme, part)
            assert not re.search('["<>&]', "".join(text.values())), (theme, part)


@ONE_DATABASE
@pytest.mark.parametrize("lang", ["ar", "fr", "en"])
def test_a_sheet_holds_its_parts_its_questions_the_rules_and_whether_numbers_were_checked(client: FlaskClient, lang: str) -> None:
    page = client.get(f"/{lang}/schools/lessons/sextortion")
    assert "Set-Cookie" not in page.headers
    lesson, theme = lessons()["sextortion"], taxonomy().themes["sextortion"]
    unchecked = {"ar": "لم يتحقق منه الفريق بعد", "fr": "pas encore vérifié", "en": "not checked yet"}
    said = page.text.replace("&#39;", "'")
    for text in (*(getattr(lesson, part)[lang] for part in PARTS), *(prompt[lang] for prompt in theme.prompts), unchecked[lang]):
        assert text in said
    assert "notice--care" in page.text, "a hard theme says so"
    assert "notice--care" not in client.get(f"/{lang}/schools/lessons/rumours").text.partition('id="help"')[0]


@ONE_DATABASE
def test_an_unknown_theme_has_no_lesson(client: FlaskClient) -> None:
    assert client.get("/fr/schools/lessons/nothing").status_code == 404
