"""What a first visit costs, counted as the browser received it: everything a page brings with it, fonts included."""

import json
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.journeys.house import House
from tests.journeys.navigator import PHONE

ROOT = Path(__file__).resolve().parents[2]

KB = 1000

#: Bytes on the wire, headers included. The gallery's own pictures come on top: each is as large as it is.
BUDGETS = {
    "/{lang}/": 150 * KB,
    "/{lang}/share": 150 * KB,
    "/{lang}/share/meme": 150 * KB,
    "/{lang}/share/story": 150 * KB,
    "/{lang}/receipt": 150 * KB,
    "/{lang}/gallery": 60 * KB,
}


def kept_for_later(address: str, lang: str) -> int:
    """Bytes that the service worker fetches after the page: pages only, its files are here by then."""
    listed = json.loads((ROOT / "static" / "offline.json").read_text(encoding="utf-8"))["pages"]
    total = 0
    for path in listed:
        request = urllib.request.Request(f"{address}/{lang}/{path}", headers={"Accept-Encoding": "gzip"})  # noqa: S310
        with suppress(HTTPError), urllib.request.urlopen(request) as answer:  # noqa: S310
            total += len(answer.read()) + len(str(answer.headers))
    return total


def first_visit(context: BrowserContext, path: str) -> tuple[Page, int]:
    """Open a page with nothing kept from before; the bytes that came, without the pictures that children sent."""
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
    network.send("Network.clearBrowserCache")
    page.goto(path, wait_until="networkidle")
    return page, sum(size for request, size in sizes.items() if "/media/" not in addresses[request])


@pytest.mark.parametrize("lang", ["ar", "fr"])  # English is French without its accents
def test_a_first_visit_stays_within_its_budget(
    window: Callable[..., BrowserContext], house: House, lang: str
) -> None:
    context = window(lang, service_workers="block", **PHONE)  # they would answer for the network
    later = kept_for_later(house.address, lang)
    spent = {}
    for path, most in BUDGETS.items():
        page, size = first_visit(context, path.format(lang=lang))
        page.close()
        spent[path] = (size + (later if "/share" in path else 0), most)
    assert all(20 * KB < size <= most for size, most in spent.values()), spent
