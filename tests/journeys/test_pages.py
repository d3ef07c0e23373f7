"""Every page, in every language, on phones and laptops, by day and by night: accessible, and never wider than the screen."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.journeys.axe import COLOURS, LAYOUT, VIOLATIONS, ask_axe
from tests.journeys.conftest import clear_away, new_account
from tests.journeys.every_page import Opener, at, desk_pages, public_pages
from tests.journeys.furniture import Shown, furnish
from tests.journeys.house import House
from tests.journeys.navigator import LAPTOP, LOCALES, Moderator, open_browser

LANGUAGES = ["ar", "fr", pytest.param("en", marks=pytest.mark.thorough)]  # English is French with shorter words
WIDTHS = {360: 740, 1280: 800}
#: Where there is no time for everything: axe reads how a page is built, which is the same in all languages, so it is
#: asked about one language at one width; what depends on the words, whether they fit, is looked at in each.
ASKED = {"public": ("ar", 360), "desk": ("fr", 1280)}
SMALLEST = {"width": 320, "height": 600}

OpenWindow = Callable[..., Any]


@pytest.fixture(scope="module", autouse=True)
def nothing_left_lying() -> Iterator[None]:
    """What stands on the pages stays there until all of them were looked at."""
    yield
    clear_away()


@pytest.fixture(scope="session")
def shown(house: House) -> Shown:
    """What stands on the pages."""
    return furnish(house)


@pytest.fixture(scope="session")
def signed_in(house: House, browser: Browser) -> Any:
    """The cookies of somebody of safeguarding, who may see every page of the desk."""
    with open_browser(browser, house, "en", **LAPTOP) as context:
        reader = Moderator(context.new_page(), "en", house)
        reader.signs_in(new_account(house, "safeguarding"))
        return context.storage_state()


@dataclass(frozen=True)
class Eye:
    """Looks at the pages of one part, `public` or `desk`, in one language."""

    part: str
    lang: str
    thorough: bool

    @property
    def widths(self) -> list[int]:
        """On which axe is asked."""
        lang, width = ASKED[self.part]
        return list(WIDTHS) if self.thorough else [width] * (self.lang == lang)

    def look(self, page: Page, name: str) -> list[str]:
        """What is wrong with a page."""
        where = f"{name} ({self.lang})"
        wrong, options = [], VIOLATIONS
        for width in self.widths:
            page.set_viewport_size({"width": width, "height": WIDTHS[width]})
            wrong += ask_axe(page, f"{where}, {width} px", options)
            options = LAYOUT
        if self.widths:
            page.emulate_media(color_scheme="dark")
            wrong += ask_axe(page, f"{where}, by night", COLOURS)
            page.emulate_media(color_scheme="light")
        if page.locator("h1").count() != 1:
            wrong.append(f"{where}: {page.locator('h1').count()} h1")
        html = page.locator("html")
        if (html.get_attribute("lang"), html.get_attribute("dir")) != (self.lang, "rtl" if self.lang == "ar" else "ltr"):
            wrong.append(f"{where}: wrong language or direction")
        return wrong + too_wide(page, where)

    def look_at_all(self, page: Page, pages: dict[str, Opener]) -> list[str]:
        """The same for each of them."""
        wrong = []
        for name, opener in pages.items():
            page.set_viewport_size(LAPTOP["viewport"])  # type: ignore[arg-type]
            opener(page, self.lang)
            wrong += self.look(page, name)
        return wrong


def too_wide(page: Page, where: str) -> list[str]:
    """What sticks out of the smallest screen. A stripe of a picture may: it is cut, not scrolled to."""
    page.set_viewport_size(SMALLEST)  # type: ignore[arg-type]
    wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    return [f"{where}: scrolls sideways at {SMALLEST['width']} px"] if wide else []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_public_page_is_accessible_and_fits_the_smallest_phone(
    window: OpenWindow, shown: Shown, lang: str, thorough: bool
) -> None:
    pages = public_pages(shown, shortened=lang != "ar" and not thorough)
    assert not Eye("public", lang, thorough).look_at_all(window(lang, **LAPTOP).new_page(), pages)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_page_of_the_desk_is_accessible_and_fits_the_smallest_phone(
    window: OpenWindow, shown: Shown, signed_in: Any, lang: str, thorough: bool
) -> None:
    page = window(lang, storage_state=signed_in, **LAPTOP).new_page()
    assert not Eye("desk", lang, thorough).look_at_all(page, desk_pages(shown))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_both_steps_of_signing_in_are_accessible(
    window: OpenWindow, house: House, lang: str, thorough: bool
) -> None:
    reader, account = Moderator(window(lang, **LAPTOP).new_page(), lang, house), new_account(house)
    eye = Eye("desk", lang, thorough)
    wrong = eye.look_at_all(reader.page, {"sign-in": at("/desk/sign-in")})
    reader.page.get_by_label(reader.text("signin.email")).fill(account.email)
    reader.page.get_by_label(reader.text("signin.password")).fill("not this one")
    reader.button("signin.next").click()
    reader.sees("signin.wrong")
    wrong += eye.look(reader.page, "sign-in refused")
    reader.page.get_by_label(reader.text("signin.email")).fill(account.email)
    reader.page.get_by_label(reader.text("signin.password")).fill(account.password)
    reader.button("signin.next").click()
    reader.sees_title("signin.code_title")
    assert not wrong + eye.look(reader.page, "sign-in, code")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_front_door_leads_to_the_readers_language(window: OpenWindow, lang: str) -> None:
    page = window(lang).new_page()
    page.goto("/")
    assert page.url.endswith(f"/{lang}/"), LOCALES[lang]
