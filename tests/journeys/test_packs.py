"""A pack is fetched at home, carried on a stick, opened in a class without a network; what is taken back leaves it there, too."""

import zipfile
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from memes import recall, search
from tests.journeys import axe
from tests.journeys.conftest import OpenWindow
from tests.journeys.furniture import publish, put_on_screen
from tests.journeys.house import House
from tests.journeys.navigator import LAPTOP, PHONE, Child
from tests.journeys.pictures import phone_photo
from tests.journeys.test_the_screen import take_back
from tests.memes.test_search import QUERIES, TEXTS

#: The same child writes in both, so that words of both are looked for.
ARABIC, FRENCH, PLAIN = TEXTS["class"], TEXTS["ecole"], "Nothing but a plain word."
THEME = "doxxing"
DAY = 24 * 60 * 60 * 1000


def mark_of(entry: UUID) -> str:
    return recall.mark(recall.packed_id(entry, 0))


class Stick:
    """The unpacked folder, and a browser that opens it."""

    def __init__(self, folder: Path, context: BrowserContext) -> None:
        self.folder, self.page = folder, context.new_page()
        #: Every address that was asked for.
        self.asked: list[str] = []
        context.on("request", lambda request: self.asked.append(request.url))

    def opens(self, name: str) -> Page:
        self.page.goto((self.folder / name).as_uri())
        return self.page

    def finds(self, words: str, *entries: UUID) -> None:
        """These, and no others."""
        self.page.locator("[data-find]").fill(words)
        expect(self.page.locator(".card:visible")).to_have_count(len(entries))
        for entry in entries:
            expect(self.page.locator(f".card[data-entry='{mark_of(entry)}']")).to_be_visible()

    def has_nothing_of(self, entry: UUID, words: str) -> None:
        """Not on the wall, not by search, not on the screen, not by its address."""
        page = self.opens("index.html")
        expect(page.locator(".card").first).to_be_visible()
        expect(page.locator(f"[data-entry='{mark_of(entry)}']")).to_have_count(0)
        self.finds(words)
        expect(page.locator("[data-found-nothing]")).to_be_visible()
        self.opens("screen.html")
        expect(page.locator(".slide:visible")).to_have_count(1)
        expect(page.locator(f".slide[data-entry^='{mark_of(entry)[:8]}']")).to_have_count(0)
        self.opens(f"entries/{mark_of(entry)}.html")
        expect(page.locator("[data-gone]")).to_be_visible()
        expect(page.locator("blockquote, figure")).to_have_count(0)


def carried_home(house: House, window: OpenWindow, lang: str, folder: Path) -> str:
    """From the page for teachers to a folder; what recall.js says there."""
    teacher = Child(window(lang, **PHONE).new_page(), lang, house, touch=True)
    teacher.page.goto(f"/{lang}/schools")
    teacher.press(teacher.link("pack.go"))
    teacher.page.locator("#theme").select_option(THEME)
    teacher.press(teacher.button("pack.choose"))
    expect(teacher.page.locator("#ready")).to_contain_text(teacher.label("themes", THEME))
    with teacher.page.expect_download() as fetched:
        teacher.press(teacher.link("pack.fetch"))
    with zipfile.ZipFile(fetched.value.path()) as pack:
        pack.extractall(folder)
    return (folder / "recall.js").read_text(encoding="utf-8")


def drop_newer_list(window: OpenWindow, lang: str, folder: Path) -> None:
    """As a teacher does at home."""
    answer = window(lang).request.get("/recall.js")
    (folder / "recall.js").write_bytes(answer.body())


@pytest.mark.parametrize(("lang", "forward"), [("ar", "ArrowLeft"), ("fr", "ArrowRight")])
def test_a_pack_works_without_a_network_and_forgets_what_is_taken_back(
    house: House, window: OpenWindow, tmp_path: Path, lang: str, forward: str
) -> None:
    first, second = (made for _, made in put_on_screen(house, ARABIC, FRENCH, theme=THEME, picture=phone_photo()))
    ungraded, _receipt = publish(house, f"{PLAIN} {lang}", theme=THEME, language="en")
    empty = carried_home(house, window, lang, tmp_path)

    offline = window(lang, **LAPTOP)
    offline.set_offline(True)
    stick = Stick(tmp_path, offline)
    page = stick.opens("index.html")
    axe.is_clean(page)
    for words, found in (("المدرسه", first), ("l'ecole", second), ("plain words", ungraded)):
        stick.finds(words, found)
    stick.finds("؟!")
    stick.finds("", first, second, ungraded)
    assert len(page.pdf(format="A4")) > 10_000
    page.locator(f".card[data-entry='{mark_of(second)}'] a").click()
    expect(page.locator("blockquote")).to_have_text(FRENCH)
    page.locator("main img").last.evaluate("image => image.decode()")
    axe.is_clean(page)
    stick.opens("screen.html")
    expect(page.locator(".slide--rules:visible")).to_have_count(1)
    page.keyboard.press(forward)
    expect(page.locator(f".slide:visible[data-entry^='{mark_of(second)[:8]}']")).to_have_count(1)
    axe.is_clean(page)
    expect(page.locator(f".slide[data-entry^='{mark_of(ungraded)[:8]}']")).to_have_count(0)
    page.keyboard.press(" ")
    expect(page.locator("[data-held]")).to_be_visible()

    take_back(house, first)
    drop_newer_list(window, lang, tmp_path)
    stick.has_nothing_of(first, "المدرسة")
    (tmp_path / "recall.js").write_text(empty, encoding="utf-8")
    stick.has_nothing_of(first, "المدرسة")
    assert {address.partition("//")[0] for address in stick.asked} == {"file:"}, "nobody else was asked for anything"

    online = window(lang, **LAPTOP)
    elsewhere = Stick(tmp_path, online)
    take_back(house, second)
    with online.expect_event("requestfinished", lambda request: request.url.startswith("http")) as told:
        elsewhere.opens("index.html")
    sent = told.value.all_headers()
    assert (sent["origin"], "cookie" in sent, "referer" in sent) == ("null", False, False)
    expect(elsewhere.page.locator(".card")).to_have_count(1)
    online.set_offline(True)
    elsewhere.has_nothing_of(second, "école")
    assert {address for address in elsewhere.asked if not address.startswith("file:")} == {f"{house.address}/recall.json"}


@pytest.mark.parametrize("lang", ["ar", "fr"])
def test_an_old_pack_asks_for_a_new_one_and_in_the_end_keeps_only_the_help(
    house: House, window: OpenWindow, tmp_path: Path, lang: str
) -> None:
    publish(house, PLAIN, theme=THEME)
    carried_home(house, window, lang, tmp_path)
    reader = window(lang, java_script_enabled=False).new_page()
    reader.goto((tmp_path / "index.html").as_uri())
    expect(reader.locator(".card").first).to_be_visible()
    expect(reader.locator("[data-find]")).to_be_hidden()
    reader.locator(".card").first.click()
    expect(reader.locator("blockquote")).to_be_visible()
    for days, old, over in ((80, False, False), (100, True, False), (130, False, True)):
        page = window(lang).new_page()
        page.clock.install()
        page.clock.fast_forward(days * DAY)
        page.goto((tmp_path / "index.html").as_uri())
        expect(page.locator("html")).to_have_attribute("data-js", "")
        expect(page.locator("[data-old]")).to_be_visible(visible=old)
        expect(page.locator("[data-over]")).to_be_visible(visible=over)
        expect(page.locator(".door--now")).to_be_visible()
        assert (page.locator(".card").count() == 0) is over
        page.goto((tmp_path / "screen.html").as_uri())
        expect(page.locator(".slide:visible")).to_have_count(1)
        if over:
            expect(page.locator(".slide[data-entry]")).to_have_count(0)


def test_a_pack_looks_for_the_same_words_as_the_site(window: OpenWindow) -> None:
    queries = [query for query, _found in QUERIES] + list(TEXTS.values()) + ["STRAẞE ß ŒUVRE", "x" * 300, "٣ 4 a", ""]
    page = window("en").new_page()
    page.goto("/en/schools")
    script = (page.locator("script").first.get_attribute("src") or "").replace("exit.js", "pack-search.js")
    asked = """async ([rules, queries, script]) => {
      globalThis.pack = { rules, words: {} };
      const { asked } = await import(script);
      return queries.map(asked);
    }"""
    assert page.evaluate(asked, [search.rules(), queries, script]) == [search.asked(query) for query in queries]
