"""What a screen reader is given: the browser's own tree of names, descriptions and states."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from memes.intake.forms import IMAGE_TYPES
from memes.lifecycle import State
from tests.journeys.furniture import furnish
from tests.journeys.house import House, until
from tests.journeys.navigator import PHONE, Child

CONTROLS = {"button", "link", "textbox", "checkbox", "radio", "combobox", "application", "menuitem", "Canvas", "DisclosureTriangle"}
Node = dict[str, Any]


def tree(page: Page) -> list[Node]:
    """The nodes that are read, in the order they are read: role, name, description and states of each."""
    browser = page.context.new_cdp_session(page)
    nodes = browser.send("Accessibility.getFullAXTree")["nodes"]
    browser.detach()
    by_id = {node["nodeId"]: node for node in nodes}
    found: list[Node] = []

    def read(node: Node) -> None:
        if not node.get("ignored"):
            states = {state["name"]: state["value"].get("value") for state in node.get("properties", [])}
            said = {part: node.get(part, {}).get("value", "") for part in ("role", "name", "description")}
            found.append(said | {"states": states})
        for child in node.get("childIds", []):
            if child in by_id:
                read(by_id[child])

    read(nodes[0])
    return found


def nameless(nodes: list[Node]) -> list[Node]:
    """What can be used, or is shown as a picture, and says nothing."""
    told = CONTROLS | {"image", "img", "radiogroup"}
    return [node for node in nodes if node["role"] in told and not node["name"].strip()]


def alike(nodes: list[Node], roles: tuple[str, ...] = ("button", "textbox", "checkbox", "combobox")) -> list[str]:
    """Names that two controls of a kind share, so that who only hears them cannot tell which is which."""
    names = [(node["role"], node["name"]) for node in nodes if node["role"] in roles]
    return sorted({f"{role}: {name}" for role, name in names if names.count((role, name)) > 1})


def jumps(nodes: list[Node]) -> list[str]:
    """Headings that skip a level."""
    levels = [(int(node["states"]["level"]), node["name"]) for node in nodes if node["role"] == "heading"]
    after = zip([(0, "")] + levels, levels, strict=False)
    return [name for (before, _), (level, name) in after if level > before + 1]


def control(nodes: list[Node], name: str) -> Node:
    """The control with this name."""
    (found,) = [node for node in nodes if node["name"] == name and node["role"] in CONTROLS | {"radiogroup"}]
    return found


def is_sound(page: Page) -> list[Node]:
    """Everything has a name of its own; the first heading is the page's; help and the way out come before the content."""
    nodes = tree(page)
    assert nameless(nodes) == []
    assert alike(nodes) == []
    assert jumps(nodes) == []
    roles = [node["role"] for node in nodes]
    assert [node["states"]["level"] for node in nodes if node["role"] == "heading"][0] == 1
    exit_link = next(at for at, node in enumerate(nodes) if node["role"] == "link" and node["description"])
    assert roles.index("link") < exit_link < roles.index("main")
    return nodes


@pytest.mark.parametrize("lang", ["ar", "fr", "en"])
def test_the_form_says_what_each_field_is_what_is_expected_and_what_is_wrong(
    child: Callable[..., Child], lang: str
) -> None:
    aya = child(lang, **PHONE)
    aya.page.goto(f"/{lang}/share/meme")
    aya.page.evaluate("document.querySelectorAll('details').forEach((part) => (part.open = true))")
    nodes = is_sound(aya.page)
    picture = control(nodes, aya.text("create.picture"))
    assert picture["description"].startswith(aya.text("create.picture_hint", types=IMAGE_TYPES, size="15 MB"))
    assert control(nodes, aya.text("create.caption"))["description"] == aya.text("create.caption_hint", max=200)
    assert control(nodes, aya.text("create.theme"))["states"]["required"] is True

    aya.sends()
    expect(aya.page.locator("#image-error")).to_be_visible()
    nodes = is_sound(aya.page)
    for key, problem in (("create.picture", "problem.no_image"), ("create.theme", "problem.theme")):
        wrong = control(nodes, aya.text(key))
        assert wrong["states"]["invalid"] == "true"
        assert wrong["description"].endswith(aya.text(problem))

    aya.page.locator("#caption").fill("0612345678")
    expect(aya.page.locator("[data-warned=caption]")).to_contain_text(aya.text("warn.phone"))
    is_sound(aya.page)


@pytest.mark.parametrize("lang", ["ar", "fr", "en"])
def test_the_maker_names_each_layer_and_tells_what_its_keys_do(child: Callable[..., Child], lang: str) -> None:
    aya = child(lang, **PHONE)
    aya.page.goto(f"/{lang}/share/meme/make")
    aya.page.locator("[name=maker-template][value=rather]").check(force=True)
    expect(aya.page.locator("[data-place]")).to_have_count(2)
    aya.page.evaluate("document.querySelectorAll('details').forEach((part) => (part.open = true))")
    aya.press(aya.page.locator("[data-do=sticker]").first)
    expect(aya.page.locator("[data-place]")).to_have_count(3)
    nodes = is_sound(aya.page)
    assert control(nodes, aya.text("maker.canvas"))["description"] == aya.text("maker.keys")


@pytest.mark.parametrize("lang", ["ar", "fr", "en"])
def test_the_receipts_pages_say_what_is_wrong_and_what_can_be_done(
    child: Callable[..., Child], house: House, lang: str
) -> None:
    aya = child(lang, **PHONE)
    aya.page.goto(f"/{lang}/receipt")
    is_sound(aya.page)
    aya.page.locator("#receipt").fill("1234 5678")
    aya.press(aya.button("check.button"))
    expect(aya.page.locator("#receipt-error")).to_be_visible()
    nodes = is_sound(aya.page)
    field = control(nodes, aya.text("check.input"))
    assert field["states"]["invalid"] == "true"
    assert field["description"].endswith(aya.text("check.length", count=8))

    shown = furnish(house)
    for state in (State.CHANGES_REQUESTED, State.APPROVED, State.DECLINED):
        aya.opens_receipt(shown.receipts[state])
        until(lambda: aya.page.locator(".trail").count() == 1, aya.page.content)
        nodes = is_sound(aya.page)
        assert not [node for node in nodes if node["states"].get("invalid") not in (None, "false")]
