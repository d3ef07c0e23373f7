"""What came before: a picture that comes again, invented entries, the log; on a laptop and on a tablet."""

import io

import pytest
from PIL import Image, ImageOps
from playwright.sync_api import expect

from memes.taxonomy import taxonomy
from tests.journeys.axe import LAYOUT, VIOLATIONS, ask_axe
from tests.journeys.conftest import OpenWindow, new_account
from tests.journeys.furniture import send_again
from tests.journeys.house import House
from tests.journeys.navigator import LAPTOP, Moderator

WIDTHS = {1280: 800, 820: 1180}


def picture(turned: bool, extent: float) -> bytes:
    """A pattern, another one for each extent."""
    made = Image.effect_mandelbrot((400, 300), (-extent, -1.5, 1, 1.3), 60).convert("RGB")
    file = io.BytesIO()
    (ImageOps.mirror(made) if turned else made).save(file, "PNG")
    return file.getvalue()


def look(reader: Moderator) -> None:
    """Nothing is wrong with the page, on either screen."""
    options = VIOLATIONS
    for width, height in WIDTHS.items():
        reader.page.set_viewport_size({"width": width, "height": height})
        assert not ask_axe(reader.page, f"{reader.page.url}, {width} px", options)
        options = LAYOUT
        page = "document.documentElement"
        assert not reader.page.evaluate(f"{page}.scrollWidth > {page}.clientWidth"), f"scrolls sideways at {width}"


@pytest.mark.parametrize(("lang", "extent"), [("ar", 2.2), ("fr", 2.9)])
def test_a_picture_that_comes_again_practice_and_the_log(
    house: House, window: OpenWindow, lang: str, extent: float
) -> None:
    again = send_again(house, picture(False, extent), picture(True, extent))
    reader = Moderator(window(lang, **LAPTOP).new_page(), lang, house)
    reader.signs_in(new_account(house, "admin"))

    reader.page.goto(f"/desk/entries/{again}")
    reader.sees("desk.cousins.known")
    expect(reader.page.locator(".kin__one")).to_have_count(1)
    look(reader)
    reader.press(reader.button("desk.cousins.same"))
    reader.is_told("desk.done.decline")

    reader.page.goto("/desk/insight")
    reader.press(reader.page.get_by_role("link", name=reader.text("desk.practice.title")))
    reader.press(reader.page.get_by_role("link", name=reader.text("desk.practice.start")))
    reader.press(reader.button("desk.answer.decline"))
    reader.sees("desk.practice.error.reason")
    look(reader)
    reader.press(reader.button("desk.approve.button"))
    expect(reader.page.get_by_role("heading", name=reader.text("desk.practice.same"))).to_be_visible()
    look(reader)
    reader.press(reader.page.get_by_role("link", name=reader.text("desk.practice.next")))
    reader.press(reader.page.get_by_role("link", name=reader.text("desk.practice.back")))

    reader.press(reader.page.get_by_role("link", name=reader.text("desk.insight.title")).last)
    reason = taxonomy().reasons["real_name"].label[lang]
    expect(reader.page.get_by_role("row", name=reason)).to_be_visible()
    look(reader)
    reader.press(reader.page.get_by_role("link", name=reader.text("desk.audit.title")))
    reader.page.get_by_label(reader.text("desk.audit.entry")).fill(f"/desk/entries/{again}")
    reader.press(reader.button("desk.audit.show"))
    expect(reader.page.locator(".log tbody tr")).to_have_count(3)
    expect(reader.page.locator(".log tbody")).to_contain_text(reason)
    look(reader)
