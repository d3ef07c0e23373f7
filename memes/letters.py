"""Words for paper: only letters that our fonts have, and no word that is wider than the sheet. Standard library only.

A page shows an unknown letter in a font of the reader's machine; paper would show an empty box. `data/letters.txt` lists what
the fonts of the posters have (docs/fonts.md).
"""

import re
import unicodedata
from pathlib import Path

_DATA = Path(__file__).with_name("data") / "letters.txt"

#: Longer words may be broken anywhere; the longest honest ones ("anticonstitutionnellement") are not.
LONGEST_WORD = 26


def _outside(listed: str) -> re.Pattern[str]:
    """What matches a letter that no font has; `listed` are ranges of code points in hex digits."""
    ranges = ("-".join(f"\\U{int(end, 16):08x}" for end in pair.split("-")) for pair in listed.split())
    return re.compile(f"[^\n{''.join(ranges)}]")


_MISSING = _outside(_DATA.read_text(encoding="ascii"))
_WIDE = re.compile(rf"\S{{{LONGEST_WORD},}}")
_SPACES = re.compile(r" {2,}")
_JOINERS = "\u200d\ufe0f"


def can_be_printed(text: str) -> bool:
    """Whether no letter would be lost: nobody is quoted in part of their words. Signs and marks may be."""
    return not any(unicodedata.category(char).startswith("L") for char in _MISSING.findall(text))


def for_paper(text: str) -> str:
    """The text without signs that cannot be printed, with places at which a word that is too wide may be broken."""
    # The narrow space of French becomes as wide a one as the fonts have.
    text = unicodedata.normalize("NFC", text).replace("\u202f", "\u00a0")
    text = _SPACES.sub(" ", _MISSING.sub("", text))
    return _WIDE.sub(lambda word: _breakable(word[0]), text).strip()


def direction(text: str) -> str:
    """`rtl` or `ltr`, by the first letter that has a direction, as a browser does (`dir="auto"`)."""
    strong = (unicodedata.bidirectional(char) for char in text)
    return next(("ltr" if kind == "L" else "rtl" for kind in strong if kind in ("L", "R", "AL")), "ltr")


def _breakable(word: str) -> str:
    parts = [""]
    for char in word:
        joined = unicodedata.category(char).startswith("M") or char in _JOINERS or parts[-1].endswith("\u200d")
        if len(parts[-1]) >= LONGEST_WORD // 2 and not joined:
            parts.append("")
        parts[-1] += char
    return "\u200b".join(parts)
