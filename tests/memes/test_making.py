"""The drawings of the meme maker: enough, in three languages, and nothing but drawings."""

import gzip
import re
from xml.etree import ElementTree

from memes.making import making
from memes.web import LANGUAGES, STATIC

SHEET = STATIC / "memes" / "drawings.svg"
SVG = "{http://www.w3.org/2000/svg}"
DRAWN = {SVG + name for name in ("symbol", "g", "path", "rect", "circle", "ellipse")}


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
    source = SHEET.read_text(encoding="utf-8")
    drawings = list(ElementTree.fromstring(source))  # noqa: S314  (our own file)
    named = {template.id for template in making().templates} | {f"sticker-{id}" for id in making().stickers}
    assert {drawing.get("id") for drawing in drawings} == named
    assert len(drawings) == len(named)
    for drawing in drawings:
        assert drawing.tag == SVG + "symbol"
        assert {part.tag for part in drawing.iter()} <= DRAWN, drawing.get("id")
        assert drawing.get("viewBox"), drawing.get("id")
    assert not re.search(r"href|url\(|\bon\w+=|var\(|class=", source)
    assert len(gzip.compress(source.encode())) < 6000, "one file for a weak network"
