"""The lanes of the backlog, kept with each entry."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

WAITS = sa.text("lane IS NOT NULL")


def upgrade() -> None:
    op.add_column("entries", sa.Column("lane", sa.String(24)))
    op.add_column("entries", sa.Column("priority", sa.Integer(), nullable=False, server_default="0"))
    op.execute("UPDATE entries SET lane = 'escalated' WHERE state = 'escalated'")
    op.execute("UPDATE entries SET lane = 'ordinary' WHERE state = 'pending'")
    for action, lane in (("resubmit", "returned"), ("appeal", "appeals")):
        op.execute(
            f"UPDATE entries SET lane = '{lane}' WHERE state = 'pending' AND EXISTS"  # noqa: S608
            f" (SELECT 1 FROM entry_events WHERE entry_id = entries.id AND action = '{action}')"
        )
    for name, columns in (("lane", ["lane", "received_at", "id"]), ("backlog", ["received_at", "id", "lane"])):
        op.create_index(
            f"ix_entries_{name}", "entries", [*columns, "theme", "kind", "language"],
            postgresql_where=WAITS, sqlite_where=WAITS,
        )  # fmt: skip
