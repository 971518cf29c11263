"""The triggers as SQLite has them: one per table and event, fired for each row.

They stand in the same file as the CRM's tables and name `gateway_dirty` without a schema, so that they also
work for a session that attached the file under another name.
"""

from sqlalchemy import Connection

from gateway.crm.columns import SCHEMA
from gateway.crm.marks import BY_TABLE, DIRTY, PREFIX, Mark
from gateway.crm.tables import metadata


def expected(connection: Connection) -> dict[str, str]:
    """Name -> CREATE TRIGGER for every watched table that this database has."""
    present = set(connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars())
    triggers: dict[str, str] = {}
    for table in BY_TABLE:
        if table in present:
            triggers |= _of(table)
    return triggers


def installed(connection: Connection) -> dict[str, str]:
    """Name -> text of the triggers of ours that stand here; SQLite keeps the text as it was given."""
    found = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    return {name: text for name, text in found if name.startswith(PREFIX)}


def create(connection: Connection) -> None:
    """Make the triggers."""
    for statement in expected(connection).values():
        connection.exec_driver_sql(statement)


def drop(connection: Connection) -> None:
    """Drop what is ours, whichever version of us made it."""
    for name in installed(connection):
        connection.exec_driver_sql(f'DROP TRIGGER "{name}"')


def has_dirty(connection: Connection) -> bool:
    """Whether the table for the marks stands in this file."""
    found = connection.exec_driver_sql("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (DIRTY,))
    return found.first() is not None


def _of(table: str) -> dict[str, str]:
    marks = BY_TABLE[table]
    bodies = {
        "AFTER INSERT": [_mark(mark, "NEW") for mark in marks],
        "AFTER UPDATE": [text for mark in marks for text in (_mark(mark, "OLD"), _mark_if_other(mark))],
        "AFTER DELETE": [_mark(mark, "OLD") for mark in marks],
        "BEFORE INSERT": _evicted(table, marks),
    }
    return dict(_trigger(table, event, body) for event, body in bodies.items() if body)


def _trigger(table: str, event: str, body: list[str]) -> tuple[str, str]:
    name = f"{PREFIX}{table}_{event.lower().replace(' ', '_')}"
    lines = "".join(f"  {statement};\n" for statement in body)
    return name, f'CREATE TRIGGER "{name}" {event} ON "{table}" FOR EACH ROW BEGIN\n{lines}END'


def _insert(mark: Mark, row: str) -> str:
    values = f"{mark.lane}, '{mark.source}', {row}\"{mark.key}\""
    return f"INSERT INTO {DIRTY} (lane, source, ref) SELECT {values}"


def _holds(mark: Mark, row: str) -> str:
    """The row is one to mark; IS, not =, so that a NULL says no instead of saying nothing."""
    only = f' AND {row}"{mark.only[0]}" IS {mark.only[1]}' if mark.only else ""
    return f'{row}"{mark.key}" <> 0{only}'


def _mark(mark: Mark, row: str) -> str:
    return f"{_insert(mark, f'{row}.')} WHERE {_holds(mark, f'{row}.')}"


def _mark_if_other(mark: Mark) -> str:
    """The new key, unless it is the old one and was marked as that."""
    same = f'NEW."{mark.key}" IS OLD."{mark.key}" AND {_holds(mark, "OLD.")}'
    return f"{_mark(mark, 'NEW')} AND NOT ({same})"


def _evicted(table: str, marks: tuple[Mark, ...]) -> list[str]:
    """What INSERT OR REPLACE is about to remove.

    SQLite fires no delete trigger for those rows, unless the session of the CRM asked for
    `recursive_triggers`.
    """
    columns = metadata.tables[f"{SCHEMA}.{table}"]
    (primary,) = columns.primary_key.columns.keys()
    names = [index.columns[0].name for index in columns.indexes if index.unique and len(index.columns) == 1]
    by_primary = [
        f'{_insert(mark, "")} FROM "{table}" WHERE "{primary}" = NEW."{primary}" AND {_holds(mark, "")}'
        for mark in marks
        if mark.key != primary
    ]
    by_name = [
        f'{_insert(mark, "")} FROM "{table}" WHERE "{name}" = NEW."{name}" AND {_holds(mark, "")}'
        for mark in marks
        for name in names
    ]
    return by_primary + by_name
