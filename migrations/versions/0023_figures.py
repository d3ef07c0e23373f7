"""Figures of finished months, and a way to the solutions that may be quoted."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "monthly_figures",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("numbers", sa.JSON(), nullable=False),
        sa.Column("entries_head", sa.String(64), nullable=False),
        sa.Column("desk_head", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("month", name="pk_monthly_figures"),
    )
    op.create_index(
        "ix_entries_quotable", "entries", ["theme", "published_on", "id"],
        postgresql_where=sa.text("published_on IS NOT NULL AND consent_print AND kind = 'solution'"),
        sqlite_where=sa.text("published_on IS NOT NULL AND consent_print = 1 AND kind = 'solution'"),
    )
