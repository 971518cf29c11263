"""What was cancelled keeps its instances, so that time ranges and expansion find each of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Give frozen copies a place for them; those that stand there count as one instance, until they leave."""
    op.add_column("frozen", sa.Column("spans", sa.LargeBinary(), nullable=True))
