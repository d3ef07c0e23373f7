"""A meme made on the page itself: by touch, by keys alone, and with a face covered before anything leaves the phone."""

import base64
import io
from collections.abc import Callable
from typing import Any

from PIL import Image, ImageDraw
from playwright.sync_api import expect

from tests.journeys.house import House, until
from tests.journeys.navigator import LAPTOP, PHONE, Child, Moderator
from tests.journeys.pictures import CANARY, phone_photo

WORDS = "أفكر قبل أن أرسل 2 fois"
READ = """async () => { const file = document.querySelector('#image').files[0];
  const bytes = new Uint8Array(await file.arrayBuffer());
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')); }"""


def made(child: Child) -> bytes:
    """The file that lies in the form."""
    until(
        lambda: child.page.evaluate("document.querySelector('#image').files.length"), lambda: "no picture in the form"
    )
    return base64.b64decode(child.page.evaluate(READ))


def test_a_template_with_arabic_words_is_made_by_touch_and_sent(
    house: House, child: Callable[..., Child], moderator: Callable[..., Moderator]
) -> None:
    salma = child("ar", house, **PHONE)
    salma.page.goto("/ar/share/meme")
    salma.press(salma.link("maker.here"))
    salma.press(salma.page.locator("[name=maker-template][value=stork]"))
    words = salma.page.locator("[data-place] input").first
    words.fill(WORDS)
    salma.press(salma.button("maker.bigger"))
    salma.press(salma.button("maker.use"))
    picture = Image.open(io.BytesIO(made(salma)))
    assert max(picture.size) == 1200
    expect(salma.field("create.caption")).to_have_value(WORDS)
    expect(salma.field("gallery.description")).to_have_value(f"لقلق وفقاعة كلام · {WORDS}")
    salma.picks_theme("harassment")
    salma.sends()
    salma.is_thanked()
    reader = moderator("fr", house)
    reader.goes_to_backlog()
    expect(reader.waiting(WORDS)).to_be_visible()


def test_a_meme_is_made_with_keys_alone(house: House, child: Callable[..., Child]) -> None:
    amine = child("en", house, **LAPTOP)
    amine.page.goto("/en/share/meme/make")
    amine.tab_to(amine.page.locator("[name=maker-template]").first)
    amine.page.keyboard.press("ArrowDown")
    words = amine.page.locator("[data-place] input").first
    amine.tab_to(words)
    amine.page.keyboard.type("Stop first")
    amine.page.keyboard.press("Shift+Tab")
    before = made_now(amine)
    amine.tab_to(amine.page.locator("canvas"))
    amine.page.keyboard.press("ArrowUp")
    amine.page.keyboard.press("+")
    assert made_now(amine) != before
    amine.tab_to(amine.button("maker.use"))
    amine.page.keyboard.press("Enter")
    made(amine)
    expect(amine.field("create.caption")).to_have_value("Stop first")
    amine.press(amine.button("maker.erase"))
    expect(amine.page.locator("canvas")).to_be_hidden()


def made_now(child: Child) -> str:
    """What the canvas shows."""
    expect(child.page.locator("canvas")).to_have_attribute("width", "1200")
    return str(child.page.evaluate("document.querySelector('canvas').toDataURL()"))


def portrait(name: str) -> bytes:
    """A picture with a name in its middle, larger than what is sent."""
    picture = Image.new("RGB", (2000, 1000), "#d8f2e9")
    ImageDraw.Draw(picture).text((960, 490), name, fill="black", font_size=40)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def test_what_is_covered_is_not_in_the_file(house: House, child: Callable[..., Child]) -> None:
    def covered(picture: bytes, cover: bool) -> bytes:
        nour = child("fr", house, **LAPTOP)
        nour.page.goto("/fr/share/meme/make")
        nour.page.locator("#maker-photo").set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": picture})
        expect(nour.page.locator("canvas")).to_have_attribute("width", "1600")
        if cover:
            nour.page.locator("[name=maker-tool][value=cover]").check()
            nour.page.locator("[name=maker-brush][value='0.07']").check()
            nour.page.locator("canvas").scroll_into_view_if_needed()
            box: Any = nour.page.locator("canvas").bounding_box()
            nour.page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + box["height"] / 2)
            nour.page.mouse.down()
            nour.page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] / 2, steps=4)
            nour.page.mouse.up()
        nour.press(nour.button("maker.use"))
        return made(nour)

    salma, yto = portrait("SALMA"), portrait("YTO")
    assert covered(salma, cover=False) != covered(yto, cover=False)
    hidden = covered(salma, cover=True)
    assert hidden == covered(yto, cover=True)
    assert max(Image.open(io.BytesIO(hidden)).size) == 1600


def test_a_photo_loses_its_place_and_camera(house: House, child: Callable[..., Child]) -> None:
    nour = child("fr", house, **LAPTOP)
    nour.page.goto("/fr/share/meme/make")
    photo = {"name": "IMG.jpg", "mimeType": "image/jpeg", "buffer": phone_photo()}
    nour.page.locator("#maker-photo").set_input_files(photo)
    expect(nour.page.locator("canvas")).to_be_visible()
    nour.press(nour.button("maker.use"))
    file = made(nour)
    assert CANARY.encode() not in file
    assert b"EXIF" not in file
    assert b"XMP " not in file
