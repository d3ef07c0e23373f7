"""What the guard found in an entry's words, by name."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("entries", sa.Column("signals", sa.JSON(), nullable=False, server_default="[]"))
