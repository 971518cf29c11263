"""Ids are the next free ones, whoever else is writing."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine, event, func, insert, select
from sqlalchemy.exc import IntegrityError

from gateway.crm import ids, tables
from gateway.crm.tables import appointment, associate, traveltransactionlog
from gateway.errors import DatabaseBusy


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = create_engine(database_url, pool_size=10)
    if engine.dialect.name == "sqlite":
        _begin_immediate(engine)
        engine = engine.execution_options(schema_translate_map={tables.SCHEMA: None})
    with engine.begin() as connection:
        tables.create_tables(connection)
    yield engine
    engine.dispose()


def _begin_immediate(engine: Engine) -> None:
    """As the store does for its writers."""

    @event.listens_for(engine, "connect")
    def by_hand(connection: Any, _: object) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA busy_timeout = 20000")
        connection.execute("PRAGMA journal_mode = WAL")

    @event.listens_for(engine, "begin")
    def immediate(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def test_first_id_of_an_empty_table_is_1(engine: Engine) -> None:
    with engine.begin() as connection:
        assert ids.draw(connection, appointment) == [1]


def test_ids_follow_those_that_the_crm_gave(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(insert(appointment), [{"appointment_id": 742}, {"appointment_id": 739}])
        assert ids.draw(connection, appointment, 3) == [743, 744, 745]
        assert ids.insert_with_ids(connection, appointment, [{"status": 5}])[0] == 743
        assert ids.draw(connection, associate) == [1]


def test_id_of_a_deleted_row_is_not_given_again(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(
            insert(traveltransactionlog),
            [
                {"traveltransactionlog_id": 1, "type": 4352, "tablenumber": 9, "record_id": 742},
                {"traveltransactionlog_id": 2, "type": 4864, "tablenumber": 9, "record_id": 742},
                {"traveltransactionlog_id": 3, "type": 4352, "tablenumber": 18, "record_id": 9000},
            ],
        )
        assert ids.draw(connection, appointment) == [743]


def test_taken_id_is_drawn_again(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program inserted between our look and our insert."""
    drawn = iter([[5], [6]])
    monkeypatch.setattr(ids, "draw", lambda *_: next(drawn))
    with engine.begin() as connection:
        connection.execute(insert(appointment).values(appointment_id=5, status=1))
        assert ids.insert_with_ids(connection, appointment, [{"status": 9}])[0] == 6
    with engine.connect() as connection:
        found = connection.execute(select(appointment.c.appointment_id, appointment.c.status)).all()
    assert sorted(found) == [(5, 1), (6, 9)]


def test_after_too_many_taken_ids_the_database_is_busy(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ids, "draw", lambda *_: [5])
    with engine.begin() as connection:
        connection.execute(insert(appointment).values(appointment_id=5))
        with pytest.raises(DatabaseBusy, match="appointment"):
            ids.insert_with_ids(connection, appointment, [{}])[0]


def test_row_refused_for_another_reason_says_so(engine: Engine) -> None:
    with engine.begin() as connection:
        ids.insert_with_ids(connection, associate, [{"name": "ADA"}])[0]
        with pytest.raises(IntegrityError):
            ids.insert_with_ids(connection, associate, [{"name": "ADA"}])[0]
        assert connection.scalar(select(func.count()).select_from(associate)) == 1


def test_many_writers_get_ids_of_their_own(engine: Engine) -> None:
    """Eight of us, who take turns."""

    def work(_: int) -> list[int]:
        given = []
        for _ in range(10):
            with engine.begin() as connection:
                given += [
                    ids.insert_with_ids(connection, table, [{}])[0] for table in (appointment, traveltransactionlog)
                ]
        return given

    with ThreadPoolExecutor(8) as pool:
        given = [number for numbers in pool.map(work, range(8)) for number in numbers]
    assert sorted(given) == sorted([*range(1, 81), *range(1, 81)])


def test_a_crm_that_takes_the_next_id_meanwhile(engine: Engine) -> None:
    """A stranger who takes no turns gets in between; ours wait for nobody's mistake and lose no row."""

    def strange(_: int) -> int:
        inserted = 0
        while inserted < 20:
            try:
                with engine.begin() as connection:
                    highest = connection.scalar(select(func.max(appointment.c.appointment_id))) or 0
                    connection.execute(insert(appointment).values(appointment_id=highest + 1))
            except IntegrityError:
                continue
            inserted += 1
        return inserted

    def ours(_: int) -> int:
        for _ in range(20):
            with engine.begin() as connection:
                ids.insert_with_ids(connection, appointment, [{}])[0]
        return 20

    with ThreadPoolExecutor(3) as pool:
        done = [pool.submit(strange, 0), pool.submit(ours, 0), pool.submit(ours, 0)]
        assert sum(one.result() for one in done) == 60
    with engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(appointment)) == 60
