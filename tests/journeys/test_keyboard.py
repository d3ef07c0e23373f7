"""Without a mouse: from the home page to a receipt, and from the sign-in to a decision."""

from collections.abc import Callable

from playwright.sync_api import Locator, expect

from tests.journeys.house import Account
from tests.journeys.navigator import LAPTOP, Child, Moderator

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
