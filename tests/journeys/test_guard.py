"""The guard on the phone says what the server says, warns gently, and sends nothing."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Request, expect

from memes import guard
from tests.guard.table import HALVES, sentences
from tests.guard.tricks import tricked
from tests.journeys.axe import is_clean
from tests.journeys.navigator import PHONE, Child

FINDS = """async ([engine, rules, texts]) => {
  const { Guard } = await import(engine);
  const guard = new Guard(await (await fetch(rules)).json());
  return texts.map((text) => guard.find(text).map(({ kind, start, end }) => [kind, text.slice(start, end)]));
}"""


def test_the_phone_finds_what_the_server_finds(window: Callable[..., BrowserContext]) -> None:
    page = window("fr", **PHONE).new_page()
    page.goto("/fr/share/story")
    rules = page.locator("form[data-guard]").get_attribute("data-guard")
    warn = page.locator("script[src$='warn.js']").get_attribute("src") or ""
    asked = [sentence.text for half in HALVES for sentence in sentences(half)]
    asked += tricked(asked)
    found = page.evaluate(FINDS, [warn.replace("warn.js", "guard.js"), rules, asked])
    known = [[[f.kind, text[f.start : f.end]] for f in guard.find(text)] for text in asked]
    assert [told for told in zip(asked, found, known, strict=True) if told[1] != told[2]] == []
    assert sum(map(len, known)) > 3000


@pytest.mark.parametrize("lang", ["ar", "fr", "en"])
def test_a_gentle_word_while_typing_and_one_tap_mends_it(child: Callable[..., Child], lang: str) -> None:
    aya = child(lang, **PHONE)
    page = aya.page
    page.goto(f"/{lang}/share/story", wait_until="networkidle")
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))
    field, box = page.locator("#text"), page.locator("[data-warned=text]")
    expect(box).to_have_attribute("aria-live", "polite")
    field.fill("سميتي سارة، عيط ليا 0612345678")
    expect(box).to_contain_text(aya.text("warn.phone"))
    expect(box.locator("q")).to_have_text(["0612345678", "سميتي سارة"])
    is_clean(page)
    aya.press(box.get_by_role("button", name=aya.text("warn.fix")))
    expect(field).to_have_value("[…]، عيط ليا […]")
    expect(box).to_contain_text(aya.text("warn.fixed"))
    aya.press(box.get_by_role("button", name=aya.text("maker.undo")))
    expect(field).to_have_value("سميتي سارة، عيط ليا 0612345678")
    expect(box).to_be_empty()  # it was answered: nobody asks twice
    expect(field).to_be_focused()

    field.fill("بغيت نموت")
    expect(box).to_contain_text(aya.text("warn.distress"))
    expect(box.get_by_role("link", name=aya.text("warn.get_help"))).to_have_attribute("href", "#help")
    expect(box.get_by_role("button", name=aya.text("warn.fix"))).to_have_count(0)
    aya.press(box.get_by_role("button", name=aya.text("warn.continue")))
    expect(box).to_be_empty()
    assert all(re.search(r"(\.js|\.json|\.woff2|/api/v1/challenge)$", request.url) for request in asked)
    assert {request.method for request in asked} == {"GET"}
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0

    aya.picks_theme("rumours")
    aya.sends()
    aya.is_thanked()  # the page has told it: the server does not say it again
    aya.sees("warn.distress")
