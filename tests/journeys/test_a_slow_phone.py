"""The whole way of a meme on a cheap phone: a processor four times slower than this one, on the network of a far village."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.journeys.house import House, until
from tests.journeys.navigator import PHONE, Child, Moderator

#: What browsers' own tools call slow 3G: 2 s until anything comes, 50 kB a second both ways.
SLOW_3G = {"offline": False, "latency": 2000, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
SLOWER = 4

SAID = {
    "ar": ("معك أنا ولا أضحك عليك", "معك أنا، لا أضحك عليك"),
    "fr": ("Je ris avec toi, je ne ris pas de toi", "Je ris avec toi, pas de toi"),
    "en": ("I laugh with you, I do not laugh at you", "I laugh with you, not at you"),
}
NOTE = "Un mot."


@pytest.mark.parametrize("lang", ["ar", "fr", "en"])
def test_a_meme_is_made_sent_mended_published_and_its_consent_taken_back(
    house: House, child: Callable[..., Child], moderator: Callable[..., Moderator], lang: str
) -> None:
    first, then = SAID[lang]
    salma, reader = child(lang, house, **PHONE), moderator(lang, house)
    is_slow(salma)

    code = makes_and_sends(salma, first)
    reader.goes_to_backlog()
    reader.opens(first)
    reader.asks_for_a_change("unreadable", NOTE)

    salma.opens_receipt(code)
    salma.sees_title("status.changes.title")
    salma.press(salma.button("status.changes.button"))
    salma.sees_title("create.change_title")
    expect(salma.field("create.caption")).to_have_value(first)
    salma.writes("create.caption", then)
    salma.writes("gallery.description", then)
    salma.sends()
    salma.sees_title("status.received.title")
    salma.sees_title("status.waiting.title")  # by itself

    reader.goes_to_backlog()
    reader.opens(then)
    reader.approves()

    salma.opens_receipt(code)
    salma.sees_title("status.approved.title")
    listed = salma.page.request.get("/api/v1/gallery").json()["items"]
    assert [item for item in listed if item["caption"] == then]
    salma.press(salma.page.get_by_role("checkbox", name=salma.text("consent.gallery")))
    salma.press(salma.button("consents.save"))
    salma.sees("consents.saved")
    listed = salma.page.request.get("/api/v1/gallery").json()["items"]
    assert not [item for item in listed if item["caption"] == then]


def is_slow(salma: Child) -> None:
    phone = salma.page.context.new_cdp_session(salma.page)
    phone.send("Network.enable")
    phone.send("Network.emulateNetworkConditions", SLOW_3G)
    phone.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})


def makes_and_sends(salma: Child, words: str) -> str:
    salma.page.goto(f"/{salma.lang}/share/meme")
    salma.press(salma.link("maker.here"))
    salma.press(salma.page.locator("[name=maker-template][value=hands]"))
    salma.page.locator("[data-place] input").first.fill(words)
    salma.press(salma.button("maker.use"))
    until(lambda: salma.page.evaluate("document.querySelector('#image').files.length"), lambda: "no picture in the form")
    salma.picks_theme("upstander")
    salma.agrees("consent.gallery")
    salma.sends()
    code = salma.is_thanked()
    salma.press(salma.button("receipt.done"))
    salma.sees_title("status.waiting.title")  # by itself, once the worker has made its sizes
    return code
