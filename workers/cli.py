"""Commands of the workers."""

import click

from memes.db import Database
from memes.settings import Settings
from memes.storage import open_store
from workers import housekeeping
from workers.dispatch import CeleryQueue


@click.command()
@click.pass_obj
def sweep(settings: Settings) -> None:
    """Send again what the broker lost, remove what no row points at."""
    database, queue = Database(settings.database_url), CeleryQueue(settings)
    resent = housekeeping.resend(database, queue, settings)
    orphans = housekeeping.remove_orphans(database, open_store(settings.media_url))
    click.echo(f"{resent} sent again, {orphans} orphans removed.")
