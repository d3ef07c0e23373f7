"""Where pictures lie: files in a folder (here) or objects in an S3-compatible store (`s3.py`); both are `MediaStore`s.

Both write an object whole or not at all, and durable before `put` returns. Keys are ours and never contain what somebody
typed or how a file was called.
"""

import errno
import io
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from memes.errors import ConfigurationError, StoreUnavailable
from memes.ports import MediaStore

#: A folder or file never begins with a dot: no way up, and room for names of our own.
_SEGMENT = r"[a-z0-9_-][a-z0-9._-]*"
KEY = re.compile(rf"{_SEGMENT}(/{_SEGMENT})*")
PREFIX = re.compile(rf"({_SEGMENT}/)*({_SEGMENT})?")
_LONGEST_KEY = 200

#: Folder of half-written files inside the root; its name cannot be part of a key.
_PARTIAL = ".partial"

#: To move into a folder that neighbours keep removing; each loss is a race of microseconds, so few are ever needed.
_TRIES = 20

#: Bytes that are read of what is put, and how often before they are written together.
_BLOCK, _STRIDE = 64 * 1024, 8


def open_store(url: str) -> MediaStore:
    """The store at `file:///folder` (everything behind `file://` is the path as it is) or `s3://bucket/prefix`.

    Touches neither disk nor network. Raises ConfigurationError with a sentence for the operator.
    """
    if url.startswith("file://"):
        root = Path(url.removeprefix("file://"))
        if not root.is_absolute():
            raise ConfigurationError("MEDIA_URL must name a folder by its full path: file:///srv/instamemes/media.")
        return FileStore(root)
    if url.startswith("s3://"):
        from memes.s3 import S3Store  # which needs the rules for keys below

        return S3Store(url)
    raise ConfigurationError("MEDIA_URL must begin with file:// or s3://.")


class FileStore:
    """Objects as files below `root`, which is made when first needed. Only the program's own user may read them."""

    def __init__(self, root: Path) -> None:
        self._root = root.absolute()

    def put(self, key: str, source: BinaryIO) -> None:
        """Write from where `source` stands to its end: aside, to the disk, then under its name in one step."""
        path = self._path(key)
        with _failures_as_unavailable():
            partial = self._written_aside(source)
            try:
                self._move(partial, path)
            finally:
                partial.unlink(missing_ok=True)  # there is none after a move

    def open(self, key: str) -> BinaryIO:
        """A seekable stream of the object; raises KeyError if there is none."""
        path = self._path(key)
        with _failures_as_unavailable():
            try:
                return path.open("rb")
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
                if not self._root.is_dir():
                    raise  # not one object is missing but all of them: the disk, most likely
                raise KeyError(key) from None

    def delete(self, key: str) -> None:
        """Remove the object, and the folder of an entry that becomes empty: it would still tell when something was there."""
        path = self._path(key)
        with _failures_as_unavailable():
            try:
                path.unlink()
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
                return
            _sync_folder(path.parent)
            # The first level stays: all entries meet there.
            for folder in path.parents[: len(Path(key).parts) - 2]:
                try:
                    folder.rmdir()
                except OSError:
                    return  # not empty

    def keys(self, prefix: str, before: datetime | None = None) -> Iterator[str]:
        """Keys that begin with `prefix`; `before` is compared with the time of writing."""
        require(PREFIX, prefix)
        start = self._inside(prefix.rpartition("/")[0])
        with _failures_as_unavailable():
            for path in _files_below(start, before):
                key = path.relative_to(self._root).as_posix()
                if key.startswith(prefix) and KEY.fullmatch(key):
                    yield key

    def sweep_leftovers(self, before: datetime) -> int:
        """Remove what a killed `put` left behind before `before`; the number of files removed.

        They may hold an original with all its metadata, so they must not stay.
        """
        count = 0
        with _failures_as_unavailable():
            for path in _files_below(self._root / _PARTIAL, before):
                path.unlink(missing_ok=True)
                count += 1
        return count

    def ready(self) -> bool:
        """Whether a file can be written now, found out by writing one."""
        try:
            with _failures_as_unavailable():
                self._written_aside(io.BytesIO(bytes(4096))).unlink()
        except StoreUnavailable:
            return False
        return True

    def _path(self, key: str) -> Path:
        require(KEY, key)
        return self._inside(key)

    def _inside(self, relative: str) -> Path:
        path = self._root / relative
        # The key cannot lead outside; a symbolic link that somebody put into the folder could.
        if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(self._root)):
            raise ValueError("the key leads out of the store")
        return path

    def _written_aside(self, source: BinaryIO) -> Path:
        partial = self._root / _PARTIAL / uuid4().hex
        _make_folder(partial.parent)
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        try:
            _write(descriptor, source)
            os.fsync(descriptor)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
        finally:
            os.close(descriptor)
        return partial

    def _move(self, partial: Path, path: Path) -> None:
        for tries_left in range(_TRIES, 0, -1):
            try:
                _make_folder(path.parent)
                partial.replace(path)
            except FileNotFoundError:
                # A delete next door took the folder away because it was empty.
                if tries_left == 1:
                    raise
            else:
                _sync_folder(path.parent)
                return


def require(pattern: re.Pattern[str], key: str) -> None:
    """Refuse a key (KEY) or the beginning of keys (PREFIX) that is not ours: a mistake in the program, ValueError."""
    if len(key) > _LONGEST_KEY or ".." in key or not pattern.fullmatch(key):
        raise ValueError("not a key of ours")


def _write(descriptor: int, source: BinaryIO) -> None:
    """In long strides: what is encrypted begins and ends between two pages, and each write that does costs the kernel more."""
    while blocks := list(islice(iter(lambda: source.read(_BLOCK), b""), _STRIDE)):
        if os.writev(descriptor, blocks) < sum(map(len, blocks)):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@contextmanager
def _failures_as_unavailable() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        # Without the path: it has no place in a log.
        raise StoreUnavailable(f"media folder: {error.strerror}") from error


def _make_folder(folder: Path) -> None:
    """Make a folder and those above it, for our own user only, each entered durably in the one above."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    try:
        folder.mkdir(0o700)
    except FileExistsError:
        return  # a neighbour was faster
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        return  # a delete next door took it away, so there is nothing left to keep
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _files_below(folder: Path, before: datetime | None) -> Iterator[Path]:
    """Plain files, links not followed. What vanishes meanwhile is left out."""
    try:
        with os.scandir(folder) as listing:
            entries = list(listing)
    except (FileNotFoundError, NotADirectoryError):
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _files_below(Path(entry.path), before)
        elif entry.is_file(follow_symlinks=False):
            try:
                written = entry.stat(follow_symlinks=False).st_mtime
            except FileNotFoundError:
                continue
            if before is None or written < before.timestamp():
                yield Path(entry.path)
