"""The whole of it: databases, memory, pictures, proxy, three web machines, two with a worker, and one with the clock."""

import os
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from memes import db
from memes.db import Database
from memes.settings import Settings
from memes.storage import open_store
from moderation import accounts
from moderation.roles import Role
from tests.trial.programs import Machine, free_port
from tests.trial.servers import BUCKET, Databases, Memory, pictures, proxy, until

WEBS, WORKERS = 3, 2
COMMAND = (sys.executable, "-c", "from wsgi import cli; cli()", "up")


@dataclass(frozen=True)
class Installation:
    """What the trial may ask, kill and start."""

    port: int
    databases: Databases
    memory: Memory
    webs: list[Machine]
    workers: list[Machine]
    clock: Machine
    settings: Settings
    database: Database
    moderators: list[UUID]


@contextmanager
def _looked_after(machines: Sequence[Machine]) -> Iterator[None]:
    """What ends by itself is started again, as systemd does."""
    over = threading.Event()

    def look() -> None:
        while not over.wait(1):
            for machine in machines:
                machine.go_on()

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextmanager
def installation() -> Iterator[Installation]:
    """Everything, ready; nothing of it is left afterwards."""
    before = dict(os.environ)
    with (
        tempfile.TemporaryDirectory(prefix="im-trial-", ignore_cleanup_errors=True) as place,
        ExitStack() as later,
    ):
        folder = Path(place)
        later.callback(lambda: (os.environ.clear(), os.environ.update(before)))
        databases, memory = Databases(folder), Memory(folder)
        for machine in (*databases.machines, *memory.machines):
            later.callback(machine.kill)
        databases.start()
        memory.start()
        store, told = pictures(folder)
        later.callback(store.kill)
        common = {name: before[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in before} | told | {
            "SECRET_KEY": "k" * 64, "INSTAMEMES_ENTRY_KEY": "1f" * 32, "DATABASE_URL": databases.url,
            "DATABASE_REPLICA_URL": databases.copies_url,
            "REDIS_URL": memory.url, "MEDIA_URL": f"s3://{BUCKET}/media", "INSTAMEMES_TRUSTED_PROXIES": "1",
            "INSTAMEMES_WEB_WORKERS": "1", "INSTAMEMES_WORKERS": "1",
        }  # fmt: skip
        settings = Settings.from_env(common | {"INSTAMEMES_HOME": str(folder / "home")})
        db.upgrade(settings.database_url)

        def machine(part: str, number: int) -> Machine:
            own = {"INSTAMEMES_HOME": str(folder / f"{part}-{number}")} | ({"PORT": str(number)} if part == "web" else {})
            made = Machine(f"{part}-{number}", [*COMMAND, part], folder, common | own)
            later.callback(made.kill)
            made.start()
            return made

        webs = [machine("web", free_port()) for _ in range(WEBS)]
        workers, clock = [machine("worker", number) for number in range(WORKERS)], machine("beat", 0)
        front, port = proxy(folder, [int(web.name.rpartition("-")[2]) for web in webs])
        later.callback(front.stop)
        database = Database(settings.database_url, settings.entry_keys)
        later.callback(database.dispose)
        with database.writing() as session:
            team = [accounts.add(session, f"{name}@example.org", "a stork on a minaret", Role.MODERATOR) for name in ("a", "b")]
        made = Installation(port, databases, memory, webs, workers, clock, settings, database, [who.id for who in team])
        ours = (*webs, *workers, clock)
        until(lambda: all(machine.says_ready() for machine in ours), "every part is ready")
        later.enter_context(_looked_after(ours))
        assert open_store(settings.media_url).ready()
        yield made
