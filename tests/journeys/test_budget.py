"""What a first visit costs, counted as the browser received it: everything a page brings with it, fonts included."""

import json
import urllib.request
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext

from memes import assets
from tests.journeys.house import House
from tests.journeys.navigator import PHONE

ROOT = Path(__file__).resolve().parents[2]

KB = 1000

#: Bytes on the wire, headers included. The gallery's own pictures come on top: each is as large as it is.
BUDGETS = {
    "/{lang}/": 150 * KB,
    "/{lang}/share": 150 * KB,
    "/{lang}/share/meme": 150 * KB,
    "/{lang}/share/meme/make": 150 * KB,
    "/{lang}/share/story": 150 * KB,
    "/{lang}/receipt": 150 * KB,
    "/{lang}/gallery": 60 * KB,
}


def kept_for_later(address: str, lang: str, fetched: set[str]) -> int:
    """Bytes that the service worker fetches after the page: what the page has not brought."""
    listed = json.loads((ROOT / "static" / "offline.json").read_text(encoding="utf-8"))
    paths = {f"/{lang}/{path}" for path in listed["pages"]} | {assets.address(path) for path in listed["files"]}
    return sum(weight(address + path) for path in paths - fetched)


@cache
def weight(address: str) -> int:
    """Bytes of an answer on the wire, head and body."""
    request = urllib.request.Request(address, headers={"Accept-Encoding": "gzip"})  # noqa: S310 - our own house
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        return len(answer.read()) + len(str(answer.headers))


def first_visit(context: BrowserContext, path: str) -> tuple[set[str], int]:
    """Open a page with nothing kept from before; what came and its bytes, without the pictures that children sent."""
    page = context.new_page()
    network = context.new_cdp_session(page)
    addresses: dict[str, str] = {}
    sizes: dict[str, int] = {}

    def asked(event: dict[str, Any]) -> None:
        addresses[event["requestId"]] = event["request"]["url"]

    def came(event: dict[str, Any]) -> None:
        sizes[event["requestId"]] = int(event["encodedDataLength"])

    network.on("Network.requestWillBeSent", asked)
    network.on("Network.loadingFinished", came)
    network.send("Network.enable")
    page.goto(path, wait_until="networkidle")
    page.close()
    return (
        {urlsplit(address).path for address in addresses.values()},
        sum(size for request, size in sizes.items() if "/media/" not in addresses[request]),
    )


@pytest.mark.parametrize("lang", ["ar", "fr"])  # English is French without its accents
def test_a_first_visit_stays_within_its_budget(
    window: Callable[..., BrowserContext], house: House, lang: str, figure: Callable[..., None]
) -> None:
    spent = {}
    for path, most in BUDGETS.items():
        phone = window(lang, service_workers="block", **PHONE)  # a new one each time; a worker would answer for the network
        fetched, size = first_visit(phone, path.format(lang=lang))
        spent[path] = (size + (kept_for_later(house.address, lang, fetched) if "/share" in path else 0), most)
    assert all(20 * KB < size <= most for size, most in spent.values()), spent
    for path, (size, most) in spent.items():
        what = f"kB for a first visit of {path.format(lang=lang)}, all files and the time without a network included"
        figure(f"budget.{path.replace('/', '_')}.{lang}", round(size / KB, 1), goal=f"<= {most // KB}", unit=what)
