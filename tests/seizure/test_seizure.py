"""A child sends from a real browser through real servers; then everything is taken away and read byte by byte.

Two places are read: the server's (database with its log of changes, broker, logs, temporary folders, media, a backup), as
somebody would who carries the machine away, and the browser's own folder, as somebody would who takes the child's phone.
"""

import http.client
import os
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pyrage
import pytest
from playwright.sync_api import BrowserContext, expect, sync_playwright

from memes.db import Database
from memes.lifecycle import State
from tests import tools
from tests.deploy.test_nginx import published
from tests.faults.parts import in_state, multipart, until
from tests.journeys.conftest import ARGUMENTS
from tests.journeys.navigator import LOCALES, PATIENCE, PHONE, Child
from tests.journeys.pictures import CANARY as EXIF
from tests.journeys.pictures import phone_photo
from tests.seizure.production import Production, listed, production

pytestmark = pytest.mark.thorough

#: What a request tells of a child, each to be found by its letters.
ADDRESS, AGENT, COOKIE = "127.77.88.99", "CanaryBrowser/7.1", "canarycookievalue"
REFERRER, NAME, PATH = "canary-page-before", "canary_ahmed_6A.jpg", "canary-address-typed"
LANGUAGE = "ar-canary"
#: How a picture begins that anybody could look at.
PICTURE = re.compile(rb"RIFF....WEBP|\xff\xd8\xff|\x89PNG|GIF8", re.DOTALL)
#: What a child typed, thought better of, and sent instead.
DELETED, SENT = "my teacher canary Mr Idrissi", "they laughed at my canary photo"


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Production]:
    with production(tmp_path_factory.mktemp("seizure")) as running:
        yield running


@pytest.fixture(scope="module")
def codes(taken: Production, profile: Path) -> list[str]:
    """A whole run; the receipts that children were shown. Afterwards nothing runs any more."""
    with ThreadPoolExecutor(1) as aside:  # Playwright's loop may run here already, for somebody else's browser
        shown = [aside.submit(from_a_phone, taken, profile).result()]
    ask(taken, "/fr/gallery?q=" + PATH)
    ask(taken, "/" + PATH)
    ask(taken, "/fr/receipt", {"receipt": "1234 5678 1234 5678"})
    ask(taken, "/fr/share/meme", {"caption": "x" * 70_000_000})  # more than the proxy takes
    ask(taken, "/fr/share/meme", {"caption": SENT}, b"\xff\xd8 no picture")
    body = {"kind": "meme", "language": "ar", "theme": "rumours", "caption": SENT, "consent_gallery": "true"}
    shown.append(ask(taken, "/api/v1/entries", body, phone_photo()).split('"receipt":"')[1][:16])
    shown_to_all = published(taken.house)
    assert "%PDF" in ask(taken, f"/ar/gallery/{shown_to_all}/poster-a4.pdf")
    assert "WEBP" in ask(taken, f"/media/{shown_to_all}/320.webp")
    with Database(taken.database.address) as database:
        until(in_state(database, State.PENDING, 2), "both are cleaned")
    worker = next(part for part in psutil.Process(taken.house.process.pid).children() if "worker" in part.cmdline())
    worker.kill()  # what a crash leaves is there too
    until(lambda: "Starting it again" in taken.house.said(), "it is started again")
    key = str(pyrage.x25519.Identity.generate().to_public())
    taken.house.command("backup", str(taken.places["home"] / "backup.age"), "--key", key)
    taken.stop()
    return shown


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which a browser keeps what it keeps."""
    return tmp_path_factory.mktemp("profile")


def from_a_phone(taken: Production, profile: Path) -> str:
    """Salma types, deletes, sends, looks at her receipt, and leaves by the quick exit; the browser is closed."""
    with sync_playwright() as playwright:
        context: BrowserContext = playwright.chromium.launch_persistent_context(
            profile, executable_path=os.environ.get("CHROMIUM") or tools.chromium(), args=list(ARGUMENTS),
            base_url=taken.address, locale=LOCALES["fr"], user_agent=AGENT, **PHONE,
        )  # fmt: skip
        context.set_default_timeout(PATIENCE * 1000)
        salma = Child(context.pages[0], "fr", taken.house, touch=True)
        salma.comes_in()
        salma.wants_to_share("meme")
        salma.field("create.caption").press_sequentially(DELETED)
        salma.page.wait_for_timeout(1500)  # whatever keeps drafts has had its time
        salma.writes("create.caption", SENT)
        salma.chooses_picture(phone_photo(), NAME)
        salma.picks_theme("hacking")
        salma.sends()
        code = salma.is_thanked()
        salma.opens_receipt(code)
        expect(salma.page.locator(".trail")).to_be_visible()
        salma.page.wait_for_timeout(8000)  # as long as it takes a browser to write down which windows are open, and how they came
        salma.press(salma.page.locator("[data-exit]").first)
        salma.page.wait_for_timeout(1500)
        context.close()
    return code


def ask(taken: Production, path: str, fields: dict[str, str] | None = None, picture: bytes | None = None) -> str:
    """A request that tells everything that a browser may tell."""
    body, kind = multipart(fields, picture, NAME) if fields else (None, "text/html")
    connection = http.client.HTTPConnection(urlsplit(taken.address).netloc, timeout=60, source_address=(ADDRESS, 0))
    headers = {"User-Agent": AGENT, "Cookie": f"seen={COOKIE}", "Referer": f"http://x/{REFERRER}", "Content-Type": kind,
               "Accept-Language": LANGUAGE, "Forwarded": f"for={ADDRESS}", "X-Real-IP": ADDRESS}  # fmt: skip
    try:
        connection.request("POST" if body else "GET", path, body, headers)
        return connection.getresponse().read().decode("utf-8", "replace")
    except (BrokenPipeError, ConnectionResetError):  # it was too much
        return ""
    finally:
        connection.close()


def forms_of(canary: str) -> list[bytes]:
    """Its letters in the two ways in which files hold them."""
    return [canary.encode(), canary.encode("utf-16-le")]


def forms_of_code(code: str) -> list[bytes]:
    """A receipt as it is shown, typed, and asked for."""
    groups = [code[at : at + 4] for at in range(0, 16, 4)]
    return [form for join in ("", " ", "-", "+", "%20") for form in forms_of(join.join(groups))]


def hits(folder: Path, forms: list[bytes]) -> list[str]:
    """The files below a folder that hold one of them."""
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return [str(path.relative_to(folder)) for path in files if any(form in path.read_bytes() for form in forms)]


def test_nothing_on_the_server_leads_to_a_child(taken: Production, codes: list[str], figure: Callable[..., None]) -> None:
    told = {name: forms_of(name) for name in (ADDRESS, AGENT, COOKIE, REFERRER, NAME, PATH, LANGUAGE, DELETED, SENT, EXIF)}
    told |= {f"receipt {number}": forms_of_code(code) for number, code in enumerate(codes)}
    where = {"database": taken.database.data, **taken.places}
    assert all(hits(where[name], [b""]) for name in ("database", "home", "log")), "there was nothing to read"
    assert not any("core" in path.name.split(".") for place in where.values() for path in place.rglob("*"))
    found = {
        f"{canary} in {name}": files
        for canary, forms in told.items()
        for name, place in where.items()
        if (files := hits(place, forms))
    }
    assert found == {}
    for canary in told:
        assert canary not in taken.house.said()
    lying = [path for path in (taken.places["home"] / "media").rglob("*") if path.is_file() and path.stat().st_size > 1000]
    assert lying, "there are pictures"
    assert not [path for path in lying if PICTURE.match(path.read_bytes())], "what children sent lies encrypted"
    figure("seizure.canaries", len(told), goal=">= 10", unit="canaries without a hit in database, broker, logs, temporary files")


def test_nothing_in_the_browser_tells_what_was_written_after_the_quick_exit(
    profile: Path, codes: list[str], figure: Callable[..., None]
) -> None:
    assert len([path for path in profile.rglob("*") if path.is_file()]) > 20, "this is no browser's folder"
    assert hits(profile, forms_of("/fr/share")) != [], "the reading finds what is there"
    told = {name: forms_of(name) for name in (NAME, DELETED, SENT, EXIF)} | {"receipt": forms_of_code(codes[0])}
    assert {canary: found for canary, forms in told.items() if (found := hits(profile, forms))} == {}
    figure("seizure.browser", len(told), goal=">= 5", unit="canaries without a hit in the browser's folder")


def test_every_file_that_appeared_is_listed(taken: Production, codes: list[str], figure: Callable[..., None]) -> None:
    """`docs/files.md` says of each file what it holds and how long: one that nobody thought of is a finding."""
    assert codes
    known = listed()
    unlisted = sorted(file for file in taken.seen if not any(row.names.fullmatch(file) for row in known))
    assert unlisted == []
    never = [row.name for row in known if not row.brief and not any(map(row.names.fullmatch, taken.seen))]
    assert never == [], "listed, and not there: the list is to be true"
    figure("seizure.files", len(taken.seen), unit="files appeared, all of a kind that is listed")
