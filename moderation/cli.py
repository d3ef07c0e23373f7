"""`instamemes moderators`: the way to make the first account, with no default one and no sign-up; and `instamemes audit`."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import segno
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.orm import Session

from memes.db import Database
from memes.errors import NotFound
from memes.settings import Settings
from moderation import accounts, invitations, second_factor
from moderation import audit as audit_log
from moderation.accounts import AccountRefused
from moderation.audit import Deed
from moderation.models import Moderator
from moderation.passwords import LONGEST, SHORTEST, PasswordRefused
from moderation.roles import Role

_REFUSALS = {
    "email": "This is not an e-mail address.",
    "known": "There is an active account with this address already.",
    "length": f"A password has {SHORTEST} to {LONGEST} characters.",
    "last": "This is the last admin: without it nobody could let people in. Give somebody else this role first.",
    "common": "This password is too easy to guess.",
}


@click.group()
def moderators() -> None:
    """People who read what children send."""


@moderators.command()
@click.argument("email")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.pass_obj
def add(settings: Settings, email: str, role: str) -> None:
    """Make an account for EMAIL; the password is asked for, or read from the first line of the input."""
    password = _password()
    with _session(settings) as session:
        try:
            moderator = accounts.add(session, email, password, Role(role))
        except AccountRefused as error:
            raise click.ClickException(_REFUSALS[error.reason]) from None
        except PasswordRefused as error:
            sentence = "The password must not be the address." if error.reason == "email" else _REFUSALS[error.reason]
            raise click.ClickException(sentence) from None
        audit_log.record(session, None, Deed.ADD_ACCOUNT, moderator.id)
        _show_second_factor(settings, moderator)


@moderators.command()
@click.argument("email")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.pass_obj
def invite(settings: Settings, email: str, role: str) -> None:
    """Print a link with which EMAIL can make an account, once, within 72 hours."""
    with _session(settings) as session:
        try:
            token = invitations.invite(session, email, Role(role))
        except AccountRefused as error:
            raise click.ClickException(_REFUSALS[error.reason]) from None
        audit_log.record(session, None, Deed.INVITE, role)
        click.echo(f"/desk/invitation#{token}")
    click.echo("Put the platform's address before it, and hand it over in person: whoever has it can join.", err=True)


@moderators.command("list")
@click.pass_obj
def list_accounts(settings: Settings) -> None:
    """Show every account: address, role, active or disabled, day it was made."""
    with _session(settings) as session:
        for moderator in accounts.everybody(session):
            state = "active" if moderator.active else "disabled"
            click.echo(f"{moderator.email}\t{moderator.role}\t{state}\t{moderator.created_on}")


@moderators.command()
@click.argument("email")
@click.pass_obj
def disable(settings: Settings, email: str) -> None:
    """Close the account of EMAIL; whoever uses it is out at once. `add` brings it back."""
    with _session(settings) as session:
        moderator = accounts.named(session, email)
        try:
            accounts.disable(session, moderator)
        except AccountRefused as error:
            raise click.ClickException(_REFUSALS[error.reason]) from None
        audit_log.record(session, None, Deed.DISABLE_ACCOUNT, moderator.id)
        click.echo(f"{moderator.email} is disabled.")


@moderators.command("reset-second-factor")
@click.argument("email")
@click.pass_obj
def reset_second_factor(settings: Settings, email: str) -> None:
    """Give EMAIL a new secret for the app, because the phone is lost or new."""
    with _session(settings) as session:
        moderator = accounts.named(session, email)
        accounts.reset_second_factor(session, moderator)
        audit_log.record(session, None, Deed.RESET_SECOND_FACTOR, moderator.id)
        _show_second_factor(settings, moderator)


@click.group()
def audit() -> None:
    """The logs of who did what."""


@audit.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_obj
def export(settings: Settings, file: Path) -> None:
    """Write both logs to FILE (which must not exist yet) as lines of JSON; docs/audit.md says how anybody can check them."""
    try:
        target = os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii")
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}.") from None
    with target, _session(settings) as session:
        for line in audit_log.export(session):
            target.write(line + "\n")
    click.echo(f"Both logs are in {file}.")


@contextmanager
def _session(settings: Settings) -> Iterator[Session]:
    """A session that commits at the end; what can go wrong becomes a sentence."""
    database = Database(settings.database_url, settings.entry_keys)
    try:
        with database.writing() as session:
            yield session
    except NotFound:
        raise click.ClickException("There is no account with this address.") from None
    except (OperationalError, ProgrammingError):
        raise click.ClickException(
            "The database does not answer or has no tables yet: `instamemes db upgrade` makes them."
        ) from None
    finally:
        database.dispose()


def _password() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    return sys.stdin.readline().rstrip("\r\n")


def _show_second_factor(settings: Settings, moderator: Moderator) -> None:
    address = second_factor.address(settings.secret_key, moderator.totp_seed, moderator.email)
    click.echo(address)
    if sys.stdout.isatty():
        click.echo("Scan this with an app for one-time codes, then clear the screen:")
        segno.make(address, error="m").terminal(compact=True)
