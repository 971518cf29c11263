"""A reading transaction sees one moment of the database, and holds up nobody who writes."""

from collections.abc import Iterator

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from gateway.crm import tables
from gateway.store import access
from tests.planned import change, planned
from tests.seed import BO, Seeded

_a = tables.appointment.c
COUNT = select(func.count()).select_from(tables.appointment)


@pytest.fixture
def seeded(database_url: str) -> Iterator[Seeded]:
    seeded = planned(database_url)
    yield seeded
    seeded.close()


def test_all_statements_see_one_moment(seeded: Seeded) -> None:
    row = seeded.appointment("Before")
    with seeded.house.store.reading() as connection:
        assert connection.scalar(COUNT) == 1
        seeded.appointment("Meanwhile")
        change(seeded, row, status=3)
        assert connection.scalar(COUNT) == 1
        assert connection.scalar(select(_a.status).where(_a.appointment_id == row)) == 1
    with seeded.house.store.reading() as connection:
        assert connection.scalar(COUNT) == 2


def test_a_connection_that_read_can_write_afterwards(seeded: Seeded) -> None:
    for _ in range(12):  # more than the pool keeps, so that each has done both
        with seeded.house.store.reading() as connection:
            assert connection.scalar(COUNT) is not None
        with seeded.crm() as connection:
            assert access.associate_of(connection, "bo") == BO
        seeded.appointment("Written")
    with pytest.raises(DBAPIError), seeded.house.store.reading() as connection:
        connection.exec_driver_sql("SELECT nothing FROM nowhere")
    seeded.appointment("And again")
