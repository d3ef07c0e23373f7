"""What people do on the pages, in the words that they read there. A test names the steps; this file knows the pages."""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Locator, Page, TimeoutError, expect

from tests.journeys import words
from tests.journeys.house import PATIENCE, Account, House, until

expect.set_options(timeout=PATIENCE * 1000)

#: What a reader's browser asks for, and a phone of the cheap kind.
LOCALES = {"ar": "ar-MA", "fr": "fr-MA", "en": "en-GB"}
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
LAPTOP = {"viewport": {"width": 1280, "height": 800}}
TABLET = {"viewport": {"width": 820, "height": 1180}, "has_touch": True, "is_mobile": True}
#: Bytes per second up: a weak network, on which a progress bar can be seen.
WEAK = 100_000

ARABIC_INDIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


def open_browser(browser: Browser, house: House, lang: str, **options: object) -> BrowserContext:
    """A fresh browser of somebody who reads `lang`; every page in it waits as long as a busy machine needs."""
    context = browser.new_context(base_url=house.address, locale=LOCALES[lang], **options)  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE * 1000)
    return context


@dataclass
class Person:
    """Somebody before a page."""

    page: Page
    lang: str
    house: House
    touch: bool = False

    def text(self, key: str, **values: object) -> str:
        """A text as this person reads it."""
        return words.text(self.lang, key, **values)

    def label(self, group: str, item: str) -> str:
        """The name of something in a list as this person reads it."""
        return words.label(self.lang, group, item)

    def link(self, key: str) -> Locator:
        """The first link with this text, in the page's own part first."""
        return self._one("link", self.text(key))

    def button(self, key: str) -> Locator:
        """The button with this text."""
        return self._one("button", self.text(key))

    def press(self, target: Locator) -> None:
        """Click, or tap where there is no mouse."""
        target.tap() if self.touch else target.click()

    def sees(self, key: str, **values: object) -> None:
        """The page's own part shows this text."""
        expect(self.page.locator("main")).to_contain_text(self.text(key, **values))

    def sees_title(self, key: str) -> None:
        """The page is headed so."""
        expect(self.page.locator("h1")).to_have_text(self.text(key))

    def has_focus(self, target: Locator) -> None:
        """The keyboard is here."""
        expect(target).to_be_focused()

    def tab_to(self, target: Locator, most: int = 120) -> None:
        """Go there with the Tab key alone."""
        for _ in range(most):
            if target.evaluate("element => element === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{target} is not reached by {most} presses of Tab")

    def _one(self, role: str, name: str) -> Locator:
        # The desk shows each button's single key after its text; a browser's names have plain spaces.
        words_of_it = r"\s+".join(re.escape(word) for word in name.split())
        exact = re.compile(rf"^\s*{words_of_it}(\s\S)?\s*$")
        return self.page.locator("main").get_by_role(role, name=exact).first  # type: ignore[arg-type]


@dataclass
class Child(Person):
    """Somebody of 9 to 18 who has something to say."""

    def comes_in(self) -> None:
        """By the bare address; the browser's language decides."""
        self.page.goto("/")
        expect(self.page.locator("html")).to_have_attribute("lang", self.lang)

    def loses_the_network(self) -> None:
        """Once the pages that work without it are on the phone."""
        cached = "async () => { await navigator.serviceWorker.ready; return (await caches.keys()).length }"
        until(lambda: self.page.evaluate(cached) == 1, lambda: "no service worker")
        self.page.context.set_offline(True)

    def wants_to_share(self, kind: str) -> None:
        """From home to the form."""
        self.press(self.link("home.cta_create"))
        self.sees_title("create.kind")
        self.press(self.page.locator("main").get_by_role("link", name=self.label("kinds", kind)))
        expect(self.page.get_by_role("button", name=self.text("submit.button"))).to_be_visible()

    def chooses_picture(self, data: bytes, name: str = "IMG_2041.jpg", kind: str = "image/jpeg") -> None:
        """Pick a file as from the phone's gallery."""
        self.picture_field().set_input_files({"name": name, "mimeType": kind, "buffer": data})

    def picture_field(self) -> Locator:
        """The file field."""
        return self.page.locator("input[type=file]")

    def has_chosen(self, name: str) -> None:
        """This file, and no other, will be sent."""
        names = "field => [...field.files].map(file => file.name)"
        assert self.picture_field().evaluate(names) == ([name] if name else [])

    def picks_theme(self, theme: str) -> None:
        """One of the chips."""
        self.press(self.theme(theme))
        expect(self.theme(theme)).to_be_checked()

    def theme(self, theme: str) -> Locator:
        """A theme's chip."""
        return self.page.get_by_role("radio", name=self.label("themes", theme), exact=True)

    def writes(self, key: str, said: str) -> None:
        """Into the field with this label."""
        self.field(key).fill(said)

    def field(self, key: str) -> Locator:
        """The field with this label; `text` is the story or the solution itself."""
        return self.page.locator("#text") if key == "text" else self.page.get_by_label(self.text(key), exact=True)

    def agrees(self, *keys: str) -> None:
        """Tick these boxes."""
        for key in keys:
            self.press(self.page.get_by_role("checkbox", name=self.text(key)))
            expect(self.page.get_by_role("checkbox", name=self.text(key))).to_be_checked()

    def sends(self) -> None:
        """Press the button."""
        self.press(self.button("submit.button"))

    def sends_over_a_weak_network(self) -> None:
        """Press the button, and watch the bar."""
        network = self.page.context.new_cdp_session(self.page)
        slow = {"offline": False, "latency": 50, "downloadThroughput": -1, "uploadThroughput": WEAK}
        network.send("Network.emulateNetworkConditions", slow)
        self.sends()
        expect(self.page.get_by_role("progressbar", name=self.text("submit.sending"))).to_be_visible()
        self.sees_title("thanks.title")
        network.send("Network.emulateNetworkConditions", slow | {"uploadThroughput": -1, "latency": 0})
        network.detach()

    def is_thanked(self) -> str:
        """The receipt, as the page shows it: four groups of four digits, and a drawing to scan."""
        self.sees_title("thanks.title")
        groups = self.page.locator("#code span")
        expect(groups).to_have_count(4)
        expect(self.page.get_by_role("img", name=self.text("receipt.qr"))).to_be_visible()
        code = "".join(groups.all_inner_texts())
        assert re.fullmatch(r"\d{16}", code), code
        return code

    def goes_to_receipt(self) -> None:
        """By the menu."""
        menu = self.page.get_by_role("navigation", name=self.text("nav.label"))
        self.press(menu.get_by_role("link", name=self.text("nav.check")))
        self.sees_title("check.title")

    def opens_receipt(self, code: str) -> None:
        """Type the code in groups; in Arabic with the digits of an Arabic keyboard."""
        self.goes_to_receipt()
        grouped = " ".join(re.findall(r"\d{4}", code))
        self.page.get_by_label(self.text("check.input")).fill(
            grouped.translate(ARABIC_INDIC) if self.lang == "ar" else grouped
        )
        self.press(self.button("check.button"))

    def asks_until(self, key: str) -> None:
        """Press "again" until the answer is this one: without a script the page cannot look by itself."""

        def answered() -> bool:
            if self.page.locator("h1").inner_text() == self.text(key):
                return True
            # The answer may take the button away while it is pressed.
            with suppress(TimeoutError):
                self.button("status.refresh").click(timeout=2000)
            return False

        until(answered, lambda: self.page.locator("h1").inner_text())

    def sees_own_picture(self) -> list[str]:
        """The picture has come; the paths of all its sizes."""
        picture = self.page.locator("main picture img").first
        expect(picture).to_be_visible()
        until(lambda: picture.evaluate("image => image.complete && image.naturalWidth > 0"), lambda: "no picture came")
        listed = picture.evaluate(
            "image => [image.src, ...[...image.parentElement.querySelectorAll('source')].flatMap("
            "source => source.srcset.split(',').map(part => part.trim().split(' ')[0]))]"
        )
        return sorted({urlsplit(address).path for address in listed})

    def withdraws(self) -> None:
        """Take it back, and mean it."""
        self.press(self.button("withdraw.button"))
        self.press(self.button("withdraw.yes"))
        self.sees_title("status.withdrawn.title")


    def takes_back(self, code: str) -> None:
        """Come with a receipt, and withdraw what it opens."""
        self.page.goto(f"/{self.lang}/")
        self.opens_receipt(code)
        self.withdraws()


@dataclass
class Moderator(Person):
    """Somebody who reads what children send."""

    def signs_in(
        self, account: Account, press: Callable[[Locator], None] | None = None, arrives: str = "desk.backlog.title"
    ) -> None:  # fmt: skip
        """Both steps; `press` is another way than the mouse, `arrives` the title of the page behind the door."""
        press = press or self.press
        self.page.goto("/desk/")
        self.page.get_by_label(self.text("signin.email")).fill(account.email)
        self.page.get_by_label(self.text("signin.password")).fill(account.password)
        press(self.button("signin.next"))
        self.sees_title("signin.code_title")
        self.page.get_by_label(self.text("signin.code"), exact=True).fill(account.code())
        press(self.button("signin.enter"))
        self.sees_title(arrives)

    def goes_to_backlog(self) -> None:
        """What waits."""
        self.page.goto("/desk/")
        self.sees_title("desk.backlog.title")

    def waiting(self, said: str) -> Locator:
        """The line of the list with these words."""
        return self.page.locator("main").get_by_role("link").filter(has_text=said)

    def opens(self, said: str) -> None:
        """The entry with these words."""
        self.press(self.waiting(said))
        expect(self.page.get_by_role("heading", name=self.text("desk.approve.title"))).to_be_visible()

    def reveals(self) -> None:
        """Look at a picture that is covered until somebody wants to see it."""
        picture = self.page.locator(".picture__frame img")
        covered = "image => getComputedStyle(image).filter !== 'none'"
        assert picture.evaluate(covered)
        self.press(self.page.get_by_role("radio", name=self.text("desk.picture.plain"), exact=True))
        until(lambda: not picture.evaluate(covered), lambda: "the picture stays covered")
        assert picture.evaluate("image => image.naturalWidth") > 0

    def approves(self) -> None:
        """Publish."""
        self.press(self.button("desk.approve.button"))
        self.is_told("desk.done.approve")

    def asks_for_a_change(self, reason: str, note: str) -> None:
        """With a reason and a word to the child."""
        self.press(self.page.get_by_role("radio", name=self.label("decision_reasons", reason)))
        self.page.get_by_label(self.text("desk.answer.note"), exact=True).fill(note)
        self.press(self.button("desk.answer.ask_changes"))
        self.is_told("desk.done.ask_changes")

    def is_told(self, key: str) -> None:
        """The decision is done."""
        expect(self.page.get_by_role("status")).to_contain_text(self.text(key))
