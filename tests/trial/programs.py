"""Programs that stand for machines: started, killed with all they have started, and started again."""

import os
import signal
import socket
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent.parent


def free_port() -> int:
    """One that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def listens(port: int) -> bool:
    """Whether somebody takes connections there."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Machine:
    """One program and what it starts; what it says goes into `name`.log in the folder."""

    def __init__(self, name: str, command: Sequence[str | Path], folder: Path, environment: Mapping[str, str] | None = None,
                 user: str | None = None) -> None:  # fmt: skip
        self.name, self._command, self._environment, self._user = name, list(map(str, command)), environment, user
        self.log = folder / f"{name}.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._starts = 1

    def start(self) -> None:
        """Without waiting until it can be used."""
        self._starts = 1 + (self.log.read_text().count("is ready") if self.log.exists() else 0)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, env=self._environment, cwd="/" if self._user else ROOT, user=self._user, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip

    def kill(self) -> None:
        """As when the power goes: all of it at once, nobody says goodbye."""
        process, self._process = self._process, None
        if process is None:
            return
        family = [process.pid]
        with suppress(psutil.NoSuchProcess):
            family += [child.pid for child in psutil.Process(process.pid).children(recursive=True)]
        for pid in family:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()

    def go_on(self) -> None:
        """Start it again if it has ended by itself, as systemd does; not if it was killed here."""
        if self._process is not None and self._process.poll() is not None:
            self.start()

    def says_ready(self) -> bool:
        """Whether what was started last has said that it is ready."""
        return self.log.read_text().count("is ready") >= self._starts

    def restart(self, seconds: float = 60) -> None:
        """As a deploy does: asked to stop, waited for, started again."""
        process, self._process = self._process, None
        assert process is not None
        process.terminate()
        process.wait(seconds)
        self.start()

    def stop(self, number: int = signal.SIGINT) -> None:
        """Asked to stop, and killed if it does not."""
        if self._process is not None:
            self._process.send_signal(number)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(10)
            self.kill()
