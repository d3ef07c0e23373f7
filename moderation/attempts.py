"""Slowing down who guesses at an account: from the fifth failure in a row on, each one doubles the wait.

Counted by the address that was typed, whether an account has it or not, so that the answers tell nothing. Nobody is
locked out for longer than a quarter of an hour: who knows a moderator's address must not be able to close the desk.
"""

import hashlib
import hmac
import math
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from memes.errors import DomainError
from moderation.models import SignInAttempts

FREE = 5
FIRST_WAIT, LONGEST_WAIT = 30, 15 * 60  # seconds
#: Failures this long ago are forgotten.
_MEMORY = timedelta(days=1)


class TooManyTries(DomainError):
    """Come back later. `wait` is how much later, in seconds."""

    def __init__(self, wait: int) -> None:
        super().__init__(f"wait {wait} s")
        self.wait = wait


def key_of(secret_key: str, email: str) -> bytes:
    """What stands for an address (normalised) in the table: without the server's key it cannot be tried out."""
    return hmac.new(secret_key.encode(), b"instamemes sign-in " + email.encode(), hashlib.sha256).digest()


def admit(session: Session, key: bytes, now: datetime) -> None:
    """Go on, or raise TooManyTries. Holds the row until the end of the transaction: guesses at once count one by one."""
    row = _row(session, key, now)
    wait = (row.wait_until - now).total_seconds()
    if wait > 0:
        raise TooManyTries(math.ceil(wait))
    if now - row.wait_until > _MEMORY:
        row.failures = 0


def failed(session: Session, key: bytes, now: datetime) -> None:
    """Count a failure, and forget those of other addresses from long ago."""
    row = _row(session, key, now)
    row.failures += 1
    row.wait_until = now + timedelta(seconds=wait_after(row.failures))
    session.flush()
    session.execute(delete(SignInAttempts).where(SignInAttempts.wait_until < now - _MEMORY))


def forget(session: Session, key: bytes) -> None:
    """Somebody signed in: start anew."""
    session.execute(delete(SignInAttempts).where(SignInAttempts.key == key))


def wait_after(failures: int) -> int:
    """Seconds to wait after so many failures in a row."""
    return 0 if failures < FREE else min(FIRST_WAIT * 2 ** min(failures - FREE, 20), LONGEST_WAIT)


def _row(session: Session, key: bytes, now: datetime) -> SignInAttempts:
    row = session.get(SignInAttempts, key, with_for_update=True)
    if row is not None:
        return row
    try:
        with session.begin_nested():
            row = SignInAttempts(key=key, failures=0, wait_until=now)
            session.add(row)
    except IntegrityError:  # a twin of this request was faster: now the row is there
        return session.get_one(SignInAttempts, key, with_for_update=True)
    return row
