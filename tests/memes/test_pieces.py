"""A file that was encrypted piece by piece comes back whole, in its own place, to who has the key; and is never held whole."""

import io
from collections.abc import Callable
from typing import BinaryIO, cast

import pytest

from memes import pieces
from memes.errors import Unreadable
from memes.pieces import PIECE, SALT, TAG, Closing

KEY, OTHER, MARK = bytes(range(32)), bytes(32), b"mark"
STEP = PIECE + TAG


def closed(data: bytes, place: str = "here") -> bytes:
    return Closing(MARK, KEY, io.BytesIO(data), place).read()[len(MARK) :]


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 3 * PIECE + 9])
def test_it_comes_back_however_many_pieces_it_has(size: int) -> None:
    data = bytes(range(251)) * (size // 251 + 1)
    kept = closed(data[:size])
    assert len(kept) == SALT + size + TAG * max(1, -(-size // PIECE))
    assert pieces.opened(KEY, kept, "here") == data[:size]
    assert closed(data[:size]) != kept, "twice the same looks different"


def test_it_is_encrypted_from_where_it_stands_and_no_further_than_is_asked_for() -> None:
    source = io.BytesIO(b"before" + bytes(9 * PIECE))
    source.seek(6)
    closing = Closing(MARK, KEY, source, "here")
    said = [closing.read(n) for n in (2, 2, SALT, 1000, 1000)]
    assert b"".join(said[:2]) == MARK
    assert source.tell() == 6 + 2 * PIECE, "a piece, and the next one to know whether it is the last"
    rest = io.BytesIO()
    while block := closing.read(77_777):
        rest.write(block)
    assert pieces.opened(KEY, b"".join([*said[2:], rest.getvalue()]), "here") == bytes(9 * PIECE)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda c: b"",
        lambda c: c[:SALT],
        lambda c: c[:-1],
        lambda c: c + b"x",
        lambda c: bytes([c[0] ^ 1]) + c[1:],
        lambda c: c[:-1] + bytes([c[-1] ^ 1]),
        lambda c: c[: SALT + STEP],  # its last pieces are missing
        lambda c: c[: SALT + 2 * STEP],
        lambda c: c[:SALT] + c[SALT + STEP :],  # its first
        lambda c: c[:SALT] + c[SALT + STEP : SALT + 2 * STEP] + c[SALT : SALT + STEP] + c[SALT + 2 * STEP :],
        lambda c: c + c[SALT + 2 * STEP :],  # its last one twice
    ],
)
def test_what_was_changed_cut_or_put_together_anew_is_refused(spoil: Callable[[bytes], bytes]) -> None:
    with pytest.raises(Unreadable):
        pieces.opened(KEY, spoil(closed(bytes(2 * PIECE + 100))), "here")


def test_another_place_another_key_and_none_are_refused() -> None:
    kept = closed(b"a picture")
    for key, place in ((KEY, "there"), (OTHER, "here"), (None, "here")):
        with pytest.raises(Unreadable):
            pieces.opened(key, kept, place)


def test_what_cannot_be_read_to_its_end_is_not_taken_for_whole() -> None:
    class Torn(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() >= PIECE:
                raise OSError("the disk is gone")
            return super().read(size)

    with pytest.raises(OSError, match="gone"):
        Closing(MARK, KEY, cast(BinaryIO, Torn(bytes(2 * PIECE))), "here").read()
