"""When several people are free together, and what else stands where a meeting was put."""

from collections.abc import Iterator
from typing import Any

import pytest

from gateway.errors import BadRequest, NotFound, UnknownPerson
from gateway.services.views.free_time import Conflict, conflicts, next_free
from mappings.model import Kind
from tests.planned import GROUP, HOUR, NEW_YORK, assigned, at, change, planned, row_of, series, visible_to
from tests.seed import ADA, BO, DAG, ROOM, Seeded

DAY = at(1), at(2)  # a Thursday


@pytest.fixture
def seeded(database_url: str) -> Iterator[Seeded]:
    seeded = planned(database_url)
    yield seeded
    seeded.close()


def free(seeded: Seeded, *logins: str, minutes: int = 60, **more: Any) -> list[float]:
    """Give the hours of the day at which slots of an hour begin."""
    start, end = more.pop("start", DAY[0]), more.pop("end", DAY[1])
    found = next_free(seeded.house, logins, start, end, minutes, **more)
    assert all(last - first == minutes * 60 for first, last in found)
    return [(first - DAY[0]) / HOUR for first, _ in found]


def test_the_first_time_at_which_all_of_them_are_free(seeded: Seeded) -> None:
    seeded.appointment("Ada", hour=8, minutes=60)
    seeded.appointment("Bo", hour=9, minutes=70, owner=BO)
    seeded.meeting("Room", owner=DAG, invited=(), hour=11, minutes=60)
    assert free(seeded, "ADA") == [9]
    assert free(seeded, "ADA", "bo", count=9) == [10.25, 11.25, 12.25, 13.25, 14.25, 15.25]
    assert free(seeded, "ADA", "BO", "Tasting Room", count=2) == [12, 13]
    assert free(seeded, "ADA", "BO", "Tasting Room", minutes=15, count=2) == [10.25, 10.5]


def test_statuses_that_block_and_those_that_do_not(seeded: Seeded) -> None:
    row = row_of(seeded, seeded.meeting("Pressing", hour=8), BO)  # until half past nine
    for status in (*range(14), 99):
        change(seeded, row, status=status)
        assert free(seeded, "BO") == [9.5 if status in {1, 2, 3, 5, 6, 7, 8, 11, 12, 13} else 8]
    change(seeded, row, status=1, type=2)
    assert free(seeded, "BO") == [8]  # a to-do never blocks
    change(seeded, row, type=1, freeBusy=1)
    assert free(seeded, "BO") == [8]
    assert free(seeded, "ADA") == [9.5]  # each row is marked for itself


def test_lead_and_lag_time_block_too(seeded: Seeded) -> None:
    seeded.appointment("Away", hour=10, minutes=60, leadtime=45, lagTime=20)
    assert free(seeded, "ADA", count=3) == [8, 11.5, 12.5]
    seeded.appointment("Days before", days=-2, hour=20, minutes=60, lagTime=61 * 60)
    assert free(seeded, "ADA") == [11.5]  # 21:00 and sixty-one hours: until ten
    seeded.appointment("Days after", days=4, hour=12, leadtime=72 * 60)
    assert free(seeded, "ADA", minutes=30, count=3) == [11.5]


def test_all_day_rows_block_the_day_of_the_base_zone(seeded: Seeded) -> None:
    seeded.appointment("Harvest", days=1, hour=0, minutes=1_439, alldayEvent=1, preferredTZLocation=NEW_YORK)
    assert free(seeded, "ADA", end=at(3)) == [32]


def test_the_mothers_times_count_and_a_hidden_one_does_not(seeded: Seeded) -> None:
    mother = seeded.meeting("Pressing", hour=8)
    change(seeded, mother, do_by=at(1, 12) + 2 * HOUR, activeDate=at(1, 12) + 2 * HOUR, endDate=at(1, 13) + 2 * HOUR)
    assert free(seeded, "BO", count=5) == [8, 9, 10, 11, 13]
    change(seeded, mother, status=4)
    assert free(seeded, "BO", count=5) == [8, 9, 10, 11, 12]


def test_working_hours_and_days_are_on_the_clock_that_is_named(seeded: Seeded) -> None:
    friday_evening, weekend = at(2, 16.5), at(6)
    assert free(seeded, "ADA", start=friday_evening, end=weekend) == [(at(5, 8) - DAY[0]) / HOUR]  # on Monday
    assert free(seeded, "ADA", start=friday_evening, end=weekend, weekdays=0b0100000) == [(at(3, 8) - DAY[0]) / HOUR]
    assert free(seeded, "ADA", zone="America/New_York") == [14]
    assert free(seeded, "ADA", hours=(0, 3 * HOUR), count=9) == [0, 1, 2]
    assert free(seeded, "ADA", hours=(0, HOUR), minutes=90) == []


def test_what_is_no_question_is_refused(seeded: Seeded) -> None:
    wrong: list[dict[str, Any]] = [
        {"minutes": 0}, {"minutes": 1_441}, {"count": 0}, {"count": 1_001}, {"hours": (9 * HOUR, 9 * HOUR)},
        {"hours": (-1, 5)}, {"hours": (0, 86_401)}, {"weekdays": 0}, {"weekdays": 128}, {"zone": "Nowhere/Land"},
        {"start": DAY[1], "end": DAY[0]}, {"end": at(400)}, {"start": -(2**60), "end": 5 - 2**60},
    ]  # fmt: skip
    for more in wrong:
        with pytest.raises(BadRequest):
            free(seeded, "ADA", **more)
    for logins in ((), tuple(f"A{n}" for n in range(301))):
        with pytest.raises(BadRequest):
            free(seeded, *logins)
    for login in ("FAY", "nobody"):
        with pytest.raises(UnknownPerson, match=login):
            free(seeded, "ADA", login)


# --- conflicts -------------------------------------------------------------------------------------------------------


def told(found: list[Conflict]) -> list[tuple[str, str]]:
    return [(c.login, c.entry.title) for c in found]


def test_each_participant_with_what_overlaps_it(seeded: Seeded) -> None:
    mother = seeded.meeting("Pressing", invited=(BO, DAG), hour=10)
    seeded.meeting("Other", owner=DAG, invited=(), hour=11)
    seeded.appointment("Before", hour=9, minutes=60)
    seeded.appointment("Within", hour=10, minutes=15, owner=BO)
    seeded.appointment("To do", hour=10, owner=BO, type=2)
    found = conflicts(seeded.house, mother)
    assert told(found) == [("BO", "Within"), ("DAG", "Other"), ("TASTING ROOM", "Other")]
    assert [(c.row, c.name, c.kind) for c in found] == [
        (row_of(seeded, mother, BO), "Bo Tangen", Kind.ASSOCIATE),
        (row_of(seeded, mother, DAG), "Dag Whitfield", Kind.ASSOCIATE),
        (row_of(seeded, mother, ROOM), "TASTING ROOM", Kind.ROOM),
    ]
    assert conflicts(seeded.house, row_of(seeded, mother, ROOM)) == found


def test_who_declined_or_is_free_has_no_conflict(seeded: Seeded) -> None:
    mother = seeded.meeting("Pressing", invited=(BO, DAG))
    for who in (ADA, BO, DAG):
        seeded.appointment("Else", hour=10, owner=who)
    assert [login for login, _ in told(conflicts(seeded.house, mother))] == ["ADA", "BO", "DAG"]
    seeded.answer(mother, BO, status=9)
    change(seeded, row_of(seeded, mother, DAG), freeBusy=1)
    assert [login for login, _ in told(conflicts(seeded.house, mother))] == ["ADA"]


def test_lead_and_lag_time_of_both_count(seeded: Seeded) -> None:
    mother = seeded.meeting("Pressing", hour=10, minutes=60, lagTime=30)
    seeded.appointment("Drive", hour=12, owner=BO, leadtime=30)
    assert told(conflicts(seeded.house, mother)) == []
    change(seeded, row_of(seeded, mother, BO), lagTime=31)
    assert told(conflicts(seeded.house, mother)) == [("BO", "Drive")]


def test_what_the_owner_may_not_read_is_cloaked(seeded: Seeded) -> None:
    mother = seeded.meeting("Pressing", invited=(BO,))
    seeded.appointment("Doctor", hour=10, owner=BO, private=1)
    shared = seeded.appointment("Team", hour=10, owner=BO)
    visible_to(seeded, shared, group=GROUP)
    seeded.meeting("With Ada", owner=BO, invited=(ADA,), rooms=(), hour=11, private=1)
    assert told(conflicts(seeded.house, mother)) == [
        ("ADA", "With Ada"), ("BO", "Busy"), ("BO", "Team"), ("BO", "With Ada"),
    ]  # fmt: skip


def test_an_occurrence_has_its_own_conflicts_and_an_assignment_is_one(seeded: Seeded) -> None:
    first, second = series(seeded, "Daily", 2)
    assigned(seeded, "Handed over", BO, days=2, hour=10)
    assert told(conflicts(seeded.house, first)) == []
    assert told(conflicts(seeded.house, second)) == [("BO", "Handed over")]


def test_a_plain_appointment_has_conflicts_and_what_is_gone_is_not_found(seeded: Seeded) -> None:
    plain = seeded.appointment("Alone", hour=10)
    seeded.meeting("Pressing", hour=10)
    assert told(conflicts(seeded.house, plain)) == [("ADA", "Pressing")]
    for row in (999_999, 0, seeded.appointment("Letter", type=4)):
        with pytest.raises(NotFound):
            conflicts(seeded.house, row)
