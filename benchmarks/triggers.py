"""What the triggers cost the CRM's statements: ratios of the time with them to the time without.

    python benchmarks/triggers.py sqlite:////tmp/triggers.db postgresql+psycopg://user@host/empty_database

Rounds with and without triggers take turns on one database, so that a busy machine burdens both; the medians
are compared. The databases are to be empty; what is made in them is left there.
"""

import gc
import sys
import time
from collections.abc import Callable
from statistics import median

from sqlalchemy import Connection, Engine, bindparam, create_engine, insert

from gateway.crm import tables, watch
from gateway.store.tables import dirty

ROWS = 60_000
SINGLES = 300
ROUNDS = 9


def singles(connection: Connection, number: int) -> None:
    """`SINGLES` updates of one row each, every one committed by itself."""
    rows = tables.appointment
    statement = rows.update().where(rows.c.appointment_id == bindparam("id")).values(status=number)
    for row in range(1, SINGLES + 1):
        with connection.begin():
            connection.execute(statement, {"id": row * 97})


def many(connection: Connection, number: int) -> None:
    """One update of all rows, in a column without an index, so that the triggers' share is not flattered."""
    with connection.begin():
        connection.execute(tables.appointment.update().values(rejectCounter=number))


def prepare(url: str) -> Engine:
    """An engine over an empty database, with the CRM's tables, our marks and `ROWS` appointments."""
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        engine = engine.execution_options(schema_translate_map={tables.SCHEMA: None})
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode = WAL")
    with engine.begin() as connection:
        tables.create_tables(connection)
        dirty.create(connection)
        values = [{"appointment_id": n, "mother_id": n, "activeDate": n} for n in range(1, ROWS + 1)]
        connection.execute(insert(tables.appointment), values)
    return engine


def measure(engine: Engine, work: Callable[[Connection, int], None]) -> tuple[float, float]:
    """Median seconds of a round without and with triggers."""
    taken: dict[bool, list[float]] = {False: [], True: []}
    for number in range(2 * ROUNDS):
        with_triggers = number % 2 == 1
        with engine.begin() as connection:
            (watch.install if with_triggers else watch.remove)(connection)
            connection.execute(dirty.delete())
        if engine.dialect.name == "postgresql":
            # Dead rows of the round before must not burden the next.
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("VACUUM ANALYZE crm.appointment")
                connection.exec_driver_sql("VACUUM gateway_dirty")
        gc.collect()
        with engine.connect() as connection:
            connection.exec_driver_sql("SELECT 1")
            connection.rollback()
            start = time.perf_counter()
            work(connection, number)
            taken[with_triggers].append(time.perf_counter() - start)
    return median(taken[False]), median(taken[True])


def main(urls: list[str]) -> None:
    """Print one line per database and kind of work."""
    for url in urls:
        engine = prepare(url)
        for what, work in ((f"{SINGLES} single rows", singles), (f"{ROWS} rows at once", many)):
            without, with_them = measure(engine, work)
            ratio = with_them / without
            print(f"{engine.dialect.name:10} {what:18} {without:8.3f} s {with_them:8.3f} s   x {ratio:.2f}")
        engine.dispose()


if __name__ == "__main__":
    main(sys.argv[1:])
