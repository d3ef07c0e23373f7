"""Kinds of columns that several tables have."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, DateTime, Enum, literal_column
from sqlalchemy.types import TypeDecorator


class Moment(TypeDecorator[datetime]):
    """An aware UTC time on every database (SQLite keeps none of the zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Only aware times go in."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a time without a zone")
        return value

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Only aware times come out."""
        return value if value is None else value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


def name_of(kind: type[StrEnum], length: int = 24) -> Enum:
    """An enum stored by its value as plain text of at most `length` characters: adding a state needs no change of type."""
    return Enum(
        kind, native_enum=False, create_constraint=False, length=length, values_callable=lambda e: [m.value for m in e]
    )


def written_out(name: StrEnum) -> ColumnElement[str]:
    """A name that stands in the statement itself, as it stands in the condition of an index: only then is the index used, because
    no database looks for what it is given later."""
    return literal_column(f"'{name}'")
