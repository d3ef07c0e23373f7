"""Days come with the program: for what has ended before, they begin now, so that nothing goes in the night of an upgrade."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    today = datetime.now(UTC).date()
    monday = today - timedelta(days=today.weekday())
    entries = sa.table("entries", sa.column("ended_in", sa.Date()))
    settings = sa.table("settings", sa.column("name", sa.String()))
    somebody_set_days = sa.exists().where(settings.c.name == "keep_days")
    op.execute(entries.update().where(entries.c.ended_in.is_not(None), ~somebody_set_days).values(ended_in=monday))


def downgrade() -> None:
    pass
