"""The inside of the cage: one picture in on standard input, its renditions out on standard output, then the end.

Started by `workers.keeper` as `python -m workers._child`, and forked for each picture when everything is loaded. The limits
are set before anything that decodes is loaded, and the door is shut (`shut_in`) before anything is decoded.
The answer is one byte R when everything is loaded, then a length (4 bytes, big-endian), that much JSON, and the files
one after the other in the order and the lengths the JSON gives. Never pickle: what comes out of a cage is data.
"""

import ctypes
import json
import os
import resource
import struct
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

from workers._keeper import FILES, forked

if TYPE_CHECKING:
    from collections.abc import Callable

    from workers.images import Rendered

READY = b"R"
HEAD = struct.Struct(">I")
# Address space for what is only read: the interpreter and its libraries map 220 MB, which no picture can fill.
LIBRARIES = 400_000_000


def confine(memory: int, seconds: int) -> None:
    """Give up, for good, what decoding a picture does not need: memory (bytes that can be written), time, files, core dumps."""
    limits = {
        "RLIMIT_DATA": (memory, memory),
        "RLIMIT_AS": (memory + LIBRARIES, memory + LIBRARIES),
        "RLIMIT_CPU": (seconds, seconds + 2),  # apart, so that the signal tells time from memory
        "RLIMIT_FSIZE": (0, 0),
        "RLIMIT_CORE": (0, 0),
        "RLIMIT_NOFILE": (FILES, FILES),
    }
    for name, most in limits.items():
        _limit(name, most)


class Program(ctypes.Structure):
    """struct sock_fprog of linux/filter.h."""

    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def shut_in(program: bytes) -> None:
    """Give up, for good, every system call but those of `program` (`syscalls.program`); nothing if that is empty."""
    if not program:
        return
    libc = ctypes.CDLL(None, use_errno=True)
    told = Program(len(program) // 8, program)
    # Without new privileges (38), by a filter (22, 2): linux/prctl.h, linux/seccomp.h.
    if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, ctypes.byref(told), 0, 0):
        raise OSError(ctypes.get_errno(), "the cage could not be shut")


def _limit(name: str, most: tuple[int, int]) -> None:
    try:
        resource.setrlimit(getattr(resource, name), most)
    except (AttributeError, ValueError, OSError):
        # macOS knows RLIMIT_AS but refuses to set it; a developer's machine works without, Linux never gets here.
        if sys.platform == "linux":
            raise


def pack(facts: dict[str, Any], files: list[bytes]) -> bytes:
    """Frame an answer; `unpack` in `workers.render` is its counterpart."""
    head = json.dumps(facts).encode()
    return HEAD.pack(len(head)) + head + b"".join(files)


def answer(rendered: "Rendered") -> bytes:
    """Turn renditions into a frame: everything but the files as JSON."""
    facts = {
        "width": rendered.width,
        "height": rendered.height,
        "animated": rendered.animated,
        "likeness": rendered.likeness,
        "turned": rendered.turned,
        "placeholder": rendered.placeholder,
        "removed": rendered.removed,
        "faces": rendered.faces,
        "renditions": [[r.name, r.width, r.height, r.format, len(r.data)] for r in rendered.renditions],
    }
    return pack(facts, [r.data for r in rendered.renditions])


def main() -> None:
    """Load the libraries; then, in a process for each picture: read, render (or cover, if a line says what), answer.

    Any way of dying is understood by the parent. What the keeper has given up, no process that it forks can get back.
    """
    confine(int(sys.argv[1]), int(sys.argv[2]))
    from workers import images  # only now: its libraries must load inside the limits

    images.prepare()
    forked()
    os.write(1, READY)
    work, told = images.render, sys.stdin.buffer.readline().strip()
    if told:
        covers = json.loads(told)
        sizes = {nominal: (width, height) for nominal, width, height in covers["sizes"]}
        work = partial(images.cover, boxes=covers["boxes"], sizes=sizes)
    meet(sys.stdin.buffer.read(), work, bytes.fromhex(sys.argv[3]))


def meet(data: bytes, work: "Callable[[bytes], Rendered]", program: bytes) -> None:
    """Shut the door, let `work` have the stranger's bytes, answer on standard output, and end."""
    from workers import containers, images

    kind = containers.sniff(data)
    images.load_decoder(kind)
    if kind != "HEIF":
        # No processes, no threads. The HEVC decoder starts one thread whatever it is told (the super-user is exempt).
        _limit("RLIMIT_NPROC", (0, 0))
    shut_in(program)
    try:
        out = answer(work(data))
    except images.UnreadableImage as error:
        out = pack({"unreadable": error.reason}, [])
    except MemoryError:
        out = pack({"unreadable": "too_large"}, [])
    sys.stdout.buffer.write(out)
    sys.stdout.buffer.flush()
    os._exit(0)  # nothing to tidy up, and the interpreter's own farewell costs 10 ms


if __name__ == "__main__":
    main()
