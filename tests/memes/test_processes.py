"""Real processes, watched by a supervisor in a process of its own (signals and parent death are its business)."""

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from memes.processes import MOST_DEATHS

PATIENCE = 20.0

SUPERVISOR = """
import json, os, sys
from pathlib import Path
from memes.processes import Part, Supervisor

def part(name, code, **options):
    awaited = options.pop("ready_when", None)
    ready = Path(awaited).exists if awaited else lambda: True
    if takes := options.pop("takes_over_when", None):
        options["took_over"] = lambda pid: Path(takes).exists()
    return Part(name, [sys.executable, "-c", code], {"NAME": name}, ready=ready, **options)

def say(line):
    os.write(1, (line + "\\n").encode())

parts = [part(**given) for given in json.loads(sys.argv[1])]
sys.exit(Supervisor(parts, say).run(lambda: say("all ready")))
"""

#: Parts tell their name and number in one write (they share a pipe), then do what their name says.
TELL = (
    "import os, signal, subprocess, sys, time\n"
    "def tell(*words): os.write(1, (' '.join(map(str, words)) + '\\n').encode())\n"
    "tell('started', os.environ['NAME'], os.getpid())\n"
)
STEADY = TELL + "time.sleep(60)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + STEADY
PARENT = TELL + "c = subprocess.Popen(['sleep', '60']); tell('started child', c.pid); c.wait()"
POLITE = (
    "import signal\n"
    "def end(*_):\n    tell('ending', os.environ['NAME'])\n    sys.exit(0)\n"
    "signal.signal(signal.SIGTERM, end)\n" + STEADY
)
SLOW_TO_END = (
    "import signal\n"
    "def end(*_):\n    time.sleep(0.3)\n    tell('ended', os.environ['NAME'])\n    sys.exit(0)\n"
    "signal.signal(signal.SIGTERM, end)\n" + STEADY
)
CRASHING = TELL + "sys.exit(3)"


class Watched:
    """A supervisor and what it and its parts have printed."""

    def __init__(self, *parts: dict[str, object]) -> None:
        command = [sys.executable, "-c", SUPERVISOR, json.dumps(parts)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.lines: list[str] = []
        self._coming: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._coming.put(line.strip())

    def line(self, start: str, seen: int = 0) -> str:
        """Wait for a line that begins with `start`, after the first `seen` lines."""
        while True:
            for line in self.lines[seen:]:
                if line.startswith(start):
                    return line
            self.lines.append(self._coming.get(timeout=PATIENCE))

    def pid(self, name: str, seen: int = 0) -> int:
        return int(self.line(f"started {name} ", seen).rsplit(" ", 1)[1])

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.ended()

    def ended(self) -> int:
        """Wait for its end, and for the end of everybody who can still print."""
        status = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        while not self._coming.empty():
            self.lines.append(self._coming.get())
        return status

    def close(self) -> None:
        left = psutil.Process(self.process.pid).children(recursive=True) if self.process.poll() is None else []
        self.process.kill()
        for process in left:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self.process.wait()
        self._reader.join(PATIENCE)
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture
def watch() -> Iterator[Callable[..., Watched]]:
    made: list[Watched] = []

    def start(*parts: dict[str, object]) -> Watched:
        made.append(Watched(*parts))
        return made[-1]

    yield start
    for watched in made:
        watched.close()


def runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_until_gone(*pids: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while any(runs(pid) for pid in pids):
        assert time.monotonic() < deadline, "processes are left over"
        time.sleep(0.02)


def test_a_killed_part_is_started_again_and_one_line_names_it(watch: Callable[..., Watched]) -> None:
    watched = watch({"name": "left", "code": STEADY}, {"name": "right", "code": STEADY})
    watched.line("all ready")
    left, right = watched.pid("left"), watched.pid("right")
    before = len(watched.lines)

    os.kill(right, signal.SIGKILL)

    assert watched.pid("right", before) != right
    assert runs(left)
    watched.stop()
    told = [line for line in watched.lines if "died" in line]
    assert told == ["right died (signal 9, SIGKILL). Starting it again in 0.2 s."]
    assert watched.lines.count("all ready") == 1


def test_a_part_that_dies_takes_its_own_children_along(watch: Callable[..., Watched]) -> None:
    watched = watch({"name": "parent", "code": PARENT})
    parent, child = watched.pid("parent"), watched.pid("child")

    os.kill(parent, signal.SIGKILL)

    watched.line("parent died")
    wait_until_gone(parent, child)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_ends_everything_even_what_does_not_listen(
    watch: Callable[..., Watched], number: signal.Signals
) -> None:
    watched = watch({"name": "parent", "code": PARENT}, {"name": "stubborn", "code": STUBBORN, "patience": 0.2})
    pids = watched.pid("parent"), watched.pid("child"), watched.pid("stubborn")

    assert watched.stop(number) == 0

    assert not any(runs(pid) for pid in pids)
    assert not any("died" in line for line in watched.lines)


def test_parts_stop_in_the_opposite_order_of_their_start(watch: Callable[..., Watched]) -> None:
    watched = watch(*({"name": name, "code": POLITE} for name in ("first", "second", "third")))
    for name in ("first", "second", "third"):
        watched.pid(name)

    watched.stop()

    assert [line for line in watched.lines if line.startswith("ending")] == [
        "ending third",
        "ending second",
        "ending first",
    ]


def test_a_signal_that_comes_twice_at_once_is_one_wish(watch: Callable[..., Watched]) -> None:
    watched = watch({"name": "slow", "code": SLOW_TO_END})
    watched.pid("slow")

    watched.process.send_signal(signal.SIGINT)
    watched.process.send_signal(signal.SIGTERM)

    watched.ended()
    assert "ended slow" in watched.lines


def test_repeated_signals_ask_for_haste(watch: Callable[..., Watched]) -> None:
    watched = watch({"name": "stubborn", "code": STUBBORN, "patience": 600})
    pid = watched.pid("stubborn")

    while watched.process.poll() is None:
        watched.process.send_signal(signal.SIGTERM)
        time.sleep(0.1)

    watched.ended()
    assert not runs(pid)


def test_a_part_that_keeps_dying_ends_everything(watch: Callable[..., Watched]) -> None:
    watched = watch({"name": "steady", "code": STEADY}, {"name": "crashing", "code": CRASHING})

    assert watched.ended() == 1

    told = [line for line in watched.lines if "died" in line]
    assert len(told) == MOST_DEATHS
    assert told[-1] == "crashing died (exit code 3), 5 times within a minute. Giving up and stopping everything."
    assert not runs(watched.pid("steady"))


def test_a_part_waits_until_the_one_before_it_is_ready(watch: Callable[..., Watched], tmp_path: Path) -> None:
    sign = tmp_path / "ready"
    watched = watch({"name": "slow", "code": STEADY, "ready_when": str(sign)}, {"name": "next", "code": STEADY})
    watched.pid("slow")
    assert not any(line.startswith("started next") for line in watched.lines)

    sign.touch()

    watched.line("all ready")
    watched.pid("next")


@pytest.mark.parametrize(
    ("code", "told"), [(TELL, []), (CRASHING, ["planting failed (exit code 3)."])], ids=["well", "badly"]
)
def test_a_part_that_runs_once_is_not_started_again(watch: Callable[..., Watched], code: str, told: list[str]) -> None:
    watched = watch({"name": "planting", "code": code, "once": True}, {"name": "after", "code": STEADY})
    watched.line("all ready")

    assert watched.stop() == 0

    assert sum(line.startswith("started planting") for line in watched.lines) == 1
    assert [line for line in watched.lines if line.startswith("planting")] == told


def renewed(watch: Callable[..., Watched], sign: Path, code: Path) -> tuple[Watched, int, int]:
    """One part that can be there twice and runs a file, one that cannot, and one that has nothing to do with it; asked to renew."""
    code.write_text(STEADY)
    watched = watch(
        {"name": "broker", "code": STEADY, "renewable": False},
        {"name": "worker", "code": POLITE},
        {"name": "web", "code": f"exec(open({str(code)!r}).read())", "takes_over_when": str(sign)},
    )
    watched.line("all ready")
    return watched, watched.pid("worker"), watched.pid("web")


def test_asked_to_renew_the_new_one_takes_over_before_the_old_one_goes_and_the_others_follow(
    watch: Callable[..., Watched], tmp_path: Path
) -> None:
    watched, worker, web = renewed(watch, tmp_path / "taken", tmp_path / "web.py")
    seen = len(watched.lines)
    watched.process.send_signal(signal.SIGUSR1)
    newer = watched.pid("web", seen)
    assert runs(web)
    assert not any(line.startswith("ending") for line in watched.lines)

    (tmp_path / "taken").touch()

    watched.line("web has given way to a newer one.")
    another = watched.pid("worker", seen)
    assert not runs(web)
    assert not runs(worker)
    assert runs(newer)
    assert runs(another)
    assert watched.stop() == 0
    assert sum(line.startswith("started broker") for line in watched.lines) == 1
    assert not any("died" in line for line in watched.lines), "nobody takes it for a death"
    wait_until_gone(newer, another)


def test_a_newer_one_that_does_not_start_changes_nothing(watch: Callable[..., Watched], tmp_path: Path) -> None:
    watched, worker, web = renewed(watch, tmp_path / "taken", tmp_path / "web.py")
    (tmp_path / "web.py").write_text(CRASHING)
    watched.process.send_signal(signal.SIGUSR1)

    watched.line("web does not start anew: what ran before goes on.")

    assert runs(worker)
    assert runs(web)
    assert watched.stop() == 0
    wait_until_gone(worker, web)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can tie a process to its parent's life")
def test_nothing_survives_when_the_supervisor_is_killed(watch: Callable[..., Watched]) -> None:
    watched = watch({"name": "left", "code": STUBBORN}, {"name": "right", "code": STEADY})
    watched.line("all ready")
    pids = watched.pid("left"), watched.pid("right")

    watched.process.kill()

    wait_until_gone(*pids)
