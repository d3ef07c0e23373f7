"""What an editor's form says, apart from any page."""

import pytest

from memes.articles import LANGUAGES, shipped
from moderation.editing.forms import Sent, content_in, typed_of


@pytest.mark.parametrize("kind", ["about", "news", "resource", "channel"])
def test_a_form_says_again_what_it_shows(kind: str) -> None:
    for one in shipped(kind):
        content, wrong = content_in(kind, one.slug, typed_of(one.content))
        assert wrong == {}
        for lang in LANGUAGES:
            assert content.words[lang].title == one.content.words[lang].title
        assert (content.form, content.audiences, content.value) == (one.content.form, one.content.audiences, one.content.value)


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({}, {"title_ar": "needed"}),
        ({"title_fr": "x" * 151}, {"title_fr": "long"}),
        ({"title_fr": "x", "body_fr": "x" * 12_001}, {"body_fr": "long"}),
        ({"summary_en": "x"}, {"title_en": "needed"}),
        ({"title_fr": "x", "first_day": "soon"}, {"first_day": "unknown"}),
        ({"title_fr": "x", "begins_at": "25:00"}, {"begins_at": "unknown"}),
        ({"title_fr": "x", "last_day": "2026-12-04"}, {"last_day": "order"}),
        ({"title_fr": "x", "ends_at": "10:00"}, {"ends_at": "order"}),
        ({"title_fr": "x", "first_day": "٢٠٢٦-12-04"}, {}),
        ({"title_fr": "x", "first_day": "2026-12-04", "last_day": "2026-12-05", "begins_at": "10:00", "ends_at": "09:00"}, {}),
    ],
)
def test_what_is_wrong_is_said_of_its_field(typed: dict[str, str], wrong: dict[str, str]) -> None:
    assert content_in("event", "", Sent(typed))[1] == wrong


def test_of_a_choice_that_does_not_exist_nothing_is_taken() -> None:
    typed = Sent([("title_fr", "x"), ("form", "party"), ("region", "na"), ("licence", "x"), ("audiences", "x"), ("files", "x:fr")])
    content, _wrong = content_in("event", "", typed)
    assert (content.form, content.region, content.licence, content.audiences, content.files) == ("", "", "", (), ())
