"""Who works at the desk, and how often somebody failed to sign in. No table of `memes` points here, nor the other way."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import Date, Enum, LargeBinary, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from memes.db import Base
from memes.models import Moment
from moderation.roles import Role


class Moderator(Base):
    """An account of the desk. Never deleted: the log names its id for ever."""

    __tablename__ = "moderators"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    #: As `accounts.normalised` makes it.
    email: Mapped[str] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    role: Mapped[Role] = mapped_column(
        Enum(
            Role, native_enum=False, create_constraint=False, length=16, values_callable=lambda e: [m.value for m in e]
        )
    )
    #: What the second factor's secret is derived from, together with a key that is not in the database.
    totp_seed: Mapped[bytes] = mapped_column(LargeBinary(20))
    #: The newest time step whose code was used: a code works once.
    totp_last_step: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)
    #: Sessions carry it; raising it ends them all.
    session_epoch: Mapped[int] = mapped_column(default=1)
    language: Mapped[str | None] = mapped_column(String(2))
    created_on: Mapped[date] = mapped_column(Date)


class SignInAttempts(Base):
    """Failures in a row for one address, known or not. The address itself is not kept (`attempts.key_of`)."""

    __tablename__ = "sign_in_attempts"

    key: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    wait_until: Mapped[datetime] = mapped_column(Moment, index=True)
