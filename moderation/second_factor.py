"""Codes of six digits from an app (TOTP, RFC 6238: SHA-1, 30 seconds), each good for one use.

The secret is derived from a random seed in the database and the server's key, which is not there: who steals the table
alone has no second factor. Losing the key means `moderators reset-second-factor` for everybody.
"""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime

import pyotp

from memes.text import western_digits

ISSUER = "Insta-memes"
SEED_BYTES = 20
_STEP = 30  # seconds


def new_seed() -> bytes:
    """A fresh seed from the system's random source."""
    return secrets.token_bytes(SEED_BYTES)


def secret(secret_key: str, seed: bytes) -> str:
    """The secret that the moderator's app knows too: 160 bits in base 32."""
    mac = hmac.new(secret_key.encode(), b"instamemes second factor" + seed, hashlib.sha256).digest()
    return base64.b32encode(mac[:20]).decode("ascii")


def address(secret_key: str, seed: bytes, email: str) -> str:
    """The otpauth:// address that an app reads from a QR code."""
    return pyotp.TOTP(secret(secret_key, seed)).provisioning_uri(name=email, issuer_name=ISSUER)


def step_of(secret_key: str, seed: bytes, typed: str, now: datetime) -> int | None:
    """The time step whose code was typed: this one, the one before or the one after; None if it is none of them."""
    code = "".join(western_digits(typed).split())
    if len(code) != 6 or not code.isascii():
        return None
    totp = pyotp.TOTP(secret(secret_key, seed))
    current = int(now.timestamp()) // _STEP
    for step in (current, current - 1, current + 1):
        if hmac.compare_digest(totp.at(step * _STEP), code):
            return step
    return None
