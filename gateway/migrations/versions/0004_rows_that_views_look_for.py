"""Three indexes that the CRM has on its own table: by them views find days of a diary, a company's and a person's."""

from __future__ import annotations

from alembic import context, op

revision = "0004"
down_revision = "0002"
branch_labels = None
depends_on = None

INDEXES = (["contact_id"], ["person_id"], ["associate_id", "type", "endDate", "do_by"])


def upgrade() -> None:
    """Make them where the table is ours to make."""
    if context.config.attributes["embedded"]:
        for columns in INDEXES:
            op.create_index(op.f(f"ix_appointment_{'_'.join(columns)}"), "appointment", columns, schema="crm")
