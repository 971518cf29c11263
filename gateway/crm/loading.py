"""What a file of CRM rows may hold, and the writing of it: rows that are new, and nothing else (docs/load-format.md).

The cells follow from the columns in `tables`. What a row points at has to stand in the file, or may also stand in the
database: one literal table says which. A loaded file adds events and never changes one that is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import BigInteger, Column, Connection, Double, Integer, String, Table, insert, select
from sqlalchemy.exc import IntegrityError

from gateway.chunks import CHUNK, chunks
from gateway.crm import ids
from gateway.crm import tables as t
from gateway.errors import LoadError
from mappings.status import BOOKING_DELETED

Row = dict[str, Any]  # a row by the names of its columns
Rows = Mapping[str, Sequence[Row]]  # rows by the names of their tables, in the order of the file

TABLES: Final[dict[str, Table]] = {one.name: one for one in t.metadata.sorted_tables}
_APPOINTMENTS: Final = t.appointment.info["number"]


@dataclass(frozen=True, slots=True)
class Cell:
    """What one column takes: `kind` is number, amount, words, wall or utc (seconds).

    `limit` bounds a number's size, or the characters of words; 0 is without bound.
    """

    kind: str
    limit: int = 0


def cells() -> dict[str, dict[str, Cell]]:
    """Give the cells of every table that can be loaded, by table and column."""
    return {name: {c.name: _cell(c) for c in table.columns} for name, table in TABLES.items()}


def key_of(table: str) -> str:
    """Give the name of a table's primary key."""
    return _key(TABLES[table]).name


def _cell(column: Column[Any]) -> Cell:
    clock = column.info.get("clock")
    if clock:
        return Cell("utc" if clock == "utc" else "wall")
    if isinstance(column.type, Double):
        return Cell("amount")
    if isinstance(column.type, BigInteger | Integer):
        return Cell("number", 2**63 if isinstance(column.type, BigInteger) else 2**31)
    return Cell("words", getattr(column.type, "length", None) or 0 if isinstance(column.type, String) else 0)


def _key(table: Table) -> Column[Any]:
    (key,) = table.primary_key.columns
    return key


# --- what a row points at ------------------------------------------------------------------------------------------

# (table, column) -> the table whose key it holds; 0 points at nothing. First what must come with the row, because a
# file changes no event that is there already; then what may stand in the database too.
WITHIN: Final[dict[tuple[str, str], str]] = {
    ("appointment", "recurrenceRuleId"): "recurrencerule",
    ("appointment", "text_id"): "text",
    ("appointment", "agenda_text_id"): "text",
    ("invitation", "appointment_id"): "appointment",
    ("email", "appointment_id"): "appointment",
}
ANYWHERE: Final[dict[tuple[str, str], str]] = {
    ("appointment", "associate_id"): "associate",
    ("appointment", "invitedPersonId"): "person",
    ("appointment", "emailId"): "email",
    ("appointment", "task_idx"): "task",
    ("appointment", "preferredTZLocation"): "tzlocation",
    ("associate", "person_id"): "person",
    ("associate", "tzLocationId"): "tzlocation",
    ("person", "contact_id"): "contact",
    ("email", "person_id"): "person",
    ("email", "contact_id"): "contact",
}


def check(connection: Connection, rows: Rows) -> None:
    """Raise LoadError at the first row whose key or name is taken, or which points at nothing."""
    for name, some in rows.items():
        for single in (_key(TABLES[name]), *_unique(TABLES[name])):
            _free(connection, name, single, some)
    for (name, column), target in (WITHIN | ANYWHERE).items():
        lacking = _lacking(name, column, target, rows)
        anywhere = (name, column) in ANYWHERE
        held = _held(connection, target, lacking) if anywhere else set()
        for value in [v for v in lacking if v not in held]:
            raise _nowhere(name, lacking[value], column, value, " or the database" if anywhere else "")
    _mothers(connection, rows)
    _about_loaded(rows)


def _unique(table: Table) -> list[Column[Any]]:
    """Give the columns that are unique by themselves: logins, names in lists, location codes."""
    return [index.columns[0] for index in table.indexes if index.unique and len(index.columns) == 1]


def _free(connection: Connection, name: str, column: Column[Any], some: Sequence[Row]) -> None:
    first: dict[Any, int] = {}
    for number, row in enumerate(some):
        value = row.get(column.name, "")
        if first.setdefault(value, number) != number:
            raise LoadError(_place(name, number, column.name), f"{value!r} is already in {name}[{first[value]}]")
    wanted = list(first)
    for start in range(0, len(wanted), CHUNK):
        for value in connection.scalars(select(column).where(column.in_(wanted[start : start + CHUNK]))):
            raise LoadError(_place(name, first[value], column.name), f"{value!r} is taken in the database")


def _lacking(name: str, column: str, target: str, rows: Rows) -> dict[int, int]:
    """Give what a column points at without the file having it, and in which row first."""
    here = {row[key_of(target)] for row in rows.get(target, ())} | {0}
    found: dict[int, int] = {}
    for number, row in enumerate(rows.get(name, ())):
        if row.get(column, 0) not in here:
            found.setdefault(row[column], number)
    return found


def _held(connection: Connection, target: str, wanted: Iterable[int]) -> set[int]:
    key = _key(TABLES[target])
    return {i for some in chunks(wanted) for i in connection.scalars(select(key).where(key.in_(some)))}


def _mothers(connection: Connection, rows: Rows) -> None:
    """See that every daughter comes with her mother; only who was cancelled with the meeting outlives her."""
    lacking = _lacking("appointment", "mother_id", "appointment", rows)
    held = _held(connection, "appointment", lacking)
    for number, row in enumerate(rows.get("appointment", ())):
        mother = row.get("mother_id", 0)
        if mother in lacking and (mother in held or row.get("status") != BOOKING_DELETED):
            raise _nowhere("appointment", number, "mother_id", mother)


def _nowhere(name: str, number: int, column: str, value: int, more: str = "") -> LoadError:
    return LoadError(_place(name, number, column), f"points at {value}, and no such row is in this file{more}")


def _about_loaded(rows: Rows) -> None:
    """See that visibility is given once for an appointment, and for those of the file only."""
    loaded = {row["appointment_id"] for row in rows.get("appointment", ())}
    seen: set[int] = set()
    for number, row in enumerate(rows.get("visiblefor", ())):
        if row.get("tableId") != _APPOINTMENTS:
            continue
        record = row.get("recordId", 0)
        place = _place("visiblefor", number, "recordId")
        if record not in loaded:
            raise _nowhere("visiblefor", number, "recordId", record)
        if record in seen:
            raise LoadError(place, f"appointment {record} has a row already, and the CRM keeps exactly one")
        seen.add(record)


def _place(table: str, number: int, column: str) -> str:
    return f"tables.{table}[{number}].{column}"


# --- writing -------------------------------------------------------------------------------------------------------


def write(connection: Connection, rows: Rows, now: int) -> Iterator[tuple[str, int]]:
    """Insert everything with its defaults and give (table, rows written) as it goes; `now` is an instant.

    Raises LoadError where the database refuses rows all the same, because somebody else came first.
    """
    for name, some in rows.items():
        _insert(connection, name, [_with_defaults(name, row, now) for row in some])
        if name != "visiblefor":
            yield name, len(some)
    made = _visibility(connection, rows, now)
    _insert(connection, "visiblefor", made)
    count = len(rows.get("visiblefor", ())) + len(made)
    if count:
        yield "visiblefor", count


def _with_defaults(name: str, row: Row, now: int) -> Row:
    full = dict(row)
    if "registered" in TABLES[name].c:
        full.setdefault("registered", now)
    if name == "appointment":
        full.setdefault("activeDate", row.get("do_by", 0))
    return full


def _visibility(connection: Connection, rows: Rows, now: int) -> list[Row]:
    """Make the one row of `visiblefor` that each appointment has in the CRM, where the file has none."""
    own = [row for row in rows.get("visiblefor", ()) if row.get("tableId") == _APPOINTMENTS]
    given = {row["recordId"] for row in own}
    lacking = [row for row in rows.get("appointment", ()) if row["appointment_id"] not in given]
    if not lacking:
        return []
    numbers = ids.draw(connection, t.visiblefor, len(lacking))
    return [_seen_by(row, number, now) for row, number in zip(lacking, numbers, strict=True)]


def _seen_by(row: Row, number: int, now: int) -> Row:
    """Make a row of `visiblefor` that says what the older `private` says: 0 all, 1 the associate, 2 the group."""
    private = row.get("private", 0)
    return {
        "VisibleFor_id": number,
        "tableId": _APPOINTMENTS,
        "recordId": row["appointment_id"],
        "appointmentId": row["appointment_id"],
        "forAll": int(private not in (1, 2)),
        "forGroupId": row.get("group_idx", 0) if private == 2 else 0,
        "forAssocId": row.get("associate_id", 0) if private == 1 else 0,
        "registered": now,
    }


def _insert(connection: Connection, name: str, some: Iterable[Row]) -> None:
    """Insert rows, those with the same columns by one statement."""
    alike: dict[frozenset[str], list[Row]] = {}
    for row in some:
        alike.setdefault(frozenset(row), []).append(row)
    try:
        for group in alike.values():
            connection.execute(insert(TABLES[name]), group)
    except IntegrityError as error:
        raise LoadError(f"tables.{name}", "the database has taken rows like these meanwhile: try again") from error
