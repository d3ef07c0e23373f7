"""A face is covered with keys and mouse, a place is marked with a finger, and the child sees both."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.journeys.axe import is_clean
from tests.journeys.conftest import SCREENS, new_account
from tests.journeys.furniture import send
from tests.journeys.house import House
from tests.journeys.navigator import PHONE, TABLET, Child, Moderator

PHOTO = (Path(__file__).parents[1] / "workers" / "astronaut.jpg").read_bytes()
CAPTION = "Salma Bennani va sur la Lune"


def drawn(
    page: Page, frame: Locator, start: tuple[float, float], end: tuple[float, float]
) -> list[tuple[float, float]]:
    """Points on the picture as points on the screen."""
    frame.scroll_into_view_if_needed()
    box = frame.bounding_box()
    assert box
    return [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in (start, end)]


def side(page: Page, number: int, name: str) -> float:
    return float(page.locator(f"[name=box-{number}-{name}]").input_value())


@SCREENS
def test_a_face_is_covered_and_a_place_marked(
    child: Callable[..., Child],
    at_the_desk: Callable[..., Moderator],
    window: Callable[..., BrowserContext],
    house: House,
    lang: str,
    screen: dict[str, object],
) -> None:
    salma, reader = child("ar", **PHONE), at_the_desk(lang, **screen)
    words = {"kind": "meme", "language": "ar", "theme": "harassment", "caption": CAPTION, "alt": "صورة"}
    code, _entry_id = send(house, "", picture=PHOTO, **words)
    salma.comes_in()

    covers(reader)
    expect(salma.page.locator("h1")).to_be_visible()

    context = window(lang, **TABLET)
    colleague = Moderator(context.new_page(), lang, house, touch=True)
    colleague.signs_in(new_account(house))
    marks(colleague, context)

    salma.opens_receipt(code)
    salma.sees_title("status.changes.title")
    salma.sees("covered.in_picture", what=salma.text("covered.face") + " × 2")
    salma.sees("covered.in_words", what=salma.text("covered.name"))
    expect(salma.page.get_by_role("img", name=salma.text("marked.alt"))).to_be_visible()
    assert salma.page.locator("svg .marked__box:not(.marked__box--under)").count() == 1
    is_clean(salma.page)


def covers(reader: Moderator) -> None:
    """With the mouse and with keys."""
    page = reader.page
    reader.goes_to_backlog()
    reader.opens(CAPTION)
    reader.press(reader.link("desk.cover.open"))
    reader.sees_title("desk.cover.title")
    proposed = page.locator(".box--proposed")
    expect(proposed).to_have_count(1)
    picture = page.locator("[data-frame] img")
    for shown in ("blur(28px) grayscale(1)", "grayscale(1)", "none"):
        expect(picture).to_have_css("filter", shown)
        page.keyboard.press("v")
    page.keyboard.press("v")
    is_clean(page, "a covered picture with boxes")
    left = side(page, 0, "x")
    reader.tab_to(proposed)
    for key in ("Enter", "ArrowRight", "Shift+ArrowDown", "Shift+ArrowRight", "ArrowLeft"):
        page.keyboard.press(key)
    expect(page.locator(".box--proposed")).to_have_count(0)
    assert side(page, 0, "x") == left
    frame = page.locator("[data-frame] img")
    (x, y), (to_x, to_y) = drawn(page, frame, (0.7, 0.6), (0.9, 0.8))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(to_x, to_y, steps=4)
    page.mouse.up()
    assert abs(side(page, 1, "x") - 70) < 1
    assert abs(side(page, 1, "height") - 20) < 1
    page.keyboard.press("b")
    expect(page.locator(".box")).to_have_count(3)
    page.keyboard.press("Delete")
    expect(page.locator(".box")).to_have_count(2)
    for word in ("Salma", "Bennani"):
        page.get_by_role("checkbox", name=word, exact=True).check(force=True)
    is_clean(page)
    reader.press(reader.button("desk.cover.submit"))
    reader.is_told("desk.done.redact")


def marks(colleague: Moderator, context: BrowserContext) -> None:
    """With a finger."""
    page = colleague.page
    colleague.goes_to_backlog()
    colleague.opens("[…] va sur la Lune")
    expect(page.locator(".history")).to_contain_text(colleague.text("covered.face"))
    colleague.press(colleague.link("desk.cover.open"))
    colleague.sees_title("desk.cover.title")
    expect(page.locator("[data-row]").first).to_be_hidden()  # the script is there
    expect(page.locator(".box")).to_have_count(0)  # nothing is left to be proposed
    frame = page.locator("[data-frame] img")
    (x, y), (to_x, to_y) = drawn(page, frame, (0.1, 0.1), (0.3, 0.4))
    finger = context.new_cdp_session(page)
    way = {"touchStart": [(x, y)], "touchMove": [(to_x, to_y)], "touchEnd": []}
    for kind, points in way.items():
        touches = [{"x": at_x, "y": at_y} for at_x, at_y in points]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})
    expect(page.locator("[name=box-0-width]")).not_to_have_value("")
    assert abs(side(page, 0, "width") - 20) < 2
    is_clean(page)
    colleague.press(page.get_by_role("radio", name=colleague.label("decision_reasons", "face")))
    colleague.press(colleague.button("desk.answer.ask_changes"))
    colleague.is_told("desk.done.ask_changes")
