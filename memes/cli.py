"""The commands that need only this package. `wsgi.py` adds those of the desk and the workers."""

import sys
from datetime import UTC, date, datetime

import click

from memes import db, help, supervisor
from memes import verify as verification
from memes.errors import ConfigurationError
from memes.settings import Settings
from memes.storage import open_store


@click.group()
@click.pass_context
def cli(context: click.Context) -> None:
    """Insta-memes: run it, look after it."""
    try:
        context.obj = context.obj or Settings.from_env()
    except ConfigurationError as error:
        raise click.ClickException(str(error)) from None


@cli.command()
@click.option("--demo", is_flag=True, help="Fill an empty database with about 60 invented entries first.")
@click.pass_obj
def up(settings: Settings, demo: bool) -> None:
    """Start web, worker and beat (and a private broker), and look after them."""
    sys.exit(supervisor.run(settings, demo=demo))


@cli.group("db")
def database() -> None:
    """The database's schema."""


@database.command()
@click.pass_obj
def upgrade(settings: Settings) -> None:
    """Bring the schema to the newest revision."""
    db.upgrade(settings.database_url)


@cli.command()
@click.pass_obj
def verify(settings: Settings) -> None:
    """Check the chains of both logs, and the clean pictures against their rows."""
    with db.Database(settings.database_url) as database, database.reads() as session:
        found = list(verification.faults(session, open_store(settings.media_url)))
    for fault in found:
        click.echo(fault, err=True)
    if found:
        raise click.exceptions.Exit(1)
    click.echo("The logs are whole, and every picture is what was reviewed.")


@cli.group("help-channels")
def help_channels() -> None:
    """Numbers and addresses of help, and when somebody last checked them."""


@help_channels.command("confirm")
@click.argument("channel")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="The day it was checked (today unless given).")
@click.pass_obj
def confirm_channel(settings: Settings, channel: str, on: datetime | None) -> None:
    """Note that CHANNEL was called or opened and works."""
    day: date = on.date() if on else datetime.now(UTC).date()
    with db.Database(settings.database_url) as database, database.writing() as session:
        try:
            help.confirm(session, channel, day)
        except KeyError:
            raise click.ClickException(f"There is no help channel {channel!r}.") from None
    click.echo(f"{channel}: confirmed on {day}.")
