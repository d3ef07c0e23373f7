"""What a teacher reads before the team does."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("class_codes", sa.Column("teacher_first", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("entries", sa.Column("first_reader", sa.Uuid()))
    op.add_column("entries", sa.Column("first_shown", sa.Boolean()))
    waits = sa.text("state = 'pending' AND lane IS NULL")
    op.create_index(
        "ix_entries_first_reader", "entries", ["first_reader", "id"], postgresql_where=waits, sqlite_where=waits
    )
