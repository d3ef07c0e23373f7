"""Which approved entries left the public: read for the recall list of packs, out of a log that is mostly about other things."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    here = sa.text("before = 'approved'")
    op.create_index(
        "ix_entry_events_left", "entry_events", ["entry_id", "seq", "at", "after", "action"],
        postgresql_where=here, sqlite_where=here,
    )  # fmt: skip
