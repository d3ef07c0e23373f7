"""Pictures among the files of editors: where the original waits, and the pixels of the clean one."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("attachments") as table:
        table.add_column(sa.Column("source", sa.String(120)))
        table.add_column(sa.Column("width", sa.Integer()))
        table.add_column(sa.Column("height", sa.Integer()))
