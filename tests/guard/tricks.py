"""Ways in which words are hidden from a machine and stay readable for people: each makes a new text of a text."""

import random
from collections.abc import Callable

_LOOK_ALIKES = str.maketrans("aeopcxyi", "аеорсху\u0456")  # noqa: RUF001  (Cyrillic on purpose)
_ARABIC_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
_LEET = str.maketrans("aeiost", "4310$7")
_BOLD = {ord(letter): chr(0x1D41A + place) for place, letter in enumerate("abcdefghijklmnopqrstuvwxyz")}
_WIDE = {code: chr(code + 0xFEE0) for code in range(0x21, 0x7F)}
_VOWELS = "\u064e\u064f\u0650\u0651\u0652\u0301\u0308"

Trick = Callable[[str, random.Random], str]


def _between(text: str, chosen: random.Random, hidden: str) -> str:
    return "".join(
        letter + (chosen.choice(hidden) if letter.isalnum() and chosen.random() < 0.5 else "") for letter in text
    )


def _drawn_out(text: str, chosen: random.Random) -> str:
    return "".join(letter * (chosen.randint(3, 5) if chosen.random() < 0.2 else 1) for letter in text)


def _one_by_one(text: str, chosen: random.Random) -> str:
    gap = chosen.choice(" .-_")
    return " ".join(gap.join(word) if chosen.random() < 0.5 else word for word in text.split(" "))


def _any_case(text: str, chosen: random.Random) -> str:
    return "".join(letter.upper() if chosen.random() < 0.5 else letter for letter in text)


TRICKS: dict[str, Trick] = {
    "look-alikes": lambda text, _: text.translate(_LOOK_ALIKES),
    "digits": lambda text, _: text.translate(_ARABIC_DIGITS),
    "digits for letters": lambda text, _: text.translate(_LEET),
    "bold": lambda text, _: text.translate(_BOLD),
    "full width": lambda text, _: text.translate(_WIDE),
    "tatweel": lambda text, chosen: _between(text, chosen, "ـ"),
    "vowel signs": lambda text, chosen: _between(text, chosen, _VOWELS),
    "zero width": lambda text, chosen: _between(text, chosen, "\u200b\u200c\u200d\u2060\u00ad\u200f"),
    "drawn out": _drawn_out,
    "one by one": _one_by_one,
    "any case": _any_case,
    "with a face": lambda text, chosen: _between(text, chosen, "😀 \t\n"),
}


def tricked(texts: list[str]) -> list[str]:
    """Every text with every trick, and with two at once; the same ones each time."""
    chosen = random.Random(1)  # noqa: S311  (nothing secret)
    found = []
    for text in texts:
        for trick in TRICKS.values():
            once = trick(text, chosen)
            found += [once, chosen.choice(list(TRICKS.values()))(once, chosen)]
    return found
