"""Every page, in every language, on a phone and on a laptop: accessible, never wider than the screen, from nowhere else."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.journeys.house import House, until
from tests.journeys.navigator import LAPTOP, PHONE, Child, Moderator

LANGUAGES = ["ar", "fr", "en"]
SCREENS = pytest.mark.parametrize("screen", [PHONE, LAPTOP], ids=["phone", "laptop"])
PUBLIC = ["", "share", "share/meme", "share/story", "share/solution", "receipt", "gallery", "help", "nothing/here"]
DESK = ["", "escalated", "published"]

MakeChild = Callable[..., Child]
MakeModerator = Callable[..., Moderator]


def look(page: Page, lang: str) -> None:
    """What must hold on any page."""
    where = page.url
    found = Axe().run(page)
    assert found.violations_count == 0, f"{where}: {found.generate_report()}"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{where} scrolls sideways"
    assert page.locator("h1").count() == 1, where
    assert page.locator("html").get_attribute("lang") == lang, where
    assert page.locator("html").get_attribute("dir") == ("rtl" if lang == "ar" else "ltr"), where


@SCREENS
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_public_page_is_accessible_and_fits_the_screen(child: MakeChild, lang: str, screen: dict[str, object]) -> None:
    page = child(lang, **screen).page
    for path in PUBLIC:
        page.goto(f"/{lang}/{path}")
        look(page, lang)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_public_page_scrolls_sideways_on_the_smallest_phone(child: MakeChild, lang: str) -> None:
    page = child(lang, viewport={"width": 320, "height": 600}).page
    for path in PUBLIC:
        page.goto(f"/{lang}/{path}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_page_of_the_desk_is_accessible_and_fits_the_screen(moderator: MakeModerator, lang: str) -> None:
    page = moderator(lang).page
    for size in (PHONE, LAPTOP):
        page.set_viewport_size(size["viewport"])  # type: ignore[arg-type]
        for path in DESK:
            page.goto(f"/desk/{path}")
            look(page, lang)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_way_of_a_receipt_and_a_review_are_accessible_too(child: MakeChild, moderator: MakeModerator, lang: str) -> None:
    page = child(lang, **PHONE).page
    page.goto(f"/{lang}/share/story")
    page.fill("[name=text]", "قصة")
    page.locator("[name=theme]").first.check(force=True)
    page.locator("form .btn--act").last.click()
    page.wait_for_selector(".code")
    look(page, lang)
    code = page.locator(".code").inner_text()
    page.goto(f"/{lang}/receipt")
    page.fill("[name=receipt]", code)
    page.keyboard.press("Enter")
    page.wait_for_selector(".trail")
    look(page, lang)
    desk = moderator(lang).page
    until(lambda: desk.goto("/desk/") and desk.locator("a[href*='/desk/entries/']").count() > 0, lambda: "nothing waits")
    desk.goto(desk.locator("a[href*='/desk/entries/']").first.get_attribute("href") or "")
    for size in (PHONE, LAPTOP):
        desk.set_viewport_size(size["viewport"])  # type: ignore[arg-type]
        look(desk, lang)


def test_a_visit_asks_no_other_host_and_leaves_nothing_on_the_phone(child: MakeChild, house: House) -> None:
    visitor = child("ar", **PHONE)
    page, asked = visitor.page, []
    page.on("request", lambda request: asked.append(request.url))
    for path in PUBLIC:
        page.goto(f"/ar/{path}")
    assert {urlsplit(url).netloc for url in asked if not url.startswith(("data:", "blob:"))} == {urlsplit(house.address).netloc}
    assert page.context.cookies() == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
