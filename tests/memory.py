"""A place in memory for what tests write. They commit thousands of times, and a disk makes each commit wait for it."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SHARED = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
#: Bytes that must be free: several times what a whole run holds at once.
LEAST = 4_000_000_000


@contextmanager
def temporary_files_in_memory() -> Iterator[None]:
    """Let every temporary file of this process and its children lie in memory, and be gone at the end.

    Where there is no such room, or no program may be started in it (PostgreSQL is, from a copy), all stays as it is.
    """
    if not _has_room(SHARED):
        yield
        return
    before = os.environ.get("TMPDIR")
    with tempfile.TemporaryDirectory(prefix="im-", dir=SHARED, ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)  # PostgreSQL runs as somebody else, and must find its own folder in it
        os.environ["TMPDIR"] = tempfile.tempdir = folder
        try:
            yield
        finally:
            tempfile.tempdir = None
            os.environ.pop("TMPDIR") if before is None else os.environ.update(TMPDIR=before)


def _has_room(folder: Path) -> bool:
    if not os.access(folder, os.W_OK) or os.statvfs(folder).f_flag & os.ST_NOEXEC:
        return False
    return shutil.disk_usage(folder).free >= LEAST
