"""Posters as PDF: what stands on them, in order, whole, inside the margins, whatever somebody wrote."""

import fcntl
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pypdfium2
import pytest
import segno
import typst
from pypdfium2 import raw

from memes import letters
from memes.errors import PressBusy
from memes.schools.posters.sheet import words
from tests.workers.pictures import photo, saved
from workers import _setter, press, syscalls
from workers.press import CagedPress

PAGE = "https://insta-memes.example/ar/gallery/9f1c1d1e-0000-4000-8000-000000000000"
STORY = {
    "ar": "في مجموعة القسم قالوا عني كلاما غير صحيح. لم أرد، واحتفظت بالرسائل الأولى، ثم أخبرت أستاذتي بلا خوف.",
    "fr": "On m'a retirée du groupe sans rien me dire. Une camarade m'a écrit : « Tu viens avec moi ? »",
    "en": "They said a thing about me that was not true. I kept the messages and told my teacher.",
}
LABELS = {
    "ar": ("قصة", "الإشاعات والأكاذيب", "سؤال للنقاش", "لماذا تنتشر الإشاعة بسرعة؟", "المساعدة موجودة", "على الموقع"),
    "fr": ("Histoire", "Rumeurs et mensonges", "Une question", "Pourquoi une rumeur va-t-elle si vite ?", "Aide", "Sur le site"),
    "en": ("Story", "Rumours and lies", "A question", "Why does a rumour travel so fast?", "There is help", "On the site"),
}
#: Millimetres: the paper, and what printers leave white of it at least.
PAPER, WHITE = {"a4": (210, 297), "a3": (297, 420)}, 8


def told(text: str = STORY["ar"], lang: str = "ar", kind: str = "story", paper: str = "a4", **more: Any) -> dict[str, Any]:
    label, theme, asks, question, help_title, whole = LABELS[lang]
    return {
        "paper": paper, "lang": lang, "rtl": lang == "ar", "title": theme, "campaign": theme, "kind": kind,
        "kind_label": label, "theme": theme, "note": "", "words": words(text, lang), "alt": "A drawing",
        "question": {"label": asks, "text": question},
        "help": {"title": help_title, "adult": theme, "numbers": [{"value": "2511", "label": theme, "note": theme}]},
        "code": {"drawing": segno.make(PAGE, error="m").svg_inline(border=0), "alt": PAGE, "whole": whole, "more": "Read on"},
    } | more  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> CagedPress:
    return CagedPress(tmp_path_factory.mktemp("press"))


def opened(pdf: bytes) -> tuple[pypdfium2.PdfPage, str]:
    """The only page, and its words."""
    document = pypdfium2.PdfDocument(pdf)
    assert len(document) == 1
    return document[0], document[0].get_textpage().get_text_bounded()


def boxes(page: pypdfium2.PdfPage) -> list[tuple[float, float, float, float]]:
    """Left, bottom, right, top of every letter that can be seen, in points."""
    text = page.get_textpage()
    found = [text.get_charbox(place) for place in range(text.count_chars())]
    return [box for box in found if box[2] - box[0] > 0.1 and box[3] - box[1] > 0.1]


def looked_at(page: pypdfium2.PdfPage, *, grey: bool = False) -> Any:
    return page.render(scale=1200 / page.get_width(), grayscale=grey).to_numpy()


def assert_all_inside(page: pypdfium2.PdfPage, paper: str = "a4") -> None:
    point, (wide, high) = 72 / 25.4, PAPER[paper]
    assert [round(side / point) for side in page.get_size()] == [wide, high]
    for left, bottom, right, top in boxes(page):
        assert left >= WHITE * point
        assert right <= (wide - WHITE) * point
        assert bottom >= WHITE * point
        assert top <= (high - WHITE) * point


@pytest.mark.parametrize("paper", PAPER)
@pytest.mark.parametrize("lang", STORY)
def test_a_story_can_be_read_by_eyes_and_by_machines(made: CagedPress, lang: str, paper: str) -> None:
    page, text = opened(made.poster(told(STORY[lang], lang, paper=paper), b""))
    read = " ".join(text.split())
    for words_of_it in (STORY[lang], *LABELS[lang][:5], "2511", *LABELS[lang][5].split()):
        assert words_of_it in read
    assert_all_inside(page, paper)
    for grey in (False, True):
        picture = looked_at(page, grey=grey)
        assert picture.min() < 60
        assert 150 < picture.mean() < 253
        assert cv2.QRCodeDetector().detectAndDecode(np.ascontiguousarray(picture))[0] == PAGE


def test_all_fonts_are_inside_and_no_date(made: CagedPress) -> None:
    pdf = made.poster(told(STORY["ar"] + " ⴰⵣⵓⵍ ɣef ڭ 👍 é", "ar"), b"")
    page, _text = opened(pdf)
    fonts = [raw.FPDFTextObj_GetFont(one) for one in page.get_objects([raw.FPDF_PAGEOBJ_TEXT])]
    assert fonts
    assert all(raw.FPDFFont_GetIsEmbedded(font) == 1 for font in fonts)
    assert "CreationDate" not in pypdfium2.PdfDocument(pdf).get_metadata_dict(skip_empty=True)
    assert b"CreateDate" not in pdf
    assert b"CreationDate" not in pdf
    assert made.poster(told(), b"") == made.poster(told(), b"")  # nothing of the moment is in it


def test_a_meme_has_its_picture_and_its_caption(made: CagedPress) -> None:
    picture = saved(photo(600, 450), "WEBP")
    page, text = opened(made.poster(told("Stop!", "en", kind="meme"), picture))
    (image,) = page.get_objects([raw.FPDF_PAGEOBJ_IMAGE])
    assert image.get_px_size() == (600, 450)
    assert "Stop!" in text
    assert_all_inside(page)
    for shape in ((160, 640), (640, 80)):
        page, _text = opened(made.poster(told("", "fr", kind="meme"), saved(photo(*shape), "WEBP")))
        (image,) = page.get_objects([raw.FPDF_PAGEOBJ_IMAGE])
        left, bottom, right, top = image.get_bounds()
        assert abs((right - left) / (top - bottom) - shape[0] / shape[1]) < 0.03


def test_a_long_story_ends_with_a_whole_sentence_and_is_read_on_elsewhere(made: CagedPress) -> None:
    long = " ".join(f"This is sentence number {number}, and it says very little." for number in range(40))
    page, text = opened(made.poster(told(long, "en"), b""))
    assert "Read on" in text
    assert "On the site" not in text
    shown = " ".join(text.split()).split("Story Rumours and lies ")[1].split(" …")[0]
    assert long.startswith(shown)
    assert shown.endswith("little.")
    assert len(shown) > 600
    assert_all_inside(page)


HOSTILE = {
    "commands": "#set page(width: 1pt)\n#panic(\"x\")\n#read(\"/etc/passwd\") $x^2$ \\ `b` *c* _d_ <e> @f ~ -- // /* = - + '\"[({]",
    "no space": "W" * 2000,
    "no space in Arabic": "ض" * 2000,
    "brackets": "[[[{{{((( ]]]}}})))" * 60,
    "marks": "e\u0301\u0302\u0303\u0304" * 300,
    "emoji": "😂👩‍🏫❤️👍🏽🇲🇦" * 90,
    "both ways": "abc مرحبا (hello [x]) 123 بلا " * 40,
    "lines": "\n".join("abcdef"[number % 6] for number in range(600)),
    "one word": "!",
}  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_whatever_somebody_writes_is_only_words(made: CagedPress, text: str) -> None:
    page, read = opened(made.poster(told(text, "en"), b""))
    assert_all_inside(page)
    letter = page.get_textpage()
    (asks, _length) = letter.search("A question").get_next() or (0, 0)
    floor, written = letter.get_charbox(asks)[3], [letter.get_charbox(place) for place in range(asks)]
    assert min(box[1] for box in written if box[3] - box[1] > 0.1) > floor  # it never runs into what stands below
    if text.startswith("#set"):
        assert '#read("/etc/passwd") $x^2$' in " ".join(read.split())


def test_every_letter_that_is_said_to_be_printable_is() -> None:
    """Under this standard, Typst refuses a letter that no font has."""
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[_setter.DESIGN / "fonts"])
    compiler: Any = typst.Compiler(font_paths=fonts, ignore_system_fonts=True)
    design = (_setter.DESIGN / "poster.typ").read_text(encoding="utf-8")
    for family in fonts.families():
        assert f'"{family}"' in design

    def tried(text: str) -> None:
        families = ", ".join(json.dumps(family) for family in fonts.families())
        source = f'#set document(title: "t")\n#set text(font: ({families}), fallback: false)\n#sys.inputs.text'
        compiler.compile(input={"main.typ": source.encode()}, sys_inputs={"text": text}, format="pdf", pdf_standards=["ua-1"])

    known = [chr(code) for code in range(0x20, 0x1FBFF) if not 0xD800 <= code <= 0xDFFF and not letters._MISSING.match(chr(code))]
    assert len(known) > 2000
    tried(" ".join(known))
    with pytest.raises(typst.TypstError, match="font"):
        tried("中")


def test_the_press_makes_one_poster_at_a_time(tmp_path: Path) -> None:
    with (tmp_path / "press.lock").open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(PressBusy):
            CagedPress(tmp_path).poster(told(), b"")
    assert CagedPress(tmp_path).poster(told(), b"")


@pytest.mark.parametrize("picture", [b"RIFF\x00\x00\x00\x00WEBPVP8 ", b"GIF89a", b"\xff\xd8\xff" + b"\x00" * 99])
def test_a_picture_that_is_none_costs_a_poster_and_nothing_else(made: CagedPress, picture: bytes) -> None:
    with pytest.raises(PressBusy):
        made.poster(told(), picture)


def test_a_poster_that_takes_too_long_is_given_up(made: CagedPress, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(press, "WALL_SECONDS", 0.01)
    with pytest.raises(PressBusy):
        made.poster(told(), b"")


@pytest.mark.skipif(not syscalls.available(), reason="this system has no such filters")
def test_no_thread_of_the_press_can_open_a_file() -> None:
    program = (
        "import sys, threading\nfrom workers import _setter\nready, go, tried = threading.Event(), threading.Event(), []\n"
        "def opens():\n    try:\n        open('/etc/passwd')\n        tried.append('out')\n"
        "    except PermissionError:\n        tried.append('in')\n"
        "def waits():\n    ready.set()\n    go.wait()\n    opens()\n"
        "other = threading.Thread(target=waits)\nother.start()\nready.wait()\n"
        "_setter.shut_in(bytes.fromhex(sys.argv[1]))\nopens()\ngo.set()\nother.join()\nprint(*tried)"
    )
    told = subprocess.run([sys.executable, "-c", program, syscalls.program().hex()], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["in", "in"]
