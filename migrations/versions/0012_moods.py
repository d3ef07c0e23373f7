"""How it felt, and a nickname from the list: both optional."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("mood", "nickname"):
        op.add_column("entries", sa.Column(name, sa.String(16)))
