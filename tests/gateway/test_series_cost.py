"""What acts on a series cost: statements are a fixed number, and at most two more for each occurrence that moves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Final

import pytest
from sqlalchemy import insert

from gateway.crm import tables as crm
from gateway.services import publish
from gateway.services.house import DAY
from gateway.services.verbs import acting
from gateway.services.verbs.accept import accept
from gateway.services.verbs.acting import Done
from gateway.services.verbs.add import add
from gateway.services.verbs.cancel import cancel
from gateway.services.verbs.change import Changes, change
from gateway.services.verbs.move import move
from gateway.services.verbs.planning import When
from gateway.services.verbs.remove import remove
from gateway.services.verbs.tentative import tentative
from mappings.reach import Reach
from tests.counting import asked
from tests.seed import BO, CARLA, HOUR, ROOM, Seeded, seed

OTHERS: Final = tuple(range(100, 109))  # with Ada, Bo, Carla and the room: twelve guests
YEARS: Final = 156  # three years of weeks
FIXED: Final = 80
PIECES: Final = 12  # many keys are asked for in pieces of 500, each a statement

Told = tuple[str, Callable[[Seeded, list[int]], Done]]


def _when(seeded: Seeded, n: int, hours: int) -> When:
    start = seeded.house.today() - seeded.house.today() % DAY + (1 + 7 * n) * DAY + (10 + hours) * HOUR
    return When(start, start + HOUR)


# What happens one after the other, each to a series that the one before has left.
HISTORY: Final[tuple[Told, ...]] = (
    ("answer one", lambda s, m: accept(s.house, "BO", m[3] + 1)),
    ("answer all", lambda s, m: accept(s.house, "BO", m[3] + 1, reach=Reach.SERIES)),
    ("perhaps to all", lambda s, m: tentative(s.house, "P100", m[3] + 2, reach=Reach.SERIES)),
    ("move one", lambda s, m: move(s.house, "ADA", m[4], _when(s, 4, 1))),
    ("move all", lambda s, m: move(s.house, "ADA", m[5], _when(s, 5, 2), reach=Reach.SERIES)),
    ("change all", lambda s, m: change(s.house, "ADA", m[5], Changes(title="New", place="Hall"), reach=Reach.SERIES)),
    ("add to all", lambda s, m: add(s.house, "ADA", m[5], ["x@away.example", "DAG"], reach=Reach.SERIES)),
    ("remove from all", lambda s, m: remove(s.house, "ADA", m[5], ["x@away.example", "DAG"], reach=Reach.SERIES)),
    ("move a part", lambda s, m: move(s.house, "ADA", m[10], _when(s, 10, 26), reach=Reach.THIS_AND_FORWARD)),
    ("stop", lambda s, m: cancel(s.house, "ADA", m[11], reach=Reach.STOP)),
)
# How many statements one more occurrence may cost: its own times are one UPDATE for who is asked again, one for others.
EACH: Final = {"move all": 2, "move a part": 2}


@pytest.fixture
def told(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], dict[str, tuple[int, int]]]]:
    """Give what tells the history to a series of so many occurrences: statements of each act, and of publishing it."""
    with closing(seed(database_url)) as seeded:
        with seeded.crm() as connection:
            connection.execute(insert(crm.person), [{"person_id": 900 + n, "firstname": f"P{n}"} for n in OTHERS])
            people = [{"associate_id": n, "name": f"P{n}", "person_id": 900 + n} for n in OTHERS]
            connection.execute(insert(crm.associate), people)
        monkeypatch.setattr(acting, "published", lambda _: None)

        def tell(count: int) -> dict[str, tuple[int, int]]:
            mothers = seeded.series("Three years", count, invited=(BO, *OTHERS), external=(CARLA,), rooms=(ROOM,))
            found: dict[str, tuple[int, int]] = {}
            for name, act in HISTORY:
                with asked(seeded.house.store) as statements:
                    assert act(seeded, mothers).changed
                with asked(seeded.house.store) as publishing:
                    assert publish.catch_up(seeded.house).quarantined == 0
                found[name] = (len(statements), len(publishing))
            return found

        yield tell


def test_statements_are_linear_in_what_changes(told: Callable[[int], dict[str, tuple[int, int]]]) -> None:
    few, many = told(20), told(40)
    for name in few:
        acting_more, publishing_more = (many[name][n] - few[name][n] for n in (0, 1))
        assert acting_more <= 20 * EACH.get(name, 0) + PIECES, (name, few[name], many[name])
        assert publishing_more <= PIECES, (name, few[name], many[name])
    assert max(few[name][0] for name in few if name not in EACH) <= FIXED


def test_three_years_of_weeks_with_twelve_guests(told: Callable[[int], dict[str, tuple[int, int]]]) -> None:
    found = told(YEARS)
    print("\n" + "\n".join(f"{name:16} {act:4} {publishing:4}" for name, (act, publishing) in found.items()))
    for name, (act, publishing) in found.items():
        assert act <= FIXED + YEARS * EACH.get(name, 0), name
        assert publishing <= 2 * FIXED, name
