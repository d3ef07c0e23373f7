"""The task queue port over Celery: by name, so that the web process loads no task and no picture library."""

import logging
from contextlib import suppress
from uuid import UUID

import redis
from celery import Celery
from kombu.exceptions import OperationalError

from memes import broker
from memes.settings import Settings
from workers.app import ENTRIES, PROCESS, URGENT, make_celery

_log = logging.getLogger(__name__)

#: Seconds that a sender waits for the broker: somebody stands behind it, and the sweep sends again what was not sent.
PATIENCE = 1

#: Where a worker leaves a sign of life, and for how long (seconds); the sweep renews it.
SEEN_KEY, SEEN_FOR = "worker:seen", 120
#: Where it leaves a sign that it has come to an end with an entry, and for how long (seconds).
DONE_KEY, DONE_FOR = "worker:done", 600


class CeleryQueue:
    """Sends an id and nothing else."""

    def __init__(self, settings: Settings, celery: Celery | None = None) -> None:
        self._celery = celery or make_celery(settings)
        # A broker that takes connections and never answers costs a sender this long and no longer.
        self._celery.conf.broker_transport_options |= {"socket_timeout": PATIENCE, "socket_connect_timeout": PATIENCE}
        self._redis = broker.client(settings.redis_url, PATIENCE)

    def process_entry(self, entry_id: UUID, *, urgent: bool = False) -> None:
        """Send the task. A broker that is away is no error: the row stays `received` and the sweep sends it again."""
        try:
            # argsrepr and origin would put the id's repr and pid@host into each message.
            self._celery.send_task(PROCESS, [entry_id.hex], argsrepr="-", kwargsrepr="-", origin="web", retry=False,
                                   queue=URGENT if urgent else ENTRIES)  # fmt: skip
        except (OperationalError, redis.RedisError, OSError) as error:
            _log.warning("the broker is away (%s); the sweep will send again", type(error).__name__)

    def waiting(self, *, urgent: bool = False) -> int:
        """How many entries wait in that queue; raises redis.RedisError when the broker is away."""
        return int(self._redis.llen(URGENT if urgent else ENTRIES))

    def ready(self) -> bool:
        """Whether the broker answers."""
        try:
            return bool(self._redis.ping())
        except redis.RedisError:
            return False

    def worker_seen(self) -> bool:
        """Whether a worker has swept within the last two minutes."""
        try:
            return bool(self._redis.exists(SEEN_KEY))
        except redis.RedisError:
            return False

    def leave_sign(self) -> None:
        """Say that a worker is alive and gets things done."""
        self._redis.set(SEEN_KEY, 1, ex=SEEN_FOR)

    def note_done(self) -> None:
        """Say that a worker has just come to an end with an entry."""
        with suppress(redis.RedisError):
            self._redis.set(DONE_KEY, 1, ex=DONE_FOR)

    def done_lately(self) -> bool:
        """Whether a worker has come to an end with an entry within DONE_FOR; raises redis.RedisError when the broker is away."""
        return bool(self._redis.exists(DONE_KEY))
