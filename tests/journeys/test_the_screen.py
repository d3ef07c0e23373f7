"""A classroom screen that runs by itself: what joins and leaves it, a lost network, a power cut, keys in both directions."""

from collections.abc import Callable
from uuid import UUID

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from memes import entries
from memes.db import Database
from memes.models import Entry
from memes.settings import Settings
from memes.storage import open_store
from tests.journeys.furniture import put_on_screen
from tests.journeys.house import House, until
from tests.journeys.pictures import phone_photo

OpenWindow = Callable[..., BrowserContext]

TV = {"viewport": {"width": 1920, "height": 1080}, "timezone_id": "UTC"}
MINUTE = 60_000
#: The size in px of the smallest words that can be seen.
SMALLEST = """() => Math.min(...[...document.querySelectorAll(".glass *")]
  .filter((part) => part.checkVisibility() && [...part.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
  .map((part) => parseFloat(getComputedStyle(part).fontSize)))"""


class Screen:
    """A television in a class, whose clock the test turns."""

    def __init__(self, context: BrowserContext, address: str, now: str = "") -> None:
        self.page: Page = context.new_page()
        if now:
            self.page.clock.set_fixed_time(now)
        else:
            self.page.clock.install()
        self.page.goto(address)
        expect(self.glass).to_have_count(1)

    @property
    def glass(self) -> Locator:
        """The slide that everybody sees."""
        return self.page.locator(".slide:visible")

    def slides_of(self, entry: UUID) -> Locator:
        return self.page.locator(f".slide[data-entry='{entry}']")

    def passes(self, milliseconds: int) -> None:
        """Time, in steps between which the network can answer."""
        for _ in range(milliseconds // (MINUTE // 2)):
            self.page.clock.run_for(MINUTE // 2)
            self.page.evaluate("async () => { for (let n = 0; n < 3; n++) await fetch('/healthz').catch(() => {}) }")

    def turns_to(self, entry: UUID, key: str) -> None:
        """Press `key` until a slide of this entry is on the glass."""
        until(lambda: self._is_on(entry) or self.page.keyboard.press(key), lambda: self.glass.inner_text())

    def has_kept(self) -> list[str]:
        """What is on the device for the time without a network."""
        kept: list[str] = self.page.evaluate(
            "async () => (await (await caches.open('screen')).keys()).map(({ url }) => new URL(url).pathname)"
        )
        return kept

    def _is_on(self, entry: UUID) -> bool:
        return self.glass.get_attribute("data-entry") == str(entry)


def take_back(house: House, entry_id: UUID) -> None:
    """As the child does with the receipt."""
    settings = Settings.from_env(house.environment)
    with Database(settings.database_url, settings.entry_keys) as database, database.writing() as session:
        entries.withdraw(session, session.get_one(Entry, entry_id), store=open_store(settings.media_url))


def test_a_screen_shows_what_is_new_forgets_what_is_taken_back_and_survives_the_network_and_the_power(
    window: OpenWindow, house: House, thorough: bool
) -> None:
    (_, first), (_, second), (_, third) = put_on_screen(house, "Eins.", "Zwei.", "Drei.", theme="hate", picture=phone_photo())
    context = window("fr", **TV)
    screen = Screen(context, "/fr/screen?theme=hate&language=ar")
    expect(screen.slides_of(third)).to_have_count(2)

    ((_, fourth),) = put_on_screen(house, "Vier.", theme="hate")
    put_on_screen(house, "Fünf.", theme="hacking")
    screen.passes(MINUTE)
    expect(screen.slides_of(fourth)).to_have_count(2)
    expect(screen.page.get_by_text("Fünf.")).to_have_count(0)

    screen.turns_to(second, "PageDown")
    take_back(house, second)
    screen.passes(MINUTE)
    expect(screen.slides_of(second)).to_have_count(0)
    expect(screen.glass).to_have_count(1)
    until(lambda: any(str(first) in path for path in screen.has_kept()), screen.has_kept)
    until(lambda: not any(str(second) in path for path in screen.has_kept()), screen.has_kept)

    context.set_offline(True)
    take_back(house, third)
    seen = set()
    for _ in range(27 if thorough else 5):
        screen.passes(MINUTE)
        expect(screen.glass).to_have_count(1)
        seen.add(screen.glass.get_attribute("id"))
    assert len(seen) > 3, "it goes on"
    screen.page.reload()
    expect(screen.slides_of(first)).to_have_count(2)
    assert second.hex not in screen.page.content(), "the power came back without the network"
    screen.turns_to(first, "PageDown")
    picture = screen.glass.locator("img").last
    until(lambda: picture.evaluate("image => image.complete && image.naturalWidth > 0"), lambda: "no picture was kept")

    screen.page.clock.fast_forward(8 * 24 * 60 * MINUTE)
    screen.passes(MINUTE)
    expect(screen.page.locator(".slide[data-entry]")).to_have_count(0)
    expect(screen.glass).to_have_count(1)

    context.set_offline(False)
    screen.passes(MINUTE)
    expect(screen.slides_of(third)).to_have_count(0)
    expect(screen.slides_of(fourth)).to_have_count(2)
    screen.passes(MINUTE)
    until(lambda: not any(str(third) in path for path in screen.has_kept()), screen.has_kept)
    assert context.cookies() == []
    assert screen.page.evaluate("localStorage.length + sessionStorage.length") == 0


@pytest.mark.parametrize(("lang", "forward", "back"), [("ar", "ArrowLeft", "ArrowRight"), ("fr", "ArrowRight", "ArrowLeft")])
def test_keys_follow_the_reading_direction_pause_and_make_it_dark(
    window: OpenWindow, house: House, lang: str, forward: str, back: str
) -> None:
    put_on_screen(house, "Eins.", theme="rumours")
    address = f"/{lang}/screen?theme=rumours&from=23:00&to=07:00"
    screen = Screen(window(lang, **TV), address, "2026-11-26T10:00:00Z")
    page, where = screen.page, lambda: screen.glass.get_attribute("id")
    order = page.locator(".slide").evaluate_all("slides => slides.map(slide => slide.id)")
    assert where() == order[0]
    ways = [(forward, 1), ("PageDown", 2), (back, 1), ("PageUp", 0), (back, -1), (forward, 0), ("End", -1), ("Home", 0)]
    for key, place in ways:
        page.keyboard.press(key)
        assert where() == order[place], key
    for _ in order:
        assert page.evaluate(SMALLEST) >= 32, where()
        assert page.evaluate("document.documentElement.scrollHeight <= innerHeight"), where()
        page.keyboard.press(forward)
    for way_back in ("b", forward):
        page.keyboard.press("b")
        expect(screen.glass).to_have_count(0)
        page.keyboard.press(way_back)
    assert where() == order[0], "the first key only makes light"
    page.clock.set_fixed_time("2026-11-26T23:10:00Z")
    expect(screen.glass).to_have_count(0)
    page.keyboard.press(forward)
    expect(screen.glass).to_have_count(1)
