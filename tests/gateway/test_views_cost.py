"""What a view asks of the database does not grow with the meetings or the people it shows."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from gateway.services.house import House
from gateway.services.views.activities import activities
from gateway.services.views.diary import diary
from gateway.services.views.free_time import conflicts, next_free
from gateway.services.views.invitations import View, invitations
from gateway.services.views.responses import responses
from tests.gateway.test_cost import counted, crowded
from tests.planned import at, planned
from tests.seed import BO, CARLA, DAG, ROOM, Seeded

WEEK = at(0), at(7)
Asked = Callable[[House, int], object]
VIEWS: dict[str, Asked] = {
    "pending": lambda house, _: invitations(house, "BO", View.PENDING),
    "response": lambda house, _: invitations(house, "ADA", View.RESPONSE),
    "responses": responses,
    "responses to one": lambda house, mother: responses(house, mother, "BO"),
    "diary": lambda house, _: diary(house, "BO", *WEEK),
    "diary of another": lambda house, _: diary(house, "BO", *WEEK, viewer="DAG"),
    "activities": lambda house, _: activities(house, contact=13, start=WEEK[0], end=WEEK[1], viewer="DAG"),
    "next free": lambda house, _: next_free(house, ["BO", "ADA"], *WEEK, 60),
    "conflicts": conflicts,
}
MOST = 24


def filled(seeded: Seeded, size: int) -> int:
    """Let there be a meeting of `size` people, and as many meetings as are cheap to make; gives the first."""
    for n in range(size // 60 + 1):
        seeded.meeting(f"Private {n}", invited=(BO,), rooms=(ROOM,), external=(CARLA,), private=1, contact_id=13)
        seeded.answer(seeded.meeting(f"Refused {n}", invited=(DAG,), rooms=()), DAG, status=9)
    return crowded(seeded, size)


def test_the_statements_of_a_view_are_as_many_for_three_as_for_three_hundred(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeded = planned(database_url)
    kinds: dict[str, list[list[str]]] = {name: [] for name in VIEWS}
    for size in (3, 300):
        mother = filled(seeded, size)
        for name, view in VIEWS.items():
            with counted(seeded.house, monkeypatch) as ledger:
                assert view(seeded.house, mother)
            kinds[name].append(ledger.kinds())
    seeded.close()
    for name, (few, many) in kinds.items():
        assert few == many, name
        assert len(few) <= MOST, name


def test_no_view_walks_through_all_appointments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # SQLite alone: PostgreSQL rightly reads a small table as a whole.
    seeded = planned(f"sqlite:///{tmp_path / 'partstat.db'}")
    mother = filled(seeded, 3)
    plans: set[str] = set()

    def explained(connection: Any, _: Any, statement: str, parameters: Any, __: Any, ___: Any) -> None:
        if statement.startswith("SELECT"):
            cursor = connection.connection.cursor()
            plans.update(row[3] for row in cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters))

    event.listen(seeded.house.store.engine, "before_cursor_execute", explained)
    for view in VIEWS.values():
        assert view(seeded.house, mother)
    searches = {plan.removeprefix("SEARCH ") for plan in plans if plan.startswith("SEARCH ")}
    of_rows = {plan.removeprefix("main.") for plan in searches if plan.startswith(("main.appointment ", "mother "))}
    assert len(of_rows) > 5
    assert [plan for plan in plans if re.match(r"SCAN (main\.)?(appointment|mother)\b", plan)] == []
    named = (
        "ix_appointment_associate_id_type_endDate_do_by (associate_id=? AND type=? AND endDate>?)",
        "ix_appointment_contact_id (contact_id=?)",
        "ix_appointment_mother_id_status (mother_id=? AND status=? AND activeDate>?)",
    )
    assert [name for name in named if not any(name in plan for plan in of_rows)] == []
    seeded.close()
