"""Ten codes on paper for the day when the phone is gone, each good for one use."""

import hashlib
import hmac
import secrets
from typing import cast

from argon2.low_level import Type, hash_secret_raw
from sqlalchemy import CursorResult, delete, func, select
from sqlalchemy.orm import Session

from memes.text import western_digits
from moderation.models import Moderator, RecoveryCode

#: Twelve digits (40 bits): guessing is slowed down by `attempts`, the hash is slow (OWASP ASVS 6.5.2, as for what has fewer than
#: 112 bits), salted for each person, and needs a key that is not in the database.
HOW_MANY, DIGITS = 10, 12


def new_set(session: Session, secret_key: str, moderator: Moderator) -> list[str]:
    """Ten new codes in place of all earlier ones, as groups of four digits. They are never told again."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.moderator_id == moderator.id))
    codes = [f"{secrets.randbelow(10**DIGITS):0{DIGITS}}" for _ in range(HOW_MANY)]
    session.add_all(RecoveryCode(moderator_id=moderator.id, digest=_digest(secret_key, moderator, code)) for code in codes)
    session.flush()
    return [f"{code[:4]} {code[4:8]} {code[8:]}" for code in codes]


def left(session: Session, moderator: Moderator) -> int:
    """How many were not used yet."""
    return session.scalar(select(func.count()).where(RecoveryCode.moderator_id == moderator.id)) or 0


def use(session: Session, secret_key: str, moderator: Moderator, typed: str) -> bool:
    """Whether this is one of the codes; then it is one no more. Compared and deleted in one statement."""
    code = "".join(char for char in western_digits(typed) if not char.isspace() and char != "-")
    if len(code) != DIGITS or not code.isascii():
        return False
    gone = delete(RecoveryCode).where(
        RecoveryCode.moderator_id == moderator.id, RecoveryCode.digest == _digest(secret_key, moderator, code)
    )
    return cast("CursorResult[None]", session.execute(gone)).rowcount == 1


def _digest(secret_key: str, moderator: Moderator, code: str) -> bytes:
    """What is kept of a code; takes some 20 ms on purpose, as a receipt's does."""
    salt = hmac.new(secret_key.encode(), b"instamemes recovery code" + moderator.id.bytes, hashlib.sha256).digest()
    return hash_secret_raw(code.encode(), salt, time_cost=2, memory_cost=19 * 1024, parallelism=1, hash_len=32, type=Type.ID)
