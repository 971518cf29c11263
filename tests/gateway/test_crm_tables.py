"""The CRM's own SQL, run verbatim by a program that knows nothing of us, leaves the documented rows."""

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, Engine, Integer, MetaData, create_engine, inspect, make_url, select

from gateway.crm import tables as crm
from gateway.crm import watch
from gateway.store.tables import dirty

SAMPLES = Path(__file__).parents[2] / "samples" / "raw-sql"
SCENE = ("people.sql", "create-invitation.sql")


def stranger(url: str) -> Any:
    """A connection that is not ours, in autocommit, which finds the CRM's tables under the name CRM."""
    if url.startswith("sqlite"):
        connection = sqlite3.connect(":memory:", isolation_level=None)
        connection.execute("ATTACH ? AS CRM", (make_url(url).database,))
        return connection
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(plain, autocommit=True)


def statements(name: str) -> list[str]:
    script = re.sub(r"^--.*\n", "", (SAMPLES / name).read_text(), flags=re.MULTILINE)
    return [statement for statement in script.split(";\n") if statement.strip()]


def run(url: str, *names: str) -> None:
    connection = stranger(url)
    for name in names:
        for statement in statements(name):
            connection.execute(statement)
    connection.close()


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = create_engine(database_url)
    if engine.dialect.name == "sqlite":
        engine = engine.execution_options(schema_translate_map={crm.SCHEMA: None})
    with engine.begin() as connection:
        crm.create_tables(connection)
        dirty.create(connection)
        watch.install(connection)
    yield engine
    engine.dispose()


def rows(connection: Connection, table: str, *columns: str) -> list[tuple[Any, ...]]:
    found = crm.metadata.tables[f"crm.{table}"]
    (key,) = found.primary_key.columns
    return [tuple(row) for row in connection.execute(select(*(found.c[c] for c in columns)).order_by(key))]


def test_invitation_as_documented(engine: Engine, database_url: str) -> None:
    run(database_url, *SCENE)

    with engine.connect() as connection:
        assert rows(
            connection,
            "appointment",
            *(
                "appointment_id",
                "mother_id",
                "associate_id",
                "invitedPersonId",
                "group_idx",
                "type",
                "status",
            ),
            *("text_id", "SendEmail", "original_start_date", "external_participants"),
        ) == [
            (739, 739, 7, 15, 4, 1, 1, 389, 0, 0, None),
            (740, 739, 10, 18, 5, 6, 5, 389, 0, 0, None),
            (741, 739, 0, 42, 0, 1, 1, 389, 0, 0, None),
            (742, 739, 41, 0, 4, 1, 1, 389, 0, 0, None),
        ]
        assert set(rows(connection, "appointment", *("contact_id", "person_id", "do_by", "activeDate", "endDate"))) == {
            (13, 42, 1164888900, 1164888900, 1164894300)
        }
        assert rows(connection, "text", "text_id", "type", "owner_id", "text", "html_text") == [
            (389, 4, 739, "Orchard planning", None)
        ]
        assert rows(connection, "visiblefor", "VisibleFor_id", "tableId", "recordId", "forAll") == [
            (915, 9, 740, 1),
            (916, 9, 741, 1),
            (917, 9, 742, 1),
            (918, 9, 739, 1),
        ]
        logged = rows(connection, "traveltransactionlog", "type", "tablenumber", "record_id")
        assert sorted(logged) == sorted(
            [(4352, 9, number) for number in (739, 740, 741, 742)]
            + [(4352, 196, number) for number in (915, 916, 917, 918)]
            + [(4352, 18, 389)]
        )
        assert set(rows(connection, "freetextindex", "table_id", "record_id", "ownerrecord_id")) == {(18, 389, 739)}
        counted = rows(connection, "countervalue", "contact_id", "totalReg", "lastDoBy")
        assert counted == [(13, 1, 1164888900)] * 4 + [(29, 0, 0)] * 4


def test_acceptance_changes_one_row_and_marks_it(engine: Engine, database_url: str) -> None:
    run(database_url, *SCENE)
    with engine.begin() as connection:
        before = rows(connection, "appointment", *crm.appointment.c.keys())
        connection.execute(dirty.delete())

    run(database_url, "accept-invitation.sql")

    with engine.connect() as connection:
        after = rows(connection, "appointment", *crm.appointment.c.keys())
        changed = [dict(zip(crm.appointment.c.keys(), row, strict=True)) for row in set(after) - set(before)]
        assert len(changed) == 1
        assert (changed[0]["appointment_id"], changed[0]["type"], changed[0]["status"]) == (740, 1, 1)
        assert (changed[0]["updated"], changed[0]["updated_associate_id"]) == (1164904435, 10)
        marks = connection.execute(select(dirty.c.lane, dirty.c.source, dirty.c.ref)).all()
        assert marks == [(0, "appointment", 740)]


def test_plain_appointment_as_documented(engine: Engine, database_url: str) -> None:
    run(database_url, "people.sql", "create-appointment.sql")

    with engine.connect() as connection:
        assert rows(connection, "appointment", "appointment_id", "mother_id", "associate_id", "type", "status") == [
            (738, 0, 13, 1, 1)
        ]
        assert rows(connection, "text", "owner_id") == [(738,)]
        assert rows(connection, "visiblefor", "recordId") == [(738,)]
        assert set(connection.execute(select(dirty.c.lane, dirty.c.source, dirty.c.ref)).all()) >= {
            (0, "appointment", 738),
            (0, "text", 388),
            (1, "associate", 41),
            (1, "email", 342),
            (1, "person", 42),
            (1, "task", 8),
        }


def test_newer_columns_may_be_left_out_everywhere() -> None:
    """Nothing but the key has to be given: each other column has a default, or is a clob that may be NULL."""
    for table in crm.metadata.tables.values():
        for column in table.columns:
            assert column.primary_key or column.nullable or column.server_default is not None, column


def test_every_table_has_one_whole_number_as_its_key_and_its_own_number() -> None:
    for table in crm.metadata.tables.values():
        (key,) = table.primary_key.columns
        assert isinstance(key.type, Integer)
        # On PostgreSQL a sequence would give ids past those that the CRM and `ids` give.
        assert key.autoincrement is False
    numbers = [table.info["number"] for table in crm.metadata.tables.values()]
    assert len(set(numbers)) == len(numbers) == 17


def test_what_stands_is_what_is_written(engine: Engine) -> None:
    """The tables and indexes, reflected, carry the names and case that tables.py gives them."""
    schema = crm.SCHEMA if engine.dialect.name == "postgresql" else None
    found = MetaData()
    with engine.connect() as connection:
        found.reflect(connection, schema=schema)
        indexes = {index["name"] for index in inspect(connection).get_indexes("appointment", schema=schema)}
    for table in crm.metadata.tables.values():
        stands = found.tables[f"{schema}.{table.name}" if schema else table.name]
        assert stands.c.keys() == table.c.keys()
    assert indexes == {index.name for index in crm.appointment.indexes}
