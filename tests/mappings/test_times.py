"""Wall clocks and instants: one answer everywhere, also where a clock jumps."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings import crm_zones, times
from mappings.errors import Unmappable

BERLIN, NEW_YORK, APIA, HOWE = "Europe/Berlin", "America/New_York", "Pacific/Apia", "Australia/Lord_Howe"
ZONES = st.sampled_from((
    BERLIN, NEW_YORK, APIA, HOWE, "Asia/Kolkata", "Asia/Kathmandu", "America/St_Johns", "Africa/Casablanca",
    "Europe/Dublin", "Pacific/Chatham", "America/Sao_Paulo", "UTC",
))  # fmt: skip
MOMENTS = st.integers(times.EARLIEST + times.DAY, times.LATEST - 2 * times.DAY)
WALLS = st.integers(times.EARLIEST, times.LATEST - 1)
HOUR = 3_600


def at(text: str) -> int:
    """Give the wall seconds of a written time."""
    return times.wall_of(datetime.fromisoformat(text))


def utc(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


@given(MOMENTS, ZONES)
def test_an_instant_comes_back_unless_its_clock_reads_that_twice(moment: int, name: str) -> None:
    back = times.instant(times.wall(moment, name), name)
    twice = datetime.fromtimestamp(moment, UTC).astimezone(times.zone(name)).fold
    assert (back == moment) is not bool(twice)


@given(WALLS, ZONES)
def test_a_wall_time_comes_back_or_moves_forward_out_of_a_gap(wall: int, name: str) -> None:
    back = times.wall(times.instant(wall, name), name)
    assert wall <= back <= wall + times.DAY
    if back != wall:
        assert times.wall(times.instant(wall, name) - (back - wall), name) < wall


@pytest.mark.parametrize(
    ("written", "name", "moment", "read"),
    [
        ("2026-03-29T01:59:59", BERLIN, "2026-03-29T00:59:59", "2026-03-29T01:59:59"),
        ("2026-03-29T02:00", BERLIN, "2026-03-29T01:00", "2026-03-29T03:00"),
        ("2026-03-29T02:30", BERLIN, "2026-03-29T01:30", "2026-03-29T03:30"),
        ("2026-03-29T03:00", BERLIN, "2026-03-29T01:00", "2026-03-29T03:00"),
        ("2026-03-08T02:30", NEW_YORK, "2026-03-08T07:30", "2026-03-08T03:30"),
        ("2026-10-04T02:15", HOWE, "2026-10-03T15:45", "2026-10-04T02:45"),  # the clock jumps half an hour
        ("2011-12-30T12:00", APIA, "2011-12-30T22:00", "2011-12-31T12:00"),  # a day that never was
    ],
)
def test_a_time_inside_a_gap_moves_forward_by_the_gap(written: str, name: str, moment: str, read: str) -> None:
    assert times.instant(at(written), name) == utc(moment)
    assert times.wall(utc(moment), name) == at(read)


@pytest.mark.parametrize(
    ("written", "name", "moment"),
    [
        ("2026-10-25T02:00", BERLIN, "2026-10-25T00:00"),
        ("2026-10-25T02:30", BERLIN, "2026-10-25T00:30"),
        ("2026-10-25T03:00", BERLIN, "2026-10-25T02:00"),
        ("2026-11-01T01:30", NEW_YORK, "2026-11-01T05:30"),
        ("2026-04-05T01:45", HOWE, "2026-04-04T14:45"),
    ],
)
def test_a_time_inside_a_fold_is_the_first_of_the_two(written: str, name: str, moment: str) -> None:
    assert times.instant(at(written), name) == utc(moment)


@pytest.mark.parametrize(
    ("start", "end", "first", "after"),
    [
        ("2026-11-10T00:00", "2026-11-10T23:59", "2026-11-10", "2026-11-11"),
        ("2026-11-10T00:00", "2026-11-10T23:59:59", "2026-11-10", "2026-11-11"),
        ("2026-11-10T00:00", "2026-11-11T00:00", "2026-11-10", "2026-11-11"),
        ("2026-11-10T00:00", "2026-11-10T00:00", "2026-11-10", "2026-11-11"),
        ("2026-11-10T08:00", "2026-11-12T16:00", "2026-11-10", "2026-11-13"),
        ("2026-11-10T08:00", "2026-11-09T08:00", "2026-11-10", "2026-11-11"),
        ("2026-11-10T00:00", "2026-11-12T00:00:01", "2026-11-10", "2026-11-13"),
        ("1969-12-31T09:00", "1969-12-31T10:00", "1969-12-31", "1970-01-01"),
    ],
)
def test_an_all_day_row_covers_whole_days(start: str, end: str, first: str, after: str) -> None:
    assert times.whole_days(at(start), at(end)) == (at(first), at(after))


@given(WALLS, st.integers(-times.DAY, 400 * times.DAY))
def test_whole_days_are_midnights_around_the_row_and_their_own_whole_days(start: int, length: int) -> None:
    first, after = times.whole_days(start, start + length)
    assert first % times.DAY == after % times.DAY == 0
    assert first <= start < after
    assert start + length <= after
    assert times.whole_days(first, after) == (first, after)


@pytest.mark.parametrize(
    ("written", "source", "target", "read"),
    [
        ("2026-07-01T10:00", BERLIN, NEW_YORK, "2026-07-01T04:00"),
        ("2026-07-01T10:00", BERLIN, BERLIN, "2026-07-01T10:00"),
        ("2026-03-29T02:30", BERLIN, BERLIN, "2026-03-29T02:30"),  # one clock is never read twice
        ("2026-03-20T10:00", BERLIN, NEW_YORK, "2026-03-20T05:00"),  # the weeks in which only one has sprung
        ("2026-03-29T02:30", BERLIN, "UTC", "2026-03-29T01:30"),
        ("2026-01-01T00:30", "Asia/Kolkata", "UTC", "2025-12-31T19:00"),
    ],
)
def test_a_time_is_read_on_another_clock(written: str, source: str, target: str, read: str) -> None:
    assert times.rezone(at(written), source, target) == at(read)


@given(MOMENTS, ZONES, ZONES)
def test_reading_on_another_clock_keeps_the_instant(moment: int, source: str, target: str) -> None:
    wall = times.wall(moment, source)
    elsewhere = times.rezone(wall, source, target)
    assert elsewhere == times.wall(times.instant(wall, source), target) or source == target


@pytest.mark.parametrize("outside", [times.EARLIEST - 1, times.LATEST, -(2**63), 2**63, 10**30])
def test_what_lies_outside_three_centuries_has_no_place_in_a_calendar(outside: int) -> None:
    with pytest.raises(Unmappable) as error:
        times.naive(outside)
    assert error.value.field == "date"
    with pytest.raises(Unmappable):
        times.day(outside)
    with pytest.raises(Unmappable):
        times.instant(outside, BERLIN)


def test_the_first_and_the_last_second_still_have_a_place() -> None:
    assert times.naive(times.EARLIEST) == datetime(1900, 1, 1)
    assert times.naive(times.LATEST - 1) == datetime(2199, 12, 31, 23, 59, 59)
    assert times.day(times.LATEST - 1) == datetime(2199, 12, 31).date()


@given(WALLS)
def test_wall_seconds_and_a_datetime_say_the_same(wall: int) -> None:
    assert times.wall_of(times.naive(wall)) == wall
    assert times.wall_of(times.naive(wall).replace(tzinfo=times.zone(NEW_YORK))) == wall


@pytest.mark.parametrize("name", ["", "Nowhere/Land", "../etc/passwd", "/etc/passwd", "Europe", "a\x00b", "\ud800"])
def test_what_is_no_zone_says_so(name: str) -> None:
    with pytest.raises(Unmappable) as error:
        times.zone(name)
    assert error.value.field == "time zone"


@settings(max_examples=50)
@given(st.text(max_size=20))
def test_any_text_is_a_zone_or_says_that_it_is_none(name: str) -> None:
    field = "time zone"
    try:
        assert times.zone(name).key == name
    except Unmappable as error:
        field = error.field
    assert field == "time zone"


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("DE", BERLIN), ("US-NY", NEW_YORK), (" us-ny ", NEW_YORK), ("US-??", NEW_YORK), ("NO", "Europe/Oslo"),
        ("XX", APIA), ("", APIA), ("ES-GC", "Atlantic/Canary"), ("AU-WA", "Australia/Perth"),
    ],
)  # fmt: skip
def test_a_crm_location_has_its_zone_or_the_base_zone(code: str, name: str) -> None:
    assert crm_zones.zone_of(code, APIA) == name
    assert crm_zones.known(code) is (name != APIA)


def test_every_zone_of_the_crms_locations_exists() -> None:
    assert len(crm_zones.ZONES) > 450
    assert all(times.zone(name).key == name for name in crm_zones.ZONES.values())
