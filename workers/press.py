"""The press: a poster is set by Typst, in a process of its own that lives for this poster only (`_setter`).

Typst is memory-safe, but a picture that comes out of the cage of `workers.render` is still as good as a stranger's, and what
children write may be long and odd. So whoever asks for a poster pays a bounded price for it: little memory, little time, no
way out, and one poster at a time on a machine (measured: docs/architecture.md).
"""

import fcntl
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from memes.errors import PressBusy
from workers import syscalls
from workers._child import pack
from workers.cage import CageBroken, caged
from workers.containers import UnreadableImage

_log = logging.getLogger(__name__)

CHILD = "workers._setter"

# Address space, of which the library is 85 MB and Rust reserves more than it takes. The dearest poster (noise in the largest
# picture that is printed) takes 210 MB of real memory, one of words 140 MB.
MEMORY = 1_000_000_000
# A poster takes 0.1 to 0.6 s of work; slow servers take twice.
CPU_SECONDS = 5
WALL_SECONDS = 10.0


class CagedPress:
    """Prints one poster at a time. `home` holds the lock that all web processes of a machine share."""

    def __init__(self, home: Path) -> None:
        self._lock = home / "press.lock"

    def poster(self, told: Mapping[str, Any], picture: bytes) -> bytes:
        """A PDF of one page; see `memes.ports.Press`."""
        words = [str(MEMORY), str(CPU_SECONDS), syscalls.program().hex()]
        with self._alone():
            try:
                return caged(CHILD, words, pack(dict(told), [picture]), WALL_SECONDS)
            except (UnreadableImage, CageBroken, OSError) as error:
                _log.error("a poster could not be set (%s)", error)
                raise PressBusy("failed") from None

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self._lock.open("ab") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise PressBusy("another one is being made") from None
            yield
