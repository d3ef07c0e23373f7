"""A network that comes and goes, and a phone that somebody else may pick up."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Route, expect
from sqlalchemy import select

from memes.db import Database
from memes.models import Entry
from memes.settings import Settings
from tests.journeys.house import House
from tests.journeys.navigator import PHONE, Child
from tests.journeys.pictures import phone_photo

MakeChild = Callable[..., Child]

STORY = "J'ai tout raconté à ma grande sœur, et elle m'a crue."


def kept_on_the_phone(nour: Child) -> str | None:
    kept: str | None = nour.page.evaluate("localStorage.getItem('draft')")
    return kept


def writes_a_story(nour: Child, story: str = STORY) -> None:
    nour.page.goto("/fr/share/story")
    nour.writes("text", story)
    nour.picks_theme("rumours")


@pytest.mark.thorough
def test_a_draft_is_kept_only_if_asked_for_and_sent_once_though_the_answer_was_lost(
    child: MakeChild, house: House
) -> None:
    nour = child("fr", **PHONE)
    own = f"{STORY} Une seule fois."
    writes_a_story(nour, own)
    assert kept_on_the_phone(nour) is None
    nour.agrees("draft.keep")
    assert "grande sœur" in str(kept_on_the_phone(nour))

    def lose_the_answer(route: Route) -> None:
        assert route.fetch().ok
        route.abort("connectionreset")

    nour.page.route("**/share/story", lose_the_answer)
    nour.sends()
    expect(nour.page.get_by_role("alert").filter(has_text=nour.text("error.offline"))).to_be_visible()

    nour.page.unroute("**/share/story")
    nour.page.goto("about:blank")
    nour.page.goto("/fr/share/story")
    expect(nour.field("text")).to_have_value(own)
    expect(nour.theme("rumours")).to_be_checked()
    nour.sends()
    code = nour.is_thanked()
    assert kept_on_the_phone(nour) is None, "what is sent is not kept"
    settings = Settings.from_env(house.environment)
    with Database(settings.database_url, settings.entry_keys) as database, database.reads() as session:
        assert [entry.text for entry in session.scalars(select(Entry))].count(own) == 1
    nour.opens_receipt(code)
    expect(nour.page.locator(".trail")).to_be_visible()


@pytest.mark.parametrize("way", ["erase", "untick", "exit"])
def test_what_is_kept_goes_with_one_tap(child: MakeChild, house: House, way: str) -> None:
    nour = child("fr", **PHONE)
    writes_a_story(nour)
    nour.agrees("draft.keep")
    assert kept_on_the_phone(nour)

    if way == "erase":
        nour.press(nour.link("draft.erase"))
        expect(nour.field("text")).to_have_value("")
        expect(nour.page.locator(":checked:not([value=na])").and_(nour.page.locator("[type=radio]"))).to_have_count(0)
    elif way == "untick":
        nour.press(nour.page.get_by_role("checkbox", name=nour.text("draft.keep")))
    else:
        nour.page.context.route(lambda url: not url.startswith(house.address), lambda route: route.fulfill(body=""))
        nour.press(nour.page.locator("[data-exit]"))
        nour.page.wait_for_url("https://fr.wikipedia.org/**")
        nour.page.goto("/fr/share/story")
        expect(nour.field("text")).to_have_value("")

    assert kept_on_the_phone(nour) is None


def test_without_a_network_the_forms_open_and_what_is_written_is_sent_when_it_is_back(child: MakeChild) -> None:
    nour = child("fr", **PHONE)
    nour.page.goto("/fr/share")
    nour.loses_the_network()

    nour.page.goto("/fr/gallery")
    nour.sees_title("offline.title")
    expect(nour.page.locator(".door")).to_have_count(4)
    writes_a_story(nour)
    nour.agrees("draft.keep")
    nour.sends()
    expect(nour.page.get_by_role("alert").filter(has_text=nour.text("error.offline"))).to_be_visible()
    nour.page.goto("/fr/share/story")
    expect(nour.field("text")).to_have_value(STORY)

    nour.page.context.set_offline(False)
    nour.sends()
    nour.is_thanked()
    assert kept_on_the_phone(nour) is None


def large_photo() -> bytes:
    """More points than are ever shown, with a place in it, as a phone makes it."""
    small = Image.open(io.BytesIO(phone_photo()))
    out = io.BytesIO()
    small.resize((2400, 1800)).save(out, "JPEG", quality=95, exif=small.getexif())
    return out.getvalue()


def dancing() -> bytes:
    """A large animated WebP."""
    frames = [Image.effect_noise((1700, 300), sigma) for sigma in (20, 60)]
    out = io.BytesIO()
    frames[0].convert("RGB").save(out, "WEBP", save_all=True, append_images=[frames[1].convert("RGB")], duration=100)
    return out.getvalue()


def test_a_large_picture_is_made_smaller_on_the_phone_and_one_that_moves_is_not(child: MakeChild, tmp_path: Path) -> None:
    nour = child("fr", **PHONE)
    nour.page.goto("/fr/share/meme")
    photo = large_photo()
    assert b"Exif" in photo

    nour.chooses_picture(photo)
    expect(nour.page.get_by_text(nour.text("create.shrunk"))).to_be_visible()
    kept = bytes(nour.picture_field().evaluate("async field => [...new Uint8Array(await field.files[0].arrayBuffer())]"))
    assert len(kept) < len(photo) / 4
    assert b"Exif" not in kept
    assert max(Image.open(io.BytesIO(kept)).size) == 1600

    nour.chooses_picture(dancing(), "dance.webp", "image/webp")
    expect(nour.page.get_by_text(nour.text("create.shrunk"))).to_be_hidden()
    nour.picks_theme("rumours")
    nour.sends()
    nour.is_thanked()
