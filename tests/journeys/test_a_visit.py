"""What a visit leaves behind: nothing on the phone, nothing elsewhere, and a way out at any moment."""

import os
import re
from collections.abc import Callable
from contextlib import closing
from urllib.parse import urlsplit

import pytest
import segno
from playwright.sync_api import Browser, Page, Request, expect

from tests import tools
from tests.journeys.conftest import ARGUMENTS
from tests.journeys.house import House, until
from tests.journeys.navigator import LAPTOP, PHONE, Child, open_browser
from tests.journeys.pictures import phone_photo

MakeChild = Callable[..., Child]

#: Everything a page can leave in a browser.
STORED = """async () => ({
  cookie: document.cookie, local: localStorage.length, session: sessionStorage.length,
  databases: (await indexedDB.databases()).length,
})"""
#: What the service worker keeps for the time without a network.
KEPT = """async () => {
  await navigator.serviceWorker.ready;
  const found = {};
  for (const name of await caches.keys())
    for (const request of await (await caches.open(name)).keys())
      found[new URL(request.url).pathname] = await (await caches.match(request)).text();
  return found;
}"""


def test_a_whole_visit_asks_no_other_host_leaves_nothing_and_shows_the_code_to_nobody(
    child: MakeChild, house: House
) -> None:
    salma = child("ar", **PHONE)
    asked: list[Request] = []
    salma.page.context.on("request", lambda request: asked.append(request))

    salma.comes_in()
    for path in ("help", "gallery"):
        salma.page.goto(f"/ar/{path}")
    salma.page.goto("/ar/")
    salma.wants_to_share("meme")
    salma.chooses_picture(phone_photo())
    salma.picks_theme("hacking")
    salma.sends()
    code = salma.is_thanked()
    salma.opens_receipt(code)
    expect(salma.page.locator(".trail")).to_be_visible()
    stored, kept = salma.page.evaluate(STORED), salma.page.evaluate(KEPT)
    salma.withdraws()

    assert stored == {"cookie": "", "local": 0, "session": 0, "databases": 0}
    for path, content in kept.items():
        assert path.startswith(("/static/", "/ar/share", "/ar/offline")), path
        assert not [group for group in (code, code[:4] + " " + code[4:8]) if group in content], path
    assert salma.page.context.cookies() == []
    foreign = {request.url for request in asked if not request.url.startswith(("data:", "blob:"))}
    assert {urlsplit(url).netloc for url in foreign} == {urlsplit(house.address).netloc}
    groups = [code, code[:4] + "%20" + code[4:8], code[:4] + "+" + code[4:8], code[:4] + "-" + code[4:8]]
    for request in asked:
        sent = request.url + (request.header_value("referer") or "")
        assert not [group for group in groups if group in sent], sent


def test_the_card_leads_to_the_page_and_the_code_is_typed_there(child: MakeChild, house: House) -> None:
    salma = child("fr", **PHONE)
    salma.page.goto("/fr/share/solution")
    salma.writes("text", "Un mot de passe par compte, et un adulte à qui parler.")
    salma.picks_theme("hacking")
    with salma.page.expect_request(lambda request: request.method == "POST") as sending:
        salma.sends()
    code = salma.is_thanked()
    sent = sending.value.post_data_buffer or b""
    assert re.search(rb'name="altcha"\r\n\r\n[A-Za-z0-9+/=]{300,}\r\n', sent), "the phone has done its small work"
    address = f"{house.address}/fr/receipt"
    drawn = salma.page.locator(".receipt__qr path").get_attribute("d")
    assert f'd="{drawn}"' in segno.make(address, error="m").svg_inline(scale=4, border=2, omitsize=True)

    salma.page.goto(address)
    salma.page.get_by_label(salma.text("check.input")).fill(code)
    salma.page.keyboard.press("Enter")
    expect(salma.page.locator(".trail")).to_be_visible()
    assert salma.page.url == address


def by_button(page: Page) -> None:
    page.locator("[data-exit]").click()


def by_shift(page: Page) -> None:
    for _ in range(3):
        page.keyboard.press("Shift")


@pytest.mark.parametrize("leave", [by_button, by_shift], ids=["button", "three shifts"])
@pytest.mark.parametrize("path", ["receipt", "share/story"])
def test_the_quick_exit_leaves_for_an_ordinary_site_that_back_does_not_undo(
    child: MakeChild, house: House, path: str, leave: Callable[[Page], None]
) -> None:
    salma = child("en", **LAPTOP)
    elsewhere: list[str | None] = []

    def stand_in(route: object, request: Request) -> None:
        elsewhere.append(request.header_value("referer"))
        route.fulfill(body="<title>An encyclopedia</title>", content_type="text/html")  # type: ignore[attr-defined]

    salma.page.context.route(lambda url: not url.startswith(house.address), stand_in)
    salma.page.goto("about:blank")
    salma.page.goto(f"/en/{path}")
    if path == "share/story":
        salma.writes("text", "Something that nobody should see now")

    leave(salma.page)

    salma.page.wait_for_url("https://en.wikipedia.org/**")
    assert elsewhere == [None]
    salma.page.go_back()
    assert salma.page.url == "about:blank"


@pytest.mark.parametrize("kept_in_memory", [False, True], ids=["fetched again", "kept in memory"])
def test_whoever_goes_back_after_the_quick_exit_sees_no_page_of_ours(
    browser: Browser, house: House, kept_in_memory: bool
) -> None:
    own = browser.browser_type.launch(
        executable_path=os.environ.get("CHROMIUM") or tools.chromium(), args=list(ARGUMENTS),
        ignore_default_args=["--disable-back-forward-cache"] if kept_in_memory else None,
    )  # fmt: skip
    # A worker that has just come takes pages out of memory: without one, they stay.
    with closing(own), open_browser(own, house, "en", service_workers="block", **LAPTOP) as context:
        salma = Child(context.new_page(), "en", house)
        stand_in = {"body": "<title>An encyclopedia</title>", "content_type": "text/html"}
        salma.page.goto("about:blank")
        salma.page.goto("/en/share/story")
        salma.page.evaluate("addEventListener('pageshow', (event) => event.persisted && console.log('from memory'))")
        told: list[str] = []
        salma.page.on("console", lambda line: told.append(line.text))
        salma.writes("text", "Something that nobody should see now")
        salma.page.get_by_role("link", name="Insta-memes").first.click()
        salma.page.wait_for_url("**/en/")
        if kept_in_memory:
            salma.page.go_back(wait_until="commit")
            until(lambda: "from memory" in told, lambda: "this browser keeps no pages")
            salma.page.get_by_role("link", name="Insta-memes").first.click()
            salma.page.wait_for_url("**/en/")
        context.route(lambda url: not url.startswith(house.address), lambda route: route.fulfill(**stand_in))

        by_shift(salma.page)
        salma.page.wait_for_url("https://en.wikipedia.org/**")
        salma.page.go_back(wait_until="commit")

        expect(salma.page).to_have_title("An encyclopedia")
        assert salma.page.url.startswith("https://en.wikipedia.org/")
        salma.page.goto("/en/share/story")  # on purpose, by the address
        expect(salma.field("text")).to_be_visible()
        assert salma.page.evaluate("sessionStorage.length") == 0


def test_capital_letters_are_not_a_wish_to_leave(child: MakeChild, house: House) -> None:
    salma = child("en", **LAPTOP)
    salma.page.goto("/en/share/story")
    salma.field("text").focus()

    for letter in "STOP":
        salma.page.keyboard.press(f"Shift+{letter}")

    expect(salma.field("text")).to_have_value("STOP")
    assert salma.page.url == f"{house.address}/en/share/story"
