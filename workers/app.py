"""The Celery application. `celery -A workers.app:celery worker|beat`.

Measured settings (the broker forgets what it held when it dies, and a killed worker's messages come back late):
late acknowledgement, no reject on a lost worker (a poison picture would loop for ever; the row counts attempts instead),
one message at a time, no results, a visibility timeout above the longest task, restoring every few seconds, and time limits
on every socket so that a broker that swallows packets cannot hang an upload.
"""

import os
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

from celery import Celery, signals
from celery.schedules import crontab
from kombu import Queue  # type: ignore[attr-defined]  # it is lazily exported

from memes import broker, output
from memes.errors import ConfigurationError
from memes.settings import Settings
from workers import syscalls

PROCESS = "workers.process_entry"
SWEEP = "workers.sweep"
TIDY = "workers.tidy"
PUBLISH = "workers.publish"
NIGHT = "workers.night"
PICTURES = "workers.pictures"

#: The queues: what children sent, that of it which points to danger, and rounds of housekeeping.
ENTRIES, URGENT, UPKEEP = "entries", "urgent", "upkeep"
QUEUES = (URGENT, ENTRIES, UPKEEP)

#: Seconds. A picture's child process is killed after 30; the task may need a slow store besides.
SOFT_LIMIT, HARD_LIMIT, VISIBILITY = 50, 60, 90
#: Seconds for which a sentinel is waited for, before the next one is asked.
ASKING = 0.5
TIDY_EVERY, PUBLISH_EVERY, PICTURES_EVERY = 900, 60, 10


def make_celery(settings: Settings) -> Celery:
    """An application bound to the broker of the settings; used by workers and, for sending only, by the web."""
    sweep_every = settings.resend_after // 3
    app = Celery("instamemes", broker=broker_address(settings.redis_url), set_as_current=False)
    app.conf.update(
        task_acks_late=True,
        task_reject_on_worker_lost=False,
        task_acks_on_failure_or_timeout=True,
        worker_prefetch_multiplier=1,
        task_ignore_result=True,
        task_store_errors_even_if_ignored=False,
        task_soft_time_limit=SOFT_LIMIT,
        task_time_limit=HARD_LIMIT,
        worker_max_tasks_per_child=200,
        worker_soft_shutdown_timeout=20,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        worker_send_task_events=False,
        worker_enable_remote_control=False,
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "visibility_timeout": VISIBILITY,
            "unacked_restore_interval": 5,
            "unacked_restore_throttle": 1,
            "socket_timeout": 5,
            "socket_connect_timeout": 2,
            "max_retries": 1,
            "interval_start": 0,
            "interval_max": 0.2,
            **_masters(settings.redis_url),
        },
        accept_content=["json"],
        task_default_queue=ENTRIES,
        # The worker takes from each in turn. A cry for help waits for one or two others, however many wait before it; and a
        # sweep that waited behind a thousand pictures would expire there each time, and then nobody would know that the
        # worker lives. In turn, and not in order: so a flood of one kind holds up no other.
        task_queues=[Queue(name) for name in QUEUES],  # type: ignore[no-untyped-call]
        task_routes={SWEEP: {"queue": UPKEEP}, TIDY: {"queue": UPKEEP}, PUBLISH: {"queue": UPKEEP}, NIGHT: {"queue": UPKEEP},
                     PICTURES: {"queue": UPKEEP}},
        imports=("workers.tasks", "workers.watch"),
        # A round that could not run in time is not made up for: the next one does the same.
        beat_schedule={
            "sweep": {"task": SWEEP, "schedule": sweep_every, "options": {"expires": sweep_every}},
            "publish": {"task": PUBLISH, "schedule": PUBLISH_EVERY, "options": {"expires": PUBLISH_EVERY}},
            "pictures": {"task": PICTURES, "schedule": PICTURES_EVERY, "options": {"expires": PICTURES_EVERY}},
            "night": {"task": NIGHT, "schedule": crontab(minute="*/15", hour="1-4"), "options": {"expires": TIDY_EVERY}},
            "tidy": {"task": TIDY, "schedule": TIDY_EVERY, "options": {"expires": TIDY_EVERY}},
        },
        timezone="UTC",
    )
    return app


def make_worker(settings: Settings) -> Celery:
    """The application of a worker. ConfigurationError where it would decode pictures for a real platform without a cage."""
    if settings.production and not syscalls.available():
        raise ConfigurationError(
            "This system cannot hold the process that decodes pictures to a list of system calls (seccomp: Linux on x86-64 or "
            "ARM64, and a container that lets it). A worker does not start in production without."
        )
    return make_celery(settings)


@signals.setup_logging.connect  # type: ignore[untyped-decorator]
def _speak(**_: Any) -> None:
    """Instead of Celery's own way, which tells what a task was given and what its exception says."""
    output.use()


@signals.worker_init.connect  # type: ignore[untyped-decorator]
def let_others_go_first(**_: Any) -> None:
    """Give the worker's session the worker's own priority. Many Linux kernels weigh sessions against each other, all alike, and
    only then the processes in one by their priorities (sched(7), autogroup): the web's session would get no more than ours."""
    if os.getsid(0) != os.getpid():
        return  # it is somebody else's
    for _round in range(20):
        try:
            Path("/proc/self/autogroup").write_text(str(os.getpriority(os.PRIO_PROCESS, 0)), encoding="ascii")
        except BlockingIOError:  # the kernel hears one such wish in 0.1 s, whoever has it
            time.sleep(0.1)
        except OSError:  # it does not weigh sessions
            return
        else:
            return


def broker_address(redis_url: str) -> str:
    """Redis's own way to name a socket (`unix:///path`), and ours to name sentinels, in Celery's words."""
    known = broker.sentinels(redis_url)
    if known is None:
        return redis_url.replace("unix://", "redis+socket://", 1)
    secret = f":{quote(known.password, safe='')}@" if known.password else ""
    return ";".join(f"sentinel://{secret}{host}:{port}" for host, port in known.hosts)


def _masters(redis_url: str) -> dict[str, Any]:
    """What Celery must be told beside the address where sentinels know the master."""
    known = broker.sentinels(redis_url)
    if known is None:
        return {}
    asked = {"password": known.password, "socket_timeout": ASKING, "socket_connect_timeout": ASKING}
    return {"master_name": known.name, "sentinel_kwargs": asked}


def __getattr__(name: str) -> Celery:
    """`workers.app:celery`, made when a worker asks for it, so that importing this module reads no environment."""
    if name != "celery":
        raise AttributeError(name)
    app = make_worker(Settings.from_env())
    globals()["celery"] = app
    return app
