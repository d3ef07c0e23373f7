"""How many entries everybody can see, of each combination of what the gallery filters by: kept, so that nobody counts a million.

Triggers of the database (migration 0034) write the numbers in the transaction of the change itself, so no verb can forget them.
In PostgreSQL that happens at the commit, while `public_state` is held anyway, so two who publish never wait for each other
crosswise. A combination of which nothing is public has no row. Nothing stands here that the gallery does not show.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    ColumnExpressionArgument,
    Connection,
    Select,
    String,
    case,
    delete,
    func,
    insert,
    literal_column,
    select,
    tuple_,
)
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from memes.db import Base
from memes.models import Entry
from memes.places import Place

#: What may be asked for: an id, or one of several.
Filters = Mapping[str, str | tuple[str, ...]]


#: What is meant by it: all that is public, or of that what schools may show, or of that what was graded for a whole class.
Shown = Literal["number", "in_schools", "on_screen"]

#: Filters that find so many at most are answered from all that they find, in about the time of a page. More are met soon on the way
#: along the days: among a million entries one in 800, if they are spread over the years.
FEW = 1_000


class PublicTotal(Base):
    """One combination."""

    __tablename__ = "public_totals"
    __table_args__ = ({"info": {"backup": False}},)

    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    theme: Mapped[str] = mapped_column(String(32), primary_key=True)
    language: Mapped[str] = mapped_column(String(8), primary_key=True)
    #: Empty where the child gave none.
    age: Mapped[str] = mapped_column(String(8), primary_key=True)
    number: Mapped[int]
    #: Of these, what schools may show, and what was graded for a whole class besides.
    in_schools: Mapped[int]
    on_screen: Mapped[int]


class Totals(NamedTuple):
    """The numbers of several combinations together."""

    number: int
    in_schools: int
    on_screen: int


#: What of an entry says so, beside its day.
_few = aliased(Entry)
_FACTS: dict[Shown, tuple[ColumnExpressionArgument[bool], ...]] = {
    "number": (), "in_schools": (_few.consent_schools,), "on_screen": (_few.consent_schools, _few.for_screen),
}  # fmt: skip
#: In the words of the index of combinations, which no other question uses (`models.COMBINED`).
_SINCE: ColumnElement[date] = literal_column("'2000-01-01'")
#: In the order of the index of combinations.
_COMBINATION = (PublicTotal.kind, PublicTotal.theme, PublicTotal.language, PublicTotal.age)
_NUMBERS = (PublicTotal.number, PublicTotal.in_schools, PublicTotal.on_screen)
_SUMS = select(*(func.coalesce(func.sum(number), 0) for number in _NUMBERS))


def of(session: Session, filters: Filters) -> Totals:
    """The numbers of what fits `filters`."""
    return Totals(*map(int, session.execute(_SUMS.where(*narrowed(PublicTotal, filters))).one()))


def number(session: Session) -> int:
    """How many entries everybody can see."""
    return of(session, {}).number


def newest_of_few(session: Session, filters: Filters, shown: Shown, after: Place | None, limit: int) -> Select[UUID]:
    """Ids of the newest `limit` that fit `filters` and come after a place. All that fits is read, and of it the index alone."""
    few = select(_few.id).where(_few.published_on > _SINCE, *narrowed(_few, _along(session, filters)), *_FACTS[shown])
    if after is not None:
        few = few.where(tuple_(_few.published_on, _few.id) < tuple_(*after))
    return few.order_by(_few.published_on.desc(), _few.id.desc()).limit(limit)


def narrowed(table: Any, filters: Filters) -> list[ColumnElement[bool]]:
    """What `filters` ask of entries, or of these numbers."""
    named = ((getattr(table, name), value) for name, value in filters.items())
    return [column == value if isinstance(value, str) else column.in_(value) for column, value in named]


def count_anew(connection: Connection) -> None:
    """Count all of it at the end of a transaction that has written so much, or past the triggers, that adding up takes longer."""
    if connection.dialect.name == "postgresql":  # nothing more is added up at this commit
        connection.execute(select(func.set_config("memes.public_totals", "counted", True)))
    connection.execute(delete(PublicTotal))
    names = [column.key for column in (*_COMBINATION, *_NUMBERS)]
    connection.execute(insert(PublicTotal).from_select(names, _counted()))


def are_right(session: Session) -> bool:
    """Whether counting gives the numbers that are kept."""
    kept = session.execute(select(*_COMBINATION, *_NUMBERS))
    return set(map(tuple, kept)) == set(map(tuple, session.execute(_counted())))


def _counted() -> Select[str, str, str, str, int, int, int]:
    """The rows that there ought to be, in the order of their columns."""
    combination = (Entry.kind, Entry.theme, Entry.language, func.coalesce(Entry.age, ""))
    numbers = (func.count(), _how_many(Entry.consent_schools), _how_many(Entry.consent_schools & Entry.for_screen))
    return select(*combination, *numbers).where(Entry.published_on.is_not(None)).group_by(*combination)


def _how_many(fact: ColumnExpressionArgument[bool]) -> ColumnElement[int]:
    return func.sum(case((fact, 1), else_=0))


def _along(session: Session, filters: Filters) -> Filters:
    """The same as `filters` in other words: all that is there of each column from the first one of the index of combinations to the
    last that is filtered by, so that it is read along that index, and nothing else of it.
    """
    columns = _COMBINATION[: 1 + max(place for place, column in enumerate(_COMBINATION) if column.key in filters)]
    if len(columns) == len(filters):
        return filters
    rows = session.execute(select(*columns).where(*narrowed(PublicTotal, filters)).distinct()).all()
    return {column.key: tuple({row[place] for row in rows}) for place, column in enumerate(columns)}
