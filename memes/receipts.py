"""Receipts: 16 digits that open one entry, shown once, stored only as a slow keyed hash.

10**16 codes are 53 bits. With the pepper outside the database and Argon2id in between, a stolen table cannot be searched;
on the way in, wrong tries are slowed down (`limits.py`). Source of the Argon2id cost: OWASP password storage, 19 MiB and t=2.
"""

import hashlib
import hmac
import re
import secrets
from typing import BinaryIO

from argon2.low_level import Type, hash_secret_raw

from memes import pieces
from memes.text import western_digits

LENGTH = 16
#: Characters of what was typed that are looked at.
MOST_TYPED = 200
_SPACE = 10**LENGTH


def new_code(length: int = LENGTH) -> str:
    """A fresh code of `length` digits from the system's random source."""
    return f"{secrets.randbelow(10**length):0{length}d}"


def repeatable_code(secret_key: str, key: str, content: bytes) -> str:
    """The code for a sending that may be repeated by a weak network: the same key and content give the same code.

    `key` is random and comes from the sender's page, `content` is a digest of what was sent; without the server's
    secret nobody can work the code out of them.
    """
    mac = hmac.new(_derived(secret_key, "repeat"), key.encode() + b"\0" + content, hashlib.sha256).digest()
    return f"{int.from_bytes(mac, 'big') % _SPACE:0{LENGTH}d}"


def mark_of(secret_key: str, picture: BinaryIO) -> str:
    """What tells a picture from any other in `content`, in hex; from where the stream stands to its end."""
    return pieces.mark(_derived(secret_key, "picture"), picture).hex()


def digits_in(typed: str) -> str:
    """The digits in what somebody typed or pasted, whatever stands between them; an o for a zero and an l for a one forgiven."""
    line = western_digits(typed[:MOST_TYPED])
    for wrong, meant in (("[oO]", "0"), ("[lI|]", "1")):
        line = re.sub(rf"(?<=[0-9]){wrong}|(?<=[0-9]\W){wrong}|{wrong}(?=\W?[0-9])", meant, line)
    return re.sub("[^0-9]", "", line)


def parse(typed: str, length: int = LENGTH) -> str | None:
    """The `length` digits in what somebody typed (`digits_in`), or None if there are more or fewer."""
    digits = digits_in(typed)
    return digits if len(digits) == length else None


def grouped(code: str) -> list[str]:
    """Groups of four, as shown and read aloud."""
    return [code[start : start + 4] for start in range(0, len(code), 4)]


def digest(secret_key: str, code: str) -> bytes:
    """The 32 bytes under which the receipt is stored; takes some 20 ms on purpose."""
    return hash_secret_raw(
        secret=code.encode(),
        salt=_derived(secret_key, "receipt"),
        time_cost=2,
        memory_cost=19 * 1024,
        parallelism=1,
        hash_len=32,
        type=Type.ID,
    )


def _derived(secret_key: str, purpose: str) -> bytes:
    return hmac.new(secret_key.encode(), b"instamemes " + purpose.encode(), hashlib.sha256).digest()
