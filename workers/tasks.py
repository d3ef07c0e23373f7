"""Tasks: an id in, one plain function called. The engine is made in the child process, never before the fork."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from uuid import UUID

from celery import shared_task, signals
from celery.exceptions import Retry

from memes import classes, collections, db, encrypting, likenesses, publishing, sealing
from memes.counts import Counts, kind_of
from memes.db import Database
from memes.errors import StoreUnavailable
from memes.limits import Limiter
from memes.ports import MediaStore
from memes.settings import Settings
from memes.storage import open_store
from workers import editors_files, housekeeping, pipeline
from workers.app import NIGHT, PICTURES, PROCESS, PUBLISH, SWEEP, TIDY
from workers.cage import CageBroken
from workers.dispatch import CeleryQueue
from workers.render import render_in_child


@dataclass(frozen=True, slots=True)
class Resources:
    """What a worker process holds on to."""

    settings: Settings
    database: Database
    store: MediaStore
    queue: CeleryQueue
    counts: Counts


@cache
def resources() -> Resources:
    """Made once in each worker process, at its first task."""
    settings = Settings.from_env()
    database = Database(settings.database_url, settings.entry_keys)
    return Resources(settings, database, open_store(settings.media_url), CeleryQueue(settings), Counts(settings.redis_url))


@signals.task_failure.connect  # type: ignore[untyped-decorator]
def _failed(exception: BaseException, **_told: object) -> None:
    resources().counts.failed("worker", "machine" if isinstance(exception, CageBroken) else kind_of(exception))


@signals.task_retry.connect  # type: ignore[untyped-decorator]
def _tried_again(reason: Retry, **_told: object) -> None:
    _failed(reason.exc or reason)


# Only these two are transient. Never OSError: a broken picture raises one, and would be tried for ever.
@shared_task(  # type: ignore[untyped-decorator]
    name=PROCESS, autoretry_for=(StoreUnavailable, *db.AWAY), max_retries=3, retry_backoff=2, retry_jitter=True
)
def process_entry(entry_id: str) -> None:
    """Clean one entry."""
    made = resources()
    lease = timedelta(seconds=made.settings.resend_after)  # as long as the sweep waits before it sends again
    if pipeline.process(made.database, made.store, render_in_child, UUID(hex=entry_id), lease=lease, counts=made.counts):
        made.queue.note_done()


@shared_task(name=SWEEP)  # type: ignore[untyped-decorator]
def sweep() -> None:
    """Send again what the broker lost."""
    made = resources()
    made.counts.happened("resent", housekeeping.sweep(made.database, made.queue, made.settings))
    made.counts.happened("sweeps")


@shared_task(name=PUBLISH)  # type: ignore[untyped-decorator]
def publish() -> None:
    """Show what is due."""
    with resources().database.writing() as session:
        publishing.publish_due(session)


@shared_task(name=PICTURES)  # type: ignore[untyped-decorator]
def pictures() -> None:
    """Make editors' pictures anew."""
    made = resources()
    editors_files.clean(made.database, made.store, render_in_child)


@shared_task(name=NIGHT)  # type: ignore[untyped-decorator]
def night() -> None:
    """Erase what is past its days, count the month that is over, and what was sent with class codes."""
    made = resources()
    with made.database.writing() as session:
        classes.add_up(session, Limiter(made.settings.redis_url, enabled=True))
    housekeeping.erase_ended(made.database, made.store)
    housekeeping.keep_figures(made.database)


@shared_task(name=TIDY)  # type: ignore[untyped-decorator]
def tidy() -> None:
    """Remove what no row points at and what has had its time, and see that nothing that was taken back can return."""
    made = resources()
    housekeeping.remove_orphans(made.database, made.store)
    housekeeping.restore_tombstones(made.database, made.store)
    housekeeping.hand_over(made.database)
    encrypting.encrypt(made.database, housekeeping.BATCH)
    sealing.close_rest(made.database, made.settings.seal_holders, made.store)
    with made.database.writing() as session:
        encrypting.destroy_left_keys(session)
        likenesses.expire(session)
        collections.expire(session)
        classes.expire(session)
