"""What was covered, where faces may be, what an answer points at; and each clean size knows its own file."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ENTRIES = sa.table(
    "entries", sa.column("id", sa.Uuid()), sa.column("renditions", sa.JSON()), sa.column("has_image", sa.Boolean())
)


def upgrade() -> None:
    for name in ("faces", "redactions", "marks"):
        op.add_column("entries", sa.Column(name, sa.JSON(), nullable=False, server_default="[]"))
    rows = op.get_bind().execute(sa.select(ENTRIES.c.id, ENTRIES.c.renditions).where(ENTRIES.c.has_image)).all()
    for entry_id, renditions in rows:
        sizes = [{"file": size["name"], **size} for size in renditions]
        op.execute(ENTRIES.update().where(ENTRIES.c.id == entry_id).values(renditions=sizes))
