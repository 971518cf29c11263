"""What a series makes of its occurrences: one master, overrides where they are needed, and who holds which."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mappings import times
from mappings.projection import project
from mappings.recurrence.fitting import Candidate
from mappings.recurrence.rule import Rule
from mappings.rows import Row
from mappings.series import Recurrence
from tests.mappings.test_projection import BO, NO_ANSWERS, START, WEEK, changed, daughter, series

WEEKLY = Rule(2, 0, 0, START - START % times.DAY, START + 9 * WEEK, 0, 1, 0)


def zoned(rows: list[Row], zone: str) -> list[Row]:
    return [
        replace(
            r, zone=zone, start=times.rezone(r.start, r.zone, zone), end=times.rezone(r.end, r.zone, zone), original=0
        )
        for r in rows
    ]


def test_the_crms_rule_is_told_and_what_is_not_by_it_beside_it() -> None:
    known = Recurrence("Europe/Berlin", WEEKLY)
    rows = [r for r in series(6, daughter(2, 1)) if r.mother != 301]
    master = project(rows, NO_ANSWERS, known).instances[0]
    assert master.rrule.startswith("FREQ=WEEKLY;UNTIL=")
    assert (master.rdates, master.exdates) == ((), (START + 2 * WEEK,))


def test_the_rule_is_on_the_crms_clock_whatever_zone_the_rows_have() -> None:
    # Over the weeks in which it is summer time in New York already and in Berlin not yet.
    rows = zoned(series(24, daughter(2, 1)), "America/New_York")
    master = project(rows, NO_ANSWERS, Recurrence("Europe/Berlin", WEEKLY)).instances[0]
    assert (master.zone, master.rdates, master.exdates) == ("Europe/Berlin", (), ())
    assert [i.key for i in project(rows, NO_ANSWERS, Recurrence("Europe/Berlin", WEEKLY)).instances] == [0]


def test_the_master_is_what_most_occurrences_are_like() -> None:
    rows = changed(series(4, daughter(2, 1)), 101, summary="The first is another")
    master, odd = project(rows, NO_ANSWERS).instances
    assert (master.summary, odd.summary, odd.key) == ("Review", "The first is another", START)
    assert master.start == START


@pytest.mark.parametrize("change", [{"alarm": 15}, {"free": True}, {"priority": 3}])
def test_what_is_personal_in_one_occurrence_has_an_override(change: dict[str, object]) -> None:
    rows = changed(series(3, daughter(2, 1)), 202, **change)
    found = project(rows, NO_ANSWERS)
    assert [i.key for i in found.instances] == [0, START + WEEK]
    mine = found.holdings[BO].personal
    assert mine[0] != mine[START + WEEK]


def test_that_somebody_looked_at_one_occurrence_is_no_override() -> None:
    rows = changed(series(3, daughter(2, 5)), 202, status=7)
    assert [i.key for i in project(rows, NO_ANSWERS).instances] == [0]


@pytest.mark.parametrize(("there", "whole"), [(1, False), (2, False), (3, True), (4, True)])
def test_who_is_in_most_holds_the_series_and_who_is_in_few_their_occurrences(there: int, whole: bool) -> None:
    rows = [r for r in series(4, daughter(2, 1), daughter(3, 1, 3)) if r.row % 100 != 3 or r.row // 100 <= there]
    holding = project(rows, NO_ANSWERS).holdings[3]
    missing = tuple(START + n * WEEK for n in range(there, 4))
    if not whole:
        assert (holding.shows, holding.without) == (tuple(START + n * WEEK for n in range(there)), ())
        return
    assert (holding.shows[0], holding.without) == (0, missing)
    assert holding.personal[0].exdates == missing
    assert {holding.personal[k].feed_status for k in missing} <= {""}


def test_what_never_ends_is_told_as_it_was_written() -> None:
    last = START + 3 * WEEK
    known = Recurrence("Europe/Berlin", None, Candidate("FREQ=WEEKLY", START, last), "Europe/Berlin")
    master = project(series(4, daughter(2, 1)), NO_ANSWERS, known).instances[0]
    assert (master.rrule, master.rdates, master.exdates) == ("FREQ=WEEKLY", (), ())
    cut = project(series(3, daughter(2, 1)), NO_ANSWERS, known).instances[0]
    assert cut.rrule.startswith("FREQ=WEEKLY;UNTIL=")
