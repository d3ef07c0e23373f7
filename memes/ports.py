"""What the verbs need from outside, as protocols. Implemented by `storage.py` and `workers/dispatch.py`, wired in `wsgi.py`."""

from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO, Protocol
from uuid import UUID


class MediaStore(Protocol):
    """Objects under keys of ours (`private/<id>/…`, `renditions/<id>/…`). Raises StoreUnavailable when it cannot answer."""

    def put(self, key: str, source: BinaryIO) -> None:
        """Write the object, whole and durable, before returning. Writing the same key again replaces it."""

    def open(self, key: str) -> BinaryIO:
        """A stream of the object; raises KeyError if there is none."""

    def delete(self, key: str) -> None:
        """Remove the object; nothing happens if there is none."""

    def keys(self, prefix: str, before: datetime | None = None) -> Iterator[str]:
        """Keys under `prefix`, only those written before `before` (aware) if given."""

    def sweep_leftovers(self, before: datetime) -> int:
        """Remove what writes that never ended left behind before `before` (aware); how many."""

    def ready(self) -> bool:
        """Whether objects can be written now."""


class TaskQueue(Protocol):
    """Work to be done soon by somebody else. Losing a message loses nothing: the row is the outbox."""

    def process_entry(self, entry_id: UUID) -> None:
        """Ask for the entry's picture to be cleaned and its text checked. Never raises."""

    def ready(self) -> bool:
        """Whether the broker answers."""

    def worker_seen(self) -> bool:
        """Whether a worker has done a round within the last minutes."""
