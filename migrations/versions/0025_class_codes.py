"""Codes with which a class sends."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "class_codes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("code", sa.String(8)),
        sa.Column("region", sa.String(8)),
        sa.Column("age", sa.String(8)),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("granted", sa.String(8), nullable=False),
        sa.Column("good_until", sa.Date(), nullable=False),
        sa.Column("begun", sa.Boolean(), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_class_codes"),
        sa.UniqueConstraint("digest", name="uq_class_codes_digest"),
        sa.UniqueConstraint("code", name="uq_class_codes_code"),
    )
    op.create_index("ix_class_codes_granted", "class_codes", ["granted"])
    op.create_index("ix_class_codes_good_until", "class_codes", ["good_until"])
