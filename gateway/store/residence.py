"""Who this installation is, and how far it has moved in beside the CRM's rows."""

from __future__ import annotations

import secrets
from uuid import UUID, uuid4

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import DBAPIError

from gateway.errors import SchemaOutOfDate
from gateway.store.tables import event, house
from gateway.store.unit import Store


def uuid(store: Store) -> UUID:
    """Give the random identity of this installation; raises SchemaOutOfDate where nobody has moved in."""
    try:
        row = store.row(select(house.c.uuid))
    except DBAPIError as error:
        raise SchemaOutOfDate("This database has no tables of ours yet: run `partstat init`.") from error
    if row is None:
        raise SchemaOutOfDate("Nobody has moved into this database yet: run `partstat init`.")
    return UUID(row["uuid"])


def key(store: Store) -> bytes:
    """Give the key under which this installation writes tokens; raises SchemaOutOfDate where nobody has moved in."""
    uuid(store)
    row = store.row(select(house.c.key))
    assert row is not None
    return bytes(row["key"])


def move_in(connection: Connection, zone: str, below: int, *, adopted: bool) -> bool:
    """Write down who we are, once; tells whether this was the first time.

    `below` is the highest CRM key that stood here before us: what stands there is published in silence.
    """
    if connection.execute(select(house.c.id)).first() is not None:
        return False
    values: dict[str, object] = {
        "id": 1,
        "uuid": str(uuid4()),
        "zone": zone,
        "adopted_below": below,
        "adopted": adopted,
    }
    values["key"] = secrets.token_bytes(32)
    connection.execute(insert(house).values(**values))
    return True


def zone(store: Store) -> str:
    """Give the base zone with which everything was published; raises SchemaOutOfDate where nobody has moved in."""
    uuid(store)
    row = store.row(select(house.c.zone))
    return str(row["zone"]) if row is not None else ""


def settle_in(connection: Connection, wanted: str) -> bool:
    """Write down the CRM's base zone; tells whether it was another before."""
    changed = connection.execute(update(house).where(house.c.zone != wanted).values(zone=wanted)).rowcount
    return bool(changed)


def stand(connection: Connection, *, adopted: bool, below: int | None = None) -> None:
    """Set whether everything that stood here before us is published, and up to which CRM key it stands here."""
    values: dict[str, object] = {"adopted": adopted}
    if below is not None:
        values["adopted_below"] = below
    connection.execute(update(house).values(**values))


def lift(connection: Connection, step: int) -> int:
    """Raise the SEQUENCE that every event is next rendered with by `step`; gives how many events there are."""
    return connection.execute(update(event).values(sequence=event.c.sequence + step)).rowcount
