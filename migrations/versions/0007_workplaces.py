"""How moderators work together and take care: claims, what somebody leaves to others, each one's place at the desk."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "claims",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("moderator_id", sa.Uuid(), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name="pk_claims"),
    )
    op.create_table(
        "hidden_entries",
        sa.Column("moderator_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("moderator_id", "entry_id", name="pk_hidden_entries"),
    )
    op.create_index("ix_hidden_entries_entry_id", "hidden_entries", ["entry_id"])
    op.create_table(
        "workplaces",
        sa.Column("moderator_id", sa.Uuid(), nullable=False),
        sa.Column("muted", sa.JSON(), nullable=False),
        sa.Column("heavy_cap", sa.Integer(), nullable=False),
        sa.Column("pictures", sa.String(8), nullable=False),
        sa.Column("keys", sa.String(4), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("decided", sa.Integer(), nullable=False),
        sa.Column("heavy", sa.JSON(), nullable=False),
        sa.Column("stretch_from", MOMENT),
        sa.Column("stretch_to", MOMENT),
        sa.Column("stretch", sa.Integer(), nullable=False),
        sa.Column("last_entry", sa.Uuid()),
        sa.Column("last_version", sa.Integer()),
        sa.Column("last_at", MOMENT),
        sa.PrimaryKeyConstraint("moderator_id", name="pk_workplaces"),
    )
