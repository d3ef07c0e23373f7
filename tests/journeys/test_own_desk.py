"""One moderator and what is theirs: a list as they want it, words underlined and covered, a day's share, a break."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from tests.journeys.axe import is_clean
from tests.journeys.conftest import SCREENS
from tests.journeys.furniture import let_wait
from tests.journeys.house import House
from tests.journeys.navigator import Moderator

#: What no other journey sends, so that the list holds only what is put here.
APART = {"language": "other", "theme": "hacking"}
SAID = "Yassine du collège Ibn Khaldoun a donné le 06 12 34 56 78 et @lina.k2012."


@SCREENS
def test_a_list_as_one_wants_it_and_words_that_are_underlined_and_covered(
    at_the_desk: Callable[..., Moderator], house: House, lang: str, screen: dict[str, Any]
) -> None:
    here = f"({lang}-{screen['viewport']['width']})"  # short: a line of the list shows no more
    telling, plain, heavy = f"{SAID} {here}", f"Nothing to cover {here}.", f"It weighs {here}."
    let_wait(house, telling, plain, **APART)
    let_wait(house, heavy, **APART | {"theme": "threats"})
    reader = at_the_desk(lang, **screen)
    page, lines = reader.page, reader.page.locator(".queue li")

    page.keyboard.press("f")
    for name, wanted in (("desk.fact.language", "other"), ("desk.filter.theme", "hacking")):
        page.get_by_role("combobox", name=reader.text(name), exact=True).select_option(wanted)
    is_clean(page, "filters")
    reader.press(reader.button("desk.filter.button"))
    page.wait_for_url("**language=other**")
    expect(lines.filter(has_text=here)).to_have_count(2)

    reader.opens(telling)
    for said in ("Yassine", "collège Ibn Khaldoun", "06 12 34 56 78", "@lina.k2012"):
        expect(page.locator("mark.found--private").filter(has_text=said)).to_have_count(1)
    is_clean(page, "underlined words")
    reader.press(reader.link("desk.cover.open"))
    for kind in ("phone", "school", "name", "handle"):
        reader.press(page.locator(".cover__found label").filter(has_text=reader.text(f"desk.found.{kind}")))
    expect(page.locator(".cover__found :checked")).to_have_count(4)
    is_clean(page, "words to cover")
    reader.press(reader.button("desk.cover.submit"))
    reader.is_told("desk.done.redact")
    expect(page.locator(".prose").first).to_have_text(plain)

    reader.press(reader.button("desk.review.leave"))
    reader.is_told("desk.done.hide")
    page.goto("/desk/?language=other&theme=hacking")
    expect(reader.waiting(plain)).to_have_count(0)
    page.goto("/desk/me")
    reader.press(reader.button("desk.me.show_hidden"))
    reader.is_told("desk.me.kept")
    page.goto("/desk/?language=other&theme=hacking")
    expect(reader.waiting(plain)).to_be_visible()

    page.goto("/desk/me")
    reader.press(page.get_by_role("checkbox", name=reader.label("themes", "hacking"), exact=True))
    reader.press(page.get_by_role("radio", name="0", exact=True))
    is_clean(page, "my desk")
    reader.press(reader.button("desk.me.keep"))
    reader.is_told("desk.me.kept")
    page.goto("/desk/?language=other")
    expect(reader.waiting(plain)).to_have_count(0)
    expect(reader.waiting(heavy)).to_have_count(0)
    reader.sees("desk.spared.body")
    is_clean(page, "a day's share is read")
    reader.press(reader.link("desk.spared.show"))
    expect(reader.waiting(heavy)).to_be_visible()

    page.goto("/desk/break")
    reader.sees_title("desk.break.title")
    reader.press(reader.button("desk.break.go_on"))
    page.wait_for_url(lambda address: "break" not in address)
