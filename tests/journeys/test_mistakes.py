"""What can go wrong on the form: a sentence beside the field, the keyboard where it helps, and nothing typed is lost."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.journeys.navigator import LAPTOP, PHONE, Child
from tests.journeys.pictures import phone_photo

TYPES = "JPEG, PNG, WebP, GIF, HEIC, AVIF"
MEGABYTE = 1024 * 1024

OpenForm = Callable[..., Child]


@pytest.fixture
def form(child: Callable[..., Child]) -> OpenForm:
    """Makes a child before the form."""

    def make(lang: str, kind: str, **options: object) -> Child:
        made = child(lang, **options)
        made.page.goto(f"/{lang}/share/{kind}")
        return made

    return make


def beside(field: Locator) -> Locator:
    """The sentence that the field itself names as its description."""
    described = field.get_attribute("aria-describedby") or ""
    wrong = [name for name in described.split() if name.endswith("-error")]
    assert wrong, described
    return field.page.locator(f"#{wrong[0]}")


def is_wrong(child: Child, field: Locator, key: str, **values: object) -> None:
    """The field says so to eyes and to screen readers alike."""
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(beside(field)).to_be_visible()
    expect(beside(field)).to_contain_text(child.text(key, **values))


def themes(child: Child) -> Locator:
    return child.page.get_by_role("radiogroup", name=child.text("create.theme"))


@pytest.mark.parametrize("lang", ["ar", "fr", "en"])
def test_an_empty_meme_is_not_sent_and_the_way_leads_to_what_is_missing(form: OpenForm, lang: str) -> None:
    amine = form(lang, "meme", **PHONE)
    sent: list[str] = []
    amine.page.on("request", lambda request: sent.append(request.method))

    amine.sends()

    is_wrong(amine, amine.picture_field(), "problem.no_image")
    is_wrong(amine, themes(amine), "problem.theme")
    amine.has_focus(amine.picture_field())
    assert "POST" not in sent

    amine.chooses_picture(phone_photo())
    amine.picks_theme("hate")
    expect(amine.page.locator(".field--error")).to_have_count(0)
    amine.sends()
    amine.is_thanked()


def test_an_empty_story_leads_to_the_text(form: OpenForm) -> None:
    amine = form("fr", "story", **LAPTOP)

    amine.sends()

    is_wrong(amine, amine.field("text"), "error.empty")
    amine.has_focus(amine.field("text"))


@dataclass(frozen=True)
class Wrong:
    """A file that cannot be sent, and what is said of it."""

    name: str
    kind: str
    data: bytes
    sentence: str


REFUSED_AT_ONCE = [
    Wrong("notes.txt", "text/plain", b"not a picture", "error.type"),
    Wrong("clip.mp4", "video/mp4", b"\0\0\0\x18ftypmp42", "error.type"),
    Wrong("big.jpg", "image/jpeg", b"\xff\xd8\xff" + bytes(16 * MEGABYTE), "error.too_big"),
]


@pytest.mark.parametrize("wrong", REFUSED_AT_ONCE, ids=lambda wrong: wrong.name)
def test_a_wrong_file_is_refused_before_a_byte_is_sent(form: OpenForm, wrong: Wrong, tmp_path: Path) -> None:
    amine = form("ar", "meme", **PHONE)
    (tmp_path / wrong.name).write_bytes(wrong.data)

    amine.picture_field().set_input_files(tmp_path / wrong.name)

    is_wrong(amine, amine.picture_field(), wrong.sentence, types=TYPES, size="15 MB")
    amine.has_chosen("")


REFUSED_BY_ITS_BYTES = [
    Wrong("notes.jpg", "image/jpeg", b"not a picture", "error.type"),
    Wrong("half.jpg", "image/jpeg", phone_photo()[:400], "problem.damaged"),
]


@pytest.mark.parametrize("wrong", REFUSED_BY_ITS_BYTES, ids=lambda wrong: wrong.name)
def test_a_file_that_only_has_the_name_of_a_picture_is_refused_and_the_words_stay(form: OpenForm, wrong: Wrong) -> None:
    amine = form("fr", "meme", **LAPTOP)
    amine.chooses_picture(wrong.data, wrong.name, wrong.kind)
    amine.picks_theme("hate")
    amine.writes("create.caption", "Une phrase")

    amine.sends()

    is_wrong(amine, amine.picture_field(), wrong.sentence, types=TYPES)
    amine.has_focus(amine.page.get_by_role("alert").filter(has_text=amine.text("error.summary")))
    amine.has_chosen("")
    expect(amine.field("create.caption")).to_have_value("Une phrase")
    expect(amine.theme("hate")).to_be_checked()

    amine.chooses_picture(phone_photo())
    amine.sends()
    amine.is_thanked()


def test_a_text_that_is_too_long_is_kept_with_the_picture_and_everything_else(form: OpenForm) -> None:
    amine = form("en", "story", **PHONE)
    long = "This went on for weeks. " * 100
    amine.writes("text", long)
    amine.press(amine.page.get_by_text(amine.text("create.add_picture")))
    amine.chooses_picture(phone_photo())
    amine.writes("gallery.description", "A school yard")
    amine.picks_theme("exclusion")
    amine.agrees("consent.schools")

    amine.sends()

    is_wrong(amine, amine.field("text"), "error.too_long", max=2000)
    summary = amine.page.get_by_role("alert").filter(has_text=amine.text("error.summary"))
    amine.has_focus(summary)
    expect(amine.field("text")).to_have_value(long)
    amine.has_chosen("IMG_2041.jpg")
    expect(amine.field("gallery.description")).to_have_value("A school yard")
    expect(amine.theme("exclusion")).to_be_checked()
    expect(amine.page.get_by_role("checkbox", name=amine.text("consent.schools"))).to_be_checked()
    expect(amine.page.get_by_role("checkbox", name=amine.text("consent.gallery"))).not_to_be_checked()

    amine.press(summary.get_by_role("link"))
    amine.has_focus(amine.field("text"))
    amine.writes("text", "This went on for weeks.")
    amine.sends()
    amine.is_thanked()


@pytest.mark.parametrize("lang", ["ar", "fr", "en"])
def test_without_a_script_each_mistake_comes_back_with_every_word(form: OpenForm, lang: str) -> None:
    amine = form(lang, "solution", java_script_enabled=False, viewport=PHONE["viewport"])
    long = "كلمة " * 450
    amine.writes("text", long)
    amine.page.get_by_role("checkbox", name=amine.text("consent.print")).check()

    amine.button("submit.button").click()

    is_wrong(amine, amine.field("text"), "error.too_long", max=2000)
    is_wrong(amine, themes(amine), "problem.theme")
    summary = amine.page.get_by_role("alert").filter(has_text=amine.text("error.summary"))
    expect(summary.get_by_role("link")).to_have_count(2)
    expect(amine.field("text")).to_have_value(long)
    expect(amine.page.get_by_role("checkbox", name=amine.text("consent.print"))).to_be_checked()


def test_a_network_that_breaks_says_so_and_loses_nothing(form: OpenForm) -> None:
    amine = form("ar", "solution", **PHONE)
    amine.writes("text", "نتفق في القسم على كلمة نقولها حين يتجاوز المزاح الحد")
    amine.picks_theme("upstander")
    amine.page.context.set_offline(True)

    amine.sends()

    expect(amine.page.get_by_role("alert").filter(has_text=amine.text("error.offline"))).to_be_visible()
    expect(amine.field("text")).to_have_value("نتفق في القسم على كلمة نقولها حين يتجاوز المزاح الحد")

    amine.page.context.set_offline(False)
    amine.sends()
    amine.is_thanked()


@pytest.mark.parametrize("lang", ["ar", "fr", "en"])
def test_a_code_that_opens_nothing_is_explained_and_stays_to_be_corrected(
    child: Callable[..., Child], lang: str
) -> None:
    amine = child(lang, **PHONE)
    amine.page.goto(f"/{lang}/")

    amine.opens_receipt("1234567890123456")

    field = amine.page.get_by_label(amine.text("check.input"))
    is_wrong(amine, field, "check.not_found")
    amine.has_focus(field)
    assert field.input_value()
