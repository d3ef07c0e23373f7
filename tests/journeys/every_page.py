"""Every page there is, with something on it: what axe, and whoever looks at screenshots, is led through.

Plain pages are read from the application itself, so that a new one is looked at without being named here.
"""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

import wsgi
from memes.lifecycle import State
from memes.settings import Settings
from memes.vault import NO_KEYS
from tests.fakes import MemoryStore, RecordingQueue
from tests.journeys.furniture import Shown

#: Brings a page, in a language, to what is to be seen.
Opener = Callable[[Page, str], object]


#: The states whose receipt pages are built differently; between the others, only words differ.
DIFFERENT = (State.CHANGES_REQUESTED, State.SUPPORTED)


def public_pages(shown: Shown, *, shortened: bool = False) -> dict[str, Opener]:
    """Name -> what opens it. `shortened` leaves out receipt pages that look like another one."""
    pages: dict[str, Opener] = {path: at(path) for path in plain_pages() if path.startswith("/<lang>")}
    pages |= {
        "unknown page": at("/<lang>/nothing/here"),
        "gallery, filtered": at("/<lang>/gallery?kind=story&theme=rumours"),
        "gallery, nothing found": at("/<lang>/gallery?kind=solution&theme=ai_fakes"),
        "gallery, searched": at("/<lang>/gallery?q=حكاية&kind=story"),
        "gallery, search found nothing": at("/<lang>/gallery?q=xyzzy"),
        "entry in a frame": at(f"/<lang>/embed/{shown.special['picture']}"),
        "entry of words in a frame": at(f"/<lang>/embed/{shown.entries[State.APPROVED]}"),
        "entry behind a note in a frame": at(f"/<lang>/embed/{shown.special['veiled']}"),
        "frame of what is gone": at(f"/<lang>/embed/{shown.entries[State.REMOVED]}"),
        "entry with a picture": at(f"/<lang>/gallery/{shown.special['picture']}"),
        "entry of words": at(f"/<lang>/gallery/{shown.entries[State.APPROVED]}"),
        "poster of an entry": at(f"/<lang>/gallery/{shown.special['picture']}/poster"),
        "entry behind a note": at(f"/<lang>/gallery/{shown.special['veiled']}"),
        "entry before a note": _entry_unveiled(shown),
        "collection": at(f"/<lang>/c/{shown.collection}"),
        "collection, being made": _collection_filled,
        "collection, wrong words": _collection_refused,
        "collection, unknown key": _collection_unknown,
        "lesson on a hard theme": at("/<lang>/schools/lessons/sextortion"),
        "class code, asked for": _code_asked,
        "class code, granted": lambda page, lang: _code_opened(page, lang, shown.class_key, ".poster"),
        "class code, unknown key": lambda page, lang: _code_opened(page, lang, "1234567890123456", "#key-error"),
        "story, unknown class code": _story_with_a_code("12345678", "#class_code-error"),
        "story, read first by a teacher": _story_with_a_code(shown.class_code, "[data-reads-first]"),
        "what a teacher reads first": lambda page, lang: _read_first(page, lang, shown.class_key),
        "news in one language": at(f"/<lang>/news/{shown.articles['news']}"),
        "event": at(f"/<lang>/events/{shown.articles['event']}"),
        "resource with files": at(f"/<lang>/resources/{shown.articles['resource']}"),
        "screen, a picture": _slide(f"e-{shown.special['picture'].hex}-1"),
        "screen, a note": _slide(f"n-{shown.special['veiled'].hex}"),
        "screen, words": _slide(f"e-{shown.special['veiled'].hex}-1"),
        "screen, help": _slide("help-3"),
        "meme, everything missing": _meme_with_nothing,
        "story, too long": _story_too_long,
        "solution, everything unfolded": _solution_unfolded,
        "thanks": _thanks,
        "receipt, wrong code": lambda page, lang: _type_code(page, lang, "1234567890123456", "#receipt-error"),
        "withdraw": _from_receipt(shown.receipts[State.PENDING], "withdraw"),
        "change": _from_receipt(shown.receipts[State.CHANGES_REQUESTED], "change"),
    }
    receipts = [(state, code) for state, code in shown.receipts.items() if state in DIFFERENT or not shortened]
    return pages | {f"receipt, {state.value}": _receipt(code) for state, code in receipts}


def desk_pages(shown: Shown) -> dict[str, Opener]:
    """The same for who has signed in and may see what was moved to safeguarding."""
    pages: dict[str, Opener] = {path: at(path) for path in plain_pages() if path.startswith("/desk/")}
    waiting = f"/desk/entries/{shown.special['waiting']}"
    return pages | {
        "review of a picture": at(waiting),
        "review, no reason given": lambda page, lang: _decline_without_reason(page, waiting),
        "review of what was moved": at(f"/desk/entries/{shown.entries[State.ESCALATED]}"),
        "review of what is published": at(f"/desk/entries/{shown.special['picture']}"),
        "review of what was declined": at(f"/desk/entries/{shown.entries[State.DECLINED]}"),
        "published, not found": at("/desk/published?find=nothing"),
        "unknown entry": at("/desk/entries/00000000-0000-4000-8000-000000000000"),
    }


def plain_pages() -> list[str]:
    """The paths of all pages that need nothing but a language, from the application's own list."""
    settings = Settings(
        Path(), "k" * 64, database_url="sqlite://", redis_url="redis://", media_url="file:///nowhere", entry_keys=NO_KEYS
    )
    app = wsgi.create_app(settings, media=MemoryStore(), queue=RecordingQueue())
    found = set()
    for rule in app.url_map.iter_rules():
        for_machines = rule.rule.endswith(("/live", ".ics", ".atom", ".json", ".zip"))
        if "GET" in (rule.methods or ()) and rule.arguments <= {"lang", "kind"} and not for_machines:
            path = rule.rule.replace("<any(ar, fr, en):lang>", "<lang>")
            kinds = ("meme", "story", "solution") if "kind" in rule.arguments else ("",)
            found |= {path.replace("<any(meme, story, solution):kind>", kind) for kind in kinds}
    app.extensions["instamemes"].database.dispose()
    return sorted(path for path in found if path.startswith(("/<lang>", "/desk/")))


def at(path: str) -> Opener:
    """By its address."""
    return lambda page, lang: page.goto(path.replace("<lang>", lang))


def _slide(slide: str) -> Opener:
    def opened(page: Page, lang: str) -> None:
        page.goto("about:blank")  # else the page is there already, and only its address changes
        page.goto(f"/{lang}/screen#{slide}")
        expect(page.locator(f"[id='{slide}']")).to_be_visible()

    return opened


def _type_code(page: Page, lang: str, code: str, awaited: str = ".trail") -> None:
    page.goto(f"/{lang}/receipt")
    page.locator("#receipt").fill(code)
    page.keyboard.press("Enter")
    expect(page.locator(awaited)).to_be_visible()


def _receipt(code: str) -> Opener:
    return lambda page, lang: _type_code(page, lang, code)


def _from_receipt(code: str, action: str) -> Opener:
    def opened(page: Page, lang: str) -> None:
        _type_code(page, lang, code)
        page.locator(f"form[action$='/{action}'] button").click()
        expect(page.locator(".trail")).to_have_count(0)  # another page stands in its place

    return opened


def _entry_unveiled(shown: Shown) -> Opener:
    def opened(page: Page, lang: str) -> None:
        page.goto(f"/{lang}/gallery/{shown.special['veiled']}")
        page.locator(".veil summary").click()

    return opened


def _meme_with_nothing(page: Page, lang: str) -> None:
    page.goto(f"/{lang}/share/meme")
    page.locator("[type=submit]").click()
    expect(page.locator(".error").first).to_be_visible()


def _story_too_long(page: Page, lang: str) -> None:
    page.goto(f"/{lang}/share/story")
    page.locator("#text").fill("كلمة " * 450)
    page.locator("[name=theme]").first.check()
    page.locator("[type=submit]").click()
    expect(page.locator(".summary")).to_be_visible()


def _solution_unfolded(page: Page, lang: str) -> None:
    page.goto(f"/{lang}/share/solution")
    page.evaluate("document.querySelectorAll('form details').forEach(part => part.open = true)")
    page.locator("[name=theme][data-help-first]").first.check()


def _collection_filled(page: Page, lang: str) -> None:
    page.goto(f"/{lang}/schools/collections")
    page.locator("#title").fill("A lesson on rumours")
    page.locator("form[action$=new] button").click()
    page.locator("button[value^='add:']").first.click()
    expect(page.locator(".picked__one")).to_have_count(1)


def _collection_refused(page: Page, lang: str) -> None:
    page.goto(f"/{lang}/schools/collections")
    page.locator("#title").fill("0612345678")
    page.locator("form[action$=new] button").click()
    expect(page.locator("#title-error")).to_be_visible()


def _collection_unknown(page: Page, lang: str) -> None:
    page.goto(f"/{lang}/schools/collections")
    page.locator("#key").fill("1234 5678 9012 3456")
    page.keyboard.press("Enter")
    expect(page.locator("#key-error")).to_be_visible()


def _code_asked(page: Page, lang: str) -> None:
    page.goto(f"/{lang}/schools/code")
    page.locator("#expected").fill("30")
    page.locator("form[action$=ask] button").click()
    expect(page.locator("#private")).to_be_visible()


def _code_opened(page: Page, lang: str, key: str, awaited: str) -> None:
    page.goto(f"/{lang}/schools/code")
    page.locator("#key").fill(key)
    page.keyboard.press("Enter")
    expect(page.locator(awaited)).to_be_visible()


def _read_first(page: Page, lang: str, key: str) -> None:
    _code_opened(page, lang, key, ".poster")
    page.locator("form[action$='/read'] button").click()
    expect(page.locator("article").first).to_be_visible()


def _story_with_a_code(code: str, awaited: str) -> Opener:
    def opened(page: Page, lang: str) -> None:
        page.goto("about:blank")  # else the page may be there already, and only its address changes
        page.goto(f"/{lang}/share/story#class={code}")
        page.locator("#text").fill("I was told that I had lied.")
        page.locator("[name=theme]").first.check()
        page.locator("[type=submit]").click()
        expect(page.locator(awaited)).to_be_visible()

    return opened


def _thanks(page: Page, lang: str) -> None:
    page.goto(f"/{lang}/share/solution")
    page.locator("#text").fill("We agree on a word that means stop.")
    page.locator("[name=theme]").first.check()
    page.locator("[type=submit]").click()
    expect(page.locator("#code")).to_be_visible()


def _decline_without_reason(page: Page, path: str) -> None:
    page.goto(path)
    page.locator("[formaction$=decline]").click()
    expect(page.locator("#reason-error")).to_be_visible()
