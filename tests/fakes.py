"""Hand-written stand-ins for the two ports, for tests that are about something else."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import BinaryIO
from uuid import UUID

from sqlalchemy.orm import Session


class MemoryStore:
    """A media store in a dictionary."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.written: dict[str, datetime] = {}

    def put(self, key: str, source: BinaryIO) -> None:
        self.objects[key] = source.read()
        self.written[key] = datetime.now(UTC)

    def open(self, key: str) -> BinaryIO:
        return io.BytesIO(self.objects[key])

    def delete(self, key: str) -> None:
        self.objects.pop(key, None)

    def keys(self, prefix: str, before: datetime | None = None) -> Iterator[str]:
        return iter([
            key for key in self.objects if key.startswith(prefix) and (before is None or self.written[key] < before)
        ])  # fmt: skip

    def sweep_leftovers(self, before: datetime) -> int:
        return 0

    def ready(self) -> bool:
        return True


class RecordingQueue:
    """A task queue that only remembers what it was asked to do."""

    def __init__(self) -> None:
        self.asked: list[UUID] = []

    def process_entry(self, entry_id: UUID, *, urgent: bool = False) -> None:
        self.asked.append(entry_id)

    def ready(self) -> bool:
        return True

    def worker_seen(self) -> bool:
        return True

    def waiting(self, *, urgent: bool = False) -> int:
        return 0

    def done_lately(self) -> bool:
        return True

    def leave_sign(self) -> None:
        pass


class OneSession:
    """A database whose only session is this one: nothing is committed."""

    def __init__(self, session: Session) -> None:
        self.session = session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        yield self.session

    reads = writing
