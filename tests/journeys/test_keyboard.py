"""Without a mouse: from the home page to a receipt, and from the sign-in to a decision."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, expect

from tests.journeys.furniture import let_wait
from tests.journeys.house import Account, House
from tests.journeys.navigator import LAPTOP, Child, Moderator
from tests.journeys.pictures import phone_photo

#: What no other journey sends, in each language something else.
APART = {"ar": "impersonation", "fr": "rumours"}
SOLUTION = "In every class two of us are trained to listen, and everybody knows who they are."


def by_keys(person: Child | Moderator, key: str) -> Callable[[Locator], None]:
    """Go there with Tab, see where one is, press the key."""

    def press(target: Locator) -> None:
        person.tab_to(target)
        assert shows_where_one_is(target), target
        person.page.keyboard.press(key)

    return press


def shows_where_one_is(target: Locator) -> bool:
    """Whether an outline is drawn around it, or around the visible thing that stands for it."""
    return bool(
        target.evaluate(
            "element => { for (let at = element, up = 0; at && up < 4; at = at.parentElement, up++) {"
            "  const { outlineStyle, outlineWidth } = getComputedStyle(at);"
            "  if (outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2) return true; } return false; }"
        )
    )


def test_a_solution_is_sent_and_decided_without_a_mouse(
    child: Callable[..., Child], account: Account, window: Callable[..., object]
) -> None:
    omar = child("en", **LAPTOP)
    enter, space = by_keys(omar, "Enter"), by_keys(omar, "Space")

    omar.comes_in()
    enter(omar.link("home.cta_create"))
    omar.sees_title("create.kind")
    enter(omar.page.locator("main").get_by_role("link", name=omar.label("kinds", "solution")))
    omar.tab_to(omar.field("text"))
    omar.page.keyboard.type(SOLUTION)
    omar.tab_to(omar.page.get_by_role("radio", name=omar.label("themes", "harassment"), exact=True))
    omar.page.keyboard.press("Space")
    omar.page.keyboard.press("ArrowDown")
    assert omar.theme("exclusion").is_checked()
    space(omar.page.get_by_role("checkbox", name=omar.text("consent.gallery")))
    enter(omar.button("submit.button"))
    code = omar.is_thanked()
    omar.has_focus(omar.page.locator("h1"))

    enter(omar.button("receipt.done"))
    omar.asks_until("status.waiting.title")

    reader = Moderator(window("en", **LAPTOP).new_page(), "en", omar.house)  # type: ignore[attr-defined]
    press = by_keys(reader, "Enter")
    reader.signs_in(account, press)
    press(reader.waiting(SOLUTION))
    press(reader.button("desk.approve.button"))
    reader.is_told("desk.done.approve")

    omar.opens_receipt(code)
    omar.sees_title("status.approved.title")


def test_a_single_key_brings_a_moderator_to_a_button_but_never_decides(
    child: Callable[..., Child], moderator: Callable[..., Moderator]
) -> None:
    omar = child("fr", **LAPTOP)
    omar.page.goto("/fr/share/solution")
    omar.writes("text", "Une boîte à idées dans chaque classe, lue chaque vendredi par deux élèves.")
    omar.picks_theme("upstander")
    omar.sends()
    omar.is_thanked()
    omar.press(omar.button("receipt.done"))
    omar.asks_until("status.waiting.title")
    reader = moderator("fr")
    reader.opens("Une boîte à idées dans chaque classe")

    reader.page.keyboard.press("r")
    reader.has_focus(reader.button("desk.answer.decline"))
    reader.page.get_by_label(reader.text("desk.answer.note"), exact=True).focus()
    reader.page.keyboard.type("a r n u")
    expect(reader.page.get_by_label(reader.text("desk.answer.note"), exact=True)).to_have_value("a r n u")
    expect(reader.page.get_by_role("heading", name=reader.text("desk.approve.title"))).to_be_visible()


@pytest.mark.parametrize("lang", ["ar", "fr"])
def test_ten_entries_of_every_kind_are_dealt_with_by_keys_alone(
    house: House, account: Account, window: Callable[..., BrowserContext], lang: str
) -> None:
    """Tab, Space, arrows, Enter and the keys that stand on the buttons; from the sign-in on, no pointer."""
    texts, words = [f"By keys {number}." for number in range(9)], {"language": "other", "theme": APART[lang]}
    ids = let_wait(house, *texts, **words)
    ids += let_wait(house, "", kind="meme", picture=phone_photo(), caption="By keys 9.", alt="x", **words)
    reader = Moderator(window(lang, **LAPTOP).new_page(), lang, house)
    page, press = reader.page, reader.page.keyboard.press
    reader.signs_in(account, by_keys(reader, "Enter"))
    page.goto(f"/desk/?language=other&theme={APART[lang]}")

    def does(*keys: str, told: str, then: int | None) -> None:
        """Press `keys`; that was done, and the next entry is there."""
        for key in keys:
            press(key)
        reader.is_told(told)
        page.wait_for_url(f"**/entries/{ids[then]}" if then is not None else "**/desk/**")

    press("j")
    press("j")
    press("k")
    press("Enter")
    page.wait_for_url(f"**/entries/{ids[0]}")
    does("a", "a", told="desk.done.approve", then=1)
    does("u", told="desk.done.undo", then=0)
    does("a", "Enter", told="desk.done.approve", then=1)
    does("4", "r", "r", told="desk.done.decline", then=2)
    press("9")
    press("ArrowDown")  # the tenth reason: also "0"
    press("ArrowUp")
    press("Tab")
    page.keyboard.type("كلمة لطيفة / un mot gentil")
    press("Tab")
    does("Enter", told="desk.done.ask_changes", then=3)
    does("h", "h", told="desk.done.escalate", then=4)
    does("p", told="desk.done.hide", then=5)
    does("s", "s", told="desk.done.endorse", then=6)
    note = page.get_by_label(reader.text("desk.answer.note"), exact=True)
    reader.tab_to(note)
    page.keyboard.type("un mot")
    press("Tab")
    press("n")
    reader.has_focus(reader.button("desk.review.skip"))  # a word stands there: not by one stroke
    press("n")
    page.wait_for_url(f"**/entries/{ids[7]}")
    press("m")
    reader.sees_title("desk.cover.title")
    press("m")
    reader.has_focus(reader.link("desk.cover.back"))  # away from boxes that were drawn: not by one stroke
    press("m")
    page.wait_for_url(f"**/entries/{ids[7]}")
    press("m")
    reader.sees_title("desk.cover.title")
    reader.tab_to(page.locator(".cover__words input").first)
    press("Space")
    does("x", "x", told="desk.done.redact", then=8)
    does("0", "r", "r", told="desk.done.decline", then=9)
    press("v")
    press("v")
    expect(page.locator("[data-picture] img")).to_have_css("filter", "none")
    press("z")
    press("Tab")
    press("Tab")
    press("Space")
    press("Tab")
    does("Enter", told="desk.done.seal", then=None)
