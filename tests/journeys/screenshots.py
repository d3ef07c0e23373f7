"""Takes a picture of every page: `python -m tests.journeys.screenshots FOLDER`, some minutes.

Arabic, French and English, on a phone and on a laptop, some of them by night. With the invented entries of `make demo`,
and one entry for each state beside them.
"""

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests import tools
from tests.journeys.every_page import Opener, desk_pages, public_pages
from tests.journeys.furniture import furnish
from tests.journeys.house import House, open_house, until
from tests.journeys.navigator import LAPTOP, PHONE, Moderator, open_browser

SCREENS = {"360": PHONE, "1280": LAPTOP}
BY_NIGHT = re.compile(r"^/<lang>/$|share/meme|gallery$|thanks|changes_requested|review of a picture|^/desk/$")


def main(folder: Path) -> None:
    """Start a furnished house, walk through it, put one file for each view into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, open_house(Path(home) / "home", "--demo") as house:
        until(lambda: "Receipts to try" in house.said(), house.said)
        with sync_playwright() as playwright:
            program = os.environ.get("CHROMIUM") or tools.chromium()
            browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
            for file, page_bytes in pictures(house, browser):
                (folder / file).write_bytes(page_bytes)
                print(file, flush=True)
            browser.close()


def pictures(house: House, browser: Browser) -> Iterator[tuple[str, bytes]]:
    """File name and PNG of every view."""
    shown = furnish(house)
    account = house.add_account("safeguarding", "reader")
    with open_browser(browser, house, "en", **LAPTOP) as context:
        Moderator(context.new_page(), "en", house).signs_in(account)
        cookies = context.storage_state()
    sign_in: dict[str, Opener] = {"sign-in": lambda page, _lang: page.goto("/desk/sign-in")}
    for lang in ("ar", "fr", "en"):
        for width, screen in SCREENS.items():
            for night in (False, True):
                look = {**screen, "color_scheme": "dark" if night else "light"}
                yield from views(browser, house, lang, f"{lang}-{width}", look, {**public_pages(shown), **sign_in})
                yield from views(browser, house, lang, f"{lang}-{width}", look | {"storage_state": cookies}, desk_pages(shown))


def views(
    browser: Browser, house: House, lang: str, where: str, look: dict[str, object], pages: dict[str, Opener]
) -> Iterator[tuple[str, bytes]]:
    """All of `pages`, as they look to somebody."""
    night = look["color_scheme"] == "dark"
    with open_browser(browser, house, lang, **look) as context:
        page = context.new_page()
        for name, opener in pages.items():
            if night and not (lang == "ar" and BY_NIGHT.search(name)):
                continue
            opener(page, lang)
            page.evaluate("document.querySelectorAll('img').forEach(image => image.loading = 'eager')")
            page.wait_for_load_state("networkidle")
            called = re.sub(r"\W+", "-", name.replace("<lang>", "")).strip("-") or "home"
            called = called if name != "/desk/" else "desk"
            yield f"{called}-{where}{'-dark' * night}.png", page.screenshot(full_page=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
