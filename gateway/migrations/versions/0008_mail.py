"""What sending mail needs: a key of this installation, and what became of each mail."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; a house that stands gets its key."""
    op.add_column("house", sa.Column("key", sa.LargeBinary(32), nullable=True))
    house = sa.table("house", sa.column("key", sa.LargeBinary))
    op.execute(house.update().values(key=secrets.token_bytes(32)))
    for name, length, default in (("message_id", 255, ""), ("language", 16, ""), ("delivery", 8, "1.0")):
        op.add_column("outbox", sa.Column(name, sa.String(length), server_default=default, nullable=False))
