"""Who works at the desk and how, and how often somebody failed to sign in. No table of `memes` points here, nor the other way."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import JSON, BigInteger, Date, ForeignKey, LargeBinary, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from memes.columns import Moment, name_of
from memes.db import Base
from memes.lifecycle import Action
from moderation.roles import Role


class Moderator(Base):
    """An account of the desk. Never deleted: the log names its id for ever."""

    __tablename__ = "moderators"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    #: As `accounts.normalised` makes it.
    email: Mapped[str] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    role: Mapped[Role] = mapped_column(name_of(Role, 16))
    #: What the second factor's secret is derived from, together with a key that is not in the database.
    totp_seed: Mapped[bytes] = mapped_column(LargeBinary(20))
    #: The newest time step whose code was used: a code works once.
    totp_last_step: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)
    #: Sessions carry it; raising it ends them all.
    session_epoch: Mapped[int] = mapped_column(default=1)
    language: Mapped[str | None] = mapped_column(String(2))
    created_on: Mapped[date] = mapped_column(Date)
    #: How colleagues call this person; what stands before the @ as long as nothing was said.
    name: Mapped[str | None] = mapped_column(String(40))
    last_seen_on: Mapped[date | None] = mapped_column(Date)
    #: What a passkey is asked to sign next; good for one answer.
    challenge: Mapped[bytes | None] = mapped_column(LargeBinary(64))


class Invitation(Base):
    """Somebody is asked to join. Who has the link can use it once; only its hash is kept."""

    __tablename__ = "invitations"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    #: As `accounts.normalised` makes it; a newer invitation takes the place of an older one.
    email: Mapped[str] = mapped_column(String(254), unique=True)
    role: Mapped[Role] = mapped_column(name_of(Role, 16))
    totp_seed: Mapped[bytes] = mapped_column(LargeBinary(20))
    expires_at: Mapped[datetime] = mapped_column(Moment)


class DeskSession(Base):
    """One browser in which somebody is signed in. Without its row, its cookie opens nothing."""

    __tablename__ = "desk_sessions"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    moderator_id: Mapped[UUID] = mapped_column(Uuid, index=True)
    #: `phone`, `tablet` or `computer`: all that is kept of what the browser says about itself.
    device: Mapped[str] = mapped_column(String(8))
    started_at: Mapped[datetime] = mapped_column(Moment)
    #: The last request, give or take a few minutes.
    last_at: Mapped[datetime] = mapped_column(Moment)
    #: When password and second factor were last given.
    proved_at: Mapped[datetime] = mapped_column(Moment)


class RecoveryCode(Base):
    """A way in without the phone, good for one use. A keyed hash: the table alone tells no code."""

    __tablename__ = "recovery_codes"

    moderator_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)


class Passkey(Base):
    """A key that stays in somebody's device; here is what proves that it signed (WebAuthn)."""

    __tablename__ = "passkeys"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    moderator_id: Mapped[UUID] = mapped_column(Uuid, index=True)
    name: Mapped[str] = mapped_column(String(40))
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(1023), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger)
    made_on: Mapped[date] = mapped_column(Date)


class KeptWork(Base):
    """What somebody had typed when the session ran out, until the same person is back."""

    __tablename__ = "kept_work"
    __table_args__ = ({"info": {"backup": False}},)

    moderator_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    path: Mapped[str] = mapped_column(String(200))
    #: Pairs of name and value, as a form sends them, encrypted (`sessions.keep_work`).
    kept_fields: Mapped[str] = mapped_column("fields", JSON)
    until: Mapped[datetime] = mapped_column(Moment)


class SignInAttempts(Base):
    """Failures in a row for one address, known or not. The address itself is not kept (`attempts.key_of`)."""

    __tablename__ = "sign_in_attempts"

    key: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    wait_until: Mapped[datetime] = mapped_column(Moment, index=True)


class Claim(Base):
    """Who reads an entry now: a soft lock that runs out by itself."""

    __tablename__ = "claims"

    entry_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    moderator_id: Mapped[UUID] = mapped_column(Uuid)
    until: Mapped[datetime] = mapped_column(Moment)


class HiddenEntry(Base):
    """An entry that one person would rather leave to colleagues. No reason is asked for, and none is kept."""

    __tablename__ = "hidden_entries"

    moderator_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    entry_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, index=True)


class Workplace(Base):
    """One person's place at the desk: how they like it, and what today has asked of them.

    Of earlier days nothing is kept, so that nobody can be compared with anybody.
    """

    __tablename__ = "workplaces"

    moderator_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    #: Ids of the themes that are not offered to this person.
    muted: Mapped[list[str]] = mapped_column(JSON, default=list)
    #: Heavy entries a day; beyond, they are offered to others.
    heavy_cap: Mapped[int]
    #: How pictures arrive: `blurred`, `grey` or `plain`.
    pictures: Mapped[str] = mapped_column(String(8))
    #: What a single key does: `off` nothing, `two` a second stroke decides, `one` the first one on a clean entry.
    keys: Mapped[str] = mapped_column(String(4))

    day: Mapped[date] = mapped_column(Date)
    decided: Mapped[int] = mapped_column(default=0)
    #: Ids of the heavy entries that were opened today: opening one twice is one.
    heavy: Mapped[list[str]] = mapped_column(JSON, default=list)
    #: Since when, and how often, there were decisions without a pause between them.
    stretch_from: Mapped[datetime | None] = mapped_column(Moment)
    stretch_to: Mapped[datetime | None] = mapped_column(Moment)
    stretch: Mapped[int] = mapped_column(default=0)
    #: The last decision, as long as it can be taken back: the entry, and its version since then.
    last_entry: Mapped[UUID | None] = mapped_column(Uuid)
    last_version: Mapped[int | None]
    last_at: Mapped[datetime | None] = mapped_column(Moment)


class SafeguardingStep(Base):
    """What was done for the child behind an entry, by whom, on which day."""

    __tablename__ = "safeguarding_steps"

    entry_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    step: Mapped[str] = mapped_column(String(32), primary_key=True)
    moderator_id: Mapped[UUID] = mapped_column(Uuid)
    day: Mapped[date] = mapped_column(Date)


class PracticeAnswer(Base):
    """What somebody answered to an invented entry, first time. For that person; others see sums only."""

    __tablename__ = "practice_answers"

    moderator_id: Mapped[UUID] = mapped_column(ForeignKey("moderators.id", ondelete="CASCADE"), primary_key=True)
    item: Mapped[str] = mapped_column(String(40), primary_key=True)
    action: Mapped[Action] = mapped_column(name_of(Action))
    reason: Mapped[str | None] = mapped_column(String(32))
    agreed: Mapped[bool]
