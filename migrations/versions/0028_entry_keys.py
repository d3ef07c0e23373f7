"""A key for each entry, wrapped by one that is not in the database. Words stay in their columns, encrypted from now on."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "entry_keys",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(72), nullable=False),
        sa.Column("wrapper", sa.String(16), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name="fk_entry_keys_entry_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("entry_id", name="pk_entry_keys"),
    )
    op.create_index("ix_entry_keys_wrapper", "entry_keys", ["wrapper"])
