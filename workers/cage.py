"""A process of its own for one piece of work with a stranger's bytes: little environment, its own limits, a bounded time.

What it says is read as it comes; how it died is read from how it ended. It is started, fed, heard and buried here (for
pictures, which are many, it is forked: `workers.keeper`); what it gives up before it begins is said in the child itself
(`workers._child`).
"""

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

from workers._child import READY
from workers.containers import UnreadableImage

LAST_SECONDS = 5.0  # for a child that has said all it had to say to end
MAX_ANSWER = 40_000_000  # five renditions and some facts; a cage that sends more has been taken over

ROOT = Path(__file__).resolve().parent.parent
# Libraries that start a thread per core reserve address space for each and would break the memory limit.
ENVIRONMENT = {
    "PYTHONPATH": str(ROOT),
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "1",
    # What is freed is kept for what comes next (bytes: the C library takes no larger pieces than 32 MB for that). A picture is
    # over in a second, and having the kernel give the same memory twice took 10 ms of it; at most as much is held (measured).
    "MALLOC_MMAP_THRESHOLD_": "33554432",
    "MALLOC_TRIM_THRESHOLD_": "500000000",
    # And it comes in pieces of 2 MB where the system has them free: then fresh pages take 20 ms less. An older C library does
    # not know the word, and goes on without.
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
}


class CageBroken(RuntimeError):
    """The child died before it saw a byte of the picture: the installation is at fault, so try again later."""


def started(module: str, words: list[str], stdin: int, stdout: int) -> "subprocess.Popen[bytes]":
    """A module of ours as a program with its words (its limits first), without our environment, in a group of its own."""
    # -P and -s: look for modules in our own folder only; -B: it could not write compiled files anyway.
    command = [sys.executable, "-P", "-s", "-B", "-m", module, *words]
    return subprocess.Popen(  # noqa: S603 - our own interpreter and module
        command, stdin=stdin, stdout=stdout, stderr=subprocess.DEVNULL, bufsize=0,
        env=ENVIRONMENT, cwd="/", process_group=0, close_fds=True,  # no session of its own: it would have a priority of its own
    )  # fmt: skip


def caged(module: str, words: list[str], data: bytes, seconds: float) -> bytes:
    """Run one child, a module of ours, with its words; return what it answers to `data`.

    UnreadableImage for whatever it dies of once it has begun, CageBroken or OSError if it never did; never hangs.
    """
    child = started(module, words, subprocess.PIPE, subprocess.PIPE)
    try:
        if not child.stdin or not child.stdout:
            raise CageBroken("the process was started without pipes")
        answer = conversation(child.stdin, child.stdout, data, time.monotonic() + seconds)
        child.wait(timeout=LAST_SECONDS)
    except subprocess.TimeoutExpired:
        raise UnreadableImage("too_slow") from None
    finally:
        end(child)
        for pipe in (child.stdin, child.stdout):
            if pipe:
                pipe.close()
    return judged(answer, child.returncode)


def end(child: "subprocess.Popen[bytes]") -> None:
    """Kill a child and its group, unless it has ended: also after a soft time limit of Celery none outlives its picture."""
    if child.returncode is None:  # once waited for, its id is not ours
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def judged(answer: bytes, code: int) -> bytes:
    """What a child has answered, by how it has ended."""
    if not answer.startswith(READY):
        raise CageBroken(f"the image process ended with {code} before it began")
    if code:
        raise UnreadableImage(_cause(code))
    return answer[len(READY) :]


def conversation(feed: IO[bytes], heard: IO[bytes], data: bytes, deadline: float) -> bytes:
    """Feed and listen at once, so that neither side waits for the other; stop at the deadline or if it says too much."""
    answer, view = bytearray(), memoryview(data)
    with selectors.DefaultSelector() as ready:
        os.set_blocking(feed.fileno(), False)
        ready.register(feed, selectors.EVENT_WRITE)
        ready.register(heard, selectors.EVENT_READ)
        while ready.get_map():
            for key, _ in ready.select(max(0.0, deadline - time.monotonic())):
                if key.fileobj is feed:
                    view = _fed(feed, view)
                    if not view:
                        ready.unregister(feed)
                        feed.close()
                    continue
                block = os.read(heard.fileno(), 1 << 18)
                answer += block
                if not block:
                    ready.unregister(heard)
            if time.monotonic() >= deadline:
                raise UnreadableImage("too_slow")
            if len(answer) > MAX_ANSWER:
                raise UnreadableImage("damaged")
    return bytes(answer)


def _fed(pipe: IO[bytes], view: memoryview) -> memoryview:
    """Write what the pipe takes; a child that is gone takes nothing more."""
    try:
        return view[os.write(pipe.fileno(), view[: 1 << 16]) :]
    except BlockingIOError:
        return view
    except BrokenPipeError:
        return view[len(view) :]


def _cause(code: int) -> str:
    """Read from the way a child died what its picture was."""
    if code == -signal.SIGXCPU:
        return "too_slow"
    # With 9 the kernel kills when the machine itself is out of memory.
    return "too_large" if code == -signal.SIGKILL else "damaged"
