"""Laws of a rule in its own words: stopped, parted or moved it means what is left, or shifted, of what it meant."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mappings.recurrence import written
from mappings.recurrence.expanding import endless, expand
from mappings.recurrence.kept import Kept
from mappings.times import DAY, EPOCH, wall_of

HOUR = 3_600
START = wall_of(EPOCH.replace(2026, 10, 19, 10))  # a Monday
OSLO = "Europe/Oslo"
MOST = 60
RULES = (
    "FREQ=DAILY",
    "FREQ=DAILY;COUNT=12;INTERVAL=2",
    "FREQ=WEEKLY;COUNT=20;INTERVAL=2;BYDAY=MO,WE,SU",
    "FREQ=WEEKLY;UNTIL=20270301T090000Z",
    "FREQ=WEEKLY;UNTIL=20270301;BYDAY=MO,FR",
    "FREQ=HOURLY;COUNT=30;INTERVAL=5",
)
# These name days or hours that do not shift with a number of days, or of hours.
FAST = ("FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1", "FREQ=YEARLY;BYYEARDAY=100", "FREQ=WEEKLY;BYDAY=MO;BYHOUR=10,14")
rules = st.sampled_from(RULES)


def kept(rrule: str) -> Kept:
    return Kept(rrule, START, OSLO, rdates=(START + 9 * HOUR, START + 40 * DAY), exdates=(START + 14 * DAY,))


def meant(it: Kept) -> list[int]:
    return list(expand(it.rrule, it.start, last=START + 400 * DAY, most=MOST, zone=it.zone))


@given(rules, st.data())
def test_what_is_stopped_means_no_more_than_until_then(rrule: str, data: st.DataObject) -> None:
    before = meant(kept(rrule))
    last = data.draw(st.sampled_from(before))
    after = written.stopped(kept(rrule), last)
    assert meant(after) == [wall for wall in before if wall <= last]
    assert not endless(after.rrule)
    assert max((*after.rdates, *after.exdates), default=0) <= last
    assert written.stopped(after, last) == after


@given(rules, st.data())
def test_a_part_means_the_rest(rrule: str, data: st.DataObject) -> None:
    before = meant(kept(rrule))
    first = data.draw(st.sampled_from(before))
    # Weeks counted from another one of a rule for every second week are the same weeks.
    after = written.begun(kept(rrule), first)
    assert after is not None
    rest = [wall for wall in before if wall >= first]
    assert meant(after)[: len(rest)] == rest
    assert min((*after.rdates, *after.exdates), default=first) >= first


@given(rules, st.integers(-20, 20), st.integers(-9, 9))
def test_what_is_moved_means_the_same_at_other_times(rrule: str, days: int, hours: int) -> None:
    by = days * DAY + hours * HOUR
    before = kept(rrule)
    after = written.moved(before, START, START + by)
    assert after is not None
    expected = [wall + by for wall in meant(before)]
    found = meant(after)
    shared = min(len(found), len(expected))
    assume(shared > 1)
    assert found[:shared] == expected[:shared]
    assert abs(len(found) - len(expected)) <= 21 * 5  # no more than the days at the end of what was looked at
    assert after.rdates == tuple(wall + by for wall in before.rdates)
    back = written.moved(after, START + by, START)
    assert back is not None
    assert meant(back) == meant(before)


@pytest.mark.parametrize("rrule", FAST)
def test_words_that_would_be_wrong_are_given_up(rrule: str) -> None:
    assert written.moved(kept(rrule), START, START + DAY + HOUR) is None
    assert written.moved(kept(rrule), START, START) == kept(rrule)


def test_nothing_is_left_of_a_count_that_was_used_up() -> None:
    assert written.begun(Kept("FREQ=DAILY;COUNT=3", START, OSLO), START + 3 * DAY) is None
    assert written.begun(Kept("FREQ=DAILY;COUNT=3", START, OSLO), START + 2 * DAY) == Kept(
        "FREQ=DAILY;COUNT=1", START + 2 * DAY, OSLO
    )


def test_how_far_rows_were_made_moves_along_and_ends_with_the_series() -> None:
    endless_one = Kept("FREQ=DAILY", START, OSLO, horizon=START + 99 * DAY)
    after = written.moved(endless_one, START, START + HOUR)
    assert after is not None
    assert after.horizon == START + 99 * DAY + HOUR
    assert written.stopped(endless_one, START + DAY).horizon == 0


def test_times_are_read_on_the_clock_of_what_was_written() -> None:
    there = Kept("FREQ=DAILY", START, "America/New_York")
    assert written.on_clock(there, START, OSLO) == START - 6 * HOUR
    assert written.on_clock(Kept("FREQ=DAILY", START, "", all_day=True), START, OSLO) == START
