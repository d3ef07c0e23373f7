"""What `clean` drops, keeps and costs."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memes.text import MOST_MARKS, clean, western_digits

#: Any text, with a taste for the characters that make trouble, so that they meet each other.
AWKWARD = st.text(
    st.one_of(
        st.characters(exclude_categories=()),
        st.sampled_from(
            "ae \n\r\t\u0301\u0323\u0327\u0308\u0338\u064e\u0651بك12#❤👩🏽↔\u2adc\U0001d15e\u212b\uac00\u1100\u1161"
        ),
        st.sampled_from("\u200b\u200c\u200d\u200e\u202e\u2066\ufe0e\ufe0f\u20e3\ufeff\xad\u2028\ud800\udc00\ue000"),
    ),
    max_size=60,
)

HIDDEN = [
    *"\x00\x01\x08\x1b\x7f\x80\x9f",
    *"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c",
    *"\xad\u200b\u2060\ufeff\u034f\u115f\u3164\u180e\ufffc",
    *"\ud800\udfff\ue000\uf8ff\U000f0000\U0010fffd",
    *"\ufdd0\ufdef\ufffe\uffff\U0001fffe\U0001ffff\U0010ffff",
    *"\U000e0001\U000e0041\U000e007f\U000e0100\U000e01ef\ufe00",
]


@pytest.mark.parametrize("char", HIDDEN, ids=lambda char: f"U+{ord(char):04X}")
def test_a_hidden_character_is_dropped(char: str) -> None:
    assert clean(f"mot{char}s") == "mots"


@pytest.mark.parametrize(
    "text",
    [
        "حشومة! 3lach katdir hakka? C'est pas drôle…",
        "«\u202fÇa suffit\u202f!\u202f» dit-elle",
        "اللُّغَةُ العَرَبِيَّةُ",
        "الرَّحْمَٰنِ",
        "می\u200cخواهم",
        "ه\u200dـ",
        "ⵜⴰⵎⴰⵣⵉⵖⵜ",
        "👩\u200d👩\u200d👧",
        "👩🏽\u200d🤝\u200d👨🏿",
        "❤\ufe0f\u200d🔥",
        "🏳\ufe0f\u200d🌈 🇲🇦",
        "🙂\u200d↔\ufe0f",
        "1\ufe0f\u20e3 #\ufe0f\u20e3 ℹ\ufe0f ™\ufe0f",
        "\U0001fae9",  # an emoji of 2024, unassigned for Python 3.11
        "۝ ڭ پ",
        "Việt ở",
    ],
)
def test_honest_writing_stays_as_it_is(text: str) -> None:
    assert clean(text) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("in\u200dsulte", "insulte"),
        ("in\u200csulte", "insulte"),
        ("\u200dكلب\u200c", "كلب"),
        ("كلب\u200d سيء", "كلب سيء"),
        ("ك\u200c\u200d\u200cلب", "ك\u200cلب"),
        ("كَ\u200cلب", "كَ\u200cلب"),
        ("👩\u200c👩", "👩👩"),
        ("👩\u200da", "👩a"),
        ("e\u200d\u0301", "é"),
    ],
)
def test_joiners_stay_only_where_they_are_seen(text: str, seen: str) -> None:
    assert clean(text) == seen


def test_a_variant_sign_cannot_be_hidden_in_a_word() -> None:
    assert clean("i\ufe0fd\ufe0ei\ufe0f\ufe0fot") == "idiot"


def test_what_a_hidden_character_kept_apart_is_composed() -> None:
    assert clean("e\u200b\u0301") == "é"


def test_every_kind_of_line_end_becomes_one_line_feed() -> None:
    assert clean("a\r\nb\rc\vd\fe\x85f\u2028g\u2029h") == "a\nb\nc\nd\ne\nf\ng\nh"


def test_at_most_two_blank_lines_stay_in_a_row() -> None:
    assert clean("a\n\n\nb") == "a\n\n\nb"
    assert clean("a\n\n \n\t\n\n\nb") == "a\n\n\nb"


def test_a_single_line_has_single_spaces_for_its_line_ends() -> None:
    assert clean(" a\r\n\n b\u2028c ", lines=False) == "a b c"


def test_ends_are_bare_and_blanks_alone_are_nothing() -> None:
    assert clean("\n\t a \u2800\n") == "a"
    assert clean(" \u2800\u3164\u200b\xa0\n\t") == ""


def test_marks_beyond_four_on_one_base_are_cut() -> None:
    assert clean("Z" + "\u0336" * 500 + "a") == "Z" + "\u0336" * MOST_MARKS + "a"
    assert clean("\u0336" * 500) == "\u0336" * MOST_MARKS


def test_digits_of_three_scripts_become_western() -> None:
    assert western_digits("٠١٢٣٤٥٦٧٨٩ ۰۱۲۳۴۵۶۷۸۹ 42 été") == "0123456789 0123456789 42 été"


@given(AWKWARD, st.booleans())
def test_cleaning_twice_changes_nothing_more(text: str, lines: bool) -> None:
    once = clean(text, lines=lines)
    assert clean(once, lines=lines) == once


@given(AWKWARD, st.booleans())
def test_cleaning_never_makes_a_text_longer_than_its_normal_form(text: str, lines: bool) -> None:
    assert len(clean(text, lines=lines)) <= len(unicodedata.normalize("NFC", text))


@given(AWKWARD, st.booleans())
def test_what_is_clean_is_normal_and_can_be_stored(text: str, lines: bool) -> None:
    cleaned = clean(text, lines=lines)
    assert unicodedata.is_normalized("NFC", cleaned)
    assert cleaned == cleaned.strip()
    assert not set(cleaned) & set(HIDDEN)
    assert {unicodedata.category(char) for char in cleaned if char != "\n"}.isdisjoint({"Cc", "Cs", "Co"})
    assert lines or "\n" not in cleaned
    cleaned.encode()


@given(AWKWARD)
def test_no_base_carries_more_than_four_marks(text: str) -> None:
    row = 0
    for char in clean(text):
        row = row + 1 if unicodedata.category(char).startswith("M") else 0
        assert row <= MOST_MARKS


@pytest.mark.parametrize("lines", [True, False])
@pytest.mark.parametrize(
    ("piece", "left"),
    [
        ("\u0301\u0323", "\u0323"),
        ("\n", "x\n\n\nx"),
        (" \n", "x\n\n\nx"),
        ("\u200d", "xx"),
        ("\ufe0f", "xx"),
        ("\u202e", "xx"),
        ("\r\n\u2800", "x\n\n\n x"),
    ],
    ids=ascii,
)
def test_half_a_megabyte_of_one_trick_is_handled(piece: str, left: str, lines: bool) -> None:
    # Sorting half a million marks, or looking for a line's end from each of its blanks, would take minutes.
    cleaned = clean("x" + piece * 250_000 + "x", lines=lines)
    if "\n" in left and not lines:
        assert cleaned == "x x"
    elif "\u0323" in left:
        assert len(cleaned) == 2 + MOST_MARKS
    else:
        assert cleaned == left


@pytest.mark.parametrize("piece", [" ", "é", "ك\u200c", "👩\u200d", "a\u0301\u0323\u0308"], ids=ascii)
def test_a_long_text_of_honest_pieces_is_handled(piece: str) -> None:
    middle = unicodedata.normalize("NFC", piece * 100_000)
    assert clean(f"x{middle}x").strip("x") == middle.strip("\u200c\u200d")
