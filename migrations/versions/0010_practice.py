"""What people answer to invented entries."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "practice_answers",
        sa.Column("moderator_id", sa.Uuid(), nullable=False),
        sa.Column("item", sa.String(40), nullable=False),
        sa.Column("action", sa.String(24), nullable=False),
        sa.Column("reason", sa.String(32)),
        sa.Column("agreed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("moderator_id", "item", name="pk_practice_answers"),
        sa.ForeignKeyConstraint(
            ["moderator_id"], ["moderators.id"], name="fk_practice_answers_moderator_id", ondelete="CASCADE"
        ),
    )
