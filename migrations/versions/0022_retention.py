"""When an entry came to its end, so that it can be kept for so many days and no longer."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("entries", sa.Column("ended_in", sa.Date()))
    ended = sa.text("ended_in IS NOT NULL")
    op.create_index("ix_entries_ended", "entries", ["state", "ended_in", "id"], postgresql_where=ended, sqlite_where=ended)
    # What has ended already: its last line in the log tells the day or the week.
    op.execute(
        "UPDATE entries SET ended_in = (SELECT date(max(at)) FROM entry_events WHERE entry_events.entry_id = entries.id) "
        "WHERE state IN ('changes_requested', 'declined', 'unreadable', 'supported', 'removed', 'withdrawn')"
    )
