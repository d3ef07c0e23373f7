"""Since when an entry waits for people: what was reported or appealed waits since that, not since it was sent."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

WAITS = sa.text("lane IS NOT NULL")


def upgrade() -> None:
    op.add_column("entries", sa.Column("waits_since", sa.DateTime(timezone=True)))
    op.execute("UPDATE entries SET waits_since = received_at WHERE lane IS NOT NULL")
    for name, columns in (("lane", ["lane", "waits_since", "id"]), ("backlog", ["waits_since", "id", "lane"])):
        op.drop_index(f"ix_entries_{name}", "entries")
        op.create_index(
            f"ix_entries_{name}", "entries", [*columns, "theme", "kind", "language"],
            postgresql_where=WAITS, sqlite_where=WAITS,
        )  # fmt: skip
