"""The drawings of the meme maker: enough, in three languages, and nothing but drawings."""

import re
from pathlib import Path
from xml.etree import ElementTree

from memes.making import making
from memes.web import LANGUAGES, STATIC

DRAWINGS = STATIC / "memes"
SVG = "{http://www.w3.org/2000/svg}"
DRAWN = {SVG + name for name in ("svg", "g", "path", "rect", "circle", "ellipse")}


def test_there_is_much_to_choose_from_in_every_language() -> None:
    templates = making().templates
    assert len({template.id for template in templates}) == len(templates)
    assert sum(not template.id.startswith("plain-") for template in templates) >= 24
    assert len(making().stickers) >= 12
    for template in templates:
        assert all(template.name[lang].strip() and template.description[lang].strip() for lang in LANGUAGES), (
            template.id
        )
        assert template.places, template.id
        for x, y, width in template.places:
            assert width / 2 <= x <= 100 - width / 2, template.id
            assert 0 < y < 100, template.id
    assert all(name[lang].strip() for name in making().stickers.values() for lang in LANGUAGES)


def test_drawings_are_small_and_only_drawn() -> None:
    named = {f"{template.id}.svg" for template in making().templates} | {
        f"sticker-{id}.svg" for id in making().stickers
    }
    assert {path.name for path in DRAWINGS.iterdir()} == named
    for path in DRAWINGS.iterdir():
        check_drawing(path)


def check_drawing(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    root = ElementTree.fromstring(source)  # noqa: S314  (our own files)
    assert {part.tag for part in root.iter()} <= DRAWN, path.name
    assert {"width", "height"} <= set(root.keys()), path.name  # some browsers draw nothing on a canvas without them
    assert not re.search(r"href|url\(|\bon\w+=|var\(", source), path.name
    assert len(source) < 8000, path.name
