"""How much of what is written in a picture a reader for Arabic and Latin letters finds, and what it costs; writes docs/ocr.md.

    pip install tesserocr                        # Tesseract with its libraries, in one wheel
    npm pack @tesseract.js-data/ara @tesseract.js-data/fra @fontsource/{lalezar,rakkas,…}
    python -m benchmarks.ocr FOLDER              # with ara.traineddata, fra.traineddata and the fonts' woff2 files in it

Chromium (`CHROMIUM`) draws the pictures: it shapes Arabic in any font. No part of the platform imports this.
"""

import base64
import io
import os
import re
import resource
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps
from playwright.sync_api import Page, sync_playwright

from memes import guard
from workers.drawings import draw, names

ROOT = Path(__file__).resolve().parent.parent
SIDE = 1080
#: What is written, and what of it somebody should be told: (kind, as it is written), or nothing.
ARABIC = (
    ("هذا رقمها 0612345678 اتصلوا بها", ("phone", "0612345678")),
    ("الرقم ٠٦٦١٢٢٣٣٤٤", ("phone", "0661223344")),
    ("ضيفوها كلكم @lina.k2012", ("handle", "@lina.k2012")),
    ("ياسين كيبكي فالقسم", ("name", "ياسين")),
    ("سلمى هي السبب", ("name", "سلمى")),
    ("قبل الإرسال دقيقة للتفكير", None),
    ("حنا معاك ماشي بوحدك", None),
)
LATIN = (
    ("Son numéro : 06 12 34 56 78", ("phone", "0612345678")),
    ("Appelle le 0661223344", ("phone", "0661223344")),
    ("Ajoutez tous @lina.k2012", ("handle", "@lina.k2012")),
    ("Yassine pleure en classe", ("name", "Yassine")),
    ("Salma, la honte du lycée", ("name", "Salma")),
    ("Une minute avant d'envoyer", None),
    ("On est avec toi", None),
)
WAYS = {
    "black on a white band": "inset:0 0 auto 0;background:#fff;color:#111;padding:40px",
    "white with a black edge, on a drawing": "inset:auto 0 60px 0;color:#fff;-webkit-text-stroke:16px #000;paint-order:stroke fill",
    "yellow, on a photo": "inset:60px 0 auto 0;color:#ffd400;text-shadow:0 4px 6px #000",
}


@dataclass(frozen=True)
class Meme:
    """A picture that was drawn, what is written in it, in which letters, font and way, and what should be found."""

    picture: Image.Image
    letters: str
    font: str
    way: str
    wanted: tuple[str, str] | None


def memes(page: Page, fonts: dict[str, dict[str, Path]]) -> Iterator[Meme]:
    """Every text in every font of its letters, in every way."""
    backgrounds = [draw(name) for name in names()]
    photo = (ROOT / "tests" / "workers" / "astronaut.jpg").read_bytes()
    number = 0
    for letters, texts in (("Arabic", ARABIC), ("Latin", LATIN)):
        for font, path in sorted(fonts[letters].items()):
            for way, style in WAYS.items():
                for text, wanted in texts:
                    number += 1
                    behind = photo if "photo" in way else backgrounds[number % len(backgrounds)]
                    yield Meme(_drawn(page, behind, path, style, text), letters, font, way, wanted)


def _drawn(page: Page, behind: bytes, font: Path, style: str, text: str) -> Image.Image:
    kind = "jpeg" if behind[:2] == b"\xff\xd8" else "gif" if behind[:3] == b"GIF" else "png"
    page.set_content(
        f"<style>@font-face{{font-family:f;src:url(data:font/woff2;base64,{_text(font.read_bytes())})}}body{{margin:0}}"
        f"div{{position:absolute;text-align:center;font:700 84px/1.5 f,Cairo,sans-serif;{style}}}</style>"
        f"<img src='data:image/{kind};base64,{_text(behind)}' width={SIDE} height={SIDE} style='object-fit:cover'>"
        f"<div dir=auto>{escape(text)}</div>"
    )
    page.evaluate("document.fonts.ready")
    return Image.open(io.BytesIO(page.screenshot(type="jpeg", quality=85))).convert("RGB")


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def fonts_in(folder: Path) -> dict[str, dict[str, Path]]:
    """Fonts by letters and name."""
    found: dict[str, dict[str, Path]] = {"Arabic": {}, "Latin": {}}
    for path in [*sorted(folder.glob("*.woff2")), *sorted((ROOT / "static" / "fonts").glob("cairo-*.woff2"))]:
        name = re.sub(r"-(?:arabic|latin)-.*", "", path.name)
        if "accents" not in path.name:
            found["Arabic" if "arabic" in path.name else "Latin"][name] = path
    return found


#: How a picture is given to the reader: its name -> (Tesseract's way to tell ink from paper, what is done before).
READINGS: dict[str, tuple[str, Callable[[Image.Image], Image.Image]]] = {
    "as it is": ("0", lambda grey: grey),
    "the lightest as ink": ("0", lambda grey: grey.point(lambda light: 255 if light < 225 else 0)),
    "paper told apart near each letter (Sauvola)": ("2", lambda grey: grey),
}


def read(reader: Any, picture: Image.Image) -> dict[str, str]:
    """All words found in the picture, by each reading."""
    grey, said = ImageOps.grayscale(picture), {}
    for name, (threshold, prepared) in READINGS.items():
        reader.SetVariable("thresholding_method", threshold)
        reader.SetImage(prepared(grey))
        said[name] = reader.GetUTF8Text()
    return said


def is_found(said: str, wanted: tuple[str, str]) -> bool:
    """Whether the guard would underline it in what was read."""
    rules = guard.rules()
    kind, text = wanted
    found = [rules.fold(said[one.start : one.end]) for one in guard.find(said) if one.kind == kind]
    plain = re.sub(r"\W", "", rules.fold(text))
    return any(plain in re.sub(r"\W", "", one) for one in found)


@dataclass
class Tally:
    """What was counted: row -> (found, of); pictures with nothing to find, and how many of them were taken for something."""

    rows: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    harmless: int = 0
    alarms: int = 0
    seconds: list[float] = field(default_factory=list)

    def note(self, meme: Meme, said: dict[str, str]) -> None:
        """Count one picture."""
        everything = "\n".join(said.values())
        if meme.wanted is None:
            self.harmless += 1
            self.alarms += not guard.PRIVATE.isdisjoint(guard.signals(guard.find(everything)))
            return
        for name, words in (*said.items(), ("all of them together", everything)):
            self._count(f"{meme.letters} letters, {name}", is_found(words, meme.wanted))
        found = is_found(everything, meme.wanted)
        for name in (f"a {meme.wanted[0]}", meme.way, f"font {meme.font}"):
            self._count(f"{meme.letters} letters, {name}", found)

    def _count(self, row: str, found: bool) -> None:
        self.rows[row]["of"] += 1
        self.rows[row]["found"] += found


def main(folder: Path) -> None:
    """Draw, read, count, write."""
    import tesserocr

    tally = Tally()
    with sync_playwright() as playwright, tesserocr.PyTessBaseAPI(
        path=str(folder), lang="ara+fra", psm=tesserocr.PSM.SPARSE_TEXT
    ) as reader:  # fmt: skip
        browser = playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": SIDE, "height": SIDE})
        for meme in memes(page, fonts_in(folder)):
            start = time.process_time()
            said = read(reader, meme.picture)
            tally.seconds.append(time.process_time() - start)
            tally.note(meme, said)
        browser.close()
    version = str(tesserocr.tesseract_version()).split("\n")[0]
    (ROOT / "docs" / "ocr.md").write_text(_told(tally, version, folder), encoding="utf-8")


def _told(tally: Tally, version: str, folder: Path) -> str:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    models = sum(path.stat().st_size for path in folder.glob("*.traineddata")) / 1e6
    rows = "\n".join(
        f"| {name} | {row['of']} | {row['found']} | {row['found'] / row['of']:.0%} |"
        for name, row in sorted(tally.rows.items())
    )
    return DOCUMENT.format(
        version=version, models=f"{models:.1f}", pictures=len(tally.seconds), rows=rows, harmless=tally.harmless,
        alarms=tally.alarms, seconds=f"{sum(tally.seconds) / len(tally.seconds):.1f}", worst=f"{max(tally.seconds):.1f}",
        peak=f"{peak:.0f}", day=datetime.now(UTC).date(), load=f"{os.getloadavg()[0]:.0f}",
    )  # fmt: skip


DOCUMENT = """# Words in pictures: a reader was tried, and left out

Written by `python -m benchmarks.ocr FOLDER` (its first lines say what goes into the folder).

A picture can hold a number, an account or a name that no rule sees. A reader of letters (OCR) would help only if a
moderator could rely on it a little, in Arabic as well as in Latin letters: one that sees a name in French and none in
Arabic teaches a false calm.

- **Readers that bring their models in a wheel** know no Arabic letter (docs/guard.md has RapidOCR's figures); others
  fetch models when they run, which nothing here does.
- **{version}** comes as the wheel `tesserocr` without models; those for Arabic and French ({models} MB) are
  in npm packages. It is small enough, so it was measured: {pictures} invented pictures of 1080 px, drawn by a browser in
  display fonts, in three ways of making a meme. *Found* means that the guard would have underlined the number, the
  account or the name in what was read.

| letters | pictures | found | |
|---|---|---|---|
{rows}

Of {harmless} pictures with nothing to find, {alarms} were taken for something. It took {seconds} s of processor time a picture
(worst {worst} s) and {peak} MB of memory for the measuring process ({day}, load {load}).

Left out: it costs little, but what it should see it mostly misses, above all in Arabic and on photos, and a moderator who
has learnt to look for its line would look less at the picture. People read pictures; what the meme maker writes travels
as words and is looked at like any others. To be asked again when a package brings a reader for Arabic display letters.
"""


if __name__ == "__main__":
    main(Path(sys.argv[1]))
