"""One database: its engine, its transactions, and the connection that each reading thread holds.

SQLite: write-ahead log; a writer begins IMMEDIATE, because an upgrade from reading to writing fails at once however
long one is willing to wait. PostgreSQL: writers are READ COMMITTED; a publisher is REPEATABLE READ behind an exclusive
lock on `tick` that it takes before its snapshot. Writers of one process take turns by a lock, which is fairer than the
database's own waiting and costs a fifth of its tail.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, CursorResult, Engine, Executable, RowMapping, create_engine, event
from sqlalchemy.engine import Row
from sqlalchemy.exc import DBAPIError, OperationalError, PendingRollbackError

from gateway.errors import DatabaseBusy, DatabaseUnreachable, SettingsError
from gateway.store.prepared import Prepared

__all__ = ["PATIENCE", "Connection", "Store"]

PATIENCE = 30.0  # seconds a writer waits before it says that the database is busy
_WRITE = "partstat_write"
_READ = "partstat_read"
_SERIALIZATION = frozenset({"40001", "40P01"})
_LOCKED = frozenset({"55P03"})


class Store:
    """The database behind everything; one per process, safe for threads, opened at first use."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.sqlite = url.startswith("sqlite")
        self._held = threading.local()
        self._turn = threading.Lock()
        self.engine = _engine(url, sqlite=self.sqlite)
        self._refusals = (self.engine.dialect.loaded_dbapi.Error, PendingRollbackError)

    # --- reading ---------------------------------------------------------------------------------------------------

    def rows(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> Sequence[Row[Any]]:
        """Run one reading statement on this thread's connection; one statement is one snapshot."""
        return self._run(statement, parameters).all()

    def row(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> RowMapping | None:
        """Run one reading statement and give its first row by column names, or None."""
        return self._run(statement, parameters).mappings().first()

    def fetch(self, prepared: Prepared, **parameters: Any) -> list[tuple[Any, ...]]:
        """Run one prepared reading statement on this thread's connection; one statement is one snapshot."""
        connection = self._connection()
        text, bound = prepared.bound(connection.dialect, parameters)
        try:
            driver: Any = connection.connection.driver_connection
            rows: list[tuple[Any, ...]] = driver.execute(text, bound).fetchall()
        except self._refusals:
            # The long way knows what to call it, and how to begin anew where the connection is lost.
            return [tuple(row) for row in self.rows(prepared.statement, parameters)]
        return rows

    def _run(self, statement: Executable, parameters: Mapping[str, Any] | None) -> CursorResult[Any]:
        for last in (False, True):
            try:
                return self._connection().execute(statement, parameters or {})
            except DBAPIError as error:
                if last or not error.connection_invalidated:
                    raise _busy(error) from error
                self.release()
        raise AssertionError("unreachable")

    def _connection(self) -> Connection:
        held: Connection | None = getattr(self._held, "connection", None)
        if held is None or held.closed:
            held = self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            self._held.connection = held
        return held

    def release(self) -> None:
        """Let go of this thread's reading connection."""
        held: Connection | None = getattr(self._held, "connection", None)
        if held is not None:
            self._held.connection = None
            held.close()

    def close(self) -> None:
        """Let go of every connection."""
        self.release()
        self.engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open one transaction that only reads: all its statements see one snapshot."""
        options: dict[str, Any] = {_READ: True}
        if not self.sqlite:
            options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        try:
            with self.engine.connect().execution_options(**options) as connection, connection.begin():
                yield connection
        except DBAPIError as error:
            raise _busy(error) from error

    # --- writing ---------------------------------------------------------------------------------------------------

    @contextmanager
    def writing(self, wait: float = PATIENCE, *, durable: bool = True) -> Iterator[Connection]:
        """Open one transaction that writes; leaving without an error commits, anything else rolls back.

        `wait` is in seconds; raises DatabaseBusy when another writer does not let go in time. `durable` syncs the
        commit to disk before it returns; what can be made anew may do without.
        """
        with self._taking_turns(wait) as rest, self._open(rest, "READ COMMITTED", durable=durable) as connection:
            yield connection

    @contextmanager
    def publishing(self, wait: float = PATIENCE, *, durable: bool = False) -> Iterator[Connection]:
        """Open the one transaction that may publish: nobody else publishes until it ends (DESIGN: catch_up)."""
        with self._taking_turns(wait) as rest, self._open(rest, "REPEATABLE READ", durable=durable) as connection:
            if not self.sqlite:
                connection.exec_driver_sql("LOCK TABLE tick IN EXCLUSIVE MODE")
            yield connection

    @contextmanager
    def _taking_turns(self, wait: float) -> Iterator[float]:
        start = time.monotonic()
        if not self._turn.acquire(timeout=wait):
            raise DatabaseBusy
        try:
            yield max(0.01, wait - (time.monotonic() - start))
        finally:
            self._turn.release()

    @contextmanager
    def _open(self, wait: float, level: str, *, durable: bool) -> Iterator[Connection]:
        options: dict[str, Any] = {_WRITE: (wait, durable)}
        if not self.sqlite:
            options["isolation_level"] = level
        try:
            with self.engine.connect().execution_options(**options) as connection, connection.begin():
                if not self.sqlite:
                    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{max(1, int(wait * 1000))}ms'")
                    if not durable:
                        connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
                yield connection
        except DBAPIError as error:
            raise _busy(error) from error


def _busy(error: DBAPIError) -> Exception:
    """Tell a database that is merely busy from one that cannot be opened, and from one that refuses."""
    state, said = getattr(error.orig, "sqlstate", None), str(error.orig)
    operational = isinstance(error, OperationalError)
    if (operational and "locked" in said) or state in _LOCKED | _SERIALIZATION:
        return DatabaseBusy()
    # SQLite calls a missing table operational too; psycopg has no SQLSTATE where there is no connection.
    unopened = (
        "unable to open" in said if isinstance(error.orig, sqlite3.Error) else not state or state.startswith("08")
    )
    if operational and unopened:
        return DatabaseUnreachable(
            f"The database cannot be opened: {said.splitlines()[0] if said else 'no reason given'}"
        )
    return error


def _engine(url: str, *, sqlite: bool) -> Engine:
    if not sqlite:
        return _postgresql(url)
    engine = create_engine(
        url,
        connect_args={"timeout": PATIENCE, "check_same_thread": False},
        execution_options={"schema_translate_map": {"crm": None}},
        pool_size=8,
        max_overflow=32,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _postgresql(url: str) -> Engine:
    try:
        return create_engine(url, pool_size=8, max_overflow=16)
    except ModuleNotFoundError as error:
        raise SettingsError("PARTSTAT_DATABASE_URL: PostgreSQL needs `pip install 'partstat[postgres]'`") from error


def _prepare_sqlite(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-20000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    if connection.get_execution_options().get(_READ):
        connection.exec_driver_sql("BEGIN")  # in the write-ahead log a reader holds up nobody
        return
    write = connection.get_execution_options().get(_WRITE)
    if write is None:
        return
    wait, durable = write
    connection.exec_driver_sql(f"PRAGMA busy_timeout={int(wait * 1000)}")
    connection.exec_driver_sql(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE")
