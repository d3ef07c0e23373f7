"""Both logs can be read by person and by day."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("entry_events", "desk_events"):
        op.create_index(f"ix_{table}_actor", table, ["actor", "seq"])
        op.create_index(f"ix_{table}_at", table, ["at", "seq"])
