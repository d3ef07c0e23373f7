"""Indexes for what a filter seldom finds, for screens of one theme, for class codes page by page, and for the recall list.

On PostgreSQL each is made while everybody goes on writing. What was broken off left one that answers nothing: it is made anew.
What a new one does as well as an old one goes last.
"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

#: Name -> table, columns, and which rows.
NEW = {
    # A condition of its own, so that nobody goes along it who does not mean to.
    "ix_entries_combined": (
        "entries", ["kind", "theme", "language", "age", "published_on", "id", "consent_schools", "for_screen"],
        "published_on > '2000-01-01'",
    ),
    "ix_entries_screened": ("entries", ["published_on", "id", "theme", "kind", "language", "age"], "for_screen"),
    "ix_class_codes_ends": ("class_codes", ["granted", "good_until", "id"], None),
    "ix_entry_events_recalled": ("entry_events", ["at", "entry_id", "seq", "after", "action"], "before = 'approved'"),
}  # fmt: skip
OLD = {"ix_entries_for_screen": "entries", "ix_class_codes_granted": "class_codes"}


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _make(concurrently=False)
    else:
        with op.get_context().autocommit_block():
            _make(concurrently=True)


def _make(*, concurrently: bool) -> None:
    for name, (table, columns, condition) in NEW.items():
        op.drop_index(name, table, if_exists=True, postgresql_concurrently=concurrently)
        lite = "for_screen = 1" if condition == "for_screen" else condition
        op.create_index(
            name, table, columns, postgresql_concurrently=concurrently,
            postgresql_where=condition and sa.text(condition), sqlite_where=lite and sa.text(lite),
        )  # fmt: skip
    for name, table in OLD.items():
        op.drop_index(name, table, if_exists=True, postgresql_concurrently=concurrently)
