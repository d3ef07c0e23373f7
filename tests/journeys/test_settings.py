"""An admin changes how the platform runs, and a child meets it; and everybody can read the figures."""

import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect
from sqlalchemy import delete, update

from memes.db import Database
from memes.models import Entry, MonthlyFigures, Setting
from tests.journeys.axe import is_clean
from tests.journeys.conftest import SCREENS, new_account
from tests.journeys.furniture import send
from tests.journeys.house import House, until
from tests.journeys.navigator import PHONE, Child, Moderator

BANNER = {"ar": "أسبوع ضد الإشاعات", "fr": "Une semaine contre les rumeurs", "en": "A week against rumours"}


@pytest.fixture
def database(house: House) -> Iterator[Database]:
    """The house's own; what was set and counted is taken back, for those who walk here next."""
    with Database(house.database_url) as opened:
        yield opened
        with opened.writing() as session:
            session.execute(delete(Setting))
            session.execute(delete(MonthlyFigures))
    until(lambda: is_open(house), lambda: "the doors stay closed")  # the settings are remembered for some seconds


def is_open(house: House) -> bool:
    try:
        with urllib.request.urlopen(f"{house.address}/ar/share/story", timeout=10) as answer:  # noqa: S310 - our own
            return bool(answer.status == 200)
    except urllib.error.HTTPError as refused:
        refused.close()
        return False


def no_fault(page: Page) -> None:
    is_clean(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


@SCREENS
def test_an_admin_changes_how_it_runs_and_a_child_meets_it(
    window: Callable[..., BrowserContext], house: House, database: Database, lang: str, screen: dict[str, Any]
) -> None:
    admin = Moderator(window(lang, **screen).new_page(), lang, house, touch=bool(screen.get("has_touch")))
    admin.signs_in(new_account(house, "admin"))
    page = admin.page
    admin.press(page.get_by_role("link", name=admin.text("desk.settings.title"), exact=True))
    admin.sees_title("desk.settings.title")
    no_fault(page)
    for code, words in BANNER.items():
        page.locator(f"#banner-{code}").fill(words)
    saves(admin, "banner")
    admin.press(page.get_by_text(admin.text("desk.settings.photos_no")))
    saves(admin, "photos")
    page.locator("#batch_hour select").select_option("18")
    saves(admin, "batch_hour")

    child = Child(window(lang, **PHONE).new_page(), lang, house, touch=True)
    outside = child.page
    sees_it_soon(outside, f"/{lang}/share/meme", outside.get_by_text(child.text("create.no_photos")))
    expect(outside.get_by_role("complementary", name=child.text("nav.news"))).to_have_text(BANNER[lang])
    expect(outside.locator("input[type=file]")).to_be_hidden()
    no_fault(outside)

    receipt, entry_id = send(house, f"{BANNER[lang]} · {screen['viewport']['width']}")
    page.goto(f"/desk/entries/{entry_id}")
    admin.press(admin.button("desk.approve.button"))
    expect(page.get_by_role("status")).to_contain_text(admin.text("desk.done.due", day="|").partition("|")[0])
    page.goto("/desk/published")
    expect(page.locator(f"section[aria-labelledby=due] a[href$='{entry_id}']")).to_be_visible()
    no_fault(page)
    child.opens_receipt(receipt)
    child.sees_title("status.due.title")
    expect(outside.locator("main")).to_contain_text("18:00")
    assert outside.request.get(f"/{lang}/gallery/{entry_id}").status == 404
    with database.writing() as session:  # a day goes by
        session.execute(update(Entry).where(Entry.id == entry_id).values(due_on=date.today() - timedelta(days=1)))
    house.command("sweep")
    child.opens_receipt(receipt)
    child.sees_title("status.approved.title")
    child.press(child.link("status.approved.view"))
    expect(outside.get_by_role("blockquote")).to_contain_text(BANNER[lang])

    page.goto("/desk/settings")
    page.locator("#window-to").fill("2020-01-01")
    saves(admin, "window")
    sees_it_soon(outside, f"/{lang}/share", outside.locator("h1", has_text=child.text("closed.title")))
    child.sees("closed.late")
    expect(outside.locator("#help")).to_be_visible()
    no_fault(outside)
    child.opens_receipt(receipt)
    child.sees_title("status.approved.title")


def saves(admin: Moderator, name: str) -> None:
    """Press the button of one setting's form."""
    admin.press(admin.page.locator(f"#{name} button"))
    admin.is_told("desk.settings.done")


def sees_it_soon(page: Page, path: str, what: Locator) -> None:
    """Load a page until something is on it: each process looks at the settings every few seconds."""

    def there() -> bool:
        page.goto(path)
        return what.count() > 0

    until(there, lambda: page.content())


def test_the_figures_are_told_in_three_languages_and_nothing_small_is_among_them(
    window: Callable[..., BrowserContext], house: House, database: Database
) -> None:
    first = date.today().replace(day=1)
    with database.writing() as session:
        for months, number in ((3, 25), (2, 7), (1, 6)):
            month = first
            for _ in range(months):
                month = (month - timedelta(days=1)).replace(day=1)
            session.add(MonthlyFigures(month=month, numbers={"received.story": number, "withdrawn": 3},
                                       entries_head="1" * 64, desk_head="2" * 64))  # fmt: skip
    for lang in ("ar", "fr", "en"):
        reader = Child(window(lang, **PHONE).new_page(), lang, house, touch=True)
        reader.page.goto(f"/{lang}/transparency")
        reader.sees_title("figures.title")
        expect(reader.page.locator("#received + table tr").nth(2)).to_contain_text("38")
        expect(reader.page.locator("#withdrawn + table tbody")).to_contain_text(reader.text("figures.few", number=10))
        reader.press(reader.page.get_by_text(reader.text("figures.show_table")))
        expect(reader.page.locator(".months td[colspan='2']")).to_contain_text("13")
        expect(reader.page.locator(".seal")).to_contain_text("1" * 64)
        if lang == "ar":
            no_fault(reader.page)
        reader.press(reader.link("solutions.title"))
        reader.sees_title("solutions.title")
