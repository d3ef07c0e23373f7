"""The real whole: `instamemes up` in a home of its own, as anybody would start it, with the real commands beside it."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError

import psutil
import pyotp

from memes.db import Database
from tests.halted import halted

COMMAND = (sys.executable, "-c", "from wsgi import cli; cli()")
PASSWORD = "a stork on the roof of the school"
#: Seconds for anything that starts or stops, on a machine that is busy with other tests.
PATIENCE = 120


@dataclass(frozen=True)
class Account:
    """Somebody who may sign in at the desk."""

    email: str
    password: str
    secret: str

    def code(self) -> str:
        """What the app on the phone shows now."""
        return pyotp.TOTP(self.secret).now()


class House:
    """A running platform: its address, its commands, its processes."""

    def __init__(self, home: Path, *words: str, **environment: str) -> None:
        self.home = home
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
        self.environment = inherited | {
            "INSTAMEMES_HOME": str(home), "PORT": str(port), "INSTAMEMES_WORKERS": "1", "INSTAMEMES_WEB_WORKERS": "1",
        } | environment  # fmt: skip
        home.mkdir(parents=True, exist_ok=True)
        self.log = home.parent / f"{home.name}.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*COMMAND, "up", *words], env=self.environment, stdout=log, stderr=subprocess.STDOUT
            )

    @property
    def database_url(self) -> str:
        """The database that the parts use."""
        return self.environment.get("DATABASE_URL") or f"sqlite:///{self.home / 'instamemes.db'}"

    def wait_until_ready(self) -> None:
        """Until database, broker, media and worker have answered."""
        until(lambda: self.process.poll() is not None or _says_ok(f"{self.address}/readyz"), self.said)
        assert self.process.poll() is None, self.said()

    def said(self) -> str:
        """Everything that was printed so far."""
        return self.log.read_text(encoding="utf-8")

    def command(self, *words: str, typed: str = "") -> str:
        """Run `instamemes …` for this house; what it printed."""
        done = subprocess.run(
            [*COMMAND, *words], env=self.environment, input=typed, capture_output=True, text=True, timeout=PATIENCE
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def add_account(self, role: str, name: str) -> Account:
        """Make an account as the handbook says: password by stdin, the app's secret from what is printed."""
        email = f"{name}@example.org"
        printed = self.command("moderators", "add", email, "--role", role, typed=f"{PASSWORD}\n")
        found = re.search(r"otpauth://totp/\S+[?&]secret=([A-Z2-7]+)", printed)
        assert found, printed
        return Account(email, PASSWORD, found[1])

    @contextmanager
    def worker_busy(self) -> Iterator[None]:
        """Hold the worker as a long backlog would, so that what arrives stays `received` for as long as this lasts."""
        worker = next(child for child in psutil.Process(self.process.pid).children() if "worker" in child.cmdline())
        with Database(self.database_url) as database, halted(worker, database):
            yield

    def stop(self) -> None:
        """Ask it to stop, and see that it did: no process, no complaint, no port."""
        self.process.terminate()
        status = self.process.wait(PATIENCE)
        left = processes_of(self.home)
        assert status == 0, self.said()
        assert not left, left
        assert "Traceback" not in self.said(), self.said()
        assert not _says_ok(f"{self.address}/healthz")


@contextmanager
def open_house(home: Path, *words: str, **environment: str) -> Iterator[House]:
    """Start, wait until ready, stop, and leave nothing."""
    house = House(home, *words, **environment)
    try:
        house.wait_until_ready()
        yield house
        house.stop()
    finally:
        house.process.kill()  # nothing if it has ended; if it has not, the kernel ends its parts with it
        house.process.wait()
        shutil.rmtree(home)


def processes_of(home: Path) -> list[psutil.Process]:
    """Every process that was told of this home, whoever its parent is now."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.environ().get("INSTAMEMES_HOME") == str(home) or str(home) in " ".join(process.cmdline()):
                found.append(process)
    return found


def until(true: object, otherwise: object, seconds: float = PATIENCE) -> None:
    """Look again and again until it is so; `otherwise()` tells what was there instead."""
    assert callable(true)
    assert callable(otherwise)
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, otherwise()
        time.sleep(0.05)


def _says_ok(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False
