"""How a database answers: the indexes it goes along. No section of the report: the name begins with an underscore."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.orm import Session

from memes.db import Database


def plan(ask: Callable[[Session], object], database: Database) -> str:
    """Which index or table each statement read: `SCAN` is all of it."""
    found: dict[str, None] = {}
    lite = database.engine.dialect.name == "sqlite"

    def listen(connection: Connection, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if not statement.startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
            return
        other = connection.connection.driver_connection.cursor()  # type: ignore[union-attr]
        other.execute(("EXPLAIN QUERY PLAN " if lite else "EXPLAIN (FORMAT JSON) ") + statement, parameters)
        rows = other.fetchall()
        found.update(dict.fromkeys(filter(None, (_step(row[3]) for row in rows) if lite else _steps(rows[0][0][0]["Plan"]))))

    event.listen(database.engine, "before_cursor_execute", listen)
    try:
        with database.writes() as session:
            ask(session)
            session.rollback()
    finally:
        event.remove(database.engine, "before_cursor_execute", listen)
    return ", ".join(found)


def _step(detail: str) -> str:
    """One line of SQLite's plan, shortened."""
    if detail.startswith("USE TEMP B-TREE"):
        return "sort"
    verb, _, rest = detail.partition(" ")
    if verb not in ("SCAN", "SEARCH") or "INDEX" not in rest and verb == "SEARCH":
        return ""
    index = re.search(r"INDEX (\S+)", rest)
    return f"{'SCAN ' if verb == 'SCAN' else ''}{index[1] if index else rest.split()[0]}"


def _steps(node: dict[str, Any]) -> Iterator[str]:
    """PostgreSQL's plan, shortened."""
    kind = node["Node Type"]
    if kind == "Seq Scan":
        yield f"SCAN {node['Relation Name']}"
    elif "Index Name" in node:
        yield node["Index Name"]
    elif "Sort" in kind:
        yield "sort"
    for below in node.get("Plans", ()):
        yield from _steps(below)
