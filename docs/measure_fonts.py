"""Says by how much a phone's own font is to be scaled to be as wide as Cairo: the `size-adjust` in `static/css/tokens.css`.

    pip install fonttools brotli
    python docs/measure_fonts.py NAME.ttf…     # the same font in two weights: 400 and 700

Roboto and Arimo (as wide as Arial) come from `@fontsource/roboto` and `@fontsource/arimo`, DejaVu from Debian.
"""

import re
import sys
from pathlib import Path

from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

ROOT = Path(__file__).resolve().parent.parent
#: The weights of text and of titles; a phone has only 400 and 700.
WEIGHTS = {450: "regular", 800: "bold"}


def letters() -> list[str]:
    """Every letter of the French and English texts, as often as it occurs."""
    catalogs = (ROOT / "translations" / lang / "LC_MESSAGES" / "messages.po" for lang in ("fr", "en"))
    words = "".join("".join(re.findall(r'msgstr "([^"]*)"', catalog.read_text(encoding="utf-8"))) for catalog in catalogs)
    return [letter for letter in words if " " <= letter <= "~"]


def width(font: TTFont, text: list[str]) -> float:
    """Of a letter on the average, in em."""
    glyphs, widths = font.getBestCmap(), font["hmtx"]
    return sum(widths[glyphs[ord(letter)]][0] for letter in text) / font["head"].unitsPerEm / len(text)


if __name__ == "__main__":
    text, cairo = letters(), ROOT / "static/fonts/cairo-latin-wght-normal.woff2"
    for weight, name in WEIGHTS.items():
        wanted = width(instantiateVariableFont(TTFont(cairo), {"wght": weight}), text)
        for path in sys.argv[1:]:
            print(f"{Path(path).name} as {name}: size-adjust {wanted / width(TTFont(path), text):.0%}")
