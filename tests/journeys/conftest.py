"""One running house per database, one browser, and a fresh window for each person."""

import itertools
import os
from collections import defaultdict
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright
from sqlalchemy import delete, update

from memes.db import Database
from memes.models import Entry, SearchWord
from tests import servers, tools
from tests.journeys.house import Account, House, open_house
from tests.journeys.navigator import LAPTOP, TABLET, Child, Moderator, open_browser

ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-quic", "--no-first-run",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip

_names = itertools.count(1)

OpenWindow = Callable[..., BrowserContext]

#: A walk at the desk, in the desk's usual languages on its usual screens; crosswise where there is time.
SCREENS = pytest.mark.parametrize(
    ("lang", "screen"),
    [
        pytest.param("ar", TABLET, id="ar-tablet"), pytest.param("fr", LAPTOP, id="fr-laptop"),
        pytest.param("ar", LAPTOP, id="ar-laptop", marks=pytest.mark.thorough),
        pytest.param("fr", TABLET, id="fr-tablet", marks=pytest.mark.thorough),
    ],
)  # fmt: skip


#: Their languages are told apart by more than words: other devices, another database, the other direction, all there is.
IN_ALL_LANGUAGES = ("test_a_meme.py", "test_pages.py", "test_the_screen.py")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A journey that is told in several languages is walked in one of them, each in another; in all with `--thorough`."""
    if config.getoption("--thorough"):
        return
    told: dict[tuple[str, ...], list[pytest.Function]] = defaultdict(list)
    for item in items:
        params = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
        if "lang" in params and "journeys" in item.path.parts and item.path.name not in IN_ALL_LANGUAGES:
            told[item.path.name, item.originalname].append(item)  # type: ignore[attr-defined]
    spared: set[pytest.Item] = set()
    for name, versions in told.items():
        languages = sorted({str(version.callspec.params["lang"]) for version in versions})
        walked = languages[len(name[1]) % len(languages)]
        spared |= {version for version in versions if version.callspec.params["lang"] != walked}
    config.hook.pytest_deselected(items=list(spared))
    items[:] = [item for item in items if item not in spared]


#: The houses that somebody walks through.
_open: list[House] = []


@pytest.fixture(autouse=True)
def nothing_left_lying() -> Iterator[None]:
    """Whoever walks next finds nothing of those before, in whatever order they come."""
    yield
    clear_away()


def clear_away() -> None:
    """Nothing stays in the backlog and in the gallery, on the screen, in packs and in the search."""
    for house in _open:
        with Database(house.database_url) as database, database.writing() as session:
            session.execute(update(Entry).values(lane=None, published_on=None, due_on=None, for_screen=False))
            session.execute(delete(SearchWord))


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """As it comes: SQLite, files, a broker of its own."""
    with open_house(tmp_path_factory.mktemp("journeys") / "home") as opened:
        _open.append(opened)
        yield opened
        _open.remove(opened)


@pytest.fixture(scope="session")
def house_on_servers(tmp_path_factory: pytest.TempPathFactory, postgresql: str) -> Iterator[House]:
    """As in production: PostgreSQL and a broker that somebody else runs. Not the tests' shared one: they empty that."""
    servers.administer(postgresql, "CREATE DATABASE journeys")
    with servers.broker() as broker:
        home = tmp_path_factory.mktemp("journeys") / "home"
        with open_house(home, DATABASE_URL=postgresql.format("journeys"), REDIS_URL=broker) as opened:
            yield opened


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, talking to nobody by itself."""
    program = os.environ.get("CHROMIUM") or tools.chromium()
    assert program, "Journeys need Chromium."
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        yield opened
        opened.close()


@pytest.fixture
def window(browser: Browser, house: House) -> Iterator[OpenWindow]:
    """Opens fresh browsers: `window("ar", **PHONE)`. What a page throws is a failure."""
    opened: list[BrowserContext] = []
    thrown: list[str] = []

    def open_window(lang: str, at: House = house, **options: object) -> BrowserContext:
        context = open_browser(browser, at, lang, **options)
        context.on("weberror", lambda error: thrown.append(str(error.error)))
        opened.append(context)
        return context

    yield open_window
    for context in opened:
        context.close()
    assert not thrown


@pytest.fixture
def child(window: OpenWindow, house: House) -> Callable[..., Child]:
    """Makes a child: `child("fr", **PHONE)`."""

    def make(lang: str, at: House = house, **options: object) -> Child:
        return Child(window(lang, at, **options).new_page(), lang, at, touch=bool(options.get("has_touch")))

    return make


@pytest.fixture
def moderator(window: OpenWindow, house: House) -> Callable[..., Moderator]:
    """Makes a moderator at a laptop, signed in."""

    def make(lang: str, at: House = house) -> Moderator:
        made = Moderator(window(lang, at, **LAPTOP).new_page(), lang, at)
        made.signs_in(new_account(at))
        return made

    return make


@pytest.fixture
def at_the_desk(window: OpenWindow, house: House) -> Callable[..., Moderator]:
    """Makes somebody of a role with a screen of their own, signed in: `at_the_desk("fr", "safeguarding", **TABLET)`."""

    def make(lang: str, role: str = "moderator", **screen: object) -> Moderator:
        made = Moderator(window(lang, **screen).new_page(), lang, house, touch=bool(screen.get("has_touch")))
        made.signs_in(new_account(house, role))
        return made

    return make


@pytest.fixture
def account(house: House) -> Account:
    """A new moderator's account: each code of an app is good for one use, so nobody shares one."""
    return new_account(house)


def new_account(house: House, role: str = "moderator") -> Account:
    """An account made by the real command."""
    return house.add_account(role, f"{role}-{next(_names)}")
