"""Collections that teachers make."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "collections",
        sa.Column("short", sa.String(8), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("theme", sa.String(32)),
        sa.Column("title", sa.String(80), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("words", sa.String(8), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kept_until", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("short", name="pk_collections"),
        sa.UniqueConstraint("digest", name="uq_collections_digest"),
    )
    op.create_index("ix_collections_words", "collections", ["words"])
    op.create_index("ix_collections_kept_until", "collections", ["kept_until"])
    op.create_table(
        "collection_items",
        sa.Column("short", sa.String(8), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("short", "entry_id", name="pk_collection_items"),
        sa.ForeignKeyConstraint(["short"], ["collections.short"], name="fk_collection_items_short_collections", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name="fk_collection_items_entry_id_entries", ondelete="CASCADE"),
    )
    op.create_index("ix_collection_items_entry_id", "collection_items", ["entry_id"])
