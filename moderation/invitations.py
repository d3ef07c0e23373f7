"""Asking somebody to join: a link that works once, for three days. Verbs take the session first and never commit."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from memes import privacy
from memes.errors import NotFound
from moderation import accounts, second_factor
from moderation.models import Invitation, Moderator
from moderation.roles import Role

GOOD_FOR = timedelta(hours=72)


def invite(session: Session, email: str, role: Role, now: datetime | None = None) -> str:
    """A new invitation in place of an earlier one to the same address; returns its token, which is kept nowhere.

    Raises AccountRefused for what is no address and for who has an active account.
    """
    now, email = now or privacy.now(), accounts.valid_email(email)
    known = accounts.by_email(session, email)
    if known is not None and known.active:
        raise accounts.AccountRefused("known")
    session.execute(delete(Invitation).where((Invitation.email == email) | (Invitation.expires_at <= now)))
    token = secrets.token_urlsafe(32)
    session.add(Invitation(
        token_hash=hash_of(token), email=email, role=role, totp_seed=second_factor.new_seed(), expires_at=now + GOOD_FOR,
    ))  # fmt: skip
    session.flush()
    return token


def opened(session: Session, token_hash: bytes, now: datetime | None = None) -> Invitation:
    """The invitation behind a token; NotFound if there is none, it was used, or its time is over."""
    found = session.get(Invitation, token_hash)
    if found is None or found.expires_at <= (now or privacy.now()):
        raise NotFound("no such invitation")
    return found


def accept(
    session: Session, secret_key: str, invitation: Invitation, *, name: str, password: str, code: str, now: datetime | None = None
) -> Moderator | None:  # fmt: skip
    """Make the account, and spend the invitation; None if the code of the app is wrong. Raises PasswordRefused, AccountRefused."""
    step = second_factor.step_of(secret_key, invitation.totp_seed, code, now or privacy.now())
    if step is None:
        return None
    made = accounts.add(session, invitation.email, password, invitation.role)
    made.name, made.totp_seed, made.totp_last_step = name.strip()[:40] or None, invitation.totp_seed, step
    session.delete(invitation)
    session.flush()
    return made


def waiting(session: Session, now: datetime | None = None) -> list[Invitation]:
    """Those that were not used and still can be."""
    mine = select(Invitation).where(Invitation.expires_at > (now or privacy.now()))
    return list(session.scalars(mine.order_by(Invitation.email)))


def take_back(session: Session, email: str) -> None:
    """The link works no more."""
    session.execute(delete(Invitation).where(Invitation.email == accounts.normalised(email)))


def hash_of(token: str) -> bytes:
    """What is kept of a token. It has 256 random bits, so a plain hash cannot be undone by guessing."""
    return hashlib.sha256(token.strip().encode()).digest()
