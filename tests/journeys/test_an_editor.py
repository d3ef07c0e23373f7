"""An editor writes news and an event in three languages and confirms a channel of help; visitors read it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from icalendar import Calendar
from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.axe import is_clean
from tests.journeys.conftest import SCREENS, new_account
from tests.journeys.house import House, until
from tests.journeys.navigator import Moderator
from tests.journeys.pictures import phone_photo
from tests.memes.films import MP4, VTT

TITLES = {"ar": "ورشة جديدة", "fr": "Un nouvel atelier", "en": "A new workshop"}
BODIES = {lang: f"## {title}\n\n**{title}**" for lang, title in TITLES.items()}
SMALLEST, USUAL = {"width": 320, "height": 640}, {"width": 1280, "height": 800}


@dataclass
class Editor(Moderator):
    """Somebody who writes for everyone."""

    def begins(self, kind: str) -> None:
        self.page.goto("/desk/editing")
        self.press(self.link(f"desk.edit.new.{kind}"))

    def writes_words(self, titles: dict[str, str], bodies: dict[str, str]) -> None:
        for lang, title in titles.items():
            self.page.locator(f"#title_{lang}").fill(title)
            self.page.locator(f"#summary_{lang}").fill(f"{title} …")
            self.page.locator(f"#body_{lang}").fill(bodies[lang])

    def does(self, key: str, told: str) -> None:
        self.press(self.button(key))
        expect(self.page.get_by_role("status")).to_contain_text(self.text(told))


def no_fault(page: Page) -> None:
    usual = page.viewport_size
    is_clean(page)
    page.set_viewport_size(SMALLEST)  # type: ignore[arg-type]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
    page.set_viewport_size(usual or USUAL)  # type: ignore[arg-type]


@SCREENS
def test_from_a_draft_to_a_calendar_and_back(
    window: Callable[..., BrowserContext], house: House, lang: str, screen: dict[str, Any]
) -> None:
    editor = Editor(window(lang, **screen).new_page(), lang, house, touch=bool(screen.get("has_touch")))
    editor.signs_in(new_account(house, "editor"), arrives="desk.edit.title")
    visitor = window(lang, **screen).new_page()
    no_fault(editor.page)

    news = writes_news(editor)
    visitor.goto(f"/{lang}/news")
    visitor.locator(f"main a[href$='/news/{news}']").click()
    expect(visitor.locator("h1")).to_have_text(TITLES[lang])
    expect(visitor.locator(".written strong")).to_be_visible()
    no_fault(visitor)

    changes_and_restores(editor, visitor, news)
    plans_an_event(editor, visitor)
    shows_a_film(editor, visitor)
    confirms_a_channel(editor, visitor)

    editor.page.goto(f"/desk/editing/news/{news}")
    editor.does("desk.edit.unpublish", "desk.edit.unpublished")
    assert visitor.goto(f"/{lang}/news/{news}").status == 404  # type: ignore[union-attr]


def writes_news(editor: Editor) -> str:
    page = editor.page
    editor.begins("news")
    editor.writes_words(TITLES, BODIES)
    editor.press(editor.button("desk.edit.preview"))
    expect(page.locator(".article__preview")).to_have_count(3)
    expect(page.locator(".article__preview strong").first).to_be_visible()
    no_fault(page)
    editor.does("desk.edit.save", "desk.edit.saved")
    editor.does("desk.edit.publish", "desk.edit.published")
    return page.url.rpartition("/")[2]


def changes_and_restores(editor: Editor, visitor: Page, news: str) -> None:
    page, address = editor.page, f"/{editor.lang}/news/{news}"
    page.locator(f"#body_{editor.lang}").fill("…")
    editor.does("desk.edit.publish", "desk.edit.published")
    visitor.goto(address)
    expect(visitor.locator(".written")).to_have_text("…")
    editor.press(page.get_by_role("link", name=editor.text("desk.edit.version", number=1), exact=True))
    page.wait_for_url("**/versions/1")
    no_fault(page)
    editor.does("desk.edit.restore", "desk.edit.restored")
    editor.does("desk.edit.publish", "desk.edit.published")
    visitor.goto(address)
    expect(visitor.locator(".written strong")).to_be_visible()


def plans_an_event(editor: Editor, visitor: Page) -> None:
    page, day, lang = editor.page, date.today() + timedelta(days=9), editor.lang
    editor.begins("event")
    editor.writes_words(TITLES, BODIES)
    page.locator("#form").select_option("workshop")
    page.locator("#region").select_option("MA-04")
    editor.press(page.locator("[name=audiences][value=teachers]"))
    page.locator("#begins_at").fill("10:00")
    editor.press(editor.button("desk.edit.publish"))
    expect(page.locator("#first_day-error")).to_be_visible()
    no_fault(page)
    page.locator("#first_day").fill(day.isoformat())
    editor.does("desk.edit.publish", "desk.edit.published")
    event = page.url.rpartition("/")[2]
    visitor.goto(f"/{lang}/events/{event}")
    no_fault(visitor)
    with visitor.expect_download() as saved:
        visitor.locator(f"a[href$='/{event}.ics']").click()
    [found] = Calendar.from_ical(saved.value.path().read_bytes()).events
    assert (found["summary"], found["dtstart"].dt.date()) == (TITLES[lang], day)
    visitor.goto(f"/{lang}/events")
    no_fault(visitor)
    listed = visitor.request.get(f"/{lang}/events.ics").body()
    assert TITLES[lang] in [str(one["summary"]) for one in Calendar.from_ical(listed).events]
    visitor.goto(f"/{lang}/")
    expect(visitor.locator("section[aria-labelledby=campaign-now] a")).to_have_count(2)


def shows_a_film(editor: Editor, visitor: Page) -> None:
    page, other = editor.page, next(one for one in ("fr", "ar") if one != editor.lang)
    editor.begins("resource")
    editor.writes_words({other: TITLES[other]}, BODIES)
    for name, data in (("film.mp4", MP4), ("film.vtt", VTT), ("IMG_1.jpg", phone_photo())):
        page.locator("#file").set_input_files({"name": name, "mimeType": "application/octet-stream", "buffer": data})
        page.locator("#file_language").select_option(other)
        editor.does("desk.edit.save", "desk.edit.saved")
    no_fault(page)
    editor.does("desk.edit.publish", "desk.edit.published")
    visitor.goto(f"/{editor.lang}/resources/{page.url.rpartition('/')[2]}")
    expect(visitor.locator("main")).to_contain_text(editor.text("article.missing"))
    expect(visitor.locator("video track")).to_have_attribute("srclang", other)
    until(lambda: visitor.reload() and visitor.locator("img.article__picture").count() == 1, lambda: "no picture came")
    no_fault(visitor)


def confirms_a_channel(editor: Editor, visitor: Page) -> None:
    page = editor.page
    page.goto("/desk/editing")
    row = page.locator(".people__one").filter(has=page.locator("a[href$='/channel/police']"))
    editor.press(row.locator("form[action$=confirm] button"))
    expect(page.get_by_role("status")).to_contain_text(editor.text("desk.edit.confirmed"))
    no_fault(page)
    page.goto("/desk/editing/channel/police")
    no_fault(page)
    visitor.goto(f"/{editor.lang}/help")
    said = editor.text("help.checked_on", date="@").partition("@")[0].strip()
    expect(visitor.locator(".door__way").filter(has=visitor.locator("a[href='tel:19']"))).to_contain_text(said)
