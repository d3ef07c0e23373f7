"""Indexes for what is asked again and again, so that it takes no longer among a million entries.

What the gallery filters by is in its index; what waits for the worker, is sealed, or is to be encrypted yet has one of its own.
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_entries_published", "entries")
    _index("ix_entries_published", "entries", ["published_on", "id", "theme", "kind", "language", "age"],
           "published_on IS NOT NULL")  # fmt: skip
    op.drop_index("ix_entries_waiting", "entries")
    for state in ("received", "sealed"):
        _index(f"ix_entries_{state}", "entries", ["received_at", "id"], f"state = '{state}'")
    _index("ix_entries_plain", "entries", ["id"], _in_the_clear("text", "caption", "alt", "note", "placeholder"))
    _index("ix_messages_plain", "messages", ["entry_id"], _in_the_clear("text"))
    op.drop_index("ix_messages_unread", "messages")  # on SQLite its condition was not the one that is asked
    op.create_index("ix_messages_unread", "messages", ["entry_id", "week"],
                    postgresql_where=sa.text("unread"), sqlite_where=sa.text("unread = 1"))  # fmt: skip


def _in_the_clear(*columns: str) -> str:
    """Words that were written before there were keys: those that are encrypted begin with this character."""
    return " OR ".join(f"\"{name}\" <> '' AND substr(\"{name}\", 1, 1) <> '\x01'" for name in columns)


def _index(name: str, table: str, columns: list[str], condition: str) -> None:
    here = sa.text(condition)
    op.create_index(name, table, columns, postgresql_where=here, sqlite_where=here)
