"""Cages for pictures, one after the other, from a process that has loaded their libraries (`workers._keeper`).

Each picture still meets a process of its own. What these have in common is the layout of their memory; so nobody may try
twice what has failed: where a cage ends in any way but by itself, the keeper ends with it, and so it does after some pictures.
"""

import os
import socket
import subprocess
import threading
import time

from workers import cage
from workers._keeper import IDLE, STATUS
from workers.cage import CageBroken
from workers.containers import UnreadableImage

#: Pictures for which one keeper forks.
PICTURES = 100


class Keeper:
    """Starts such a process when it is needed, and another one in its place; `module` and `words` as in `cage.caged`."""

    def __init__(self, module: str, words: list[str]) -> None:
        self._module, self._words = module, words
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def caged(self, data: bytes, seconds: float) -> bytes:
        """Have a cage forked, and return what it answers to `data`; raises as `cage.caged` does, and never hangs."""
        with self._lock:
            if not self._serves():
                self.close()
                self._start()
            code = -1
            try:
                answer, code = self._forked(data, time.monotonic() + seconds)
            finally:
                # Also after a soft time limit of Celery: no child outlives its picture.
                if code:
                    self.close()
        return cage.judged(answer, code)

    def close(self) -> None:
        """End the process and what it has forked, at once."""
        process, self._process = self._process, None
        if process is None:
            return
        self._line.close()
        if self._owner == os.getpid():
            cage.end(process)

    def _serves(self) -> bool:
        """Whether it is there, ours (and not of the process that we were forked from), and has not served for long enough."""
        process = self._process
        if process is None or self._owner != os.getpid() or process.poll() is not None:
            return False
        # Well before the moment in which it may be ending by itself.
        return self._left > 0 and time.monotonic() < self._last + IDLE / 2

    def _start(self) -> None:
        self._line, theirs = socket.socketpair()
        with theirs:
            self._process = cage.started(self._module, self._words, theirs.fileno(), subprocess.DEVNULL)
        self._owner, self._left = os.getpid(), PICTURES

    def _forked(self, data: bytes, deadline: float) -> tuple[bytes, int]:
        """What a cage has answered, and how it has ended."""
        self._left, self._last = self._left - 1, time.monotonic()
        try:
            in_child, feed = os.pipe()
            heard, out_child = os.pipe()
            with open(feed, "wb", 0) as feeding, open(heard, "rb", 0) as hearing:
                try:
                    socket.send_fds(self._line, [b"!"], [in_child, out_child])
                finally:
                    os.close(in_child)
                    os.close(out_child)
                answer = cage.conversation(feeding, hearing, data, deadline)
            self._line.settimeout(cage.LAST_SECONDS)
            told = self._line.recv(STATUS.size)
        except TimeoutError:
            raise UnreadableImage("too_slow") from None
        except OSError as gone:
            raise CageBroken("the process that forks cages is gone") from gone
        if not told:
            raise CageBroken("the process that forks cages ended")
        return answer, os.waitstatus_to_exitcode(STATUS.unpack(told)[0])
