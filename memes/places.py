"""Where a list goes on that is read page by page: the day and the id of the last row that was shown, as `2026-11-01~8f…`."""

from datetime import date
from uuid import UUID

Place = tuple[date, UUID]


def written(day: date, row_id: UUID) -> str:
    """As it stands in an address."""
    return f"{day.isoformat()}~{row_id.hex}"


def read(cursor: str | None) -> Place | None:
    """What an address says; None for what is no place."""
    day, _, hex_id = (cursor or "").partition("~")
    try:
        return date.fromisoformat(day), UUID(hex=hex_id)
    except ValueError:
        return None
