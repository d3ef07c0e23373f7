"""Keeps a few programs running and takes them all along when it ends. Knows nothing of what they do.

Single-threaded on purpose: on Linux a child can be told to die with its parent, but the kernel means the *thread* that
started it, and code between fork and exec is safe only where there is no other thread.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType

#: A part that dies this often (times) within the window (seconds) will not get better by being started again.
MOST_DEATHS = 5
DEATHS_WINDOW = 60.0
#: Seconds before a dead part is started again: the first value after the first death within the window, and so on.
PAUSES = (0.2, 0.5, 1.0, 2.0)
#: Signals that come together are one wish: a `make` that is stopped passes on what its whole group has been sent. After
#: this many seconds, another one asks for haste.
SAME_WISH = 1.0
#: Seconds between two looks at the parts.
ROUND = 0.1

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
# Loaded here because loading a library between fork and exec can block for ever.
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True, slots=True)
class Part:
    """One program to keep running."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    #: Whether it can be used yet; parts after it are started only then.
    ready: Callable[[], bool] = lambda: True
    #: Seconds between asking it to stop and killing it.
    patience: float = 10.0
    #: What it gets when the supervisor is killed: something gentler than SIGKILL where it must end children of its own.
    orphan_signal: int = signal.SIGKILL
    #: Runs to its end instead of for ever, once; ready when it has ended.
    once: bool = False


@dataclass(slots=True)
class _Kept:
    """A part and what has become of it."""

    part: Part
    process: subprocess.Popen[bytes] | None = None
    ready: bool = False
    finished: bool = False
    due: float = 0.0
    deaths: deque[float] = field(default_factory=deque)


class Supervisor:
    """Starts parts in the given order, starts again those that die, and stops them in the opposite order."""

    def __init__(self, parts: Sequence[Part], say: Callable[[str], None]) -> None:
        self._kept = [_Kept(part) for part in parts]
        self._say = say
        self._asked_to_stop: float | None = None
        self._in_haste = False

    def run(self, when_ready: Callable[[], None]) -> int:
        """Keep the parts running until a signal asks to stop (then 0) or one of them keeps dying (then 1).

        `when_ready` is called once, when every part is ready. Only for the main thread.
        """
        before = {number: signal.signal(number, self._stop_soon) for number in _stop_signals()}
        try:
            return self._watch(when_ready)
        finally:
            for kept in reversed(self._kept):
                self._stop(kept)
            for number, handler in before.items():
                signal.signal(number, handler)

    def _stop_soon(self, _number: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        if self._asked_to_stop is None:
            self._asked_to_stop = now
        self._in_haste = now - self._asked_to_stop > SAME_WISH

    def _watch(self, when_ready: Callable[[], None]) -> int:
        announced = False
        while self._asked_to_stop is None:
            for kept in self._kept:
                if not self._note_death(kept):
                    return 1
            if self._start_due() and not announced:
                announced = True
                when_ready()
            time.sleep(ROUND)
        return 0

    def _note_death(self, kept: _Kept) -> bool:
        """Notice whether the part has died; False if it dies too often to go on."""
        status = None if kept.process is None else _ended(kept.process)
        if status is None:
            return True
        kept.process, kept.ready = None, False
        if kept.part.once:
            kept.finished = kept.ready = True
            if status:
                self._say(f"{kept.part.name} failed ({_how(status)}).")
            return True
        return self._give_another_chance(kept, f"{kept.part.name} died ({_how(status)})")

    def _give_another_chance(self, kept: _Kept, what: str) -> bool:
        now = time.monotonic()
        kept.deaths.append(now)
        while kept.deaths[0] < now - DEATHS_WINDOW:
            kept.deaths.popleft()
        if len(kept.deaths) >= MOST_DEATHS:
            self._say(f"{what}, {MOST_DEATHS} times within a minute. Giving up and stopping everything.")
            return False
        pause = PAUSES[len(kept.deaths) - 1]
        kept.due = now + pause
        self._say(f"{what}. Starting it again in {pause:g} s.")
        return True

    def _start_due(self) -> bool:
        """Start, in order, what is not running and due; True when every part is ready."""
        for kept in self._kept:
            if kept.process is None and not kept.finished and kept.due <= time.monotonic():
                kept.process = _started(kept.part)
            if kept.process is not None and not kept.ready and not kept.part.once:
                kept.ready = kept.part.ready()
            if not kept.ready:
                return False
        return True

    def _stop(self, kept: _Kept) -> None:
        """Ask the part to stop, wait as long as its patience lasts (or until asked for haste), then kill it."""
        if kept.process is None:
            return
        os.kill(kept.process.pid, signal.SIGTERM)
        deadline = time.monotonic() + kept.part.patience
        while _ended(kept.process) is None:
            if time.monotonic() > deadline or self._in_haste:
                os.killpg(kept.process.pid, signal.SIGKILL)
            time.sleep(ROUND / 5)


def _stop_signals() -> list[signal.Signals]:
    """What asks to stop. A hang-up only where it is not ignored: that is how `nohup` works."""
    hang_up = [] if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else [signal.SIGHUP]
    return [signal.SIGTERM, signal.SIGINT, *hang_up]


def _started(part: Part) -> subprocess.Popen[bytes]:
    """Start the part in a session of its own: a Ctrl-C is for the supervisor alone."""
    return subprocess.Popen(  # noqa: S603 - our own command lines
        part.command,
        env=dict(part.environment),
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=_die_with(os.getpid(), part.orphan_signal) if _LIBC else None,
    )


def _die_with(parent: int, number: int) -> Callable[[], None]:
    def before_exec() -> None:
        assert _LIBC is not None  # noqa: S101 - for the type checker; the caller asked
        _LIBC.prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)
        if os.getppid() != parent:  # the parent died before we could ask to die with it
            os._exit(1)

    return before_exec


def _ended(process: subprocess.Popen[bytes]) -> int | None:
    """The exit status if the process has ended, its left-over children killed; None if it runs."""
    if process.returncode is not None:
        return process.returncode
    if os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        return None
    # Before it is reaped: until then nobody else can get its number.
    os.killpg(process.pid, signal.SIGKILL)
    return process.wait()


def _how(status: int) -> str:
    if status < 0:
        return f"signal {-status}, {signal.Signals(-status).name}"
    return f"exit code {status}"
