"""Which entries may stand on a classroom screen. Those of before wait for a moderator's word on it."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("entries", sa.Column("for_screen", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index(
        "ix_entries_for_screen", "entries", ["published_on", "id"],
        postgresql_where=sa.text("for_screen"), sqlite_where=sa.text("for_screen = 1"),
    )  # fmt: skip
