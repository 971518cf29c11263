"""Writing rows as the CRM itself does: who and when on the row, and one entry in the log for each row.

Sources: the audit columns of the CRM's table pages; its raw-SQL how-tos; the log's types (TrLogTransType): 4352 insert,
4608 update, 4864 delete.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Column, Connection, Table, delete, select, update

from gateway.chunks import chunks
from gateway.crm import ids
from gateway.crm.tables import traveltransactionlog

INSERTED: Final = 4_352
UPDATED: Final = 4_608
DELETED: Final = 4_864


@dataclass(frozen=True, slots=True)
class Author:
    """Who does one thing and when: the associate (0: somebody outside), the instant, and it on the CRM's wall clock.

    `written` are (table, row) that this act has written already: whatever else it writes there counts once.
    """

    associate: int
    now: int
    wall: int
    written: set[tuple[str, int]] = field(default_factory=set, compare=False, repr=False)


def add(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], by: Author) -> list[int]:
    """Insert rows, each with all its columns or the CRM's defaults, and give their ids in the rows' order."""
    if not rows:
        return []
    names = sorted({name for row in rows for name in row})
    whole = [{n: row.get(n, _default(table, n)) for n in names} | _made(by) for row in rows]
    numbers = ids.insert_with_ids(connection, table, whole)
    _written(table, numbers, by)
    log(connection, table, numbers, INSERTED, by)
    return numbers


def change(connection: Connection, table: Table, rows: Mapping[int, Mapping[str, Any]], by: Author) -> None:
    """Update rows by id; those that get the same values by one statement, and each with its entry in the log.

    A row that the same act has written before is not audited, and not logged, once more.
    """
    first = [number for number in rows if (table.name, number) not in by.written]
    alike: dict[tuple[bool, tuple[tuple[str, Any], ...]], list[int]] = {}
    for number, values in rows.items():
        audited = (table.name, number) not in by.written
        alike.setdefault((audited, tuple(sorted(values.items()))), []).append(number)
    key = _key(table)
    audit = {"updated": by.now, "updated_associate_id": by.associate, "updatedCount": table.c.updatedCount + 1}
    for (audited, pairs), numbers in alike.items():
        values = dict(pairs) | (audit if audited else {})
        for some in chunks(numbers):
            connection.execute(update(table).where(key.in_(some)).values(values))
    _written(table, first, by)
    log(connection, table, first, UPDATED, by)


def remove(connection: Connection, table: Table, numbers: Iterable[int], by: Author) -> None:
    """Delete rows by id."""
    wanted = list(numbers)
    for some in chunks(wanted):
        connection.execute(delete(table).where(_key(table).in_(some)))
    log(connection, table, wanted, DELETED, by)


def found(connection: Connection, table: Table, column: Column[Any], values: Iterable[int]) -> list[int]:
    """Give the ids of the rows whose column has one of these values, lowest first."""
    key = _key(table)
    numbers: list[int] = []
    for some in chunks(values):
        numbers += connection.scalars(select(key).where(column.in_(some)).order_by(key))
    return numbers


def log(connection: Connection, table: Table, numbers: Iterable[int], what: int, by: Author) -> None:
    """Write one entry for each row into `traveltransactionlog`."""
    entry = {"ttime": by.wall, "type": what, "associate_id": by.associate, "tablenumber": table.info["number"]}
    entries = [{**entry, "record_id": number, "prev_record_id": 0} for number in numbers]
    if entries:
        ids.insert_with_ids(connection, traveltransactionlog, entries)


def _written(table: Table, numbers: Iterable[int], by: Author) -> None:
    by.written.update((table.name, number) for number in numbers)


def _made(by: Author) -> dict[str, int]:
    return {"registered": by.now, "registered_associate_id": by.associate}


def _default(table: Table, name: str) -> Any:
    return "" if table.c[name].type.python_type is str else 0


def _key(table: Table) -> Column[Any]:
    (key,) = table.primary_key.columns
    return key
