"""Prepared questions: what they are asked with, the index each takes, and a connection that is lost beneath them."""

from collections.abc import Iterator
from typing import Any, Final

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from gateway.store import bodies, busy_time, objects
from gateway.store.objects import Spans
from gateway.store.prepared import Prepared
from gateway.store.tables import tick
from tests.seed import Seeded, seed

SPAN: Final[dict[str, Any]] = {"calendar": 1, "start": 1, "end": 2, "since": 0}
# Question, its parameters, and the index by which SQLite finds copies: by name, by time, never the whole calendar.
PLANS: Final[dict[str, tuple[Prepared, dict[str, Any], set[str]]]] = {
    "by name": (bodies.by_name(10, spans=False), {"calendar": 1, **{f"name_{i}": "" for i in range(10)}},
                {"object USING INDEX ix_object_calendar_id_name (calendar_id=? AND name=?)"}),
    "by time": (objects._WITHIN[False], SPAN,
                {"object USING INDEX ix_object_range (calendar_id=? AND gone=? AND many=? AND first>? AND first<?)",
                 "object USING INDEX ix_object_range_many (calendar_id=? AND gone=? AND many=? AND last>?)"}),
    "text by time": (
        objects._BODIES_WITHIN[False, Spans.ALL], SPAN,
        {"ranged USING INDEX ix_object_range (calendar_id=? AND gone=? AND many=? AND first>? AND first<?)",
         "ranged USING INDEX ix_object_range_many (calendar_id=? AND gone=? AND many=? AND last>?)",
         "object USING PRIMARY KEY (event_id=? AND calendar_id=?)"}),
    "text and instances by time": (
        objects._BODIES_WITHIN[False, Spans.NEAR], SPAN,
        {"ranged USING INDEX ix_object_range (calendar_id=? AND gone=? AND many=? AND first>? AND first<?)",
         "ranged USING INDEX ix_object_range_many (calendar_id=? AND gone=? AND many=? AND last>?)",
         "object USING PRIMARY KEY (event_id=? AND calendar_id=?)"}),
    "busy": (busy_time._TAKEN, {**SPAN, "most": 1},
             {"object USING INDEX ix_object_range (calendar_id=? AND gone=? AND many=? AND first>? AND first<?)",
              "object USING INDEX ix_object_range_many (calendar_id=? AND gone=? AND many=? AND last>?)"}),
}  # fmt: skip


@pytest.fixture
def seeded(database_url: str) -> Iterator[Seeded]:
    seeded = seed(database_url)
    yield seeded
    seeded.close()


@pytest.mark.parametrize("name", PLANS)
def test_each_question_goes_by_its_own_index(seeded: Seeded, name: str) -> None:
    store = seeded.house.store
    if not store.sqlite:  # PostgreSQL has statistics, and chooses by them
        return
    prepared, parameters, wanted = PLANS[name]
    statement, bound = prepared.bound(store.engine.dialect, parameters)
    with store.engine.connect() as connection:
        rows = connection.connection.cursor().execute(f"EXPLAIN QUERY PLAN {statement}", bound).fetchall()
    steps = {row[3].removeprefix("SEARCH ") for row in rows}
    assert {s for s in steps if s.startswith(("object ", "ranged "))} == wanted


def test_every_parameter_has_to_be_told(seeded: Seeded) -> None:
    with pytest.raises(KeyError):
        seeded.house.store.fetch(objects._LIST, calendar=1)


def test_a_lost_connection_is_made_anew(seeded: Seeded) -> None:
    store = seeded.house.store
    if store.sqlite:  # a file is not lost
        return
    asked = Prepared(select(tick.c.revision))
    before = store.fetch(asked)
    driver = store._connection().connection.driver_connection
    assert driver is not None
    driver.close()
    assert store.fetch(asked) == before


def test_what_the_database_refuses_is_called_as_elsewhere(seeded: Seeded) -> None:
    with pytest.raises(DBAPIError):
        seeded.house.store.fetch(Prepared(text("SELECT nothing FROM nowhere")))
    assert seeded.house.store.fetch(Prepared(select(tick.c.revision))) is not None
