"""One child process of ours: started so that it ends with us, and noticed when it has ended. For `processes`."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import partial

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
# Loaded here because loading a library between fork and exec can block for ever.
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def started(command: Sequence[str], environment: Mapping[str, str], orphan_signal: int) -> subprocess.Popen[bytes]:
    """Start a command in a session of its own, where a Ctrl-C does not reach it. It gets `orphan_signal` when we are killed."""
    return subprocess.Popen(  # noqa: S603 - our own command lines
        command,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=partial(die_with, os.getpid(), orphan_signal) if _LIBC else None,
    )


def die_with(parent: int, number: int) -> None:
    """Said by a process of itself: that it gets the signal `number` when its parent dies. Nothing but on Linux."""
    if _LIBC is None:
        return
    _LIBC.prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)
    if os.getppid() != parent:  # the parent died before we could ask to die with it
        os._exit(1)


def ended(process: subprocess.Popen[bytes]) -> int | None:
    """The exit status if the process has ended, its left-over children killed; None if it runs."""
    if process.returncode is not None:
        return process.returncode
    if os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        return None
    # Before it is reaped: until then nobody else can get its number.
    os.killpg(process.pid, signal.SIGKILL)
    return process.wait()


def how(status: int) -> str:
    """An exit status in words."""
    if status < 0:
        return f"signal {-status}, {signal.Signals(-status).name}"
    return f"exit code {status}"
