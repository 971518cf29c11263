"""The CRM's lists as people name their entries: kinds of follow-ups, priorities, locations."""

from __future__ import annotations

from sqlalchemy import Connection, Table, select

from gateway.crm import tables as t


def tasks(connection: Connection) -> dict[int, str]:
    """Give the kinds of follow-ups in use, by number, in the order of the list."""
    return _items(connection, t.task)


def priorities(connection: Connection) -> dict[int, str]:
    """Give the priorities in use, by number, in the order of the list."""
    return _items(connection, t.priority)


def locations(connection: Connection) -> list[str]:
    """Give the location codes whose time appointments are told in (CRM: tzlocation.locationCode), in order."""
    used = select(t.appointment.c.preferredTZLocation)
    code, key = t.tzlocation.c.locationCode, t.tzlocation.c.TZLocation_id
    return sorted({found or "" for found in connection.scalars(select(code).where(key.in_(used)))})


def _items(connection: Connection, table: Table) -> dict[int, str]:
    (key,) = table.primary_key.columns
    wanted = select(key, table.c.name).where(table.c.deleted == 0).order_by(table.c.rank, key)
    found: dict[int, str] = dict(connection.execute(wanted).all())
    return found
