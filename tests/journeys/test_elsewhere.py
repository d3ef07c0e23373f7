"""On other people's pages: an entry in a frame, and a link that is handed on."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import OpenWindow
from tests.journeys.furniture import publish, take_down
from tests.journeys.house import House
from tests.journeys.navigator import PHONE
from tests.journeys.pictures import phone_photo
from tests.journeys.words import text


@contextmanager
def school_site(frame: str, allowed: str) -> Iterator[str]:
    """Another origin with as strict a policy as there is, and a page of its own that shows `frame`; its address."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # noqa: N802 - the name that http.server asks for
            self.send_response(200)
            for name, value in {
                "Content-Type": "text/html; charset=utf-8",
                "Content-Security-Policy": f"default-src 'none'; frame-src {allowed}",
                "Cross-Origin-Embedder-Policy": "require-corp",
                "Cross-Origin-Opener-Policy": "same-origin",
            }.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(f"<!doctype html><html lang=fr><title>École</title><h1>École</h1>{frame}".encode())

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}/classe-de-5e"
        server.shutdown()


@pytest.mark.parametrize("lang", ["ar", "fr", "en"])
def test_an_entry_stands_in_a_school_site_until_it_is_taken_back(window: OpenWindow, house: House, lang: str) -> None:
    entry_id, _ = publish(house, picture=phone_photo(), kind="meme", caption="قطة شجاعة", alt="A cat")
    context = window(lang, **PHONE)
    page = context.new_page()
    page.goto(f"/{lang}/gallery/{entry_id}")
    page.locator("details", has=page.locator("#frame")).locator("summary").click()
    frame = page.locator("#frame").input_value()
    with school_site(frame, house.address) as school:
        said: list[str] = []
        asked: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(school)
        shown = page.frame_locator("iframe")
        expect(shown.get_by_text("قطة شجاعة")).to_be_visible()
        picture = shown.get_by_alt_text("A cat")
        picture.scroll_into_view_if_needed()
        assert picture.evaluate("async image => (await image.decode(), image.naturalWidth)") > 0
        inside = page.frames[1]
        assert inside.evaluate("document.referrer") == ""
        assert "Cairo" in inside.evaluate("getComputedStyle(document.body).fontFamily")
        assert inside.evaluate("document.fonts.ready.then(fonts => [...fonts].some(font => font.status == 'loaded'))")
        expect(shown.get_by_role("link", name=text(lang, "help.button"))).to_have_attribute("rel", "noreferrer")
        elsewhere = [url for url in asked if not url.startswith((house.address, school.rpartition("/")[0]))]
        assert (said, elsewhere, context.cookies()) == ([], [], [])
        take_down(house, entry_id)
        page.reload()
        expect(shown.get_by_text(text(lang, "embed.gone"))).to_be_visible()


def test_a_link_is_handed_on(window: OpenWindow, house: House) -> None:
    entry_id, _ = publish(house, "Une histoire pour tout le monde.", language="fr")
    context = window("fr", permissions=["clipboard-read", "clipboard-write"], **PHONE)
    page = context.new_page()
    address = f"{house.address}/fr/gallery/{entry_id}"
    page.goto(address)
    button = page.locator("[data-share]")
    page.evaluate("Object.defineProperty(navigator, 'share', {value: undefined, configurable: true})")
    button.click()
    expect(button).to_have_text(text("fr", "entry.link_copied"))
    assert page.evaluate("navigator.clipboard.readText()") == address
    page.evaluate("Object.defineProperty(navigator, 'share', {value: async given => { window.given = given; }})")
    button.click()
    assert page.evaluate("window.given.url") == address
