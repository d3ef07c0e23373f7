"""Passkeys (WebAuthn Level 2) as second factor: adding, proving, removing. Verbs take the session first and never commit.

A challenge is kept with the account and spent by the first answer, so an answer cannot be sent twice.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from memes import privacy
from memes.errors import DomainError
from moderation.models import Moderator, Passkey

#: As many devices as a person has, and one more.
MOST = 10


@dataclass(frozen=True, slots=True)
class Site:
    """Who asks for a signature: the host's name, and the address that the browser must be at."""

    host: str
    origin: str


class PasskeyRefused(DomainError):
    """What the browser sent is no proof of a passkey."""


def of(session: Session, moderator: Moderator) -> list[Passkey]:
    """This person's passkeys, by name."""
    mine = select(Passkey).where(Passkey.moderator_id == moderator.id)
    return list(session.scalars(mine.order_by(Passkey.name, Passkey.id)))


def offer(session: Session, moderator: Moderator, site: Site) -> str:
    """What the browser needs to make a passkey, as JSON."""
    options = generate_registration_options(
        rp_id=site.host, rp_name="Insta-memes", user_name=moderator.email, user_id=moderator.id.bytes,
        exclude_credentials=_known(session, moderator),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED, user_verification=UserVerificationRequirement.PREFERRED
        ),
    )  # fmt: skip
    moderator.challenge = options.challenge
    session.flush()
    return options_to_json(options)


def add(session: Session, moderator: Moderator, name: str, answer: str, site: Site) -> Passkey:
    """Keep the public half of a new passkey; raises PasskeyRefused."""
    challenge, moderator.challenge = moderator.challenge, None
    if challenge is None or len(of(session, moderator)) >= MOST:
        raise PasskeyRefused("no offer")
    try:
        made = verify_registration_response(
            credential=answer, expected_challenge=challenge, expected_rp_id=site.host, expected_origin=site.origin
        )
    except WebAuthnException:
        raise PasskeyRefused("no proof") from None
    passkey = Passkey(
        moderator_id=moderator.id, name=name.strip()[:40] or "…", credential_id=made.credential_id,
        public_key=made.credential_public_key, sign_count=made.sign_count, made_on=privacy.now().date(),
    )  # fmt: skip
    session.add(passkey)
    session.flush()
    return passkey


def ask(session: Session, moderator: Moderator, site: Site) -> str:
    """What the browser needs to sign with one of this person's passkeys, as JSON."""
    options = generate_authentication_options(rp_id=site.host, allow_credentials=_known(session, moderator))
    moderator.challenge = options.challenge
    session.flush()
    return options_to_json(options)


def prove(session: Session, moderator: Moderator, answer: str, site: Site) -> bool:
    """Whether one of this person's passkeys signed what was asked; the question is spent in any case."""
    challenge, moderator.challenge = moderator.challenge, None
    session.flush()
    if challenge is None:
        return False
    try:
        sent = parse_authentication_credential_json(answer)
        passkey = next(one for one in of(session, moderator) if one.credential_id == sent.raw_id)
        proof = verify_authentication_response(
            credential=sent, expected_challenge=challenge, expected_rp_id=site.host, expected_origin=site.origin,
            credential_public_key=passkey.public_key, credential_current_sign_count=passkey.sign_count,
        )  # fmt: skip
    except (WebAuthnException, StopIteration):
        return False
    passkey.sign_count = proof.new_sign_count
    return True


def remove(session: Session, moderator: Moderator, passkey_id: UUID) -> None:
    """It opens nothing any more. Somebody else's is not touched."""
    session.execute(delete(Passkey).where(Passkey.moderator_id == moderator.id, Passkey.id == passkey_id))


def _known(session: Session, moderator: Moderator) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=passkey.credential_id) for passkey in of(session, moderator)]
