"""What a series' maker wrote of how it recurs, and which series another one goes on from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both; nothing that stands here has either."""
    op.create_table(
        "written_rule",
        sa.Column("rule_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("rule_id", name=op.f("pk_written_rule")),
    )
    op.add_column("event", sa.Column("related", sa.String(255), server_default="", nullable=False))
