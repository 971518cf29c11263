"""The triggers as PostgreSQL has them: one per table and event, fired once for a statement.

They call one function per table, which reads the statement's transition tables, stands beside `gateway_dirty`
and runs with its maker's rights, so that the CRM's roles need none on our tables.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from gateway.crm.columns import SCHEMA
from gateway.crm.marks import BY_TABLE, DIRTY, LATER, PREFIX, Mark
from gateway.errors import DatabaseBusy

CHANNEL = "partstat"
PATIENCE = "500ms"
"""Shorter than `deadlock_timeout` (1 s): where we and the CRM wait for each other, it is we who give up."""

_LOCK_NOT_AVAILABLE = "55P03"
_PATH = "pg_catalog, pg_temp"
_BINDS = {"crm": SCHEMA, "ours": PREFIX, "path": f"search_path={_PATH}"}

_ON_THE_CRM = (
    " FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
    " JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_namespace h ON h.oid = p.pronamespace"
    " WHERE n.nspname = :crm AND starts_with(t.tgname, :ours)"
)
_TRIGGERS = text("SELECT t.tgname, c.oid::regclass::text" + _ON_THE_CRM)
_FUNCTIONS = text(
    "SELECT p.oid::regprocedure::text FROM pg_proc p"
    " WHERE starts_with(p.proname, :ours) AND p.prorettype = 'trigger'::regtype"
    " AND (p.pronamespace = to_regnamespace(quote_ident(current_schema())) OR p.oid IN"
    " (SELECT t.tgfoid FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
    " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = :crm))"
)
# The server tells the function's schema only to those who do not have it on their path, so it is added here.
_TOLD = (
    "SELECT t.tgname, split_part(pg_get_triggerdef(t.oid), ' EXECUTE ', 1)"
    " || ' EXECUTE FUNCTION ' || quote_ident(h.nspname) || '.' || p.proname || '()'"
)
_INSTALLED = (
    text(_TOLD + _ON_THE_CRM + " AND t.tgenabled IN ('O', 'A')"),
    text(
        "SELECT proname, prosrc FROM pg_proc"
        " WHERE starts_with(proname, :ours) AND prorettype = 'trigger'::regtype AND prosecdef"
        " AND proconfig = ARRAY[:path] AND pronamespace = to_regnamespace(quote_ident(current_schema()))"
    ),
)

_EVENTS = {
    "INSERT": " REFERENCING NEW TABLE AS new_rows",
    "UPDATE": " REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "DELETE": " REFERENCING OLD TABLE AS old_rows",
    "TRUNCATE": "",
}

# A notification must not make the CRM's commit fail: a transaction that notified cannot be prepared
# (two-phase commit), and a full queue refuses the commit. The worker polls as well, so a call left out costs
# only time.
_WAKE = f"""\
  IF FOUND AND current_setting('max_prepared_transactions') = '0' AND pg_notification_queue_usage() < 0.5 THEN
    PERFORM pg_notify('{CHANNEL}', '');
  END IF;
"""


def expected(connection: Connection) -> dict[str, str]:
    """Name -> CREATE TRIGGER, or body of a function, for every watched table that this database has."""
    home = _home(connection)
    present = set(connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = :crm"), _BINDS))
    things: dict[str, str] = {}
    for table in BY_TABLE:
        if table in present:
            things[_function(table)] = _body(home, table)
            things |= {_name(table, event): _trigger(home, table, event) for event in _EVENTS}
    return things


def installed(connection: Connection) -> dict[str, str]:
    """Name -> text as the server tells it; what is disabled or lacks its maker's rights is left out."""
    return {name: said for query in _INSTALLED for name, said in connection.execute(query, _BINDS)}


def create(connection: Connection) -> None:
    """Make functions and triggers; raises `DatabaseBusy`."""
    home = _home(connection)
    with _briefly(connection):
        for name, said in expected(connection).items():
            is_function = not said.startswith("CREATE")
            for statement in _make_function(f"{home}.{name}()", said) if is_function else [said]:
                connection.exec_driver_sql(statement)


def drop(connection: Connection) -> None:
    """Drop what is ours on the CRM's tables, and the functions wherever they stand; raises `DatabaseBusy`."""
    triggers = connection.execute(_TRIGGERS, _BINDS).all()
    functions = connection.scalars(_FUNCTIONS, _BINDS).all()
    with _briefly(connection):
        for name, table in triggers:
            connection.exec_driver_sql(f"DROP TRIGGER {name} ON {table}")
        for function in functions:
            connection.exec_driver_sql(f"DROP FUNCTION {function}")


def has_dirty(connection: Connection) -> bool:
    """Whether the table for the marks stands in the current schema."""
    found = text("SELECT to_regclass(quote_ident(current_schema()) || '.' || :dirty)")
    return connection.scalar(found, {"dirty": DIRTY}) is not None


@contextmanager
def _briefly(connection: Connection) -> Iterator[None]:
    """Wait for a table no longer than `PATIENCE`; after `DatabaseBusy` the caller is to roll back."""
    patience = text("SELECT set_config('lock_timeout', :patience, true)")
    before = connection.scalar(text("SELECT current_setting('lock_timeout')"))
    connection.execute(patience, {"patience": PATIENCE})
    try:
        yield
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
            raise
        raise DatabaseBusy("The CRM's tables are in use: their triggers cannot be changed now.") from error
    connection.execute(patience, {"patience": before})


def _make_function(function: str, body: str) -> list[str]:
    head = f"CREATE FUNCTION {function} RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER"
    return [
        f"{head} SET search_path = {_PATH} AS $body${body}$body$",
        # Firing asks for no right; without this anybody could hang our function on a table of their own.
        f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC",
    ]


def _home(connection: Connection) -> str:
    """The schema of `gateway_dirty`, quoted: the one that is current while we install."""
    return str(connection.scalar(text("SELECT quote_ident(current_schema())")))


def _function(table: str) -> str:
    return f"{PREFIX}mark_{table}"


def _name(table: str, event: str) -> str:
    return f"{PREFIX}{table}_{event.lower()}"


def _trigger(home: str, table: str, event: str) -> str:
    """In the very words in which PostgreSQL tells it back."""
    return (
        f"CREATE TRIGGER {_name(table, event)} AFTER {event} ON {SCHEMA}.{table}{_EVENTS[event]}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {home}.{_function(table)}()"
    )


def _body(home: str, table: str) -> str:
    into = f"    INSERT INTO {home}.{DIRTY} (lane, source, ref)"
    marks = BY_TABLE[table]
    return (
        "\nBEGIN\n"
        f"  IF TG_OP = 'INSERT' THEN\n{into}\n{_touched(marks, 'new_rows')};\n"
        f"  ELSIF TG_OP = 'UPDATE' THEN\n{into}\n{_touched(marks, 'old_rows', 'new_rows')};\n"
        f"  ELSIF TG_OP = 'DELETE' THEN\n{into}\n{_touched(marks, 'old_rows')};\n"
        # The rows are gone and nobody can name them: reconcile everything.
        f"  ELSE\n{into} VALUES ({LATER}, 'truncate', 0);\n"
        f"  END IF;\n{_WAKE}  RETURN NULL;\nEND\n"
    )


def _touched(marks: tuple[Mark, ...], *rows: str) -> str:
    """Each mark once for a statement, however many rows named it."""
    selects = [f"{_select(mark)} FROM {name} WHERE {_holds(mark)}" for mark in marks for name in rows]
    if len(selects) == 1:
        return selects[0].replace("SELECT", "SELECT DISTINCT", 1)
    return "\n    UNION\n".join(selects)


def _select(mark: Mark) -> str:
    return f"    SELECT {mark.lane}, '{mark.source}', \"{mark.key}\""


def _holds(mark: Mark) -> str:
    only = f' AND "{mark.only[0]}" = {mark.only[1]}' if mark.only else ""
    return f'"{mark.key}" <> 0{only}'
