"""Keeps a few programs running and takes them all along when it ends. Knows nothing of what they do.

Single-threaded on purpose: on Linux a child can be told to die with its parent, but the kernel means the *thread* that
started it, and code between fork and exec is safe only where there is no other thread.
"""

import os
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType

from memes import children

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
#: Seconds within which a newer process of a part can be used, or will never be.
SUCCESSION = 120.0


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
    #: Whether a new version of the program concerns it.
    renewable: bool = True
    #: Whether a second process of it, by its number, does the same work as the first one by now. None: there can be no two,
    #: the first one ends before the second is started.
    took_over: Callable[[int], bool] | None = None

    def started(self) -> subprocess.Popen[bytes]:
        """A new process of it."""
        return children.started(self.command, self.environment, self.orphan_signal)


@dataclass(slots=True)
class _Kept:
    """A part and what has become of it."""

    part: Part
    process: subprocess.Popen[bytes] | None = None
    #: The newer one beside it, and the older one that was asked to end; until when they may take.
    successor: subprocess.Popen[bytes] | None = None
    leaving: subprocess.Popen[bytes] | None = None
    until: float = 0.0
    ready: bool = False
    finished: bool = False
    due: float = 0.0
    deaths: deque[float] = field(default_factory=deque)


class Supervisor:
    """Starts parts in the given order, starts again those that die, and stops them in the opposite order.

    At SIGUSR1 all begin anew, with the program as it lies on the disk by then. What can run twice goes first, and the others
    follow only when it has taken over: so a program that does not start changes nothing.
    """

    def __init__(self, parts: Sequence[Part], say: Callable[[str], None]) -> None:
        self._kept = [_Kept(part) for part in parts]
        self._say = say
        self._asked_to_stop: float | None = None
        self._in_haste = False
        self._asked_to_renew = False
        self._renewing = False

    def run(self, when_ready: Callable[[], None]) -> int:
        """Keep the parts running until a signal asks to stop (then 0) or one of them keeps dying (then 1).

        `when_ready` is called once, when every part is ready. Only for the main thread.
        """
        before = {number: signal.signal(number, self._stop_soon) for number in _stop_signals()}
        before[signal.SIGUSR1] = signal.signal(signal.SIGUSR1, self._renew_soon)
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

    def _renew_soon(self, _number: int, _frame: FrameType | None) -> None:
        self._asked_to_renew = True

    def _watch(self, when_ready: Callable[[], None]) -> int:
        announced = False
        while self._asked_to_stop is None:
            for kept in self._kept:
                if not self._note_death(kept):
                    return 1
            whole = self._start_due()
            if whole and not announced:
                announced = True
                when_ready()
            self._renew(whole)
            time.sleep(ROUND)
        return 0

    def _renew(self, whole: bool) -> None:
        """One step on the way to the newest program; it is begun when the parts are `whole`."""
        renewable = [kept for kept in self._kept if kept.part.renewable and not kept.part.once]
        if self._asked_to_renew and whole and not self._renewing:
            self._asked_to_renew, self._renewing = False, True
            self._say("Everything begins anew, with the program as it is now.")
            for kept in (kept for kept in renewable if kept.part.took_over):
                kept.successor, kept.until = kept.part.started(), time.monotonic() + SUCCESSION
        followers = [kept for kept in renewable if self._renewing and not kept.part.took_over]
        succeeding = [kept for kept in renewable if kept.successor is not None]
        for kept in succeeding:
            self._succeed(kept)
        if self._renewing and not any(kept.successor for kept in succeeding):
            self._renewing = False
            for kept in followers:
                self._ask_to_leave(kept, kept.process)
                kept.process, kept.ready = None, False
        for kept in renewable:
            self._see_off(kept)

    def _succeed(self, kept: _Kept) -> None:
        """Let the newer process of a part take over as soon as it can, or leave everything as it is."""
        newer, takes_over = kept.successor, kept.part.took_over
        if newer is None or takes_over is None:
            return
        if (status := children.ended(newer)) is not None or time.monotonic() > kept.until:
            self._say(f"{kept.part.name} does not start anew: what ran before goes on.")
            if status is None:
                os.killpg(newer.pid, signal.SIGKILL)
                newer.wait()
            kept.successor, self._renewing = None, False
        elif takes_over(newer.pid):
            self._ask_to_leave(kept, kept.process)
            kept.process, kept.successor = newer, None

    def _ask_to_leave(self, kept: _Kept, process: subprocess.Popen[bytes] | None) -> None:
        if process is not None:
            os.kill(process.pid, signal.SIGTERM)
            kept.leaving, kept.until = process, time.monotonic() + kept.part.patience

    def _see_off(self, kept: _Kept) -> None:
        """Notice whether the older process has ended; kill it when it takes too long."""
        if kept.leaving is None:
            return
        if children.ended(kept.leaving) is not None:
            kept.leaving = None
            self._say(f"{kept.part.name} has given way to a newer one.")
        elif time.monotonic() > kept.until:
            os.killpg(kept.leaving.pid, signal.SIGKILL)

    def _note_death(self, kept: _Kept) -> bool:
        """Notice whether the part has died; False if it dies too often to go on."""
        status = None if kept.process is None else children.ended(kept.process)
        if status is None:
            return True
        kept.process, kept.ready = None, False
        if kept.part.once:
            kept.finished = kept.ready = True
            if status:
                self._say(f"{kept.part.name} failed ({children.how(status)}).")
            return True
        return self._give_another_chance(kept, f"{kept.part.name} died ({children.how(status)})")

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
            if kept.process is None and kept.leaving is None and not kept.finished and kept.due <= time.monotonic():
                kept.process = kept.part.started()
            if kept.process is not None and not kept.ready and not kept.part.once:
                kept.ready = kept.part.ready()
            if not kept.ready:
                return False
        return True

    def _stop(self, kept: _Kept) -> None:
        """Ask the part to stop, wait as long as its patience lasts (or until asked for haste), then kill it."""
        running = [process for process in (kept.process, kept.successor, kept.leaving) if process is not None]
        for process in running:
            if process is not kept.leaving:
                os.kill(process.pid, signal.SIGTERM)
        deadline = time.monotonic() + kept.part.patience
        while left := [process for process in running if children.ended(process) is None]:
            for process in left:
                if time.monotonic() > deadline or self._in_haste:
                    os.killpg(process.pid, signal.SIGKILL)
            time.sleep(ROUND / 5)


def _stop_signals() -> list[signal.Signals]:
    """What asks to stop. A hang-up only where it is not ignored: that is how `nohup` works."""
    hang_up = [] if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else [signal.SIGHUP]
    return [signal.SIGTERM, signal.SIGINT, *hang_up]
