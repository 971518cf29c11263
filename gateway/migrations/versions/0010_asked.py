"""What organizers elsewhere have asked of people here."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; nobody has asked anything yet."""
    op.create_table(
        "asked",
        sa.Column("uid", sa.String(255), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("heard_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_asked")),
    )
