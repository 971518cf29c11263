"""A VTIMEZONE says of every moment of its years what the zone itself says (RFC 5545 3.6.5)."""

from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from mappings.errors import Unmappable
from mappings.ics.zones import vtimezone

ALL = sorted(available_timezones() - {"localtime", "Factory", "posixrules"})
HOUR, DAY = 3_600, 86_400
Observance = tuple[int, int, int]  # onset as an instant, offset before, offset from then on


def observances(data: bytes) -> list[Observance]:
    """Read the observances as RFC 5545 3.6.5 says: DTSTART is local time on the clock before the change."""
    found: list[Observance] = []
    for block in data.decode("ascii").split("BEGIN:")[2:]:
        lines = dict(line.split(":", 1) for line in block.split("\r\n")[1:] if line and not line.startswith("END"))
        before, after = seconds(lines["TZOFFSETFROM"]), seconds(lines["TZOFFSETTO"])
        local = datetime.strptime(lines["DTSTART"], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
        found.append((int(local.timestamp()) - before, before, after))
    return found


def seconds(written: str) -> int:
    size = int(written[1:3]) * HOUR + int(written[3:5]) * 60 + int(written[5:7] or "0")
    assert written[0] in "+-"
    return -size if written[0] == "-" else size


def spoken(found: list[Observance], moment: int) -> int:
    """Give the offset that the latest onset before a moment sets."""
    place = bisect_right([onset for onset, _, _ in found], moment)
    assert place, "a moment before every observance"
    return found[place - 1][2]


def true(name: str, moment: int) -> int:
    offset = datetime.fromtimestamp(moment, ZoneInfo(name)).utcoffset()
    assert offset is not None
    return int(offset.total_seconds())


def covered(name: str, first: int, last: int) -> tuple[int, int]:
    """Give the first and the last instant of the years as the zone's own clock reads them."""
    tz = ZoneInfo(name)
    begin, end = datetime(first, 1, 1, tzinfo=tz), datetime(last, 12, 31, 23, 59, 59, tzinfo=tz)
    return int(begin.timestamp()), int(end.timestamp())


def check(name: str, first: int, last: int, step: int) -> list[Observance]:
    found = observances(vtimezone(name, first, last))
    begin, end = covered(name, first, last)
    around = [onset + beside for onset, _, _ in found for beside in (-HOUR, -1, 0, 1, HOUR)]
    moments = {*range(begin, end, step), end, *(m for m in around if begin <= m <= end)}
    wrong = [m for m in moments if spoken(found, m) != true(name, m)]
    assert not wrong, datetime.fromtimestamp(min(wrong), UTC)
    return found


@pytest.mark.parametrize(
    ("name", "first", "last", "changes"),
    [
        ("Europe/Berlin", 2026, 2027, 4),
        ("America/New_York", 2025, 2026, 4),
        ("Europe/Dublin", 2026, 2026, 2),  # winter is the exception there
        ("Africa/Casablanca", 2026, 2026, 2),  # Ramadan
        ("Africa/Cairo", 2010, 2010, 4),  # Ramadan inside of summer time
        ("Australia/Lord_Howe", 2026, 2026, 2),  # half an hour
        ("Antarctica/Troll", 2026, 2026, 2),  # two hours
        ("Pacific/Chatham", 2026, 2026, 2),
        ("America/Sao_Paulo", 2018, 2020, 3),  # gave it up
        ("Pacific/Apia", 2011, 2011, 3),  # went without a day
        ("America/Caracas", 2016, 2016, 1),
        ("Asia/Pyongyang", 2015, 2018, 2),
        ("Africa/Monrovia", 1972, 1972, 1),  # offsets with seconds
        ("Asia/Kathmandu", 2026, 2026, 0),
        ("Etc/GMT+5", 2026, 2026, 0),
    ],
)
def test_every_hour_of_the_years_has_the_zones_own_offset(name: str, first: int, last: int, changes: int) -> None:
    found = check(name, first, last, HOUR)
    assert sum(before != after for _, before, after in found) == changes


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(ALL), st.integers(1972, 2150), st.integers(0, 2))
def test_any_zone_in_any_years_has_its_own_offset(name: str, first: int, more: int) -> None:
    if name == "UTC":
        assert vtimezone(name, first, first + more) == b""
    else:
        check(name, first, first + more, 7 * DAY + HOUR)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(ALL), st.integers(1972, 2100))
def test_each_observance_begins_with_the_offset_that_the_last_one_left(name: str, year: int) -> None:
    found = observances(vtimezone(name, year, year))
    assert [onset for onset, _, _ in found] == sorted(onset for onset, _, _ in found)
    for (_, _, left), (_, taken, _) in pairwise(found):
        assert left == taken


def test_the_daylight_observance_begins_on_the_clock_before_the_jump() -> None:
    text = vtimezone("Europe/Berlin", 2026, 2026).decode("ascii")
    assert (
        "BEGIN:DAYLIGHT\r\nDTSTART:20260329T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nTZNAME:CEST\r\n" in text
    )
    assert (
        "BEGIN:STANDARD\r\nDTSTART:20261025T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nTZNAME:CET\r\n" in text
    )


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(ALL), st.integers(1972, 2100))
def test_two_years_of_any_zone_are_small_and_speak_of_no_local_mean_time(name: str, year: int) -> None:
    data = vtimezone(name, year, year + 1)
    assert len(data) < 2_000
    assert b"LMT" not in data
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))


@pytest.mark.parametrize("name", ["Europe/Berlin", "America/St_Johns", "Africa/Casablanca", "Asia/Kolkata"])
def test_icalendar_reads_the_zone(name: str) -> None:
    data = vtimezone(name, 2026, 2027)
    # icalendar's values are typed as anything that a property could be.
    calendar: Any = Calendar.from_ical(b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n%sEND:VCALENDAR\r\n" % data)
    (zone,) = calendar.walk("VTIMEZONE")
    assert zone["TZID"] == name
    parts = zone.walk("STANDARD") + zone.walk("DAYLIGHT")
    assert not zone.errors
    assert not [p.errors for p in parts if p.errors]
    read = {(p["DTSTART"].dt, p["TZOFFSETFROM"].td, p["TZOFFSETTO"].td) for p in parts}
    ours = {
        (datetime(1970, 1, 1) + timedelta(seconds=onset + before), timedelta(seconds=before), timedelta(seconds=after))
        for onset, before, after in observances(data)
    }
    assert read == ours


@pytest.mark.parametrize("name", ["", "UTC"])
def test_utc_needs_no_zone(name: str) -> None:
    assert vtimezone(name, 2026, 2027) == b""


def test_what_is_no_zone_says_so() -> None:
    with pytest.raises(Unmappable):
        vtimezone("Nowhere/Land", 2026, 2027)
