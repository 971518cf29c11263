"""Rules in other calendars' months, and days that there are not in every month (RFC 7529)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.errors import Unmappable
from mappings.recurrence.expanding import expand
from mappings.recurrence.pattern import checked
from mappings.recurrence.rule import held
from mappings.recurrence.scales import ALIKE, LEAP, SCALES, months, year_of
from mappings.times import DAY

EPOCH = date(1970, 1, 1).toordinal()
HUNDRED_YEARS = 36_525 * DAY


def wall(day: str) -> int:
    return (date.fromisoformat(day).toordinal() - EPOCH) * DAY


def days(rrule: str, start: str, most: int) -> list[str]:
    found = expand(rrule, wall(start), last=wall(start) + HUNDRED_YEARS, most=most - 1, zone="UTC")[:most]
    return [date.fromordinal(EPOCH + w // DAY).isoformat() for w in found]


@pytest.mark.parametrize(
    ("rrule", "occurrences"),
    [
        ("RSCALE=CHINESE;FREQ=YEARLY", "2013-02-10 2014-01-31 2015-02-19 2016-02-08"),
        ("RSCALE=ETHIOPIC;FREQ=MONTHLY;BYMONTH=13", "2013-09-06 2014-09-06 2015-09-06"),
        ("RSCALE=HEBREW;FREQ=YEARLY;BYMONTH=5L;BYMONTHDAY=8;SKIP=FORWARD", "2014-02-08 2015-02-27 2016-02-17"),
        ("RSCALE=HEBREW;FREQ=YEARLY;BYMONTH=5L;BYMONTHDAY=8;SKIP=BACKWARD", "2014-02-08 2015-01-28 2016-02-17"),
        ("RSCALE=HEBREW;FREQ=YEARLY;BYMONTH=5L;BYMONTHDAY=8", "2014-02-08 2016-02-17 2019-02-13"),
        ("RSCALE=GREGORIAN;FREQ=YEARLY;SKIP=FORWARD", "2012-02-29 2013-03-01 2014-03-01 2015-03-01 2016-02-29"),
        ("RSCALE=GREGORIAN;FREQ=YEARLY;SKIP=BACKWARD", "2012-02-29 2013-02-28 2014-02-28 2015-02-28 2016-02-29"),
        ("RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=FORWARD", "2014-01-31 2014-03-01 2014-03-31 2014-05-01"),
        ("RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=BACKWARD", "2014-01-31 2014-02-28 2014-03-31 2014-04-30"),
        ("RSCALE=GREGORIAN;FREQ=MONTHLY;BYMONTHDAY=1,31;SKIP=FORWARD", "2014-01-31 2014-02-01 2014-03-01 2014-03-31"),
        ("RSCALE=GREGORIAN;FREQ=MONTHLY;INTERVAL=13;SKIP=BACKWARD", "2014-01-31 2015-02-28 2016-03-31"),
        ("RSCALE=PERSIAN;FREQ=YEARLY", "2020-03-20 2021-03-21 2022-03-21 2023-03-21 2024-03-20"),
        ("RSCALE=INDIAN;FREQ=YEARLY", "2020-03-21 2021-03-22 2022-03-22 2023-03-22 2024-03-21"),
        ("RSCALE=ISLAMIC-CIVIL;FREQ=YEARLY", "2014-01-31 2015-01-20 2016-01-10 2016-12-29"),
        ("rscale=chinese;freq=yearly;bymonth=6l;bymonthday=1", "2025-07-25 2036-07-23 2055-07-24"),
        # What makes no difference is told without.
        ("RSCALE=CHINESE;FREQ=WEEKLY;BYDAY=MO;SKIP=FORWARD", "2026-11-23 2026-11-30 2026-12-07"),
        ("RSCALE=JAPANESE;FREQ=MONTHLY", "2026-01-31 2026-03-31 2026-05-31"),
    ],
)
def test_what_there_is(rrule: str, occurrences: str) -> None:
    told = occurrences.split()
    assert days(rrule, told[0], len(told)) == told
    assert days(checked(rrule), told[0], len(told)) == told


@pytest.mark.parametrize(
    ("rrule", "text"),
    [
        (
            "skip=forward;freq=monthly;rscale=hebrew;bymonth=5l,5",
            "RSCALE=HEBREW;FREQ=MONTHLY;BYMONTH=5,5L;SKIP=FORWARD",
        ),
        ("RSCALE=CHINESE;FREQ=YEARLY;COUNT=4;SKIP=OMIT", "RSCALE=CHINESE;FREQ=YEARLY;COUNT=4"),
        ("RSCALE=CHINESE;FREQ=DAILY", "FREQ=DAILY"),
        ("RSCALE=GREGORIAN;FREQ=MONTHLY;BYDAY=1MO;SKIP=FORWARD", "FREQ=MONTHLY;BYDAY=1MO"),
    ],
)
def test_how_it_is_written(rrule: str, text: str) -> None:
    assert checked(rrule) == text
    assert checked(text) == text
    assert "RSCALE" not in text or held(text, wall("2026-11-23"), wall("2028-11-23")) is None


@pytest.mark.parametrize(
    ("rrule", "says"),
    [
        ("RSCALE=MAYAN;FREQ=YEARLY", "RSCALE=MAYAN"),
        ("FREQ=MONTHLY;SKIP=SIDEWAYS", "SKIP=SIDEWAYS"),
        ("RSCALE=HEBREW;FREQ=MONTHLY;BYDAY=MO", "BYMONTHDAY only"),
        ("FREQ=MONTHLY;BYDAY=MO;BYMONTHDAY=31;SKIP=FORWARD", "BYMONTHDAY only"),
        ("RSCALE=HEBREW;FREQ=DAILY;BYMONTH=3", "FREQ=DAILY"),
        ("RSCALE=HEBREW;FREQ=YEARLY;BYMONTH=14", "BYMONTH=14"),
        ("FREQ=YEARLY;BYMONTH=5L", "BYMONTH=5L"),
        ("RSCALE=HEBREW;FREQ=YEARLY;BYMONTHDAY=5L", "BYMONTHDAY=5L"),
    ],
)
def test_what_is_refused(rrule: str, says: str) -> None:
    with pytest.raises(Unmappable, match=says):
        checked(rrule)


def test_what_is_known_of_a_calendar_has_an_end() -> None:
    assert days("RSCALE=CHINESE;FREQ=YEARLY", "2090-01-30", 100)[-1].startswith("2098")
    with pytest.raises(Unmappable, match="outside of what is known"):
        days("RSCALE=CHINESE;FREQ=YEARLY", "2150-01-30", 2)


def test_a_rule_that_never_matches_ends() -> None:
    rrule = "RSCALE=COPTIC;FREQ=YEARLY;BYMONTH=13;BYMONTHDAY=20"
    assert len(days(rrule, "2026-11-23", 50)) == 1


@given(st.sampled_from(sorted(SCALES)), st.integers(date(1902, 1, 1).toordinal(), date(2098, 1, 1).toordinal()))
def test_every_day_is_in_one_month_of_one_year(scale: str, day: int) -> None:
    year = year_of(scale, day)
    some = (*months(scale, year - 1)[-1:], *months(scale, year), *months(scale, year + 1)[:1])
    assert [m.first + m.length for m in some[:-1]] == [m.first for m in some[1:]]
    assert sum(m.first <= day < m.first + m.length for m in some[1:-1]) == 1
    plain = [m.number for m in some[1:-1] if m.number < LEAP]
    assert plain == list(range(1, len(plain) + 1))
    assert all(5 <= m.length <= 31 for m in some)


@settings(deadline=None)
@given(st.sampled_from(sorted(SCALES.keys() - ALIKE)), st.integers(2, 5), st.integers(0, 3_000))
def test_an_interval_takes_every_so_many(scale: str, interval: int, day: int) -> None:
    start = date.fromordinal(date(2024, 1, 1).toordinal() + day).isoformat()
    rrule = f"RSCALE={scale};FREQ=MONTHLY;BYMONTHDAY=1"
    first = days(rrule, start, 2)[1]
    every = days(rrule, first, 40)
    assert days(f"{rrule};INTERVAL={interval}", first, 40 // interval) == every[::interval][: 40 // interval]
