"""What can stand on paper."""

import pytest

from memes import letters


@pytest.mark.parametrize(
    ("text", "printable"),
    [
        ("في مجموعة القسم 123 (ڭاع)", True), ("Ça va très bien, œuvre « à lire » ?", True), ("ⴰⵣⵓⵍ, aẓul ɣef ḍar", True),
        ("They stopped 👍🏽 👩‍🏫 ❤️ 🇲🇦", True), ("#[x] $a$ \\ `b` <c> @d", True), ("", True),
        ("中文", False), ("привет hello", False), ("hello שלום", False), ("no ☬ sign", True),
    ],
)  # fmt: skip
def test_nobody_is_quoted_in_part_of_their_letters(text: str, *, printable: bool) -> None:
    assert letters.can_be_printed(text) is printable


def test_signs_without_a_glyph_go_and_leave_no_hole() -> None:
    assert letters.for_paper("a ☬ sign\u202f!\nand more") == "a sign\u00a0!\nand more"


def test_accents_stay_with_their_letters_and_heaps_of_them_go() -> None:
    assert letters.for_paper("e\u0301te\u0301 z\u0323 e\u0301\u0302\u0303\u0304") == "été ẓ é"


def test_no_sign_turns_the_direction_of_what_stands_on_paper() -> None:
    assert letters.for_paper("a\u202eb\u2066c\u200fd\u061ce") == "abcde"


def test_words_that_are_too_wide_may_be_broken_but_no_letter_is_parted_from_its_marks() -> None:
    assert letters.for_paper("anticonstitutionnellement") == "anticonstitutionnellement"
    for text in ("W" * 2000, "بَ" * 900, "👩‍🏫" * 100):
        broken = letters.for_paper(text)
        parts = broken.split("\u200b")
        assert "".join(parts) == text
        assert max(map(len, parts)) <= letters.LONGEST_WORD
        assert all(part[0] == text[0] for part in parts)


@pytest.mark.parametrize(("text", "way"), [("123 مرحبا hello", "rtl"), ("123 hello مرحبا", "ltr"), ("ⴰⵣⵓⵍ", "ltr"), ("!?", "ltr")])
def test_a_text_has_the_direction_of_its_first_letter(text: str, way: str) -> None:
    assert letters.direction(text) == way
