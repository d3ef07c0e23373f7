"""How a file lies encrypted: piece by piece, so that nobody who writes it ever holds it whole. Knows neither tables nor stores.

AEGIS-256 (libsodium; draft-irtf-cfrg-aegis-aead), because a picture of 5 MB costs 1 ms with it and 4 ms with what encrypts
words (`vault`). Each file has a key of its own, made of its entry's key, its place and a random number; each piece is
numbered, and the last one says so. What was changed, moved, cut off, added or put in another's place is not opened but refused.
"""

import io
from collections.abc import Iterator
from hashlib import blake2b, sha256
from secrets import token_bytes
from typing import BinaryIO

from nacl.bindings import crypto_aead_aegis256_decrypt as _decrypt
from nacl.bindings import crypto_aead_aegis256_encrypt as _encrypt
from nacl.exceptions import CryptoError

from memes.errors import Unreadable

#: Bytes that a piece grows by, and of a file in one piece: encrypted, it is what stores copy at a time, so nothing is
#: copied twice. And the random number before the first.
TAG = 32
PIECE, SALT = 64 * 1024 - TAG, 16


class Closing(io.RawIOBase):
    """What is read of it is `mark` in the clear, then `source`, from where that stands, encrypted for this `place` only."""

    def __init__(self, mark: bytes, key: bytes, source: BinaryIO, place: str) -> None:
        self._pieces = _closed(key, source, place)
        self._left = mark

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, size: int | None = -1) -> bytes:
        """Up to `size` bytes, as far as the piece at hand goes, or all that are left."""
        if size is None or size < 0:
            return self._left + b"".join(self._pieces)
        piece = self._left or next(self._pieces, b"")
        self._left = piece[size:]
        return piece[:size]


def opened(key: bytes | None, closed: bytes, place: str) -> bytes:
    """What was encrypted in this `place`; raises Unreadable without the key, for another place, or if one bit has changed."""
    if key is None:
        raise Unreadable("the key is gone")
    own, step, pieces = _key(key, closed[:SALT], place), PIECE + TAG, []
    try:
        for number, start in enumerate(range(SALT, max(len(closed), SALT + 1), step)):
            is_last = start + step >= len(closed)
            pieces.append(_decrypt(closed[start : start + step], b"", _nonce(number, is_last), own))
    except (CryptoError, ValueError):
        raise Unreadable("not what was put there") from None
    return b"".join(pieces)


def mark(key: bytes, source: BinaryIO) -> bytes:
    """32 bytes that nobody without the key can get for two different files, over all that follows in `source`.

    The tag of each piece, which costs a third of a digest of the piece. The numbers of pieces are the same for each file, as they
    must not be where something is encrypted: so marks are shown to nobody, and kept nowhere.
    """
    tags = sha256()
    for number, piece in enumerate(iter(lambda: source.read(PIECE), b"")):
        tags.update(_encrypt(b"", piece, _nonce(number, False), key))
    return tags.digest()


def _closed(key: bytes, source: BinaryIO, place: str) -> Iterator[bytes]:
    salt = token_bytes(SALT)
    yield salt
    own, number, data = _key(key, salt, place), 0, source.read(PIECE)
    while True:
        following = source.read(PIECE) if len(data) == PIECE else b""
        yield _encrypt(data, b"", _nonce(number, not following), own)
        if not following:
            return
        number, data = number + 1, following


def _key(key: bytes, salt: bytes, place: str) -> bytes:
    return blake2b(place.encode(), digest_size=32, key=key, salt=salt, person=b"memes file").digest()


def _nonce(number: int, is_last: bool) -> bytes:
    return number.to_bytes(31, "big") + bytes([is_last])
