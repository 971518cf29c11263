"""The schema's history leads to the schema that the code speaks of, on both engines."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData

from gateway import migrations
from gateway.crm import watch
from gateway.crm.tables import create_tables
from gateway.crm.tables import metadata as theirs
from gateway.errors import SchemaOutOfDate
from gateway.services import moving_in
from gateway.services.house import House
from gateway.settings import load_settings
from gateway.store.tables import metadata as ours
from gateway.store.unit import Store
from tests.outside import contents, crm_session
from tests.seed import seed


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    store = Store(database_url)
    yield store
    store.close()


def revisions() -> list[str]:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    return [s.revision for s in reversed(list(ScriptDirectory.from_config(config).walk_revisions()))]


def declared(connection: Connection) -> list[MetaData]:
    if connection.dialect.name == "postgresql":
        return [ours, theirs]
    # SQLite has no schemas: there the CRM's tables stand beside ours.
    flat = MetaData(naming_convention=theirs.naming_convention)
    for table in theirs.tables.values():
        table.to_metadata(flat, schema=None)  # type: ignore[arg-type]  # None is documented: no schema
    return [ours, flat]


def other_default(*args: Any) -> bool:
    """Compare defaults as text, without the brackets, quotation marks and casts in which databases tell them back."""
    _, _, _, told, _, rendered = args
    plain = [re.sub(r"::[a-z ]+\Z", "", value or "").strip("()").strip("'") for value in (told, rendered)]
    return plain[0] != plain[1]


def differences(connection: Connection) -> list[object]:
    options = {
        "include_schemas": connection.dialect.name == "postgresql",
        "compare_type": True,
        "compare_server_default": other_default,
        "target_metadata": declared(connection),
    }
    context = MigrationContext.configure(connection, opts=options)
    found = compare_metadata(context, declared(connection))  # type: ignore[arg-type]
    return [one for one in found if "alembic_version" not in str(one)]


def test_the_history_step_by_step_leads_to_what_the_code_declares(store: Store) -> None:
    for revision in revisions()[1:]:
        with store.writing() as connection:
            migrations.upgrade(connection, embedded=True, to=revision)
    with store.writing() as connection:
        assert differences(connection) == []
        assert watch.missing(connection) == []
        migrations.check(connection)


def test_the_history_at_once_equals_tables_made_from_the_declarations(store: Store, tmp_path: Path) -> None:
    with store.writing() as connection:
        create_tables(connection)
        ours.create_all(connection)
        assert differences(connection) == []


def test_the_comparison_sees_a_column_that_is_missing_and_one_too_many(store: Store) -> None:
    with store.writing() as connection:
        migrations.upgrade(connection, embedded=True)
        prefix = "crm." if connection.dialect.name == "postgresql" else ""
        connection.exec_driver_sql("ALTER TABLE inbox DROP COLUMN judged_at")
        connection.exec_driver_sql(f"ALTER TABLE {prefix}person ADD COLUMN shoe_size INTEGER")
        connection.exec_driver_sql("ALTER TABLE inbox DROP COLUMN attempts")
        connection.exec_driver_sql("ALTER TABLE inbox ADD COLUMN attempts BIGINT DEFAULT 7 NOT NULL")
        said = str(differences(connection))
    assert "judged_at" in said
    assert "shoe_size" in said
    assert "attempts" in said


def test_a_database_of_a_crm_that_owns_its_tables_gets_ours_and_the_triggers_only(store: Store) -> None:
    with store.writing() as connection:
        create_tables(connection)
        migrations.upgrade(connection, embedded=False)
        assert differences(connection) == []
        migrations.check(connection)


def test_an_older_schema_is_refused(store: Store) -> None:
    with store.writing() as connection:
        migrations.upgrade(connection, embedded=True)
        connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{revisions()[0]}'")
        with pytest.raises(SchemaOutOfDate, match="not 0"):
            migrations.check(connection)


def test_an_empty_database_is_refused(store: Store) -> None:
    with store.writing() as connection, pytest.raises(SchemaOutOfDate, match="none"):
        migrations.check(connection)


TAMPERED = {
    "sqlite": [
        'DROP TRIGGER CRM."partstat_appointment_after_update"',
        'DROP TRIGGER CRM."partstat_text_after_insert"',
    ],
    "postgres": [
        "DROP TRIGGER partstat_appointment_update ON crm.appointment",
        "ALTER TABLE crm.text DISABLE TRIGGER partstat_text_insert",
        (
            "CREATE OR REPLACE FUNCTION partstat_mark_email() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER"
            " SET search_path = pg_catalog, pg_temp AS 'BEGIN RETURN NULL; END'"
        ),
    ],
}


def test_triggers_that_somebody_tampered_with_are_refused_and_init_mends_them(database_url: str) -> None:
    house = seed(database_url).house
    for statement in TAMPERED["sqlite" if database_url.startswith("sqlite") else "postgres"]:
        moving_in.check(house)
        with crm_session(database_url) as crm:
            crm.execute(statement)
        with pytest.raises(SchemaOutOfDate, match="Triggers"):
            moving_in.check(house)
        moving_in.init(house)
    moving_in.check(house)
    house.store.close()


def test_init_run_again_changes_nothing_and_says_that_it_was_not_the_first_time(database_url: str) -> None:
    house = House(load_settings(environ={}, database_url=database_url))
    assert moving_in.init(house) is True
    before = {table.name: contents(house, table) for table in ours.sorted_tables}
    assert moving_in.init(house) is False
    assert moving_in.init(house) is False
    assert {table.name: contents(house, table) for table in ours.sorted_tables} == before
    assert len(before["house"]) == 1
    house.store.close()


def test_nobody_reads_a_house_into_which_nobody_has_moved(database_url: str) -> None:
    house = House(load_settings(environ={}, database_url=database_url))
    with pytest.raises(SchemaOutOfDate, match="partstat init"):
        _ = house.reader
    house.store.close()
