"""A teacher's lesson: a collection made, shown, printed; what a child takes back is not in it any more."""

import re

import cv2
import pypdfium2
import pytest
from playwright.sync_api import expect

from memes.first_reading import KEPT, LEAST
from memes.taxonomy import taxonomy
from tests.journeys import axe
from tests.journeys.conftest import OpenWindow, new_account
from tests.journeys.furniture import let_teacher_read, publish
from tests.journeys.house import House
from tests.journeys.navigator import LAPTOP, PHONE, Child, Moderator

TITLE = {"ar": "حصة عن الإشاعات", "fr": "Une séance sur les rumeurs"}


def pages_of(pdf: bytes) -> int:
    """How many sheets of paper."""
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


@pytest.mark.parametrize("lang", ["ar", "fr"])
def test_a_collection_is_made_without_a_script_shown_and_printed(house: House, window: OpenWindow, lang: str) -> None:
    (first, taken_back), (second, _receipt) = (publish(house, f"{lang}: told {number}") for number in range(2))
    teacher = Child(window(lang, java_script_enabled=False, viewport=PHONE["viewport"]).new_page(), lang, house)
    page = teacher.page

    page.goto(f"/{lang}/schools")
    teacher.link("collection.go").click()
    page.get_by_label(teacher.text("collection.name"), exact=True).fill(TITLE[lang])
    teacher.button("collection.make").click()
    teacher.sees("collection.keep_key")
    private = page.locator("#private").input_value()
    for entry in (first, second):
        page.locator("#address").fill(f"{house.address}/{lang}/gallery/{entry}")
        page.locator("button[value=address]").click()
    expect(page.locator(".picked__one")).to_have_count(2)
    page.locator(f"button[value='up:{second}']").click()
    expect(page.locator(f"button[value='up:{second}']")).to_be_focused()
    teacher.link("collection.look").click()
    expect(page.locator("h1")).to_have_text(teacher.text("collection.plain_title"))
    expect(page.locator(".chosen blockquote").first).to_have_text(f"{lang}: told 1")
    public = page.url

    keeper = Moderator(window(lang, **LAPTOP).new_page(), lang, house)
    keeper.signs_in(new_account(house, "admin"))
    keeper.page.goto("/desk/schools")
    keeper.press(keeper.page.get_by_role("article").filter(has_text=TITLE[lang]).locator("form[action$=show] button"))
    keeper.is_told("desk.schools.shown")
    page.reload()
    expect(page.locator("h1")).to_have_text(TITLE[lang])

    pupil = Child(window(lang, viewport=PHONE["viewport"]).new_page(), lang, house)
    pupil.takes_back(taken_back)
    page.reload()
    expect(page.locator(".chosen > li")).to_have_count(1)
    assert f"{lang}: told 0" not in page.content()
    assert pages_of(page.pdf(format="A4")) == 1

    page.goto(f"/{lang}/schools/collections")
    page.get_by_label(teacher.text("collection.key"), exact=True).fill(private)
    teacher.button("collection.open").click()
    expect(page.locator(".picked__one")).to_have_count(1)
    pupil.page.goto(private)  # with a script, the key of the link is in its field, and not in the address any more
    expect(pupil.page.locator("[data-fragment]")).to_have_value(re.compile(r"^(\d{4} ?){4}$"))
    assert "#" not in pupil.page.url
    teacher.button("collection.give_up").click()
    teacher.button("collection.give_up_yes").click()
    teacher.sees("collection.gone")
    assert page.goto(public).status == 404  # type: ignore[union-attr]


@pytest.mark.parametrize("lang", ["ar", "fr"])
def test_a_class_sends_with_the_code_on_its_poster(house: House, window: OpenWindow, lang: str) -> None:
    teacher = Child(window(lang, java_script_enabled=False, viewport=PHONE["viewport"]).new_page(), lang, house)
    page = teacher.page
    page.goto(f"/{lang}/schools")
    teacher.link("code.ask").click()
    page.locator("#expected").fill("4000")
    teacher.button("code.ask_button").click()
    teacher.sees("code.expected_wrong", least=5, most=60)
    page.locator("#expected").fill("33")
    teacher.button("code.ask_button").click()
    teacher.sees_title("code.waiting")

    keeper = Moderator(window(lang, **LAPTOP).new_page(), lang, house)
    keeper.signs_in(new_account(house, "admin"))
    keeper.page.goto("/desk/schools")
    axe.is_clean(keeper.page)
    keeper.press(keeper.page.get_by_role("listitem").filter(has_text="33").locator("form[action$=grant] button"))
    keeper.is_told("desk.schools.granted")

    teacher.button("status.refresh").click()
    teacher.sees_title("code.granted")
    assert pages_of(page.pdf(format="A4")) == 1
    code = "".join(page.locator("#code span").all_inner_texts())

    pupil = Child(window(lang, **PHONE).new_page(), lang, house, touch=True)
    pupil.page.goto(page.locator("#link").input_value().removeprefix(house.address))
    pupil.press(pupil.page.locator("main").get_by_role("link", name=pupil.label("kinds", "story")))
    expect(pupil.field("class.code")).to_have_value(f"{code[:4]} {code[4:]}")
    assert "#" not in pupil.page.url
    pupil.field("class.code").fill("0000 0000")
    pupil.writes("text", f"{lang}: we were all in one room")
    pupil.picks_theme("rumours")
    pupil.sends()
    expect(pupil.page.locator("#class_code-error")).to_contain_text(pupil.text("problem.class_code"))
    expect(pupil.field("text")).to_have_value(f"{lang}: we were all in one room")
    pupil.field("class.code").fill(code)
    pupil.sends()
    pupil.is_thanked()


@pytest.mark.parametrize("lang", ["ar", "fr"])
def test_a_pupil_knows_that_the_teacher_reads_first_and_can_do_without(house: House, window: OpenWindow, lang: str) -> None:
    teacher = Child(window(lang, java_script_enabled=False, viewport=PHONE["viewport"]).new_page(), lang, house)
    key, code = let_teacher_read(house)
    teacher.page.goto(f"/{lang}/schools/code")
    teacher.page.get_by_label(teacher.text("code.key"), exact=True).fill(key)
    teacher.button("code.open").click()
    address = teacher.page.locator("#link").input_value().removeprefix(house.address)
    teacher.button("first.read").click()
    teacher.sees_title("first.title")
    expect(teacher.page.get_by_role("article")).to_have_count(LEAST)
    teacher.page.get_by_role("button", name=teacher.text("first.worried")).first.click()
    teacher.sees("first.passed")
    teacher.button("first.all").click()
    teacher.sees("first.nothing", least=LEAST, days=KEPT.days)

    pupil = Child(window(lang, **PHONE).new_page(), lang, house, touch=True)
    told, field = pupil.page.locator("[data-reads-first]"), pupil.field("class.code")
    pupil.page.goto(address)
    pupil.press(pupil.page.locator("main").get_by_role("link", name=pupil.label("kinds", "story")))
    expect(told).to_be_visible()  # the poster's drawing says so
    pupil.press(pupil.button("create.leave_code"))
    expect(field).to_have_value("")
    expect(told).to_be_hidden()
    field.fill(code)
    pupil.writes("text", f"{lang}: our class, and nobody in particular")
    pupil.picks_theme("rumours")
    pupil.sends()
    expect(told).to_be_focused()  # typed by hand: the server says so
    pupil.sends()
    pupil.is_thanked()
    pupil.sees("thanks.first")


@pytest.mark.parametrize("lang", ["ar", "fr"])
def test_what_is_for_paper_fits_its_sheets(house: House, window: OpenWindow, lang: str, thorough: bool) -> None:
    page = window(lang, **LAPTOP).new_page()
    themes = list(taxonomy().themes) if thorough else ["sextortion"]  # the longest: it says that it is hard
    for path, sheets in ({"paper": 3, "disclosure": 1} | {f"lessons/{theme}": 1 for theme in themes}).items():
        page.goto(f"/{lang}/schools/{path}")
        assert pages_of(page.pdf(format="A4", prefer_css_page_size=True)) == sheets, path


@pytest.mark.parametrize("lang", ["ar", "fr"])
def test_a_poster_leads_back_to_its_entry_and_goes_with_it(house: House, window: OpenWindow, lang: str) -> None:
    entry, receipt = publish(house, "سمعت كلاما غير صحيح.", language="ar")
    teacher = Child(window(lang, java_script_enabled=False, **LAPTOP).new_page(), lang, house)
    page = teacher.page
    page.goto(f"/{lang}/gallery/{entry}")
    teacher.link("poster.of_entry").click()
    with page.expect_download() as saved:
        page.locator("a[href$='a4.pdf']").click()
    assert saved.value.suggested_filename == "insta-memes-story-a4.pdf"
    (poster,) = pypdfium2.PdfDocument(saved.value.path())
    assert "سمعت كلاما غير صحيح." in " ".join(poster.get_textpage().get_text_bounded().split())
    drawn = cv2.QRCodeDetector().detectAndDecode(poster.render(scale=2).to_numpy())[0]
    assert drawn == f"{house.address}/{lang}/gallery/{entry}"

    Child(window(lang, viewport=PHONE["viewport"]).new_page(), lang, house).takes_back(receipt)
    for gone in (page.url, f"{page.url}-a4.pdf"):
        answer = page.request.get(gone)
        assert answer.status == 404
