"""Render in a cage: each picture is decoded in a process of its own that lives for this picture only.

A decoder is the one place where a stranger's bytes meet C code. So the process that touches them has no secrets (an
empty environment, no database, no broker), little memory, little time, no system call that opens, starts or sends
anything (`workers.syscalls`), and ends with the picture; whatever happens in it, here it is an answer or an
`UnreadableImage`. It is forked from one that has loaded Pillow, numpy and OpenCV (`workers.keeper`), for these take 100 ms.
"""

import atexit
import json
import struct
from functools import cache
from typing import Any

from workers import syscalls
from workers._child import HEAD
from workers.images import MAX_BYTES, Rendered, Rendition, UnreadableImage
from workers.keeper import Keeper

# Bytes that a child may write into. With the libraries it reads from, it then never holds more than 512 MB: the cheapest
# way to fill a machine is a file of a thousand bytes that says it is large.
MEMORY = 480_000_000
# A photo of 12 MP takes about 1 s, HEIC of 48 MP 3 s, the longest animation that is let in 4 s; slow servers take twice.
CPU_SECONDS = 10
# For what waits instead of working. Under the soft limit of the task (50 s), so that the reason can still be written.
WALL_SECONDS = 40.0
MAX_FACES = 40

CHILD = "workers._child"
REASONS = ("type", "damaged", "too_large", "too_slow")
NAMES = {"320.webp": "webp", "800.webp": "webp", "1600.webp": "webp", "800.jpg": "jpeg", "preview.jpg": "jpeg"}


def render_in_child(data: bytes) -> Rendered:
    """Do `images.render` in a process of its own. UnreadableImage for anything the picture did; never hangs.

    CageBroken or OSError if no process could be started: the picture is innocent and must not be judged.
    """
    if len(data) > MAX_BYTES:
        raise UnreadableImage("too_large")
    return _unpacked(keeper().caged(b"\n" + data, WALL_SECONDS))


def cover_in_child(data: bytes, boxes: list[list[float]], sizes: dict[int, tuple[int, int]]) -> Rendered:
    """Do `images.cover` in a process of its own; raises as `render_in_child` does."""
    told = json.dumps({"boxes": boxes, "sizes": [[nominal, *size] for nominal, size in sizes.items()]})
    return _unpacked(keeper().caged(told.encode() + b"\n" + data, WALL_SECONDS))


@cache
def keeper() -> Keeper:
    """Has the libraries loaded for all cages of this process, with which it ends."""
    made = Keeper(CHILD, limits())
    atexit.register(made.close)
    return made


def limits() -> list[str]:
    """A child's first words: bytes it can write into, CPU seconds, and the system calls that are left to it."""
    return [str(MEMORY), str(CPU_SECONDS), syscalls.program().hex()]


def _unpacked(answer: bytes) -> Rendered:
    """Read a frame from a process that may have been taken over: every value is checked, anything odd is damage."""
    try:
        (length,) = HEAD.unpack_from(answer)
        facts = json.loads(answer[HEAD.size : HEAD.size + length])
        if "unreadable" in facts:
            raise UnreadableImage(facts["unreadable"] if facts["unreadable"] in REASONS else "damaged")
        return _checked(facts, memoryview(answer)[HEAD.size + length :])
    except (ValueError, KeyError, TypeError, struct.error, RecursionError):
        raise UnreadableImage("damaged") from None


def _checked(facts: dict[str, Any], files: memoryview) -> Rendered:
    renditions, at = [], 0
    for name, width, height, kind, length in facts["renditions"]:
        file = bytes(files[at : at + length])
        at += length
        magic = file[:2] == b"\xff\xd8" if kind == "jpeg" else file[:4] == b"RIFF" and file[8:12] == b"WEBP"
        if NAMES.get(name) != kind or not magic or length != len(file):
            raise ValueError("not a rendition")
        renditions.append(Rendition(name, int(width), int(height), kind, file))
    if at != len(files) or not renditions:
        raise ValueError("not the length that was announced")
    return Rendered(
        tuple(renditions), int(facts["width"]), int(facts["height"]), facts["animated"] is True,
        _hash(facts["likeness"]), str(facts["placeholder"])[:400],
        tuple(sorted(str(word) for word in facts["removed"])), tuple(_hash(turned) for turned in facts["turned"]),
        tuple((float(x), float(y), float(width), float(height)) for x, y, width, height in facts["faces"][:MAX_FACES]),
    )  # fmt: skip


def _hash(told: str) -> str:
    """A hash in hex digits, or nothing."""
    known = bytes.fromhex(told)
    if len(known) not in (0, 32):
        raise ValueError("not a hash")
    return known.hex()
