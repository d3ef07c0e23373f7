"""Likenesses of pictures, which pictures look alike, and the likenesses of what is there already."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "likenesses",
        sa.Column("id", BIG, nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("entry_id", sa.Uuid()),
        sa.Column("outcome", sa.String(24)),
        sa.Column("reason", sa.String(32)),
        sa.Column("decided_in", sa.Date()),
        sa.Column("expires_on", sa.Date()),
        sa.PrimaryKeyConstraint("id", name="pk_likenesses"),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name="fk_likenesses_entry_id", ondelete="SET NULL"),
        sa.UniqueConstraint("entry_id", name="uq_likenesses_entry_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_likenesses_expires_on", "likenesses", ["expires_on"])
    op.create_table(
        "cousins",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("likeness_id", BIG, nullable=False),
        sa.Column("distance", sa.Integer(), nullable=False),
        sa.Column("turned", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", "likeness_id", name="pk_cousins"),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name="fk_cousins_entry_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["likeness_id"], ["likenesses.id"], name="fk_cousins_likeness_id", ondelete="CASCADE"),
    )
    op.create_index("ix_cousins_likeness_id", "cousins", ["likeness_id"])
    entries = sa.table("entries", sa.column("id", sa.Uuid()), sa.column("likeness", sa.String()), sa.column("state"))
    known = sa.select(entries.c.id, entries.c.likeness).where(entries.c.likeness != "", entries.c.state != "withdrawn")
    rows = [{"entry_id": entry, "digest": bytes.fromhex(likeness)} for entry, likeness in op.get_bind().execute(known)]
    table = sa.table("likenesses", sa.column("digest", sa.LargeBinary()), sa.column("entry_id", sa.Uuid()))
    if rows:
        op.bulk_insert(table, rows)
