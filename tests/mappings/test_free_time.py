"""Free time: laws of spans, and slots that keep to working hours wherever a clock jumps."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mappings import free_time, times
from mappings.free_time import QUARTER, Span, blocks, gaps, merged, overlap, slots, working

OSLO, APIA, HOWE = "Europe/Oslo", "Pacific/Apia", "Australia/Lord_Howe"
ZONES = st.sampled_from((OSLO, APIA, HOWE, "Asia/Kathmandu", "America/St_Johns", "America/Sao_Paulo", "UTC"))
HOUR = 3_600
ALWAYS = 0b1111111
SPANS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=12)
WHOLE = st.tuples(st.integers(0, 30), st.integers(31, 60))
# Around the days of 2011 and 2026 on which the clocks of these zones jump, one of them by a whole day.
MOMENTS = st.integers(1_293_840_000, 1_328_054_400) | st.integers(1_767_225_600, 1_798_761_600)


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def points(spans: list[Span]) -> set[int]:
    return {p for start, end in spans for p in range(start, end)}


@given(SPANS)
def test_laid_together_spans_cover_the_same_and_lie_apart(spans: list[Span]) -> None:
    found = merged(spans)
    assert points(found) == points(spans)
    assert all(start < end for start, end in found)
    assert all(one[1] < other[0] for one, other in pairwise(found))
    assert merged(found) == found
    assert merged(reversed(spans)) == found


@given(SPANS, WHOLE)
def test_gaps_and_busy_time_make_up_the_whole(spans: list[Span], whole: Span) -> None:
    busy = merged(spans)
    left = list(gaps(busy, whole))
    assert points(left) == points([whole]) - points(busy)
    assert merged(left) == left


@given(st.tuples(st.integers(0, 9), st.integers(0, 9)), st.tuples(st.integers(0, 9), st.integers(0, 9)))
def test_overlap_is_mutual_and_an_empty_span_is_a_moment(one: Span, other: Span) -> None:
    one, other = tuple(sorted(one)), tuple(sorted(other))  # type: ignore[assignment]
    filled = [(s, max(e, s + 1)) for s, e in (one, other)]
    assert overlap(one, other) == overlap(other, one) == bool(points([filled[0]]) & points([filled[1]]))


@given(MOMENTS, st.integers(0, 20), ZONES, st.integers(0, 47), st.integers(1, 48), st.integers(1, 127))
@example(at("2011-12-29T00:00"), 3, APIA, 0, 48, 0b0011111)
@example(at("2026-03-29T00:00"), 1, OSLO, 0, 5, ALWAYS)
def test_working_hours_are_apart_and_on_the_clock(
    start: int, days: int, zone: str, opens: int, length: int, weekdays: int
) -> None:
    hours = opens * HOUR // 2, min(48, opens + length) * HOUR // 2
    whole = start, start + days * times.DAY + 1
    found = list(working(whole, hours, weekdays, zone))
    assert all(one[1] <= other[0] for one, other in pairwise(found))
    for first, last in found:
        assert whole[0] <= first < last <= whole[1]
        for moment in (first, last - 1):
            wall = times.wall(moment, zone)
            assert weekdays >> datetime.fromtimestamp(wall, UTC).weekday() & 1
            assert hours[0] <= wall % times.DAY < hours[1]


@given(
    st.lists(st.tuples(st.integers(0, 14 * 96), st.integers(1, 40)), max_size=30),
    MOMENTS,
    ZONES,
    st.integers(1, 600),
    st.integers(1, 8),
)
def test_slots_are_free_apart_at_quarters_and_within_hours(
    planned: list[Span], start: int, zone: str, minutes: int, count: int
) -> None:
    busy = merged((start + n * 700, start + n * 700 + length * 700) for n, length in planned)
    hours = list(working((start, start + 14 * times.DAY), (8 * HOUR, 17 * HOUR), 0b0011111, zone))
    found = slots(busy, hours, minutes * 60, zone, count)
    assert len(found) <= count
    for first, last in found:
        assert last - first == minutes * 60
        assert times.wall(first, zone) % QUARTER == 0
        assert any(opens <= first and last <= closes for opens, closes in hours)
        assert not any(max(first, s) < min(last, e) for s, e in busy)
    assert all(one[1] <= other[0] for one, other in pairwise(found))
    if len(found) < count:  # then there is no other: every quarter of an hour that fits is taken
        taken = merged([*busy, *found])
        for opens, closes in hours:
            for quarter in range(opens + -times.wall(opens, zone) % QUARTER, closes - minutes * 60 + 1, QUARTER):
                fits = quarter, quarter + minutes * 60
                assert any(max(fits[0], s) < min(fits[1], e) for s, e in taken)


def test_the_first_slot_is_the_earliest() -> None:
    hours = [(at("2026-08-03T06:00"), at("2026-08-03T15:00"))]
    busy = [(at("2026-08-03T06:00"), at("2026-08-03T07:05"))]
    assert slots(busy, hours, HOUR, OSLO, 2) == [
        (at("2026-08-03T07:15"), at("2026-08-03T08:15")),
        (at("2026-08-03T08:15"), at("2026-08-03T09:15")),
    ]
    assert slots([], hours, 10 * HOUR, OSLO, 1) == []


@pytest.mark.parametrize(
    ("day", "opens", "closes"),
    [
        ("2026-03-27", "07:00", "16:00"),  # Friday: winter time
        ("2026-03-30", "06:00", "15:00"),  # Monday: summer time
    ],
)
def test_working_hours_follow_the_clock(day: str, opens: str, closes: str) -> None:
    whole = at(f"{day}T00:00"), at(f"{day}T23:00")
    assert list(working(whole, (8 * HOUR, 17 * HOUR), 0b0011111, OSLO)) == [
        (at(f"{day}T{opens}"), at(f"{day}T{closes}"))
    ]


def test_a_night_with_a_jump_is_as_long_as_it_is() -> None:
    spring, autumn = (at("2026-03-28T00:00"), at("2026-03-30T00:00")), (at("2026-10-24T00:00"), at("2026-10-26T00:00"))
    sunday = 64
    assert [e - s for s, e in working(spring, (0, 24 * HOUR), sunday, OSLO)] == [23 * HOUR]
    assert [e - s for s, e in working(autumn, (0, 24 * HOUR), sunday, OSLO)] == [25 * HOUR]


def test_no_working_hours_lie_in_an_hour_or_a_day_that_never_was() -> None:
    gap = at("2026-03-29T00:00"), at("2026-03-29T23:00")
    assert list(working(gap, (2 * HOUR, 3 * HOUR), ALWAYS, OSLO)) == []
    assert list(working(gap, (HOUR, 2 * HOUR + 1_800), ALWAYS, OSLO)) == [(gap[0], at("2026-03-29T01:00"))]
    assert list(working(gap, (2 * HOUR + 1_800, 4 * HOUR), ALWAYS, OSLO)) == [
        (at("2026-03-29T01:00"), at("2026-03-29T02:00"))
    ]
    lost = list(working((at("2011-12-29T00:00"), at("2012-01-02T00:00")), (8 * HOUR, 17 * HOUR), ALWAYS, APIA))
    days = [times.day(times.wall(start, APIA)).isoformat() for start, _ in lost]
    assert days == ["2011-12-28", "2011-12-29", "2011-12-31", "2012-01-01", "2012-01-02"]


@pytest.mark.parametrize("status", range(-1, 15))
@pytest.mark.parametrize("type_", range(10))
def test_what_blocks_time(type_: int, status: int) -> None:
    expected = type_ in (1, 6) and status in (1, 2, 3, 5, 6, 7, 8, 11, 12, 13)
    assert blocks(type_, status, free=False) is expected
    assert not blocks(type_, status, free=True)
    assert (status in free_time.BUSY) >= expected
