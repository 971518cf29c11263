"""Other times that people propose, until the owner of the meeting decides."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; nobody has proposed anything yet."""
    number = sa.BigInteger()
    op.create_table(
        "proposal",
        sa.Column("proposal_id", number.with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("event_id", number, nullable=False),
        sa.Column("key", number, server_default="0", nullable=False),
        sa.Column("appointment_id", number, nullable=False),
        sa.Column("start", number, nullable=False),
        sa.Column("end", number, nullable=False),
        sa.Column("comment", sa.Text(), server_default="", nullable=False),
        sa.Column("former", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("received", number, nullable=False),
        sa.Column("inbox_id", number, nullable=True),
        sa.Column("state", sa.String(12), server_default="open", nullable=False),
        sa.Column("decided_at", number, nullable=True),
        sa.PrimaryKeyConstraint("proposal_id", name=op.f("pk_proposal")),
    )
    op.create_index(op.f("ix_proposal_state_proposal_id"), "proposal", ["state", "proposal_id"])
    op.create_index(op.f("ix_proposal_event_id"), "proposal", ["event_id"])
