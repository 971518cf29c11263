"""The triggers that mark what anybody's statement touched, whoever runs it and through whichever door.

They append to our `gateway_dirty` (lane, source, ref), and must never make the CRM's own statement fail or
answer otherwise:

- `gateway_dirty` has no unique key but its own id: on SQLite an outer INSERT OR ABORT overrides the conflict
  clause inside a trigger;
- the keys before *and* after are marked: nothing is concluded from the kind of statement;
- no trigger lists the columns it fires on: what matters is found by comparing projections, never guessed
  here, and on PostgreSQL such a list would keep the CRM from altering its own columns.

A table the CRM does not have is not watched. What no trigger sees is left to `reconcile`: on SQLite an
UPDATE OR REPLACE that evicts another row while `recursive_triggers` is off, on PostgreSQL what is done under
`session_replication_role = replica`.

CRM source: the primary and foreign keys in en/database/tables/*.mdx.
"""

from types import ModuleType

from sqlalchemy import Connection

from gateway.crm import postgresql_triggers, sqlite_triggers
from gateway.crm.marks import DIRTY
from gateway.errors import SchemaOutOfDate


def install(connection: Connection) -> None:
    """Drop our triggers and make them anew, inside the caller's transaction.

    Raises `SchemaOutOfDate` without `gateway_dirty`, for triggers that write nowhere would make every
    statement of the CRM fail; on PostgreSQL `DatabaseBusy` while somebody holds a table of the CRM: roll back
    then and come again.
    """
    engine = _engine(connection)
    if not engine.has_dirty(connection):
        raise SchemaOutOfDate(f"There is no table {DIRTY} for the triggers to write to.")
    engine.drop(connection)
    engine.create(connection)


def remove(connection: Connection) -> None:
    """Drop our triggers, whichever version made them; do so before `gateway_dirty` is dropped or rebuilt."""
    _engine(connection).drop(connection)


def missing(connection: Connection) -> list[str]:
    """Names of what is absent, altered, disabled or left over; empty when all stands as it should."""
    engine = _engine(connection)
    expected, installed = engine.expected(connection), engine.installed(connection)
    names = {name for name, _ in expected.items() ^ installed.items()}
    return sorted(names | (set() if engine.has_dirty(connection) else {DIRTY}))


def _engine(connection: Connection) -> ModuleType:
    return postgresql_triggers if connection.dialect.name == "postgresql" else sqlite_triggers
