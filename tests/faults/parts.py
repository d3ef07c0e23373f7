"""Real parts that can be killed and started again, and what to look at afterwards."""

import functools
import hashlib
import io
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from uuid import UUID

import numpy as np
import psutil
from kombu.exceptions import OperationalError
from PIL import Image
from sqlalchemy import select

from memes import log, pictures, supervisor, valkey
from memes.db import Database
from memes.lifecycle import Action, State
from memes.models import Entry, EntryEvent
from memes.settings import Settings
from memes.storage import open_store
from tests import make, servers
from workers import housekeeping
from workers.app import SWEEP, make_celery
from workers.dispatch import CeleryQueue

ROOT = Path(__file__).resolve().parent.parent.parent

#: A bound against hanging for ever (seconds), far above what anything here takes.
PATIENCE = 150


def until(true: Callable[[], bool], what: str, meanwhile: Callable[[], object] = lambda: None) -> float:
    """Wait until it is true, doing something `meanwhile` twice a second; the seconds it took."""
    start, again = time.monotonic(), 0.0
    while not true():
        now = time.monotonic()
        assert now < start + PATIENCE, f"waited in vain until {what}"
        if now > again:
            meanwhile()
            again = now + 0.5
        time.sleep(0.05)
    return time.monotonic() - start


@functools.cache
def photo(seed: int = 0, width: int = 1200, height: int = 900) -> bytes:
    """A JPEG of about a megapixel whose name and maker must not survive."""
    random = np.random.RandomState(seed)
    coarse = Image.fromarray(random.randint(0, 256, (9, 12, 3)).astype(np.uint8))
    file = io.BytesIO()
    coarse.resize((width, height), Image.Resampling.BICUBIC).save(file, "JPEG", quality=88, comment=b"canary of a phone")
    return file.getvalue()


class Broker:
    """A Valkey of the test's own."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "valkey.sock"
        self.url = f"unix://{self.path}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(valkey.command(self.path), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(lambda: valkey.answers(self.path), "the broker answers")

    def kill(self) -> None:
        """Without a chance to save anything; what was in it is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def pause(self) -> None:
        """It takes connections and says nothing, until it may go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)


class Worker:
    """A Celery worker, started as the supervisor starts it. `app` may name one with a fault built in."""

    def __init__(self, settings: Settings, app: str = "workers.app:celery") -> None:
        part = supervisor._own_parts(settings)[0]
        self._command = [app if word == "workers.app:celery" else word for word in part.command]
        self._environment = dict(part.environment) | {"PATH": os.environ["PATH"]}
        self._log = settings.home / "worker.log"
        self._started: list[subprocess.Popen[bytes]] = []
        self._family: set[psutil.Process] = set()

    def start(self) -> None:
        with self._log.open("ab") as sink:
            self._started.append(
                subprocess.Popen(
                    self._command, env=self._environment, cwd=ROOT, start_new_session=True,
                    stdin=subprocess.DEVNULL, stdout=sink, stderr=subprocess.STDOUT,
                )
            )  # fmt: skip

    def go_on(self) -> None:
        """Start it again if it has ended by itself, as the supervisor does."""
        if self._started[-1].poll() is not None:
            self.start()

    def kill(self) -> None:
        """The whole group at once, as the kernel or an operator would."""
        process = self._started[-1]
        with suppress(psutil.NoSuchProcess):
            self._family |= set(psutil.Process(process.pid).children(recursive=True))
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def close(self) -> None:
        """Nothing survives the test: neither the group nor the cages, which are in groups of their own."""
        if self._started:
            self.kill()
        for process in self._family:
            with suppress(psutil.NoSuchProcess):
                process.kill()

    @property
    def said(self) -> str:
        return self._log.read_text()


@contextmanager
def worker(settings: Settings, app: str = "workers.app:celery") -> Iterator[Worker]:
    """A running worker that is gone at the end."""
    made = Worker(settings, app)
    try:
        made.start()
        yield made
    finally:
        made.close()


class Postgres:
    """A PostgreSQL of the test's own that can be stopped and started again."""

    def __init__(self, address: str, folder: Path, user: str | None, tools: Path) -> None:
        self.address, self._data, self._user, self._tools = address, folder, user, tools

    def stop(self) -> None:
        """At once, connections cut."""
        self._control("stop", "--mode=immediate")

    def start(self) -> None:
        self._control("start", "-o", f"-c listen_addresses= -c unix_socket_directories={self._data}")

    @property
    def data(self) -> Path:
        """Where its files lie."""
        return self._data

    def configure(self, words: str) -> None:
        """Add lines to its settings, and start it with them."""
        with (self._data / "postgresql.conf").open("a") as file:
            file.write(words)
        self.stop()
        self.start()

    def demote(self) -> None:
        """It becomes a standby, as after a failover: whoever is connected is cut off, and nobody can write."""
        self.stop()
        (self._data / "standby.signal").touch()
        self.start()

    def promote(self) -> None:
        self._control("promote")

    def fill_up(self) -> None:
        """Nothing more goes onto its disk."""
        with suppress(OSError), (self._data / "ballast").open("ab", buffering=0) as ballast:
            while ballast.write(b"x" * 4096):
                pass

    def empty(self) -> None:
        """There is room again, and somebody has seen to it that it runs."""
        (self._data / "ballast").unlink()
        if subprocess.run([self._tools / "pg_isready", "-q", "-h", self._data], check=False).returncode:
            with suppress(subprocess.CalledProcessError):
                self.stop()
            self.start()

    def _control(self, *words: str) -> None:
        who = {"user": self._user} if self._user else {}
        subprocess.run([self._tools / "pg_ctl", "-D", self._data, "--wait", "--silent", *words], check=True, cwd="/",
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **who)  # fmt: skip


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[None]:
    """A disk of that size in a folder. PermissionError for whoever may not make one."""
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", folder], check=False).returncode:
        raise PermissionError("no right to mount")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@contextmanager
def postgres(disk: str = "") -> Iterator[Postgres]:
    """Running, empty, and gone at the end; on a disk of its own, if there is to be one of such a size."""
    with tempfile.TemporaryDirectory(prefix="im-pgf-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        home.chmod(0o755)
        install, user = servers._install(home)
        data, tools = home / "data", install / "bin"
        data.mkdir()
        with small_disk(data, disk) if disk else nullcontext():
            who = {"user": user} if user else {}
            if user:
                shutil.chown(data, user)
            subprocess.run([tools / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-N", "-E", "UTF8", "--locale=C.UTF-8"],
                           check=True, cwd="/", stdout=subprocess.DEVNULL, **who)  # fmt: skip
            made = Postgres(f"postgresql+psycopg://postgres@/postgres?host={data}", data, user, tools)
            made.start()
            try:
                yield made
            finally:
                with suppress(subprocess.CalledProcessError):
                    made.stop()


def multipart(fields: dict[str, str], picture: bytes | None, name: str = "p.jpg") -> tuple[bytes, str]:
    """A body as a browser sends it, and its content type."""
    parts = [f'--xx\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
             for key, value in fields.items()]  # fmt: skip
    if picture is not None:
        head = f'--xx\r\nContent-Disposition: form-data; name="image"; filename="{name}"\r\nContent-Type: image/jpeg\r\n\r\n'
        parts.append(head.encode() + picture + b"\r\n")
    return b"".join([*parts, b"--xx--\r\n"]), "multipart/form-data; boundary=xx"


def send(database: Database, settings: Settings, number: int) -> list[UUID]:
    """Send memes with pictures as the site does, each in a transaction of its own."""
    queue, store = CeleryQueue(settings), open_store(settings.media_url)
    sent = []
    for seed in range(number):
        with database.writing() as session:
            sent.append(make.received(session, image=photo(seed), store=store, queue=queue, kind="meme").id)
    return sent


def sweep(settings: Settings) -> None:
    """Ask for a sweep as the beat does."""
    with make_celery(settings) as celery, suppress(OperationalError):
        celery.send_task(SWEEP, expires=5, retry=False)


def states(database: Database) -> Counter[State]:
    """How many entries are in which state."""
    with database.reads() as session:
        return Counter(session.scalars(select(Entry.state)))


def in_state(database: Database, state: State, number: int) -> Callable[[], bool]:
    return lambda: states(database)[state] == number


def assert_settled_once(database: Database, settings: Settings, ids: list[UUID]) -> None:
    """Each entry has one settle event and one set of clean files, all as the row tells, and nothing else is kept."""
    store = open_store(settings.media_url)
    grow_old(settings)
    housekeeping.remove_orphans(database, store)  # a kill may fall between a commit and the deletion after it
    with database.reads() as session:
        assert log.broken_at(session) is None
        settled = Counter(session.scalars(select(EntryEvent.entry_id).where(EntryEvent.action == Action.SETTLE)))
        rows = {entry.id: entry for entry in session.scalars(select(Entry))}
    assert set(rows) == set(ids)
    assert settled == dict.fromkeys(ids, 1)
    expected = {f"renditions/{entry.id}/{size['file']}": size for entry in rows.values() for size in entry.renditions}
    assert len(expected) >= 3 * sum(entry.has_image for entry in rows.values())
    assert set(store.keys("renditions/")) == set(expected)
    assert list(store.keys("private/")) == []
    for key, size in expected.items():
        data = pictures.source(store, rows[UUID(key.split("/")[1])].secret_if_any(), key)
        assert pictures.is_encrypted(store, key)
        assert (len(data), hashlib.sha256(data).hexdigest()) == (size["bytes"], size["sha256"])


def grow_old(settings: Settings) -> None:
    """Let every kept file look as old as tidying asks for."""
    then = time.time() - housekeeping.ORPHAN_AGE.total_seconds() - 60
    for path in Path(settings.media_url.removeprefix("file://")).rglob("*"):
        if path.is_file():
            os.utime(path, (then, then))
