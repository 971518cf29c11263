"""A second calendar for every associate: their to-dos, adopted in silence while the diaries go on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TODO_TYPES = (2, 7)
LATER = 1

calendar = sa.table("calendar", sa.column("associate_id"), sa.column("name"))
house = sa.table("house", sa.column("adopted", sa.Boolean()), sa.column("adopted_below"))
member = sa.table("member", sa.column("event_id"), sa.column("type"))
dirty = sa.table("gateway_dirty", sa.column("lane"), sa.column("source"), sa.column("ref"))
KEYS = (("appointment", "appointment_id"), ("recurrencerule", "RecurrenceRule_id"))


def upgrade() -> None:
    """Open the calendars; what stands in them now is told to nobody."""
    connection = op.get_bind()
    opened = sa.select(calendar.c.associate_id, sa.literal("tasks")).where(calendar.c.name == "diary")
    connection.execute(sa.insert(calendar).from_select(["associate_id", "name"], opened))
    # Where diaries are still being adopted, what came after us is news to their people: that line stays where it is.
    below = max(_highest(connection, *key) for key in KEYS)
    connection.execute(sa.update(house).where(house.c.adopted).values(adopted=False, adopted_below=below))
    # A to-do that was an appointment once is known already, so that adopting would pass it over.
    known = sa.select(sa.literal(LATER), sa.literal("event"), member.c.event_id).distinct()
    known = known.where(member.c.type.in_(TODO_TYPES))
    connection.execute(sa.insert(dirty).from_select(["lane", "source", "ref"], known))


def _highest(connection: sa.Connection, name: str, key: str) -> int:
    schema = "crm" if connection.dialect.name == "postgresql" else None
    table = sa.table(name, sa.column(key), schema=schema)
    return connection.scalar(sa.select(sa.func.max(table.c[key]))) or 0
