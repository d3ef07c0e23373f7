"""The inside of the keeper: a process that has loaded its libraries and forks a cage for each picture, which it never sees.

Its standard input is its line to the worker (`workers.keeper`): in comes a byte with two ends of pipes, which become the
cage's standard input and output; out goes how the cage has ended.
"""

import gc
import os
import signal
import socket
import struct
import sys

from memes import children

#: How a cage has ended, as the kernel says it.
STATUS = struct.Struct("=i")
#: Seconds without a picture, after which the keeper gives its memory back.
IDLE = 60.0
#: More files than this no process here may open (`workers._child.confine`).
FILES = 64


def forked() -> None:
    """Come back in a process of its own for each picture; the keeper itself stays in here, and ends with its worker."""
    children.die_with(os.getppid(), signal.SIGKILL)
    gc.freeze()  # what is loaded by now is left alone, and so stays one memory for all
    keeper, line = os.getpid(), socket.socket(fileno=0)
    line.settimeout(IDLE)
    while True:
        ends = _asked(line)
        child = os.fork()
        if child == 0:
            children.die_with(keeper, signal.SIGKILL)
            line.detach()
            for place, end in enumerate(ends):
                os.dup2(end, place)  # the first one takes the place of the line
            os.closerange(3, FILES)
            return
        for end in ends:
            os.close(end)
        line.sendall(STATUS.pack(os.waitpid(child, 0)[1]))


def _asked(line: socket.socket) -> list[int]:
    """Wait for a picture; the end if none comes, or nobody is there any more."""
    try:
        asked, ends, _, _ = socket.recv_fds(line, 1, 2)
    except TimeoutError:
        sys.exit()
    if not asked:
        sys.exit()
    return ends
