"""The worker's cage for hundreds of files: one process loads what `workers._child` loads, and forks for each of them.

Each file meets a process of its own under the same limits and behind the same shut door as in production, but the
libraries are loaded once. What a file has cost is what the kernel says of its process.
"""

import io
import os
import select
import signal
import struct
import subprocess
import sys
from dataclasses import dataclass

from memes.errors import UploadRefused
from memes.uploads import inspect
from workers import _child, cage, images, render
from workers.images import MAX_BYTES, Rendered, UnreadableImage

_ASKED, _SAID = struct.Struct(">I"), struct.Struct(">idII")


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of a file: `rendered`, or the `reason`; `seconds` of CPU, `memory` in bytes at the most.

    `killed` is the signal that ended its process, 0 for none.
    """

    rendered: Rendered | None
    reason: str
    seconds: float
    memory: int
    killed: int


class Cages:
    """As many cages as there are files; to be used in a `with`."""

    def __enter__(self) -> "Cages":
        words = [sys.executable, "-P", "-s", "-B", "-m", "tests.hostile.cages", *render.limits()]
        self._process = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=cage.ENVIRONMENT, cwd="/"
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def judge(self, data: bytes) -> Judged:
        """Let a cage have these bytes."""
        asked, said = self._process.stdin, self._process.stdout
        assert asked
        assert said
        asked.write(_ASKED.pack(len(data)) + data)
        asked.flush()
        code, seconds, memory, length = _SAID.unpack(said.read(_SAID.size))
        answer = said.read(length)
        rendered, reason = None, cage._cause(code) if code else ""
        if not code:
            try:
                rendered = render._unpacked(answer)
            except UnreadableImage as refused:
                reason = refused.reason
        return Judged(rendered, reason, seconds, memory * 1024, max(0, -code))


def said(data: bytes) -> str:
    """Why the web refuses the bytes, "" if it takes them, and whatever else it raises by name."""
    try:
        inspect(io.BytesIO(data), limit=MAX_BYTES)
    except UploadRefused as refused:
        return refused.reason
    except Exception as error:
        return type(error).__name__
    return ""


def main() -> None:
    """Fork for each file that comes in; say how its process ended, what it has used and what it has answered."""
    memory, seconds, program = int(sys.argv[1]), int(sys.argv[2]), bytes.fromhex(sys.argv[3])
    images.prepare()
    while head := sys.stdin.buffer.read(_ASKED.size):
        data = sys.stdin.buffer.read(*_ASKED.unpack(head))
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                os.dup2(writing, 1)
                _child.confine(memory, seconds)
                _child.meet(data, images.render, program)
            finally:
                os._exit(3)
        os.close(writing)
        answer = _heard(reading, child)
        _, status, used = os.wait4(child, 0)
        code = os.waitstatus_to_exitcode(status)
        sys.stdout.buffer.write(_SAID.pack(code, used.ru_utime + used.ru_stime, used.ru_maxrss, len(answer)) + answer)
        sys.stdout.buffer.flush()


def _heard(pipe: int, child: int) -> bytes:
    answer = b""
    with os.fdopen(pipe, "rb", buffering=0) as stream:
        while select.select([stream], [], [], render.WALL_SECONDS)[0]:
            block = stream.read(1 << 18)
            if not block:
                return answer
            answer += block
    os.kill(child, signal.SIGKILL)
    return answer


if __name__ == "__main__":
    main()
