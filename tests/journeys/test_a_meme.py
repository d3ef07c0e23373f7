"""From the home page to the gallery and back out of it, in each language, on a phone and on a laptop, on both databases."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys.house import House
from tests.journeys.navigator import LAPTOP, PHONE, Child, Moderator
from tests.journeys.pictures import phone_photo, tells_nothing

CAPTIONS = {
    "ar": "حين يحكي لي صديقي أصغي إليه",
    "fr": "Avant de partager, je demande",
    "en": "Typing is easy, stopping is brave",
}


@pytest.mark.parametrize(
    ("lang", "home", "device"),
    [
        pytest.param("ar", "house", PHONE, id="ar-phone"),
        pytest.param("fr", "house", LAPTOP, id="fr-laptop", marks=pytest.mark.thorough),
        pytest.param("en", "house", PHONE, id="en-phone", marks=pytest.mark.thorough),
        pytest.param("fr", "house_on_servers", LAPTOP, id="fr-laptop-postgresql"),
    ],
)
def test_a_meme_is_sent_read_published_and_taken_back(
    lang: str, home: str, device: dict[str, Any], request: pytest.FixtureRequest,
    child: Callable[..., Child], moderator: Callable[..., Moderator], figure: Callable[..., None],
) -> None:  # fmt: skip
    house: House = request.getfixturevalue(home)
    salma, reader, caption = child(lang, house, **device), moderator(lang, house), CAPTIONS[lang]

    with house.worker_busy():
        code = sends_a_meme(salma, caption)
        salma.opens_receipt(code)
        salma.sees_title("status.received.title")
    salma.sees_title("status.waiting.title")  # by itself
    salma.sees("removed.place")
    salma.sees("removed.device")

    reader.goes_to_backlog()
    reader.opens(caption)
    reader.reveals()
    reader.approves()

    salma.opens_receipt(code)
    salma.sees_title("status.approved.title")
    salma.press(salma.link("status.approved.view"))
    expect(salma.page.locator("main")).to_contain_text(caption)
    pictures = salma.sees_own_picture()
    for path in pictures:
        served = salma.page.request.get(path)
        assert served.ok, path
        assert tells_nothing(served.body()), path
    own_page = salma.page.url
    entry_id = own_page.rpartition("/")[2]
    stands_in_gallery(salma, caption, entry_id)

    salma.opens_receipt(code)
    salma.withdraws()
    is_gone(salma, caption, entry_id, [own_page, *pictures])
    figure(f"withdrawal.{lang}", len(pictures) + 4, goal=">= 5", unit="addresses where it stood, all without it at once")


def sends_a_meme(salma: Child, caption: str) -> str:
    salma.comes_in()
    salma.wants_to_share("meme")
    salma.chooses_picture(phone_photo())
    salma.picks_theme("harassment")
    salma.writes("create.caption", caption)
    salma.writes("gallery.description", f"{caption} (image)")
    salma.agrees("consent.gallery")
    salma.sends_over_a_weak_network()
    return salma.is_thanked()


def stands_in_gallery(salma: Child, caption: str, entry_id: str) -> None:
    salma.page.goto(f"/{salma.lang}/gallery")
    expect(salma.page.get_by_role("link", name=caption)).to_be_visible()
    listed = salma.page.request.get("/api/v1/gallery").json()["items"]
    assert entry_id in [item["id"] for item in listed]


def is_gone(salma: Child, caption: str, entry_id: str, addresses: list[str]) -> None:
    for address in [*addresses, f"/api/v1/gallery/{entry_id}"]:
        assert salma.page.request.get(address).status == 404, address
    assert entry_id not in json.dumps(salma.page.request.get("/api/v1/gallery").json())
    salma.page.goto(f"/{salma.lang}/gallery")
    salma.sees_title("gallery.title")
    expect(salma.page.get_by_role("link", name=caption)).to_have_count(0)
