"""What anybody's statement touches is marked, and the statement fares as it would without us."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Engine, Integer, create_engine, make_url, select, text

from gateway.crm import marks, tables, watch
from gateway.errors import DatabaseBusy, SchemaOutOfDate
from gateway.store.tables import dirty

NOW, LATER = marks.NOW, marks.LATER
Marks = set[tuple[int, str, int]]

ROWS = (
    'INSERT INTO CRM."appointment" ("appointment_id", "text_id") VALUES (1, 1), (2, 1), (3, 1)',
    'INSERT INTO CRM."text" ("text_id", "text") VALUES (1, \'Tasting\')',
    'INSERT INTO CRM."visiblefor" ("VisibleFor_id", "tableId", "recordId") VALUES (11, 9, 1), (12, 50, 2)',
    'INSERT INTO CRM."invitation" ("invitation_id", "appointment_id") VALUES (1, 1)',
    'INSERT INTO CRM."recurrencerule" ("RecurrenceRule_id") VALUES (1)',
    'INSERT INTO CRM."person" ("person_id", "lastname") VALUES (1, \'Lindqvist\'), (2, \'Tangen\')',
    'INSERT INTO CRM."associate" ("associate_id", "name") VALUES (1, \'ADA\'), (2, \'BO\')',
    'INSERT INTO CRM."email" ("email_id", "person_id", "appointment_id") VALUES (5, 1, 0), (6, 0, 3)',
    'INSERT INTO CRM."task" ("Task_id", "name") VALUES (8, \'Meeting\')',
    'INSERT INTO CRM."tzlocation" ("TZLocation_id", "locationCode") VALUES (4, \'NO\')',
)


@dataclass(frozen=True)
class House:
    """A watched database, and a session of the CRM's that is not ours."""

    engine: Engine
    crm: Any
    url: str

    def marks(self) -> Marks:
        """What is marked since the last time of asking."""
        return set(self.listed())

    def listed(self) -> list[tuple[int, str, int]]:
        with self.engine.begin() as connection:
            found = connection.execute(select(dirty.c.lane, dirty.c.source, dirty.c.ref)).all()
            connection.execute(dirty.delete())
        return [(lane, source, ref) for lane, source, ref in found]

    def missing(self) -> list[str]:
        with self.engine.connect() as connection:
            return watch.missing(connection)


def session(url: str) -> Any:
    """Another program's connection, in autocommit."""
    if url.startswith("sqlite"):
        connection = sqlite3.connect(":memory:", isolation_level=None)
        connection.execute("ATTACH ? AS CRM", (make_url(url).database,))
        return connection
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(plain, autocommit=True)


@contextmanager
def watched(url: str) -> Iterator[House]:
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        engine = engine.execution_options(schema_translate_map={tables.SCHEMA: None})
    with engine.begin() as connection:
        tables.create_tables(connection)
        dirty.create(connection)
        watch.install(connection)
    with closing(session(url)) as crm:
        for statement in ROWS:
            crm.execute(statement)
        house = House(engine, crm, url)
        house.marks()
        yield house
    engine.dispose()


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    with watched(database_url) as house:
        yield house


@pytest.fixture
def sqlite_house(tmp_path: Path) -> Iterator[House]:
    with watched(f"sqlite:///{tmp_path / 'partstat.db'}") as house:
        yield house


@pytest.fixture
def postgres_house(postgres_url: str) -> Iterator[House]:
    with watched(postgres_url) as house:
        yield house


ANYWHERE: dict[str, tuple[str, Marks]] = {
    "insert of several rows": (
        'INSERT INTO CRM."appointment" ("appointment_id", "mother_id") VALUES (4, 1), (5, 1)',
        {(NOW, "appointment", 4), (NOW, "appointment", 5)},
    ),
    "insert from a query": (
        (
            'INSERT INTO CRM."appointment" ("appointment_id", "mother_id")'
            ' SELECT "appointment_id" + 10, 1 FROM CRM."appointment" WHERE "appointment_id" < 3'
        ),
        {(NOW, "appointment", 11), (NOW, "appointment", 12)},
    ),
    "insert of key 0": ('INSERT INTO CRM."appointment" ("appointment_id") VALUES (0)', set()),
    "update": (
        'UPDATE CRM."appointment" SET "status" = 9 WHERE "appointment_id" = 2',
        {(NOW, "appointment", 2)},
    ),
    "update of all": (
        'UPDATE CRM."appointment" SET "status" = 6',
        {(NOW, "appointment", 1), (NOW, "appointment", 2), (NOW, "appointment", 3)},
    ),
    "update of none": ('UPDATE CRM."appointment" SET "status" = 6 WHERE "appointment_id" = 99', set()),
    "update of a key": (
        'UPDATE CRM."appointment" SET "appointment_id" = 30 WHERE "appointment_id" = 3',
        {(NOW, "appointment", 3), (NOW, "appointment", 30)},
    ),
    "delete": ('DELETE FROM CRM."appointment" WHERE "appointment_id" = 2', {(NOW, "appointment", 2)}),
    "delete of all": (
        'DELETE FROM CRM."appointment"',
        {(NOW, "appointment", 1), (NOW, "appointment", 2), (NOW, "appointment", 3)},
    ),
    "upsert that updates": (
        (
            'INSERT INTO CRM."appointment" ("appointment_id") VALUES (1), (4)'
            ' ON CONFLICT ("appointment_id") DO UPDATE SET "status" = 9'
        ),
        {(NOW, "appointment", 1), (NOW, "appointment", 4)},
    ),
    "upsert that does nothing": (
        'INSERT INTO CRM."appointment" ("appointment_id") VALUES (1) ON CONFLICT DO NOTHING',
        set(),
    ),
    "returning": (
        'UPDATE CRM."appointment" SET "status" = 9 WHERE "appointment_id" > 1 RETURNING "appointment_id"',
        {(NOW, "appointment", 2), (NOW, "appointment", 3)},
    ),
    "text": ('UPDATE CRM."text" SET "text" = \'Pressing\' WHERE "text_id" = 1', {(NOW, "text", 1)}),
    "visibility": (
        'UPDATE CRM."visiblefor" SET "forAll" = 0 WHERE "VisibleFor_id" = 11',
        {(NOW, "appointment", 1)},
    ),
    "visibility of something else": (
        'UPDATE CRM."visiblefor" SET "forAll" = 0 WHERE "VisibleFor_id" = 12',
        set(),
    ),
    "visibility moves": (
        'UPDATE CRM."visiblefor" SET "recordId" = 2 WHERE "VisibleFor_id" = 11',
        {(NOW, "appointment", 1), (NOW, "appointment", 2)},
    ),
    "visibility becomes an appointment's": (
        'UPDATE CRM."visiblefor" SET "tableId" = 9 WHERE "VisibleFor_id" = 12',
        {(NOW, "appointment", 2)},
    ),
    "visibility ceases to be an appointment's": (
        'UPDATE CRM."visiblefor" SET "tableId" = 50 WHERE "VisibleFor_id" = 11',
        {(NOW, "appointment", 1)},
    ),
    "invitation moves": (
        'UPDATE CRM."invitation" SET "appointment_id" = 2',
        {(NOW, "appointment", 1), (NOW, "appointment", 2)},
    ),
    "invitation goes": ('DELETE FROM CRM."invitation"', {(NOW, "appointment", 1)}),
    "rule": ('UPDATE CRM."recurrencerule" SET "pattern" = 2', {(NOW, "rule", 1)}),
    "person": ('UPDATE CRM."person" SET "retired" = 1 WHERE "person_id" = 2', {(LATER, "person", 2)}),
    "associate": (
        'UPDATE CRM."associate" SET "deleted" = 1 WHERE "associate_id" = 2',
        {(LATER, "associate", 2)},
    ),
    "address moves": (
        'UPDATE CRM."email" SET "person_id" = 2 WHERE "email_id" = 5',
        {(LATER, "email", 5), (LATER, "person", 1), (LATER, "person", 2)},
    ),
    "bare address goes": (
        'DELETE FROM CRM."email" WHERE "email_id" = 6',
        {(LATER, "email", 6), (LATER, "appointment", 3)},
    ),
    "task": ('UPDATE CRM."task" SET "rank" = 2', {(LATER, "task", 8)}),
    "zone": ('DELETE FROM CRM."tzlocation"', {(LATER, "zone", 4)}),
    "what we do not watch": ('INSERT INTO CRM."freetextwords" ("freetextwords_id") VALUES (1)', set()),
}

SQLITE: dict[str, tuple[str, Marks]] = {
    "replace": ('REPLACE INTO CRM."appointment" ("appointment_id") VALUES (1)', {(NOW, "appointment", 1)}),
    "insert or ignore": ('INSERT OR IGNORE INTO CRM."appointment" ("appointment_id") VALUES (1)', set()),
    "insert or abort": (
        'INSERT OR ABORT INTO CRM."appointment" ("appointment_id") VALUES (4)',
        {(NOW, "appointment", 4)},
    ),
    "insert or fail": (
        'INSERT OR FAIL INTO CRM."appointment" ("appointment_id") VALUES (4)',
        {(NOW, "appointment", 4)},
    ),
    "insert or rollback": (
        'INSERT OR ROLLBACK INTO CRM."appointment" ("appointment_id") VALUES (4)',
        {(NOW, "appointment", 4)},
    ),
    "update or replace of a key": (
        'UPDATE OR REPLACE CRM."appointment" SET "appointment_id" = 2 WHERE "appointment_id" = 3',
        {(NOW, "appointment", 2), (NOW, "appointment", 3)},
    ),
    "replaced visibility was another's": (
        'REPLACE INTO CRM."visiblefor" ("VisibleFor_id", "tableId", "recordId") VALUES (11, 9, 3)',
        {(NOW, "appointment", 1), (NOW, "appointment", 3)},
    ),
    "replaced invitation was another's": (
        'INSERT OR REPLACE INTO CRM."invitation" ("invitation_id", "appointment_id") VALUES (1, 3)',
        {(NOW, "appointment", 1), (NOW, "appointment", 3)},
    ),
    "replaced address was another's": (
        'REPLACE INTO CRM."email" ("email_id", "person_id") VALUES (5, 2), (6, 2)',
        {(LATER, "email", 5), (LATER, "email", 6), (LATER, "person", 1), (LATER, "person", 2)}
        | {(LATER, "appointment", 3)},
    ),
    "replace that evicts by another unique key": (
        'REPLACE INTO CRM."associate" ("associate_id", "name") VALUES (9, \'BO\')',
        {(LATER, "associate", 2), (LATER, "associate", 9)},
    ),
    "key given by SQLite": (
        'INSERT INTO CRM."appointment" ("mother_id") VALUES (1) RETURNING "appointment_id"',
        {(NOW, "appointment", 4)},
    ),
}


@pytest.mark.parametrize("kind", ANYWHERE)
def test_statement_marks_what_it_touches(house: House, kind: str) -> None:
    statement, expected = ANYWHERE[kind]
    house.crm.execute(statement)
    assert house.marks() == expected


@pytest.mark.parametrize("kind", SQLITE)
def test_statement_of_sqlite_marks_what_it_touches(sqlite_house: House, kind: str) -> None:
    statement, expected = SQLITE[kind]
    sqlite_house.crm.execute(statement)
    assert sqlite_house.marks() == expected


@pytest.mark.parametrize("kind", ANYWHERE)
def test_statement_answers_as_without_us(house: House, kind: str) -> None:
    statement, _ = ANYWHERE[kind]
    _same_answer_without_us(house, statement)


@pytest.mark.parametrize("kind", SQLITE)
def test_statement_of_sqlite_answers_as_without_us(sqlite_house: House, kind: str) -> None:
    statement, _ = SQLITE[kind]
    _same_answer_without_us(sqlite_house, statement)


def _same_answer_without_us(house: House, statement: str) -> None:
    with_us = _answer(house, statement)
    assert house.marks() == set(), "what is rolled back leaves no mark"
    with house.engine.begin() as connection:
        watch.remove(connection)
    assert _answer(house, statement) == with_us
    assert house.marks() == set(), "removed triggers mark nothing"


def _answer(house: House, statement: str) -> tuple[Any, ...]:
    """All that the CRM learns from its statement, which is then rolled back."""
    house.crm.execute("BEGIN")
    cursor = house.crm.execute(statement)
    rows = cursor.fetchall() if cursor.description else None
    last: Any = None
    if house.engine.dialect.name == "sqlite":
        last = house.crm.execute("SELECT last_insert_rowid(), changes()").fetchone()
    house.crm.execute("ROLLBACK")
    return rows, cursor.rowcount, last


REFUSED = (
    'INSERT INTO CRM."appointment" ("appointment_id") VALUES (4), (1)',
    'UPDATE CRM."appointment" SET "appointment_id" = 2 WHERE "appointment_id" = 3',
    'INSERT INTO CRM."associate" ("associate_id", "name") VALUES (3, \'BO\')',
)


@pytest.mark.parametrize("statement", REFUSED)
def test_refused_statement_fails_as_its_own_and_leaves_no_mark(house: House, statement: str) -> None:
    with pytest.raises((sqlite3.IntegrityError, psycopg.errors.UniqueViolation), match=r"appointment|associate"):
        house.crm.execute(statement)
    assert house.marks() == set()


@pytest.mark.parametrize("clause", ["ABORT", "FAIL", "IGNORE", "REPLACE", "ROLLBACK"])
def test_conflict_clause_of_the_crm_meets_no_unique_key_of_ours(sqlite_house: House, clause: str) -> None:
    """The same marks twice over, while the CRM's clause overrides whatever a trigger would say."""
    for _ in range(2):
        sqlite_house.crm.execute(f'UPDATE OR {clause} CRM."appointment" SET "status" = "status" + 1')
        sqlite_house.crm.execute(f'UPDATE OR {clause} CRM."text" SET "seqno" = 1')
    assert len(sqlite_house.listed()) == 8


def test_insert_or_fail_keeps_the_rows_before_the_failure_and_their_marks(sqlite_house: House) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        sqlite_house.crm.execute('INSERT OR FAIL INTO CRM."appointment" ("appointment_id") VALUES (4), (1), (5)')
    assert sqlite_house.marks() == {(NOW, "appointment", 4)}


def test_rolled_back_savepoint_leaves_no_mark_and_the_rest_does(house: House) -> None:
    for statement in (
        "BEGIN",
        'UPDATE CRM."appointment" SET "status" = 9 WHERE "appointment_id" = 1',
        "SAVEPOINT a",
        'UPDATE CRM."appointment" SET "status" = 9 WHERE "appointment_id" = 2',
        "ROLLBACK TO SAVEPOINT a",
        "COMMIT",
    ):
        house.crm.execute(statement)
    assert house.marks() == {(NOW, "appointment", 1)}


def test_ids_of_marks_are_never_used_again(house: House) -> None:
    with house.engine.begin() as connection:
        last = connection.scalar(select(dirty.c.id).order_by(dirty.c.id.desc())) or 0
    for _ in range(3):
        house.crm.execute('UPDATE CRM."text" SET "seqno" = 1')
        with house.engine.begin() as connection:
            (number,) = connection.scalars(select(dirty.c.id)).all()
            connection.execute(dirty.delete())
        assert number > last
        last = number


def test_recursive_triggers_only_mark_more(sqlite_house: House) -> None:
    sqlite_house.crm.execute("PRAGMA recursive_triggers = ON")
    sqlite_house.crm.execute('REPLACE INTO CRM."email" ("email_id", "person_id") VALUES (5, 2)')
    assert sqlite_house.marks() == {(LATER, "email", 5), (LATER, "person", 1), (LATER, "person", 2)}


def test_session_that_opens_the_file_as_its_own_is_seen_too(sqlite_house: House) -> None:
    path = make_url(sqlite_house.url).database
    assert path
    with closing(sqlite3.connect(path, isolation_level=None)) as direct:
        direct.execute("CREATE TEMP TABLE gateway_dirty (namesake)")  # a namesake must not catch the marks
        direct.execute('UPDATE "appointment" SET "status" = 9 WHERE "appointment_id" = 1')
    assert sqlite_house.marks() == {(NOW, "appointment", 1)}


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ('TRUNCATE CRM."appointment"', {(LATER, "truncate", 0)}),
        ('TRUNCATE CRM."appointment", CRM."text", CRM."freetextwords"', {(LATER, "truncate", 0)}),
        (
            (
                'MERGE INTO CRM."appointment" a USING (VALUES (2), (4)) AS v (n) ON a."appointment_id" = v.n'
                ' WHEN MATCHED THEN UPDATE SET "status" = 9'
                ' WHEN NOT MATCHED THEN INSERT ("appointment_id") VALUES (v.n)'
            ),
            {(NOW, "appointment", 2), (NOW, "appointment", 4)},
        ),
        (
            (
                'WITH gone AS (DELETE FROM CRM."appointment" WHERE "appointment_id" = 3 RETURNING *)'
                ' UPDATE CRM."text" SET "seqno" = 1 FROM gone WHERE gone."text_id" = CRM."text"."text_id"'
            ),
            {(NOW, "appointment", 3), (NOW, "text", 1)},
        ),
        (
            'DO $$ BEGIN UPDATE CRM."appointment" SET "status" = 9 WHERE "appointment_id" = 1; END $$',
            {(NOW, "appointment", 1)},
        ),
    ],
)
def test_statement_of_postgresql_marks_what_it_touches(postgres_house: House, statement: str, expected: Marks) -> None:
    postgres_house.crm.execute(statement)
    assert postgres_house.marks() == expected


@pytest.mark.postgres
def test_copy_is_marked(postgres_house: House) -> None:
    with postgres_house.crm.cursor().copy('COPY CRM."appointment" ("appointment_id") FROM STDIN') as copy:
        for number in (4, 5):
            copy.write_row([number])
    assert postgres_house.marks() == {(NOW, "appointment", 4), (NOW, "appointment", 5)}


@pytest.mark.postgres
def test_statement_marks_each_row_once(postgres_house: House) -> None:
    postgres_house.crm.execute('INSERT INTO CRM."visiblefor" ("VisibleFor_id", "tableId", "recordId")'
                               ' SELECT n, 9, 1 FROM generate_series(20, 40) AS s (n)')  # fmt: skip
    assert postgres_house.listed() == [(NOW, "appointment", 1)]


@pytest.mark.postgres
def test_role_without_any_right_on_our_tables_may_write_its_own(postgres_house: House) -> None:
    crm = postgres_house.crm
    role = f"crm_{uuid4().hex}"
    for statement in (
        f"CREATE ROLE {role}",
        f"GRANT USAGE ON SCHEMA crm TO {role}",
        f"GRANT ALL ON ALL TABLES IN SCHEMA crm TO {role}",
        f"SET ROLE {role}",
        "SET search_path = crm, pg_temp",
        "CREATE TEMP TABLE gateway_dirty (namesake int)",  # a namesake must not catch the marks
    ):
        crm.execute(statement)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        crm.execute("SELECT * FROM public.gateway_dirty")
    crm.execute('UPDATE "appointment" SET "status" = 9 WHERE "appointment_id" = 1')
    crm.execute('TRUNCATE "text"')
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match=r"partstat_mark_text"):
        crm.execute(
            "CREATE TRIGGER mine AFTER INSERT ON pg_temp.gateway_dirty REFERENCING NEW TABLE AS new_rows"
            " FOR EACH STATEMENT EXECUTE FUNCTION public.partstat_mark_text()"
        )
    assert postgres_house.marks() == {(NOW, "appointment", 1), (LATER, "truncate", 0)}
    for statement in ("RESET ROLE", f"DROP OWNED BY {role}", f"DROP ROLE {role}"):
        crm.execute(statement)


@pytest.mark.postgres
def test_crm_may_alter_its_own_columns(postgres_house: House) -> None:
    postgres_house.crm.execute('ALTER TABLE CRM."appointment" ALTER COLUMN "appointment_id" TYPE bigint')
    postgres_house.crm.execute('ALTER TABLE CRM."appointment" DROP COLUMN "opportunity_id"')
    postgres_house.crm.execute('UPDATE CRM."appointment" SET "status" = 9 WHERE "appointment_id" = 1')
    assert postgres_house.marks() == {(NOW, "appointment", 1)}
    assert postgres_house.missing() == []


@pytest.mark.postgres
def test_touched_rows_wake_who_listens(postgres_house: House) -> None:
    crm = postgres_house.crm
    with closing(session(postgres_house.url)) as worker:
        worker.execute("LISTEN partstat")
        crm.execute('UPDATE CRM."appointment" SET "status" = 9 WHERE "appointment_id" = 99')
        assert not list(worker.notifies(timeout=0, stop_after=1)), "nothing was touched"
        crm.execute('UPDATE CRM."appointment" SET "status" = 9')
        (heard,) = worker.notifies(timeout=10, stop_after=1)
        assert (heard.channel, heard.payload) == ("partstat", "")


@pytest.mark.postgres
def test_install_gives_way_to_the_crm(postgres_house: House) -> None:
    postgres_house.crm.execute("BEGIN")
    postgres_house.crm.execute('UPDATE CRM."appointment" SET "status" = 9')
    with postgres_house.engine.connect() as connection, pytest.raises(DatabaseBusy):
        watch.install(connection)
    postgres_house.crm.execute("COMMIT")
    assert postgres_house.missing() == []


def test_install_twice_is_install_once(house: House) -> None:
    with house.engine.begin() as connection:
        watch.install(connection)
    assert house.missing() == []
    house.crm.execute('UPDATE CRM."text" SET "seqno" = 1')
    assert house.listed() == [(NOW, "text", 1)]


def test_remove_leaves_nothing_of_ours(house: House) -> None:
    with house.engine.begin() as connection:
        watch.remove(connection)
        left = {
            "sqlite": "SELECT name FROM sqlite_master WHERE name LIKE 'partstat%'",
            "postgresql": "SELECT proname FROM pg_proc WHERE proname LIKE 'partstat%'"
            " UNION SELECT tgname FROM pg_trigger WHERE tgname LIKE 'partstat%'",
        }[house.engine.dialect.name]
        assert connection.execute(text(left)).all() == []
    assert {"partstat_appointment_" + _insert(house), "partstat_text_" + _insert(house)} <= set(house.missing())


def _insert(house: House) -> str:
    return "after_insert" if house.engine.dialect.name == "sqlite" else "insert"


DAMAGE = {
    "sqlite": {
        "dropped": (
            ["DROP TRIGGER CRM.partstat_text_after_update"],
            "partstat_text_after_update",
        ),
        "altered": (
            [
                "DROP TRIGGER CRM.partstat_text_after_update",
                "CREATE TRIGGER CRM.partstat_text_after_update AFTER UPDATE ON text BEGIN SELECT 1; END",
            ],
            "partstat_text_after_update",
        ),
        "left over": (
            ["CREATE TRIGGER CRM.partstat_of_old AFTER UPDATE ON text BEGIN SELECT 1; END"],
            "partstat_of_old",
        ),
    },
    "postgresql": {
        "dropped": (["DROP TRIGGER partstat_text_update ON CRM.text"], "partstat_text_update"),
        "altered": (
            [
                (
                    "CREATE OR REPLACE FUNCTION partstat_mark_text() RETURNS trigger LANGUAGE plpgsql"
                    " SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$ BEGIN RETURN NULL; END $$"
                )
            ],
            "partstat_mark_text",
        ),
        "left over": (
            [
                (
                    "CREATE TRIGGER partstat_of_old AFTER UPDATE ON CRM.text FOR EACH STATEMENT"
                    " EXECUTE FUNCTION partstat_mark_text()"
                )
            ],
            "partstat_of_old",
        ),
        "for rows only": (
            [
                "DROP TRIGGER partstat_text_truncate ON CRM.text",
                (
                    "CREATE TRIGGER partstat_text_truncate AFTER DELETE ON CRM.text FOR EACH STATEMENT"
                    " EXECUTE FUNCTION partstat_mark_text()"
                ),
            ],
            "partstat_text_truncate",
        ),
        "disabled": (["ALTER TABLE CRM.text DISABLE TRIGGER partstat_text_update"], "partstat_text_update"),
        "without rights": (["ALTER FUNCTION partstat_mark_text() SECURITY INVOKER"], "partstat_mark_text"),
        "on another path": (["ALTER FUNCTION partstat_mark_text() RESET search_path"], "partstat_mark_text"),
    },
}


@pytest.mark.parametrize("kind", DAMAGE["sqlite"])
def test_damage_is_found_and_mended_on_sqlite(sqlite_house: House, kind: str) -> None:
    _found_and_mended(sqlite_house, *DAMAGE["sqlite"][kind])


@pytest.mark.postgres
@pytest.mark.parametrize("kind", DAMAGE["postgresql"])
def test_damage_is_found_and_mended_on_postgresql(postgres_house: House, kind: str) -> None:
    _found_and_mended(postgres_house, *DAMAGE["postgresql"][kind])


def _found_and_mended(house: House, damage: list[str], name: str) -> None:
    assert house.missing() == []
    for statement in damage:
        house.crm.execute(statement)
    assert house.missing() == [name]
    with house.engine.begin() as connection:
        watch.install(connection)
    assert house.missing() == []


def test_table_rebuilt_by_alembic_has_lost_its_triggers(sqlite_house: House) -> None:
    with sqlite_house.engine.begin() as connection:
        operations = Operations(MigrationContext.configure(connection))
        with operations.batch_alter_table("text", recreate="always") as batch:
            batch.alter_column("seqno", type_=Integer)
    assert sqlite_house.missing() == [f"partstat_text_after_{event}" for event in ("delete", "insert", "update")]
    with sqlite_house.engine.begin() as connection:
        watch.install(connection)
    assert sqlite_house.missing() == []


def test_a_crm_without_one_of_the_tables_is_watched_on_the_others(house: House) -> None:
    house.crm.execute('DROP TABLE CRM."invitation"')
    assert house.missing() in ([], ["partstat_mark_invitation"])  # PostgreSQL keeps the function
    with house.engine.begin() as connection:
        watch.install(connection)
    assert house.missing() == []
    house.crm.execute('UPDATE CRM."text" SET "seqno" = 1')
    assert house.marks() == {(NOW, "text", 1)}


def test_nothing_is_installed_over_a_missing_table_of_marks(house: House) -> None:
    with house.engine.begin() as connection:
        watch.remove(connection)
        dirty.drop(connection)
    with house.engine.begin() as connection, pytest.raises(SchemaOutOfDate):
        watch.install(connection)
    assert "gateway_dirty" in house.missing()
    house.crm.execute('UPDATE CRM."text" SET "seqno" = 1')


@pytest.mark.postgres
def test_marks_stand_in_the_schema_that_was_current(postgres_url: str) -> None:
    engine = create_engine(postgres_url)
    ours = text('SET LOCAL search_path = "Our house"')
    with engine.begin() as connection:
        connection.execute(text('CREATE SCHEMA "Our house"'))
        connection.execute(ours)
        tables.create_tables(connection)
        dirty.create(connection)
        watch.install(connection)
        assert watch.missing(connection) == []
    with closing(session(postgres_url)) as crm:
        crm.execute(ROWS[0])
    with engine.begin() as connection:
        assert watch.missing(connection), "from here they are somebody else's"
        connection.execute(ours)
        assert set(connection.scalars(select(dirty.c.ref))) == {1, 2, 3}
        watch.remove(connection)
        assert connection.execute(text("SELECT 1 FROM pg_proc WHERE proname LIKE 'partstat%'")).all() == []
    engine.dispose()
