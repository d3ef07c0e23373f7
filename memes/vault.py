"""How words lie encrypted: under a key of each entry's own, which a key from outside the database wraps (pictures: `pieces`).

Destroying an entry's key destroys the entry, in every copy that anybody ever made of it. All of it is XChaCha20-Poly1305
(libsodium): what was changed, or put in another's place, is not opened but refused. Knows neither tables nor stores.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import blake2b
from secrets import token_bytes
from typing import TypeVar
from uuid import UUID

from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_decrypt as _decrypt
from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_encrypt as _encrypt
from nacl.exceptions import CryptoError

from memes.errors import ConfigurationError, Unreadable

T = TypeVar("T")

#: Bytes of a key and of the random number that goes before each ciphertext (RFC 8439, draft-irtf-cfrg-xchacha-03).
KEY, NONCE = 32, 24

#: The first character of words that lie encrypted. `text.clean` takes it out of what is typed.
MARK = "\x01"


def new_key() -> bytes:
    """A random key of 256 bits."""
    return token_bytes(KEY)


def close(key: bytes, data: bytes, place: str) -> bytes:
    """Encrypt `data` so that it can be opened in this `place` only (its name is authenticated, not kept)."""
    nonce = token_bytes(NONCE)
    return nonce + _encrypt(data, place.encode(), nonce, key)


def opened(key: bytes | None, closed: bytes, place: str) -> bytes:
    """What was encrypted in this `place`; raises Unreadable without the key, for another place, or if one bit has changed."""
    if key is None:
        raise Unreadable("the key is gone")
    try:
        return _decrypt(closed[NONCE:], place.encode(), closed[:NONCE], key)
    except (CryptoError, ValueError):
        raise Unreadable("not what was put there") from None


def close_words(key: bytes, words: str, place: str) -> str:
    """Encrypt words as text, for a column of text."""
    return MARK + b64encode(close(key, words.encode(), place)).decode()


def opened_words(key: bytes | None, kept: str, place: str) -> str:
    """What `close_words` was given; words from before there were keys, and none at all, as they are. Raises as `opened`."""
    if not kept.startswith(MARK):
        return kept
    try:
        closed = b64decode(kept[1:], validate=True)
    except ValueError:
        raise Unreadable("not what was put there") from None
    return opened(key, closed, place).decode()


@dataclass(frozen=True, slots=True)
class Keyring:
    """The keys that wrap the keys of entries, the newest first: that one wraps, any of them opens."""

    keys: tuple[bytes, ...] = field(repr=False)

    @classmethod
    def parse(cls, text: str, name: str) -> "Keyring":
        """Keys of 64 hex digits, apart by commas or spaces; ConfigurationError, which calls them `name`, for anything else."""
        found = re.split(r"[\s,]+", text.strip())
        if not all(re.fullmatch(f"[0-9a-fA-F]{{{2 * KEY}}}", one) for one in found):
            raise ConfigurationError(f"{name} must be 64 hex digits: openssl rand -hex 32 makes them.")
        return cls(tuple(map(bytes.fromhex, found)))

    @property
    def text(self) -> str:
        """As `parse` reads them."""
        return ",".join(key.hex() for key in self.keys)

    @property
    def names(self) -> list[str]:
        """A short name for each key, which tells nothing about it; that of the newest first."""
        return [blake2b(key, digest_size=8, person=b"instamemes name").hexdigest() for key in self.keys]

    def wrap(self, entry_id: UUID, key: bytes) -> bytes:
        """An entry's key as it may lie in a database: 72 bytes."""
        return close(self._newest(), key, _place(entry_id))

    def unwrap(self, entry_id: UUID, wrapped: bytes) -> bytes:
        """The key of this entry, and of no other; raises Unreadable if none of the keys here has wrapped it."""
        return self._tried(lambda key: opened(key, wrapped, _place(entry_id)))

    def close_words(self, words: str, place: str) -> str:
        """Encrypt words that belong to no entry."""
        return close_words(self._newest(), words, place)

    def opened_words(self, kept: str, place: str) -> str:
        """What `close_words` was given. Raises Unreadable."""
        return self._tried(lambda key: opened_words(key, kept, place))

    def _newest(self) -> bytes:
        if not self.keys:
            raise ConfigurationError("The database was opened without the keys to its words.")
        return self.keys[0]

    def _tried(self, work: Callable[[bytes], T]) -> T:
        for key in self.keys:
            with suppress(Unreadable):
                return work(key)
        raise Unreadable("wrapped by a key that is not here")


#: For who reads no words.
NO_KEYS = Keyring(())


def _place(entry_id: UUID) -> str:
    return f"key of {entry_id.hex}"
