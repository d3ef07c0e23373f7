"""Moderators at work: two at once on one entry, ten entries without a mouse, a picture that is looked at with care."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.journeys.axe import is_clean
from tests.journeys.conftest import SCREENS, OpenWindow, new_account
from tests.journeys.furniture import let_wait
from tests.journeys.house import House, until
from tests.journeys.navigator import LAPTOP, Moderator
from tests.journeys.pictures import phone_photo

#: What no other journey sends, so that the list holds only what is put here.
APART = {"language": "other", "theme": "ai_fakes"}
LIST = "/desk/?language=other&theme=ai_fakes"


def look_again(page: Page) -> None:
    """What the page does by itself from time to time, it does at once when somebody comes back to it."""
    page.evaluate("dispatchEvent(new Event('visibilitychange'))")


@SCREENS
def test_two_open_one_entry_and_neither_decides_by_accident_nor_loses_a_word(
    at_the_desk: Callable[..., Moderator], house: House, lang: str, screen: dict[str, object]
) -> None:
    sara, omar = at_the_desk(lang, **screen), at_the_desk(lang, **screen)
    omar.page.goto(LIST)
    text = f"Two read this ({lang})."
    (entry_id,) = let_wait(house, text, **APART)

    look_again(omar.page)
    expect(omar.waiting(text)).to_be_visible()
    sara.page.goto(f"/desk/entries/{entry_id}")
    look_again(omar.page)
    expect(omar.waiting(text)).to_contain_text(omar.text("desk.backlog.read_by"))

    omar.opens(text)
    expect(omar.page.locator("[data-claim]")).to_contain_text(omar.text("desk.held.body"))
    note = omar.page.get_by_label(omar.text("desk.answer.note"), exact=True)
    omar.press(omar.page.get_by_role("radio", name=omar.label("decision_reasons", "hate")))
    note.fill("كلمات مختارة بعناية")
    omar.press(omar.button("desk.answer.decline"))
    expect(omar.page.get_by_role("alert")).to_contain_text(omar.text("desk.held.refused"))
    expect(note).to_have_value("كلمات مختارة بعناية")
    is_clean(omar.page, "held by a colleague")

    omar.press(omar.button("desk.held.take_over"))
    expect(omar.page.locator("[data-claim]")).to_be_hidden()
    expect(note).to_have_value("كلمات مختارة بعناية")
    look_again(sara.page)
    expect(sara.page.locator("[data-claim]")).to_contain_text(sara.text("desk.held.by"))
    omar.press(omar.button("desk.answer.decline"))
    omar.is_told("desk.done.decline")

    sara.page.get_by_label(sara.text("desk.answer.note"), exact=True).fill("mes mots")
    sara.press(sara.page.get_by_role("radio", name=sara.label("decision_reasons", "face")))
    sara.press(sara.button("desk.answer.ask_changes"))
    stale = sara.page.get_by_role("alert")
    expect(stale).to_contain_text(sara.text("desk.stale.title"))
    expect(stale).to_contain_text("mes mots")
    expect(stale).to_contain_text(sara.label("decision_reasons", "hate"))


@SCREENS
def test_ten_clean_entries_take_one_stroke_and_one_page_each(
    at_the_desk: Callable[..., Moderator], house: House, lang: str, screen: dict[str, object]
) -> None:
    texts = [f"Number {number} of ten ({lang})." for number in range(10)]
    ids = let_wait(house, *texts, kind="solution", **APART)
    reader = at_the_desk(lang, **screen)
    page, keys = reader.page, reader.page.keyboard
    page.goto("/desk/me")
    reader.tab_to(page.locator("[name=keys]:checked"))
    keys.press("ArrowDown")
    keys.press("Enter")
    reader.is_told("desk.me.kept")
    page.goto(f"{LIST}&kind=solution")
    keys.press("?")
    expect(page.locator("dialog")).to_be_visible()
    is_clean(page, "all keys")
    keys.press("Escape")
    expect(page.locator("dialog")).to_be_hidden()  # as a hand would wait: while it is open the keys are its own
    keys.press("j")
    reader.has_focus(reader.waiting(texts[0]))
    keys.press("Enter")
    page.wait_for_url(f"**/entries/{ids[0]}")

    loaded: list[str] = []
    page.on("framenavigated", lambda frame: loaded.append(frame.url))
    for following in [*ids[1:], None]:
        keys.press("a")
        page.wait_for_url(f"**/entries/{following}" if following else lambda url: str(ids[-1]) not in url)
    assert len(loaded) == len(ids), "one page for each decision"
    reader.is_told("desk.done.approve")

    keys.press("u")
    page.wait_for_url(f"**/entries/{ids[-1]}")
    reader.is_told("desk.done.undo")
    keys.press("1")
    keys.press("r")
    reader.has_focus(reader.button("desk.answer.decline"))
    keys.press("r")
    reader.is_told("desk.done.decline")


@SCREENS
def test_a_picture_is_uncovered_step_by_step_and_covered_again_by_leaving(
    at_the_desk: Callable[..., Moderator], house: House, lang: str, screen: dict[str, object]
) -> None:
    (entry_id,) = let_wait(house, "", kind="meme", picture=phone_photo(), caption=f"A picture ({lang}).", **APART)
    reader = at_the_desk(lang, **screen)
    page = reader.page
    page.goto(f"/desk/entries/{entry_id}")
    picture = page.locator(".picture__frame img")

    def shown() -> str:
        return str(picture.evaluate("image => getComputedStyle(image).filter"))

    def is_shown(*words: str) -> None:
        until(lambda: [word in shown() for word in ("blur", "grayscale")] == [word in words for word in ("blur", "grayscale")],
              shown)  # fmt: skip

    is_shown("blur", "grayscale")
    is_clean(page, "a covered picture")
    page.keyboard.press("v")
    is_shown("grayscale")
    page.keyboard.press("v")
    is_shown()
    page.evaluate("Object.defineProperty(document, 'hidden', { value: true, configurable: true })")
    look_again(page)
    is_shown("blur", "grayscale")
    picture.hover()
    page.mouse.down()
    is_shown("grayscale")
    is_shown()
    page.mouse.up()
    is_shown("blur", "grayscale")
    reader.press(reader.button("desk.review.leave"))
    reader.is_told("desk.done.hide")


def test_without_a_script_a_picture_is_uncovered_all_the_same(window: OpenWindow, house: House) -> None:
    (entry_id,) = let_wait(house, "", kind="meme", picture=phone_photo(), caption="Without a script.", **APART)
    page = window("fr", java_script_enabled=False, **LAPTOP).new_page()
    reader = Moderator(page, "fr", house)
    reader.signs_in(new_account(house))
    page.goto(f"/desk/entries/{entry_id}")
    reader.reveals()
    reader.press(reader.button("desk.review.skip"))
    page.wait_for_url(lambda url: str(entry_id) not in url)
