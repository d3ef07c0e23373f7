"""What is needed from outside, as protocols: `storage.py`, `workers/dispatch.py`, `workers/press.py`; wired in `wsgi.py`."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, BinaryIO, Protocol
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

    def process_entry(self, entry_id: UUID, *, urgent: bool = False) -> None:
        """Ask for the entry's picture to be cleaned and its text checked, before all that is not urgent. Never raises."""

    def ready(self) -> bool:
        """Whether the broker answers."""

    def worker_seen(self) -> bool:
        """Whether a worker has done a round within the last minutes."""


class Press(Protocol):
    """Makes posters: the web process decodes no picture and sets no type itself."""

    def poster(self, told: Mapping[str, Any], picture: bytes) -> bytes:
        """A PDF of one page of what is `told` (`schools.posters.sheet`), with a picture unless that is empty.

        Within seconds; raises PressBusy if that cannot be now.
        """
