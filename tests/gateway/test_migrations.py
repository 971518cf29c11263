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
from sqlalchemy import Connection, MetaData, insert

from gateway import migrations
from gateway.crm import watch
from gateway.crm.tables import create_tables
from gateway.crm.tables import metadata as theirs
from gateway.errors import NotAdopted, SchemaOutOfDate
from gateway.ports import SystemClock
from gateway.services import adopt, moving_in, publish, reading, tokens
from gateway.services.announce import announce
from gateway.services.house import DAY, House
from gateway.settings import load_settings
from gateway.store import access
from gateway.store.marks import Lane
from gateway.store.tables import metadata as ours
from gateway.store.unit import Store
from mappings.identity import TASKS
from tests.outside import Clock, contents, crm_session, held
from tests.seed import ADA, CARLA, Seeded, seed


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


# --- 0003: to-dos ----------------------------------------------------------------------------------------------------


def without_0008(connection: Connection) -> None:
    """Take away what sending mail came with, and what came after."""
    connection.exec_driver_sql("DROP TABLE asked")
    connection.exec_driver_sql("DROP TABLE proposal")
    connection.exec_driver_sql("ALTER TABLE house DROP COLUMN key")
    for name in ("message_id", "language", "delivery"):
        connection.exec_driver_sql(f"ALTER TABLE outbox DROP COLUMN {name}")


def without_0007(connection: Connection) -> None:
    """Take away what series came with, and what came after."""
    without_0008(connection)
    connection.exec_driver_sql("ALTER TABLE event DROP COLUMN related")
    connection.exec_driver_sql("DROP TABLE written_rule")


def as_of_0002(seeded: Seeded) -> None:
    """Leave what the revision before to-dos would have left: no calendar for them, and their rows shown nowhere."""
    with seeded.crm() as connection:
        connection.execute(ours.tables["gateway_dirty"].delete())
        adopt.open_calendars(connection)
        calendar = ours.tables["calendar"]
        connection.execute(calendar.delete().where(calendar.c.name != "diary"))
        for name in ("contact_id", "person_id", "associate_id_type_endDate_do_by"):
            schema = "" if seeded.house.store.sqlite else "crm."
            connection.exec_driver_sql(f'DROP INDEX {schema}"ix_appointment_{name}"')
        connection.exec_driver_sql("ALTER TABLE frozen DROP COLUMN spans")
        without_0007(connection)
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0002'")


def to_dos_of_old(seeded: Seeded, number: int, **columns: Any) -> None:
    """Put an appointment's row there as a to-do; the revision before knew of no such thing."""
    when = seeded.house.today() + DAY
    with seeded.crm() as connection:
        for place, values in enumerate(({"associate_id": ADA}, {"associate_id": 0, "invitedPersonId": CARLA})):
            row = {"appointment_id": number + place, "mother_id": number, "type": 2, "status": 1, "do_by": when}
            row |= {"activeDate": when, "SendEmail": 1, **values, **columns}
            connection.execute(insert(theirs.tables["crm.appointment"]).values(**row))


def seeded_token(seeded: Seeded, secret: str = "granted before") -> str:
    """Give a token that was granted before, so that no calendar has to be made for it."""
    with seeded.crm() as connection:
        access.grant(connection, tokens.digest(secret), ADA, "caldav", created=1)
    return secret


def owed(seeded: Seeded, clock: Clock) -> list[tuple[str, int]]:
    clock.moment += 3_600
    while announce(seeded.house):
        pass
    return [(o["method"], o["appointment_id"]) for o in contents(seeded.house, ours.tables["outbox"])]


def test_to_dos_appear_in_silence_while_the_diaries_go_on(database_url: str) -> None:
    clock = Clock(SystemClock().now())
    seeded = seed(database_url, clock=clock)
    house = seeded.house
    mother = seeded.meeting("Orchard planning", SendEmail=1)
    was_a_meeting = seeded.meeting("Order corks", external=(), rooms=(), days=4)
    seeded.delete(seeded.meeting("Pressing", external=(), rooms=()))
    before = owed(seeded, clock)
    # What had been a meeting and became a to-do was gone from every calendar, and still known.
    rows = f'"mother_id" = {was_a_meeting}'
    with crm_session(database_url) as session:
        session.execute(f'UPDATE CRM."appointment" SET "status" = 4 WHERE {rows}')
        seeded.publish()
        session.execute(f'UPDATE CRM."appointment" SET "type" = 2, "status" = 1 WHERE {rows}')
    member = ours.tables["member"]
    with seeded.crm() as connection:
        connection.execute(member.update().where(member.c.mother_id == was_a_meeting).values(type=2))
    to_dos_of_old(seeded, 9_000)
    as_of_0002(seeded)
    secret = seeded_token(seeded)
    entry = reading.enter(house, secret)
    diary = held(house, entry.calendar_id)

    moving_in.init(house)
    moving_in.check(house)
    assert reading.enter(house, secret) == entry
    with pytest.raises(NotAdopted):
        reading.enter(house, secret, calendar=TASKS)
    assert reading.enter(house, secret) == entry
    while adopt.adopt_some(house):
        assert reading.enter(house, secret).adopted
    publish.catch_up(house, Lane.LATER)
    tasks = reading.enter(house, secret, calendar=TASKS)
    assert len(held(house, tasks.calendar_id)) == 2
    assert held(house, reading.enter(house, secret).calendar_id) == diary
    assert contents(house, ours.tables["house"])[0]["adopted"]
    assert owed(seeded, clock) == before

    # What is new from here on is news, in both calendars; so is a move of what stood there.
    seeded.move(mother, days=3, hour=9)
    seeded.move(9_000, days=3, hour=9)
    assert [method for method, _ in owed(seeded, clock)[len(before) :]] == ["REQUEST", "REQUEST"]
    house.store.close()


def test_an_invitation_that_waited_while_the_schema_was_upgraded_is_news(database_url: str) -> None:
    clock = Clock(SystemClock().now())
    seeded = seed(database_url, clock=clock)
    to_dos_of_old(seeded, 9_000)
    as_of_0002(seeded)
    with seeded.crm() as connection:  # somebody invites while the program is away: our triggers mark it
        for place, values in enumerate(({"associate_id": ADA}, {"associate_id": 0, "invitedPersonId": CARLA})):
            when = seeded.house.today() + DAY
            row = {"appointment_id": 500 + place, "mother_id": 500, "type": 1, "status": 1, "do_by": when}
            row |= {"activeDate": when, "endDate": when, "SendEmail": 1, **values}
            connection.execute(insert(theirs.tables["crm.appointment"]).values(**row))
    moving_in.init(seeded.house)
    with crm_session(database_url) as session:  # and touches what stood there, before it is adopted
        session.execute('UPDATE CRM."appointment" SET "location" = \'Barn\' WHERE "mother_id" = 9000')
    publish.catch_up(seeded.house)
    adopt.adopt(seeded.house)
    assert owed(seeded, clock) == [("REQUEST", 501)]
    seeded.house.store.close()


def test_copies_of_which_nothing_is_public_stop_following_and_no_others_do(database_url: str) -> None:
    seeded = seed(database_url)
    sync, object_ = ours.tables["sync"], ours.tables["object"]
    seeded.meeting("Merger", private=1)
    seeded.meeting("Everybody's business")
    seeded.delete(seeded.meeting("Gone", private=1))
    before = contents(seeded.house, sync)
    assert sum(not row["live"] for row in before) == 4  # one that is sealed, and three that are gone
    with seeded.crm() as connection:
        gone = object_.select().with_only_columns(object_.c.event_id).where(object_.c.gone)
        connection.execute(sync.update().where(sync.c.event_id.not_in(gone)).values(live=True))
        without_0007(connection)
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0005'")
    moving_in.init(seeded.house)
    assert contents(seeded.house, sync) == before
    seeded.close()
