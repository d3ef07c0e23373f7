"""Sixteen digits."""

import io

import pytest

from memes import receipts

SECRET = "s" * 40


def test_codes_are_sixteen_digits_and_do_not_repeat() -> None:
    codes = {receipts.new_code() for _ in range(2000)}
    assert len(codes) == 2000
    assert all(len(code) == 16 and code.isdecimal() and code.isascii() for code in codes)


@pytest.mark.parametrize(
    "typed",
    [
        "4821093766541208", "4821 0937 6654 1208", " 4821-0937-6654-1208\n", "٤٨٢١ ٠٩٣٧ ٦٦٥٤ ١٢٠٨", "۴۸۲۱۰۹۳۷۶۶۵۴۱۲۰۸",
        "482l o937 6654 I2O8", "Mon code secret : 4821 0937 6654 1208.",
        "\u2068\u200f4821\xa00937\u202f6654 1208\u2069", "4821/0937/6654/1208",
    ],
)  # fmt: skip
def test_spaces_signs_look_alikes_and_arabic_digits_are_forgiven(typed: str) -> None:
    assert receipts.parse(typed) == "4821093766541208"


@pytest.mark.parametrize(
    "typed", ["", "482109376654120", "48210937665412080", "4821 0937 6654 12a8", "²" * 16, "oooo llll oooo llll", "x" * 100_000]
)
def test_anything_else_is_no_code(typed: str) -> None:
    assert receipts.parse(typed) is None


def test_the_digest_needs_the_servers_secret() -> None:
    code = "4821093766541208"
    assert receipts.digest(SECRET, code) == receipts.digest(SECRET, code)
    assert receipts.digest(SECRET, code) != receipts.digest("t" * 40, code)
    assert len(receipts.digest(SECRET, code)) == 32


def test_a_repeated_sending_gets_the_same_code_and_a_changed_one_another() -> None:
    code = receipts.repeatable_code(SECRET, "key", b"content")
    assert code == receipts.repeatable_code(SECRET, "key", b"content")
    others = {
        receipts.repeatable_code(SECRET, "key", b"other"),
        receipts.repeatable_code(SECRET, "other", b"content"),
        receipts.repeatable_code("t" * 40, "key", b"content"),
    }
    assert len(others | {code}) == 4


def test_a_picture_is_known_again_by_all_of_its_bytes_and_by_this_server_alone() -> None:
    picture = bytes(200_000)
    mark = receipts.mark_of(SECRET, io.BytesIO(picture))
    assert mark == receipts.mark_of(SECRET, io.BytesIO(picture))
    changed = (picture[:-1], picture + b"\0", picture[:70_000] + b"\1" + picture[70_001:])
    others = {receipts.mark_of(SECRET, io.BytesIO(one)) for one in changed} | {receipts.mark_of("t" * 40, io.BytesIO(picture))}
    assert len(others | {mark}) == 5


def test_groups_of_four() -> None:
    assert receipts.grouped("4821093766541208") == ["4821", "0937", "6654", "1208"]
