"""Somebody is invited, comes in, adds a passkey, and comes back with it and with a code from paper."""

import re
from collections.abc import Callable
from typing import Any

import pyotp
from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.axe import is_clean
from tests.journeys.conftest import SCREENS, new_account
from tests.journeys.house import House
from tests.journeys.navigator import Moderator

NEW = "quatre oranges dans un panier"


def no_fault(page: Page) -> None:
    is_clean(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


@SCREENS
def test_from_an_invitation_to_a_passkey_and_back(
    window: Callable[..., BrowserContext], house: House, lang: str, screen: dict[str, Any]
) -> None:
    at, touch = f"{lang}-{screen['viewport']['width']}", bool(screen.get("has_touch"))
    # Passkeys are bound to a name, not to a number.
    home = house.address.replace("127.0.0.1", "localhost")
    admin = Moderator(window(lang, **screen).new_page(), lang, house, touch=touch)
    admin.signs_in(new_account(house, "admin"))
    link = invites(admin, f"guest-{at}@example.org").replace(house.address, home)

    page = window(lang, **screen).new_page()
    guest = Moderator(page, lang, house, touch=touch)
    codes = joins(guest, link)
    keeps_a_passkey(guest, home)
    for way in ("passkey", "paper"):
        guest.press(page.get_by_role("button", name=guest.text("signin.sign_out"), exact=True))
        guest.sees_title("signin.title")
        page.get_by_label(guest.text("signin.email")).fill(f"guest-{at}@example.org")
        page.get_by_label(guest.text("signin.password")).fill(NEW)
        guest.press(guest.button("signin.next"))
        guest.sees_title("signin.code_title")
        if way == "passkey":
            no_fault(page)
            guest.press(guest.button("signin.passkey"))
        else:
            page.get_by_label(guest.text("signin.code"), exact=True).fill(codes[0])
            guest.press(guest.button("signin.enter"))
        guest.sees_title("desk.backlog.title")
    page.goto(f"{home}/desk/account")
    expect(page.locator("#main")).to_contain_text(f"{guest.text('desk.account.codes_left')} 9")
    expect(page.locator("section[aria-labelledby=sessions] li")).to_have_count(1)
    admin.page.goto("/desk/people")
    expect(admin.page.locator(".people__one").filter(has_text=f"guest-{at}@")).to_contain_text("Salma")
    no_fault(admin.page)


def invites(admin: Moderator, email: str) -> str:
    page = admin.page
    admin.press(page.get_by_role("link", name=admin.text("desk.people.title"), exact=True))
    page.get_by_label(admin.text("signin.email")).fill(email)
    admin.press(admin.button("desk.people.invite_button"))
    link = page.locator("[data-link]").inner_text()
    no_fault(page)
    return link


def joins(guest: Moderator, link: str) -> list[str]:
    page = guest.page
    page.goto(link)
    page.wait_for_url("**/desk/join")
    no_fault(page)
    page.get_by_label(guest.text("join.name"), exact=True).fill("Salma")
    page.get_by_label(guest.text("join.password")).fill(NEW)
    guest.press(page.locator("summary"))
    secret = page.locator(".digest bdi").inner_text()
    page.get_by_label(guest.text("join.code")).fill(pyotp.TOTP(secret).now())
    guest.press(guest.button("join.button"))
    guest.sees_title("desk.codes.title")
    no_fault(page)
    codes = page.locator(".codes li").all_inner_texts()
    assert len(codes) == 10
    return codes


def keeps_a_passkey(guest: Moderator, home: str) -> None:
    page = guest.page
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasUserVerification": True, "isUserVerified": True}
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    guest.press(guest.link("desk.codes.kept"))
    page.wait_for_url(f"{home}/desk/account")
    page.get_by_label(guest.text("desk.account.passkey_name")).fill("Clé bleue")
    guest.press(guest.button("desk.account.passkey_add"))
    expect(page.get_by_role("status")).to_contain_text(guest.text("desk.account.passkey_done"))
    expect(page.locator("section[aria-labelledby=keys]")).to_contain_text(re.compile("Clé bleue"))
    no_fault(page)
