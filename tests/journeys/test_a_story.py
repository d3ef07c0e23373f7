"""A story and a picture on an old phone: nothing here needs a script."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.journeys.navigator import PHONE, Child, Moderator
from tests.journeys.pictures import phone_photo

FIRST = "كتبوا عني كلاما جارحا في مجموعة القسم واسم زميلي ياسين معهم"
THEN = "كتبوا عني كلاما جارحا في مجموعة القسم، ثم أخبرت أختي الكبرى"
NOTE = "بدون اسم الزميل من فضلك"


def test_a_story_is_sent_changed_and_published_without_a_script(
    child: Callable[..., Child], moderator: Callable[..., Moderator]
) -> None:
    yasmine, reader = child("ar", java_script_enabled=False, viewport=PHONE["viewport"]), moderator("ar")

    yasmine.comes_in()
    yasmine.page.locator("main").get_by_role("link", name=yasmine.text("home.cta_create")).click()
    yasmine.page.locator("main").get_by_role("link", name=yasmine.label("kinds", "story")).click()
    yasmine.writes("text", FIRST)
    yasmine.theme("rumours").check()
    yasmine.page.get_by_role("checkbox", name=yasmine.text("consent.gallery")).check()
    yasmine.button("submit.button").click()
    yasmine.sees("warn.once")
    expect(yasmine.page.locator("[data-warned=text] q")).to_have_text("ياسين")
    expect(yasmine.field("text")).to_have_value(FIRST)
    expect(yasmine.theme("rumours")).to_be_checked()
    yasmine.button("warn.send").click()
    code = yasmine.is_thanked()
    yasmine.button("receipt.done").click()
    yasmine.asks_until("status.waiting.title")

    reader.goes_to_backlog()
    reader.opens(FIRST)
    expect(reader.page.locator("mark.found--private")).to_contain_text("ياسين")
    reader.asks_for_a_change("real_name", NOTE)

    yasmine.opens_receipt(code)
    yasmine.sees_title("status.changes.title")
    expect(yasmine.page.locator("main")).to_contain_text(yasmine.label("decision_reasons", "real_name"))
    expect(yasmine.page.locator("main")).to_contain_text(NOTE)
    yasmine.button("status.changes.button").click()
    yasmine.sees_title("create.change_title")
    expect(yasmine.field("text")).to_have_value(FIRST)
    expect(yasmine.theme("rumours")).to_be_checked()
    yasmine.writes("text", THEN)
    yasmine.button("submit.button").click()
    yasmine.asks_until("status.waiting.title")

    reader.goes_to_backlog()
    reader.opens(THEN)
    reader.approves()

    yasmine.opens_receipt(code)
    yasmine.sees_title("status.approved.title")
    yasmine.link("status.approved.view").click()
    story = yasmine.page.get_by_role("blockquote")
    expect(story).to_have_text(THEN)
    assert story.locator("p").get_attribute("dir") == "auto"


@pytest.mark.parametrize("lang", ["ar", "fr", "en"])
def test_a_picture_is_sent_read_about_and_withdrawn_without_a_script(child: Callable[..., Child], lang: str) -> None:
    amine = child(lang, java_script_enabled=False, viewport=PHONE["viewport"])
    amine.page.goto(f"/{lang}/share/meme")
    amine.page.locator("#image").set_input_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": phone_photo()})
    amine.theme("rumours").check()
    amine.button("submit.button").click()
    code = amine.is_thanked()
    amine.opens_receipt(code)
    amine.asks_until("status.waiting.title")
    amine.sees("removed.place")
    amine.withdraws()
    amine.opens_receipt(code)
    amine.sees_title("status.withdrawn.title")
