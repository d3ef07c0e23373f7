"""When an attempt began; and no time of sending is kept of what the worker has done."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("entries", sa.Column("attempted_at", sa.DateTime(timezone=True)))
    op.execute("UPDATE entries SET sent_at = NULL WHERE state <> 'received'")
