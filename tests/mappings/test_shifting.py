"""Laws of a series that is moved: its occurrences keep their distances, and its rule goes with them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings import times
from mappings.recurrence import shifting
from mappings.recurrence.rule import Rule
from mappings.recurrence.shifting import Place, Shift, Span
from mappings.times import DAY, EPOCH, wall_of

HOUR = 3_600
moments = st.integers(0, 10**9)
lengths = st.integers(0, 3 * DAY)
spans = st.builds(lambda start, length: Span(start, start + length), moments, lengths)
days = st.builds(lambda day, many: Span(day * DAY, (day + many) * DAY, True), st.integers(0, 9_999), st.integers(1, 3))
either = st.one_of(spans, days)


def wall(year: int, month: int, day: int, hour: int = 0) -> int:
    return wall_of(EPOCH.replace(year=year, month=month, day=day, hour=hour))


def place(span: Span, original: int = 0) -> Place:
    return Place(original, span.start, span.end, span.all_day)


# --- occurrences -----------------------------------------------------------------------------------------------------


@given(either, either)
def test_the_occurrence_that_is_moved_has_the_time_it_was_given(was: Span, now: Span) -> None:
    shift = Shift(was, now)
    assert shift.place(place(was), named=True).span == now
    assert shift.span(was) == now
    assert shift.place(place(was), named=False) == shift.place(place(was), named=True)


@given(spans, spans, spans, spans)
def test_two_shifts_are_one(a: Span, b: Span, c: Span, own: Span) -> None:
    at_once = Shift(a, c).moment(own.start)
    assert Shift(b, c).moment(Shift(a, b).moment(own.start)) == at_once


@given(either, either, st.lists(st.integers(0, 300), min_size=1, unique=True))
def test_occurrences_keep_their_distances(was: Span, now: Span, weeks: list[int]) -> None:
    shift = Shift(was, now)
    for n in weeks:
        own = Span(was.start + n * 7 * DAY, was.end + n * 7 * DAY, was.all_day)
        assert shift.span(own) == Span(now.start + n * 7 * DAY, now.end + n * 7 * DAY, now.all_day)


@given(spans, spans, spans)
def test_lengths_change_by_the_same_difference(was: Span, now: Span, own: Span) -> None:
    assert shift_of(was, now, own).length == max(0, own.length + now.length - was.length)


def shift_of(was: Span, now: Span, own: Span) -> Span:
    return Shift(was, now).span(own)


@given(either, either, either, moments)
def test_what_was_moved_out_keeps_its_time_and_its_plan_moves(was: Span, now: Span, own: Span, original: int) -> None:
    before = place(own, original)
    after = Shift(was, now).place(before, named=False)
    if before.moved_out:
        assert after.span == own
        assert after.original == Shift(was, now).moment(original)
    else:
        assert after.planned == Shift(was, now).moment(own.start)
        assert not after.moved_out


@given(either, either, moments)
def test_one_that_was_moved_out_is_still_known_by_its_plan(was: Span, now: Span, original: int) -> None:
    after = Shift(was, now).place(place(was, original), named=True)
    assert after.span == now
    if original:
        assert after.planned == (Shift(was, now).moment(original) or after.start)


def test_an_occurrence_that_was_only_prolonged_goes_with_the_pattern() -> None:
    own = Place(10 * HOUR, 10 * HOUR, 13 * HOUR, False)
    after = Shift(Span(10 * HOUR, 11 * HOUR), Span(12 * HOUR, 13 * HOUR)).place(own, named=False)
    assert after == Place(12 * HOUR, 12 * HOUR, 15 * HOUR, False)


def test_whole_days_are_read_as_the_crm_writes_them() -> None:
    assert Span.of(DAY + 8 * HOUR, DAY + 16 * HOUR, all_day=True) == Span(DAY, 2 * DAY, True)
    assert Span.of(DAY, 2 * DAY - 60, all_day=True) == Span(DAY, 2 * DAY, True)
    assert Span.of(DAY, 0, all_day=False) == Span(DAY, DAY)
    moved = Shift(Span(DAY, 2 * DAY, True), Span(3 * DAY, 4 * DAY, True))
    assert moved.moment(8 * DAY + 8 * HOUR) == 10 * DAY


# --- rules -----------------------------------------------------------------------------------------------------------

MONDAY = wall(2026, 10, 19, 10)
WEEKLY = Rule(2, 0, 0b0010101, MONDAY, MONDAY + 70 * DAY, 0, 2, 0)


def moved(rule: Rule, days: int, hours: int = 0, planned: int = MONDAY) -> Rule:
    by = days * DAY + hours * HOUR
    return Shift(Span(planned, planned + HOUR), Span(planned + by, planned + by + HOUR)).rule(rule, planned)


def test_weekdays_shift_with_the_day() -> None:
    assert moved(WEEKLY, 1).weekdays == 0b0101010
    assert moved(WEEKLY, 3).weekdays == 0b0101001
    assert moved(WEEKLY, 0, 3).weekdays == WEEKLY.weekdays
    assert moved(WEEKLY, 0, 14).weekdays == 0b0101010  # past midnight
    assert moved(WEEKLY, 0, -11).weekdays == 0b1001010
    assert moved(WEEKLY, 1).cyclic_week == 2


@given(st.integers(0, 127), st.integers(-30, 30), st.integers(-30, 30))
def test_weekdays_come_back_after_a_week(mask: int, one: int, other: int) -> None:
    assert shifting.rotated(mask, 7 * one) == mask
    assert shifting.rotated(shifting.rotated(mask, one), other) == shifting.rotated(mask, one + other)
    assert shifting.rotated(mask, one).bit_count() == mask.bit_count()


@given(st.integers(-20, 20))
def test_the_weekday_of_the_start_stays_among_the_weekdays(by: int) -> None:
    rule = moved(WEEKLY, by)
    assert rule.weekdays & 1 << times.day(MONDAY + by * DAY).weekday()
    assert (rule.start, rule.end) == (WEEKLY.start + by * DAY, WEEKLY.end + by * DAY)


@pytest.mark.parametrize(
    ("told", "after"),
    [
        (MONDAY + 70 * DAY, MONDAY + 71 * DAY + HOUR),  # the clock time of the occurrences
        (MONDAY + 70 * DAY - 10 * HOUR, MONDAY + 71 * DAY - 10 * HOUR),  # a day, told as its midnight
        (MONDAY + 70 * DAY + 14 * HOUR - 60, MONDAY + 71 * DAY + 14 * HOUR - 60),  # a day, told as its last minute
        (0, 0),
    ],
)
def test_dates_of_a_rule_are_told_as_before(told: int, after: int) -> None:
    assert moved(replace(WEEKLY, end=told), 1, 1).end == after


def test_workdays_that_shift_are_days_of_the_week() -> None:
    rule = Rule(1, 1, 0, MONDAY, MONDAY + 70 * DAY, 0, 0, 0)
    assert moved(rule, 1) == Rule(2, 0, 0b0111110, MONDAY + DAY, MONDAY + 71 * DAY, 0, 1, 0)
    assert moved(rule, 0, 1) == replace(rule, start=MONDAY + HOUR, end=MONDAY + 70 * DAY + HOUR)
    every_third = Rule(1, 3, 0, MONDAY, MONDAY, 3, 0, 0)
    assert moved(every_third, 1).cyclic_day == 3


@pytest.mark.parametrize(
    ("rule", "by", "day", "week", "month", "weekdays"),
    [
        (Rule(3, 4, 0, MONDAY, MONDAY, 19, 0, 2), 3, 22, 0, 2, 0),  # every second month
        (Rule(3, 4, 0, MONDAY, MONDAY, 0, 0, 1), 3, 0, 0, 1, 0),
        (Rule(3, 5, 1, MONDAY, MONDAY, 0, 3, 1), 1, 0, 3, 1, 2),
        (Rule(3, 5, 1, MONDAY, MONDAY, 0, 3, 1), 7, 0, 4, 1, 1),
        (Rule(3, 5, 1, MONDAY, MONDAY, 0, 3, 1), -14, 0, 1, 1, 1),
        (Rule(3, 5, 1, MONDAY, MONDAY, 0, 5, 1), 7, 0, 5, 1, 1),  # the last one stays the last
        (Rule(4, 6, 0, MONDAY, MONDAY, 19, 0, 10), 14, 2, 0, 11, 0),
        (Rule(4, 7, 1, MONDAY, MONDAY, 0, 3, 10), 14, 0, 1, 11, 1),
    ],
)
def test_days_of_a_month_follow(rule: Rule, by: int, day: int, week: int, month: int, weekdays: int) -> None:
    after = moved(rule, by)
    assert (after.cyclic_day, after.cyclic_week, after.cyclic_month, after.weekdays) == (day, week, month, weekdays)


def test_a_rule_ends_and_another_begins() -> None:
    assert shifting.ended(WEEKLY, MONDAY + 14 * DAY, MONDAY).end == MONDAY + 14 * DAY
    by_days = replace(WEEKLY, start=MONDAY - 10 * HOUR, end=MONDAY + 70 * DAY - 10 * HOUR)
    assert shifting.ended(by_days, MONDAY + 14 * DAY, MONDAY).end == MONDAY + 14 * DAY - 10 * HOUR
    assert shifting.begun(by_days, MONDAY + 21 * DAY, MONDAY).start == MONDAY + 21 * DAY - 10 * HOUR
    assert shifting.begun(WEEKLY, MONDAY + 21 * DAY, MONDAY).start == MONDAY + 21 * DAY
    assert shifting.unknown(1, 2) == Rule(5, 0, 0, 1, 2, 0, 0, 0)
