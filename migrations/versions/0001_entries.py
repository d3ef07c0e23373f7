"""Entries, receipts, the log and its head, help confirmations."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
PUBLISHED = sa.text("published_on IS NOT NULL")
WAITING = sa.text("state IN ('received', 'pending', 'escalated')")


def upgrade() -> None:
    op.create_table(
        "entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("theme", sa.String(32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("caption", sa.Text(), nullable=False),
        sa.Column("alt", sa.Text(), nullable=False),
        sa.Column("age", sa.String(8)),
        sa.Column("region", sa.String(8)),
        sa.Column("consent_gallery", sa.Boolean(), nullable=False),
        sa.Column("consent_schools", sa.Boolean(), nullable=False),
        sa.Column("consent_print", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("published_on", sa.Date()),
        sa.Column("reason", sa.String(32)),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("source", sa.String(120)),
        sa.Column("sent_at", MOMENT),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("has_image", sa.Boolean(), nullable=False),
        sa.Column("renditions", sa.JSON(), nullable=False),
        sa.Column("animated", sa.Boolean(), nullable=False),
        sa.Column("placeholder", sa.Text(), nullable=False),
        sa.Column("likeness", sa.String(64), nullable=False),
        sa.Column("removed", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_entries"),
        sa.CheckConstraint(
            "published_on IS NULL OR (state = 'approved' AND consent_gallery)",
            name=op.f("ck_entries_published_is_approved"),
        ),
    )
    op.create_index(
        "ix_entries_published", "entries", ["published_on", "id"], postgresql_where=PUBLISHED, sqlite_where=PUBLISHED
    )
    op.create_index(
        "ix_entries_waiting", "entries", ["state", "received_at", "id"], postgresql_where=WAITING, sqlite_where=WAITING
    )
    op.create_table(
        "receipts",
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_receipts"),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name="fk_receipts_entry_id", ondelete="CASCADE"),
        sa.UniqueConstraint("entry_id", name="uq_receipts_entry_id"),
    )
    op.create_table(
        "entry_events",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.String(24), nullable=False),
        sa.Column("before", sa.String(24)),
        sa.Column("after", sa.String(24), nullable=False),
        sa.Column("actor", sa.String(40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(32)),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_entry_events"),
    )
    op.create_index("ix_entry_events_entry_id", "entry_events", ["entry_id"])
    head = op.create_table(
        "log_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_log_head"),
    )
    op.bulk_insert(head, [{"id": 1, "seq": 0, "digest": "0" * 64}])
    op.create_table(
        "help_confirmations",
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("confirmed_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("channel", name="pk_help_confirmations"),
    )
