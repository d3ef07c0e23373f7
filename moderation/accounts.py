"""Accounts of the desk: making, ending and proving them. Verbs take the session first and never commit."""

import re
import unicodedata
from collections.abc import Callable
from datetime import datetime
from typing import cast
from uuid import UUID, uuid4

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.orm import Session

from memes import privacy
from memes.errors import DomainError, NotFound
from moderation import attempts, audit, passkeys, passwords, recovery_codes, second_factor, sessions
from moderation.audit import Deed
from moderation.models import Moderator, Passkey, RecoveryCode
from moderation.roles import Role

#: Not the whole grammar of addresses: enough to catch a slip of the hand.
_EMAIL = re.compile(r"[^@\s\"'<>,;:\\()\[\]]{1,64}@[^@\s\"'<>,;:\\()\[\]]+\.[^@\s\"'<>,;:\\()\[\]]{2,}")


class AccountRefused(DomainError):
    """An account cannot be made or changed so.

    `reason` is `email` (not an address), `known` (there is one already) or `last` (nobody would be left to let people in).
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def normalised(email: str) -> str:
    """The one form of an address under which it is kept and looked for."""
    return unicodedata.normalize("NFKC", email).strip().lower()


def valid_email(email: str) -> str:
    """The one form of an address; raises AccountRefused for what is none."""
    email = normalised(email)
    if len(email) > 254 or not _EMAIL.fullmatch(email):
        raise AccountRefused("email")
    return email


def add(session: Session, email: str, password: str, role: Role) -> Moderator:
    """Make an account, or bring a disabled one back with a new password and a new second factor.

    Raises AccountRefused or PasswordRefused.
    """
    email = valid_email(email)
    passwords.check(password, email)
    moderator = by_email(session, email)
    if moderator is None:
        moderator = Moderator(email=email, created_on=privacy.now().date(), session_epoch=0, id=uuid4())
        session.add(moderator)
    elif moderator.active:
        raise AccountRefused("known")
    moderator.password_hash, moderator.role, moderator.active = passwords.hashed(password), role, True
    reset_second_factor(session, moderator)
    return moderator


def disable(session: Session, moderator: Moderator) -> None:
    """Close the account and end its sessions; what it decided stays. Raises AccountRefused for the last admin."""
    _spare_last_admin(session, moderator)
    moderator.active = False
    end_sessions(session, moderator)


def enable(session: Session, moderator: Moderator) -> None:
    """Open a closed account again, with the password and the second factor it had."""
    moderator.active = True
    session.flush()


def change_role(session: Session, moderator: Moderator, role: Role) -> None:
    """Another role; ends the sessions. Raises AccountRefused for the last admin."""
    if role is moderator.role:
        return
    _spare_last_admin(session, moderator)
    moderator.role = role
    end_sessions(session, moderator)


def change_password(session: Session, moderator: Moderator, password: str) -> None:
    """Another password; ends the sessions. Raises PasswordRefused."""
    passwords.check(password, moderator.email)
    moderator.password_hash = passwords.hashed(password)
    end_sessions(session, moderator)


def _spare_last_admin(session: Session, moderator: Moderator) -> None:
    """Locks the admins' rows: two who close each other's accounts at once must not both succeed."""
    admins = select(Moderator).where(Moderator.role == Role.ADMIN, Moderator.active)
    found = session.scalars(admins.order_by(Moderator.id).with_for_update().execution_options(populate_existing=True)).all()
    if list(found) == [moderator]:
        raise AccountRefused("last")


def reset_second_factor(session: Session, moderator: Moderator) -> None:
    """A new secret for the app, because the phone is gone. Passkeys and recovery codes go too. Ends the sessions."""
    moderator.totp_seed, moderator.totp_last_step = second_factor.new_seed(), 0
    for kind in (Passkey, RecoveryCode):
        session.execute(delete(kind).where(kind.moderator_id == moderator.id))
    end_sessions(session, moderator)


def end_sessions(session: Session, moderator: Moderator) -> None:
    """Nothing that was signed in before stays so."""
    moderator.session_epoch += 1
    sessions.end_all(session, moderator)
    session.flush()


def choose_language(session: Session, moderator: Moderator, language: str) -> None:
    """Keep the language in which the moderator reads the desk."""
    moderator.language = language
    session.flush()


def everybody(session: Session) -> list[Moderator]:
    """All accounts, by address."""
    return list(session.scalars(select(Moderator).order_by(Moderator.email)))


def by_email(session: Session, email: str) -> Moderator | None:
    """The account with this address, if there is one."""
    return session.scalar(select(Moderator).where(Moderator.email == normalised(email)))


def named(session: Session, email: str) -> Moderator:
    """The account with this address; raises NotFound."""
    moderator = by_email(session, email)
    if moderator is None:
        raise NotFound("no such account")
    return moderator


def signed_in(session: Session, moderator_id: UUID, epoch: int) -> Moderator | None:
    """Whom a session belongs to, if the account is active and the session was not ended."""
    moderator = session.get(Moderator, moderator_id)
    return moderator if moderator is not None and moderator.active and moderator.session_epoch == epoch else None


def check_password(
    session: Session, secret_key: str, email: str, password: str, now: datetime | None = None
) -> Moderator | None:
    """The first step of signing in: who it may be, or None. Commit in both cases: a failure was counted.

    Raises TooManyTries before anything is looked at. Unknown addresses, disabled accounts and wrong passwords take the
    same time and leave the same trace.
    """
    now = now or privacy.now()
    key = attempts.key_of(secret_key, normalised(email))
    attempts.admit(session, key, now)
    moderator = by_email(session, email)
    right = passwords.verify(moderator.password_hash if moderator else None, password)
    if moderator is None or not moderator.active or not right:
        attempts.failed(session, key, now)
        return None
    if passwords.outdated(moderator.password_hash):
        moderator.password_hash = passwords.hashed(password)
    return moderator


def check_code(
    session: Session, secret_key: str, moderator: Moderator, code: str, now: datetime | None = None
) -> bool:  # fmt: skip
    """The second step: whether this is the app's code, right and fresh, or a recovery code. Commit always. Raises TooManyTries."""
    now = now or privacy.now()

    def right() -> bool:
        step = second_factor.step_of(secret_key, moderator.totp_seed, code, now)
        return _use_paper(session, secret_key, moderator, code) if step is None else _use_step(session, moderator, step)

    return _counted(session, secret_key, moderator, right, now)


def check_passkey(
    session: Session, secret_key: str, moderator: Moderator, answer: str, site: passkeys.Site, now: datetime | None = None
) -> bool:  # fmt: skip
    """The second step by a passkey, counted as `check_code` counts. Commit in both cases. Raises TooManyTries."""
    return _counted(session, secret_key, moderator, lambda: passkeys.prove(session, moderator, answer, site), now or privacy.now())


def _counted(session: Session, secret_key: str, moderator: Moderator, right: Callable[[], bool], now: datetime) -> bool:
    """Ask whether it is `right`, unless too many tries failed.

    Only now the failures are forgotten: who has the password must not get five tries at the code again and again.
    """
    key = attempts.key_of(secret_key, moderator.email)
    attempts.admit(session, key, now)
    if not right():
        attempts.failed(session, key, now)
        return False
    attempts.forget(session, key)
    return True


def _use_paper(session: Session, secret_key: str, moderator: Moderator, code: str) -> bool:
    """Spend a recovery code, and write down that one was used."""
    used = recovery_codes.use(session, secret_key, moderator, code)
    if used:
        audit.record(session, moderator, Deed.USE_RECOVERY_CODE, moderator.id)
    return used


def _use_step(session: Session, moderator: Moderator, step: int) -> bool:
    """Mark a time step as used, unless it or a later one was: compared and set in one statement."""
    mark = (
        update(Moderator)
        .where(Moderator.id == moderator.id, Moderator.totp_last_step < step)
        .values(totp_last_step=step)
    )
    return cast("CursorResult[None]", session.execute(mark)).rowcount == 1
