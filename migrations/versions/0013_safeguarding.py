"""What safeguarding and a child say to each other, and what was done for the child."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "messages",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("from_child", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("unread", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", "number", name="pk_messages"),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name="fk_messages_entry_id", ondelete="CASCADE"),
    )
    op.create_index(
        "ix_messages_unread", "messages", ["entry_id", "week"],
        postgresql_where=sa.text("unread"), sqlite_where=sa.text("unread"),
    )  # fmt: skip
    op.create_table(
        "safeguarding_steps",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.String(32), nullable=False),
        sa.Column("moderator_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", "step", name="pk_safeguarding_steps"),
    )
