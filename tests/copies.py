"""Fresh databases by the dozen: one is seeded, and copied whenever another is wanted.

with copies(url_of_an_empty_database) as fresh:
    with fresh() as seeded: ...      # a seeded house of its own, milliseconds away

On SQLite a copy is a file, on PostgreSQL a database made from the first one as its template.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from sqlalchemy import make_url

from gateway.ports import Clock, SystemClock
from gateway.services.house import House
from gateway.settings import load_settings
from tests.seed import Seeded, seed

Fresh = Callable[[], AbstractContextManager[Seeded]]


@contextmanager
def copies(
    url: str, prepare: Callable[[Seeded], None] | None = None, *, clock: Clock | None = None, **settings: Any
) -> Iterator[Fresh]:
    """Seed an empty database, let `prepare` write into it, and give what makes copies of it with the same settings."""
    chosen = load_settings(environ={}, database_url=url, **settings)
    seeded = seed(url, clock=clock, **settings)
    if prepare is not None:
        prepare(seeded)
    seeded.publish()
    seeded.close()
    copied = _file if url.startswith("sqlite") else _database

    @contextmanager
    def fresh() -> Iterator[Seeded]:
        with copied(url) as where:
            house = House(chosen.model_copy(update={"database_url": where}), clock or SystemClock())
            with closing(Seeded(where, house)) as one:
                yield one

    yield fresh


@contextmanager
def _file(url: str) -> Iterator[str]:
    source = Path(str(make_url(url).database))
    with closing(sqlite3.connect(source)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    path = source.with_name(f"copy-{uuid4().hex}.db")
    shutil.copy(source, path)
    yield f"sqlite:///{path}"
    for rest in path.parent.glob(f"{path.name}*"):
        rest.unlink()


@contextmanager
def _database(url: str) -> Iterator[str]:
    server = make_url(url).set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)
    name = f"copy_{uuid4().hex}"
    with closing(psycopg.connect(server, autocommit=True)) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {make_url(url).database} STRATEGY file_copy".encode())
        yield make_url(url).set(database=name).render_as_string(hide_password=False)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
