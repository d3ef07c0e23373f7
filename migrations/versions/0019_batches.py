"""Entries that are approved and wait for the hour at which all are shown."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("entries", sa.Column("due_on", sa.Date()))
    waits = sa.text("due_on IS NOT NULL")
    op.create_index("ix_entries_due", "entries", ["due_on", "id"], postgresql_where=waits, sqlite_where=waits)
