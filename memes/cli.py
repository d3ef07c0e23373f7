"""The commands that need only this package. `wsgi.py` adds those of the desk and the workers."""

import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO

import click

from memes import backup, backup_keys, db, encrypting, envelope, help, seals, supervisor
from memes import verify as verification
from memes.counts import Counts
from memes.errors import BackupUnusable, ConfigurationError, Unreadable
from memes.settings import Settings
from memes.storage import open_store

#: Commands for a machine on which nothing else of the platform is, and nothing is to be made.
_OFFLINE = ("seal-key", "unseal")


@click.group()
@click.pass_context
def cli(context: click.Context) -> None:
    """Insta-memes: run it, look after it."""
    try:
        if context.invoked_subcommand not in _OFFLINE:
            context.obj = context.obj or Settings.from_env()
    except ConfigurationError as error:
        raise click.ClickException(str(error)) from None


@cli.command()
@click.argument("part", type=click.Choice(supervisor.PARTS), required=False)
@click.option("--demo", is_flag=True, help="Fill an empty database with about 60 invented entries first.")
@click.pass_obj
def up(settings: Settings, part: str | None, demo: bool) -> None:
    """Start web, worker and beat (and a private broker), and look after them; or one PART alone, where others run elsewhere."""
    if part and (demo or settings.embedded_redis):
        raise click.UsageError("A part alone plants nothing, and needs REDIS_URL: a broker that the other machines reach.")
    sys.exit(supervisor.run(settings, demo=demo, only=part or ""))


@cli.command()
@click.pass_obj
def reload(settings: Settings) -> None:
    """Let what `up` runs begin anew with the program as it is now, without a gap. If that does not start, nothing changes."""
    if not supervisor.renew(settings):
        raise click.ClickException(f"Nothing runs in {settings.home}.")


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
    with db.Database(settings.database_url, settings.entry_keys) as database, database.reads() as session:
        found = list(verification.faults(session, open_store(settings.media_url)))
        unboxed = verification.open_seals(session)
    if unboxed:
        click.echo(f"{unboxed} sealed entries can be opened on this server: set INSTAMEMES_SEAL_KEYS (docs/keys.md).", err=True)
    for fault in found:
        click.echo(fault, err=True)
    if found:
        raise click.exceptions.Exit(1)
    click.echo("The logs are whole, and every picture is what was reviewed.")


@cli.command("seal-key")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def seal_key(file: Path) -> None:
    """Make a key pair for one of the two who can open what is sealed, on a machine without a network."""
    secret, public = seals.new_key()
    with _new(file) as stream:
        stream.write(f"{secret}\n".encode())
    click.echo(f"Secret key, which never goes to the server: {file}\nPublic key, one of two in INSTAMEMES_SEAL_KEYS: {public}")


@cli.command()
@click.argument("file", type=click.File("rb"))
@click.option("--key", "secrets", type=click.File("r"), multiple=True, required=True, help="A secret key; to be given twice.")
@click.option("--into", type=click.Path(path_type=Path), required=True, help="A folder that is made for it.")
def unseal(file: IO[bytes], secrets: tuple[IO[str], ...], into: Path) -> None:
    """Open a sealed FILE with both keys, on a machine without a network. Needs no database."""
    if len(secrets) != 2:
        raise click.ClickException("Both keys are needed: --key A --key B.")
    with _said_to_people():
        found = seals.opened(file.read(), (secrets[0].read(), secrets[1].read()))
    into.mkdir(mode=0o700, parents=True)
    for name, data in found.items():
        with _new(into / name) as stream:
            stream.write(data)
        click.echo(f"{into / name}: SHA-256 {hashlib.sha256(data).hexdigest()}")


@cli.command()
@click.pass_obj
def encrypt(settings: Settings) -> None:
    """Encrypt what lies there from before there were keys, and wrap every entry's key by the newest one. Harmless at any time."""
    with db.Database(settings.database_url, settings.entry_keys) as database, _said_to_people():
        rows = encrypting.encrypt(database, sys.maxsize)
        pictures = encrypting.encrypt_pictures(database, open_store(settings.media_url))
    click.echo(f"{rows} rows encrypted or wrapped anew, {pictures} pictures encrypted.")


@cli.command("backup-key")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup_key(file: Path) -> None:
    """Make a key pair: the secret key goes to FILE (to be kept away from this machine), the public one is printed."""
    secret, public = envelope.new_key()
    with _new(file) as stream:
        stream.write(f"{secret}\n".encode())
    click.echo(f"Secret key, needed to restore: {file}\nPublic key, for INSTAMEMES_BACKUP_KEY: {public}")


@cli.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--key", envvar="INSTAMEMES_BACKUP_KEY", help="The public key (age1…); INSTAMEMES_BACKUP_KEY unless given."
)
@click.pass_obj
def write_backup(settings: Settings, file: Path, key: str | None) -> None:
    """Write everything to FILE, encrypted, and the keys of entries to keys.age beside it, in place of the ones before.

    SECRET_KEY and INSTAMEMES_ENTRY_KEY are in neither: keep them apart, or no receipt and no entry will open again.
    """
    with db.Database(settings.database_url, settings.entry_keys) as database, _said_to_people():
        with _replaced(file) as stream:
            done = backup.write(database, open_store(settings.media_url), stream, _given(key))
        with _replaced(file.with_name(backup_keys.NAME)) as stream:
            backup_keys.write(database, stream, _given(key))
        with database.reads() as session:
            plain = encrypting.plain(session)
    Counts(settings.redis_url).backed_up()
    click.echo(f"{file}: {done.rows} rows, {done.pictures} files.")
    if plain:
        click.echo(f"{plain} rows in it are from before there were keys: run `instamemes encrypt`, then back up again.", err=True)


@cli.command("backup-keys")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--key", envvar="INSTAMEMES_BACKUP_KEY", help="As for backup.")
@click.pass_obj
def write_keys(settings: Settings, file: Path, key: str | None) -> None:
    """Write the keys of entries alone to FILE, in place of the ones before: what has gone since is gone from every backup."""
    with db.Database(settings.database_url, settings.entry_keys) as database, _said_to_people(), _replaced(file) as stream:
        number = backup_keys.write(database, stream, _given(key))
    click.echo(f"{file}: {number} keys.")


@cli.command("restore")
@click.argument("file", type=click.File("rb"))
@click.option("--key", "secret", type=click.File("r"), required=True, help="The file with the secret key.")
@click.option("--keys", type=click.File("rb"), help="The newest file of keys; keys.age beside FILE unless given.")
@click.pass_obj
def read_backup(settings: Settings, file: IO[bytes], secret: IO[str], keys: IO[bytes] | None) -> None:
    """Fill an empty database and the media store from FILE, and withdraw again what was taken back since it was made."""
    beside = Path(file.name).with_name(backup_keys.NAME)
    with db.Database(settings.database_url, settings.entry_keys) as database, _said_to_people(), ExitStack() as opened:
        if keys is None and beside.exists():
            keys = opened.enter_context(beside.open("rb"))
        done = backup.read(database, open_store(settings.media_url), file, secret.read(), keys)
    click.echo(
        f"{done.rows} rows, {done.pictures} files; {done.withdrawn} entries were taken back since, and are gone again."
    )


def _given(key: str | None) -> str:
    if not key:
        raise click.ClickException("A public key is needed: make one with `instamemes backup-key`.")
    return key


@contextmanager
def _replaced(file: Path) -> Iterator[IO[bytes]]:
    """A file in the place of the one before, once it is whole and on the disk."""
    partial = file.with_name(f"{file.name}.partial")
    with _new(partial) as stream:
        try:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
            partial.replace(file)
        finally:
            partial.unlink(missing_ok=True)


def _new(file: Path) -> IO[bytes]:
    """A file that did not exist, for its owner only."""
    try:
        return os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}") from None


@contextmanager
def _said_to_people() -> Iterator[None]:
    try:
        yield
    except (BackupUnusable, Unreadable) as error:
        raise click.ClickException(str(error)) from None


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
    with db.Database(settings.database_url, settings.entry_keys) as database, database.writing() as session:
        try:
            help.confirm(session, channel, day)
        except KeyError:
            raise click.ClickException(f"There is no help channel {channel!r}.") from None
    click.echo(f"{channel}: confirmed on {day}.")
