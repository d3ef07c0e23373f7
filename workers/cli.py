"""Commands of the workers."""

import click

from memes import db, publishing
from memes.counts import Counts
from memes.db import Database
from memes.errors import ConfigurationError
from memes.lifecycle import State
from memes.receipts import grouped
from memes.settings import Settings
from memes.storage import open_store
from workers import housekeeping
from workers.dispatch import CeleryQueue


@click.command()
@click.pass_obj
def sweep(settings: Settings) -> None:
    """Send again what the broker lost, show what is due, erase what is past its days, remove what no row points at."""
    with Database(settings.database_url, settings.entry_keys) as database:
        with database.writing() as session:
            shown = publishing.publish_due(session)
        store = open_store(settings.media_url)
        months = housekeeping.keep_figures(database)
        erased = housekeeping.erase_ended(database, store)
        resent = housekeeping.resend(database, CeleryQueue(settings), settings)
        housekeeping.hand_over(database)
        orphans = housekeeping.remove_orphans(database, store)
    click.echo(f"{resent} sent again, {shown} shown, {erased} erased, {months} months counted, {orphans} orphans removed.")


@click.command()
@click.pass_obj
def metrics(settings: Settings) -> None:
    """Serve figures for Prometheus on INSTAMEMES_METRICS_PORT, to this machine alone. A part of `up` where that is set."""
    from memes.metrics import Platform, serve  # the web process reads this file for its commands, and serves none

    if not settings.metrics_port:
        raise click.ClickException("INSTAMEMES_METRICS_PORT is not set.")
    with Database(settings.database_url, settings.entry_keys) as database:
        store, queue, counts = open_store(settings.media_url), CeleryQueue(settings), Counts(settings.redis_url)
        _server, thread = serve(settings.metrics_port, Platform(database, store, queue, counts, settings.home))
        thread.join()


@click.command()
@click.pass_obj
def demo(settings: Settings) -> None:
    """Fill an empty database with about 60 invented entries in every state."""
    # Here and not above: the web process reads this file for its commands, and must not load a picture library.
    from workers.demo import NotEmpty, plant, refuse_unless_empty
    from workers.render import render_in_child

    database = Database(settings.database_url, settings.entry_keys)
    try:
        db.upgrade(settings.database_url)
        refuse_unless_empty(settings, database)
    except ConfigurationError as refused:
        raise click.ClickException(str(refused)) from None
    except NotEmpty as refused:
        click.echo(str(refused))  # no failure: whoever runs the demo again finds what it wanted
        return
    click.echo("Planting invented entries; this takes about half a minute.")
    planted = plant(settings, database=database, store=open_store(settings.media_url), render=render_in_child)
    states = ", ".join(f"{number} {state}" for state, number in planted.states.items())
    click.echo(f"{planted.states.total()} invented entries: {states}.\nReceipts to try:")
    for state in (State.APPROVED, State.CHANGES_REQUESTED, State.DECLINED):
        click.echo(f"  {' '.join(grouped(planted.receipts[state]))}  {state}")
    click.echo(f"A collection: /ar/c/{planted.collection}. A class code: {' '.join(grouped(planted.class_code))}.")
