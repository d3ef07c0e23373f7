"""A meme made on the page itself: by touch, by keys alone, and with a face covered before anything leaves the phone."""

import base64
import io
import json
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

#: Bytes of all scripts of the page as they travel.
SCRIPTS = """performance.getEntriesByType("resource").filter((file) => file.name.endsWith(".js"))
  .reduce((sum, file) => sum + file.encodedBodySize, 0)"""


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
    words.fill(f"0612345678 {WORDS}")
    warned = salma.page.locator("[data-place] [data-warned]").first
    expect(warned).to_contain_text(salma.text("warn.phone"))
    salma.press(warned.get_by_role("button", name=salma.text("warn.fix")))
    expect(words).to_have_value(f"[…] {WORDS}")
    words.fill(WORDS)
    salma.press(salma.button("maker.bigger"))
    before = made_now(salma)
    pinches_and_turns(salma)
    changes(salma, before)
    salma.press(salma.button("maker.undo"))
    changes_back(salma, before)  # one step for all that two fingers did
    salma.press(salma.button("maker.redo"))
    salma.press(salma.button("maker.use"))
    file = made(salma)
    assert chunks(file) <= {"VP8 ", "VP8L", "VP8X", "ALPH"}
    assert max(Image.open(io.BytesIO(file)).size) == 1200
    expect(salma.field("create.caption")).to_have_value(WORDS)
    expect(salma.field("gallery.description")).to_have_value(f"لقلق وفقاعة كلام · {WORDS}")
    salma.picks_theme("harassment")
    salma.field("create.caption").evaluate("field => { field.maxLength = 999; field.value = 'كلمة '.repeat(50) }")
    salma.sends()
    expect(salma.page.locator("#caption-error")).to_be_visible()
    expect(salma.page.locator("[data-place] input").first).to_have_value(WORDS)
    assert made(salma) == file, "what was made is there still, to be changed or sent"
    salma.field("create.caption").fill(WORDS)
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
    amine.button("maker.undo").press("Enter")
    expect(words).to_have_value("Stop ")
    amine.button("maker.redo").press("Enter")
    expect(words).to_have_value("Stop first")
    words.focus()
    amine.page.keyboard.press("Shift+Tab")
    before = made_now(amine)
    amine.page.locator(".maker__canvas").focus()
    for key in ("ArrowUp", "+", "r"):
        amine.page.keyboard.press(key)
        before = changes(amine, before)
    draws_with_keys(amine, before)
    before = made_now(amine)
    amine.page.locator("[name=maker-color][value='#a63d1b']").focus()
    amine.page.keyboard.press("Space")
    before = changes(amine, before)  # the chosen words take the colour
    amine.page.keyboard.press("Control+z")
    changes(amine, before)
    amine.tab_to(amine.button("maker.use"))
    amine.page.keyboard.press("Enter")
    made(amine)
    expect(amine.field("create.caption")).to_have_value("Stop first")
    assert 10_000 < amine.page.evaluate(SCRIPTS) <= 60_000
    amine.press(amine.button("maker.erase"))
    expect(amine.page.locator(".maker__canvas")).to_be_hidden()


def draws_with_keys(amine: Child, before: str) -> None:
    amine.page.locator("[name=maker-tool][value=brush]").focus()
    amine.page.keyboard.press("Space")
    amine.page.locator(".maker__canvas").focus()
    for key in ("ArrowLeft", "Space", "ArrowDown", "ArrowDown", "Space"):
        amine.page.keyboard.press(key)
    expect(amine.page.locator("[data-heard]")).to_have_text(amine.text("maker.pen_up"))
    amine.button("maker.undo").press("Enter")
    amine.page.locator("[name=maker-tool][value=move]").focus()
    amine.page.keyboard.press("Space")
    changes_back(amine, before)  # one step for one stroke
    amine.button("maker.redo").press("Enter")
    changes(amine, before)


def pinches_and_turns(salma: Child) -> None:
    """Two fingers, of which one goes round the other, away from it."""
    canvas = salma.page.locator(".maker__canvas")
    canvas.scroll_into_view_if_needed()
    box: Any = canvas.bounding_box()
    place = json.loads(str(salma.page.locator("[name=maker-template]:checked").get_attribute("data-places")))[0]
    x, y = box["x"] + box["width"] * place[0] / 100, box["y"] + box["height"] * place[1] / 100
    fingers = salma.page.context.new_cdp_session(salma.page)
    still, goes = {"x": x - 10, "y": y, "id": 0}, [{"x": x + 20 + 4 * n, "y": y + 5 * n, "id": 1} for n in range(8)]
    way = [("touchStart", [still]), ("touchStart", [still, goes[0]])]
    way += [("touchMove", [still, there]) for there in goes[1:]]
    for kind, touches in [*way, ("touchEnd", [still]), ("touchEnd", [])]:
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})
        salma.page.wait_for_timeout(40)


def chunks(webp: bytes) -> set[str]:
    """The names of the parts of a WebP file."""
    found, at = set(), 12
    assert webp[:4] == b"RIFF"
    assert int.from_bytes(webp[4:8], "little") == len(webp) - 8
    while at < len(webp):
        found.add(webp[at : at + 4].decode())
        size = int.from_bytes(webp[at + 4 : at + 8], "little")
        at += 8 + size + size % 2
    return found


def test_without_a_network_a_meme_is_made_and_sent_when_it_is_back(child: Callable[..., Child]) -> None:
    nour = child("fr", **PHONE)
    nour.page.goto("/fr/share")
    nour.loses_the_network()
    nour.page.goto("/fr/share/meme/make")
    nour.press(nour.page.locator("[name=maker-template][value=tortoise]"))
    nour.page.locator("[data-place] input").first.fill("Doucement, mais ensemble")
    nour.press(nour.button("maker.use"))
    made(nour)
    nour.picks_theme("rumours")
    nour.sends()
    expect(nour.page.get_by_role("alert").filter(has_text=nour.text("error.offline"))).to_be_visible()
    nour.page.context.set_offline(False)
    nour.sends()
    nour.is_thanked()


def made_now(child: Child) -> str:
    """What the canvas shows."""
    expect(child.page.locator(".maker__canvas")).to_have_attribute("width", "1200")
    return str(child.page.evaluate("document.querySelector('.maker__canvas').toDataURL()"))


def changes(child: Child, before: str) -> str:
    """Wait until the canvas shows something else, and what."""
    until(lambda: made_now(child) != before, lambda: "the canvas stays as it was")
    return made_now(child)


def changes_back(child: Child, before: str) -> None:
    """Wait until the canvas shows this again."""
    until(lambda: made_now(child) == before, lambda: "the canvas is not as it was")


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
        expect(nour.page.locator(".maker__canvas")).to_have_attribute("width", "1600")
        if cover:
            nour.page.locator("[name=maker-tool][value=cover]").check()
            nour.page.locator("[name=maker-brush][value='0.07']").check()
            nour.page.locator(".maker__canvas").scroll_into_view_if_needed()
            box: Any = nour.page.locator(".maker__canvas").bounding_box()
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
    expect(nour.page.locator(".maker__canvas")).to_be_visible()
    nour.press(nour.button("maker.use"))
    file = made(nour)
    assert CANARY.encode() not in file
    assert b"EXIF" not in file
    assert b"XMP " not in file


def test_a_picture_is_asked_about_and_covered_in_the_form_itself(house: House, child: Callable[..., Child]) -> None:
    nour = child("fr", house, **PHONE)
    nour.page.goto("/fr/share/meme")
    question = nour.page.get_by_role("group", name=nour.text("face.question"))
    expect(question).to_be_hidden()
    nour.chooses_picture(portrait("SALMA"), "salma.png", "image/png")
    nour.press(question.get_by_role("button", name=nour.text("face.cover")))
    canvas = nour.page.locator("[data-cover] canvas")
    nour.has_focus(canvas)
    for key in ("ArrowLeft", "Space", "ArrowRight", "ArrowRight", "Space"):
        nour.page.keyboard.press(key)
    nour.press(nour.button("face.done"))
    expect(nour.page.get_by_text(nour.text("face.covered"))).to_be_visible()
    expect(question).to_be_hidden()
    covered = Image.open(io.BytesIO(made(nour))).convert("RGB")
    assert covered.size == (1600, 800)
    for x in (770, 800, 830):  # where the name was
        assert all(abs(got - ink) < 12 for got, ink in zip(covered.getpixel((x, 400)), (0x1B, 0x21, 0x40), strict=True))  # type: ignore[arg-type]

    nour.chooses_picture(b"GIF89a is no picture", "broken.gif", "image/gif")
    nour.press(question.get_by_role("button", name=nour.text("face.cover")))
    expect(nour.page.get_by_text(nour.text("face.cannot"))).to_be_visible()
    nour.press(question.get_by_role("button", name=nour.text("face.nobody")))
    expect(question).to_be_hidden()


def test_a_photo_in_the_maker_is_asked_about_and_a_page_is_drawn_on_by_hand(
    house: House, child: Callable[..., Child]
) -> None:
    nour = child("ar", house, **PHONE)
    nour.page.goto("/ar/share/meme/make")
    photo = nour.page.locator("#maker-photo")
    photo.set_input_files({"name": "a.heic", "mimeType": "image/heic", "buffer": b"no browser opens this"})
    expect(nour.page.get_by_role("alert").filter(has_text=nour.text("face.cannot"))).to_be_visible()
    photo.set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": portrait("SALMA")})
    question = nour.page.get_by_role("group", name=nour.text("face.question"))
    nour.press(question.get_by_role("button", name=nour.text("face.cover")))
    expect(nour.page.locator("[name=maker-tool][value=cover]")).to_be_checked()
    expect(question).to_be_hidden()

    nour.press(nour.button("maker.draw"))
    expect(nour.page.locator("[name=maker-tool][value=brush]")).to_be_checked()
    before = made_now(nour)
    for key in ("Space", "ArrowDown", "Space"):
        nour.page.locator(".maker__canvas").press(key)
    changes(nour, before)
    nour.press(nour.button("maker.use"))
    assert Image.open(io.BytesIO(made(nour))).size == (1200, 1200)
