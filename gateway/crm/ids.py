"""The only place where primary keys of the CRM's tables are drawn.

The rule: one more than the highest id that the table holds or that `traveltransactionlog` remembers for it,
so that the id of a row just deleted is not given to a stranger. Where the CRM keeps a source of ids of its
own, it is to be asked here.

CRM source: en/database/tables/traveltransactionlog.mdx (tablenumber, record_id).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Column, Connection, Table, func, insert, select, text
from sqlalchemy.exc import IntegrityError

from gateway.crm.tables import traveltransactionlog
from gateway.errors import DatabaseBusy

TRIES: Final = 8

# Any number will do as long as all gateways on one database use the same.
_TURN: Final = text("SELECT pg_advisory_xact_lock(7274747)")


def draw(connection: Connection, table: Table, count: int = 1) -> list[int]:
    """`count` ids for new rows of `table`, ascending; to be used in a savepoint and drawn again on collision.

    The CRM may draw the same ones at the same moment; other gateways may not. On PostgreSQL they take turns
    until the end of their transactions, which must be READ COMMITTED to see what a turn left; on SQLite they
    begin IMMEDIATE.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(_TURN)
    log = traveltransactionlog
    logged = select(func.max(log.c.record_id)).where(log.c.tablenumber == table.info["number"])
    held = select(func.max(_key(table)))
    highest = connection.execute(select(held.scalar_subquery(), logged.scalar_subquery())).one()
    first = max(number or 0 for number in highest) + 1
    return list(range(first, first + count))


def insert_with_ids(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert rows with the same columns under ids drawn for them, and return those ids in the rows' order.

    Raises `DatabaseBusy` when `TRIES` draws in a row met ids that others had taken first, and the database's own
    `IntegrityError` when a row was refused for another reason.
    """
    key = _key(table)
    for attempt in range(TRIES):
        # A step further with each try: a program that inserts row upon row would always be at the next id first.
        numbers = draw(connection, table, len(rows) + attempt)[-len(rows) :]
        try:
            with connection.begin_nested():
                given = zip(rows, numbers, strict=True)
                connection.execute(insert(table), [{**values, key.name: number} for values, number in given])
        except IntegrityError:
            if connection.scalar(select(func.count()).where(key.between(numbers[0], numbers[-1]))) == 0:
                raise
        else:
            return numbers
    raise DatabaseBusy(f"Others took {TRIES} ids of {table.name} in a row.")


def _key(table: Table) -> Column[Any]:
    (key,) = table.primary_key.columns
    return key
