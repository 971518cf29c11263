"""Rules read, followed, kept as the CRM's, and fitted to the occurrences that there are."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Final

import pytest
from dateutil.rrule import rrulestr
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mappings import times
from mappings.errors import Unmappable
from mappings.recurrence import expanding
from mappings.recurrence.expanding import ended, endless, expand
from mappings.recurrence.fitting import Candidate, fit
from mappings.recurrence.kept import Kept, from_json, to_json
from mappings.recurrence.pattern import LONGEST, WEEKDAYS, checked
from mappings.recurrence.rule import FLAGS, Rule, held, readings
from mappings.times import DAY

OSLO: Final = "Europe/Oslo"
YEAR: Final = 366 * DAY


def wall(*moment: int) -> int:
    return times.wall_of(datetime(*moment))  # type: ignore[arg-type]


START: Final = wall(2026, 11, 23, 10)


def dates(rrule: str, start: int, count: int = 12, zone: str = "UTC") -> list[str]:
    found = expand(rrule, start, last=times.LATEST, most=count, zone=zone)[:count]
    return [f"{times.naive(w):%Y-%m-%d %H:%M}" for w in found]


# --- reading ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_", "told"),
    [
        ("rrule:byday=we,mo ; freq=weekly;interval=1", "FREQ=WEEKLY;BYDAY=MO,WE"),
        ("FREQ=DAILY;COUNT=5;WKST=MO", "FREQ=DAILY;COUNT=5"),
        ("FREQ=MONTHLY;BYDAY=-1FR;UNTIL=20261231", "FREQ=MONTHLY;UNTIL=20261231;BYDAY=-1FR"),
        ("UNTIL=20261231T225959Z;FREQ=YEARLY;BYMONTHDAY=-1,1", "FREQ=YEARLY;UNTIL=20261231T225959Z;BYMONTHDAY=-1,1"),
        ("RSCALE=GREGORIAN;FREQ=YEARLY;SKIP=OMIT", "FREQ=YEARLY"),
        ("FREQ=WEEKLY;BYSECOND=60;BYDAY=MO;WKST=SU", "FREQ=WEEKLY;BYDAY=MO;BYSECOND=59;WKST=SU"),
        ("FREQ=DAILY;COUNT=5;COUNT=5;", "FREQ=DAILY;COUNT=5"),
    ],
)
def test_a_rule_is_written_one_way(given_: str, told: str) -> None:
    assert checked(given_) == told == checked(told)


@pytest.mark.parametrize(
    ("rrule", "rule"),
    [
        ("", "has no FREQ"), ("FREQ=SECONDLY", "more often than every hour"), ("FREQ=MINUTELY;COUNT=3", "every hour"),
        ("FREQ=FORTNIGHTLY", "FORTNIGHTLY"), ("FREQ=DAILY;INTERVAL=0", "INTERVAL=0"),
        ("FREQ=DAILY;COUNT=-1", "COUNT=-1"),
        ("FREQ=DAILY;COUNT=2;UNTIL=20270101", "both COUNT and UNTIL"), ("FREQ=DAILY;UNTIL=20261301", "is no date"),
        ("FREQ=DAILY;BYMONTH=13", "BYMONTH=13"), ("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY=0"),
        ("FREQ=WEEKLY;BYDAY=XX", "BYDAY=XX"), ("FREQ=WEEKLY;BYDAY=1MO", "numbered BYDAY"),
        ("FREQ=DAILY;COUNT=2;COUNT=3", "twice"), ("FREQ=DAILY;X-A=1", "X-A is not known"),
        ("FREQ=DAILY;BYSETPOS=1", "nothing to choose from"), ("FREQ=MONTHLY;BYWEEKNO=3", "BYWEEKNO"),
        ("FREQ=YEARLY;RSCALE=MAYAN", "RSCALE=MAYAN"), ("FREQ=YEARLY;RSCALE=GREGORIAN;SKIP=SOON", "SKIP=SOON"),
        ("FREQ", "is no part"), ("FREQ=DAILY;" * LONGEST, "longer than"),
    ],
)  # fmt: skip
def test_what_cannot_be_followed_is_refused_by_name(rrule: str, rule: str) -> None:
    with pytest.raises(Unmappable, match="RRULE") as refused:
        checked(rrule)
    assert rule in refused.value.rule


# --- following -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(  # RFC 5545 3.8.5.3, from 2 September 1997, 9:00
    ("rrule", "start", "told"),
    [
        ("FREQ=WEEKLY;INTERVAL=2;COUNT=6;WKST=SU;BYDAY=TU,TH", (9, 2), "09-02 09-04 09-16 09-18 09-30 10-02"),
        ("FREQ=MONTHLY;COUNT=6;BYDAY=-2MO", (9, 22), "09-22 10-20 11-17 12-22 01-19 02-16"),
        ("FREQ=MONTHLY;BYMONTHDAY=-3;COUNT=6", (9, 28), "09-28 10-29 11-28 12-29 01-29 02-26"),
        ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13;COUNT=4", (9, 2), "09-02 02-13 03-13 11-13"),
        ("FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", (9, 4), "09-04 10-07 11-06"),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2;COUNT=4", (9, 29), "09-29 10-30 11-27 12-30"),
        ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO;COUNT=3", (9, 2), "09-02 05-11 05-17"),
        ("FREQ=YEARLY;INTERVAL=3;COUNT=4;BYYEARDAY=1,100,200", (9, 2), "09-02 01-01 04-09 07-18"),
        ("FREQ=YEARLY;BYDAY=20MO;COUNT=3", (9, 2), "09-02 05-18 05-17"),
        ("FREQ=DAILY;INTERVAL=10;COUNT=5", (9, 2), "09-02 09-12 09-22 10-02 10-12"),
        ("FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8;COUNT=3", (9, 2), "09-02 11-04 11-06"),
    ],
)  # fmt: skip
def test_the_examples_of_the_standard(rrule: str, start: tuple[int, int], told: str) -> None:
    assert [d[5:10] for d in dates(rrule, wall(1997, *start, 9))] == told.split()


@pytest.mark.parametrize(
    ("rrule", "start", "told"),
    [
        ("FREQ=YEARLY;COUNT=3", wall(2024, 2, 29), ["2024-02-29", "2028-02-29", "2032-02-29"]),
        ("FREQ=MONTHLY;COUNT=4", wall(2026, 12, 31), ["2026-12-31", "2027-01-31", "2027-03-31", "2027-05-31"]),
        ("FREQ=DAILY;COUNT=3", wall(2026, 12, 30), ["2026-12-30", "2026-12-31", "2027-01-01"]),
        ("FREQ=WEEKLY;BYDAY=TU;COUNT=3", wall(2026, 11, 23), ["2026-11-23", "2026-11-24", "2026-12-01"]),
        ("FREQ=DAILY;UNTIL=20261125", START, ["2026-11-23", "2026-11-24", "2026-11-25"]),
        ("FREQ=DAILY;UNTIL=20261125T085959Z", START, ["2026-11-23", "2026-11-24"]),
        ("FREQ=DAILY;UNTIL=20261125T090000Z", START, ["2026-11-23", "2026-11-24", "2026-11-25"]),
        ("FREQ=DAILY;UNTIL=20261125T100000", START, ["2026-11-23", "2026-11-24", "2026-11-25"]),
        ("FREQ=DAILY;UNTIL=20200101", START, ["2026-11-23"]),
    ],
)
def test_ends_and_edges(rrule: str, start: int, told: list[str]) -> None:
    assert [d[:10] for d in dates(rrule, start, zone=OSLO)] == told


HOSTILE: Final = (
    "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=DAILY;INTERVAL=7;BYDAY=TU", "FREQ=HOURLY;INTERVAL=24;BYHOUR=3", "FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6",
    "FREQ=DAILY;COUNT=999999999", "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=9", "FREQ=YEARLY;BYYEARDAY=366;BYMONTH=1",
    "FREQ=DAILY;INTERVAL=999999999", "FREQ=HOURLY;BYMONTHDAY=31;BYMONTH=4", "FREQ=WEEKLY;BYMONTH=2;BYSETPOS=8;BYDAY=MO",
)  # fmt: skip


@pytest.mark.parametrize("rrule", HOSTILE)
def test_nothing_is_looked_for_for_ever(rrule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    known = expanding._Day.of

    def counted(ordinal: int) -> expanding._Day:
        looked.append(ordinal)
        return known(ordinal)

    monkeypatch.setattr(expanding._Day, "of", counted)
    with suppress(Unmappable):  # looked for too long
        assert expand.__wrapped__(rrule, START, last=times.LATEST, most=1_000, zone="UTC")[0] == START
    assert len(looked) <= expanding.MOST_LOOKED_AT + 10


@pytest.mark.parametrize("start", [times.EARLIEST - 1, times.LATEST])
def test_a_start_beyond_what_is_kept_is_refused(start: int) -> None:
    with pytest.raises(Unmappable, match="DTSTART"):
        expand("FREQ=DAILY", start, last=times.LATEST, most=3, zone="UTC")


@st.composite
def rules(draw: st.DrawFn) -> str:
    freq = draw(st.sampled_from(("DAILY", "WEEKLY", "MONTHLY", "YEARLY")))
    parts = [f"FREQ={freq}"]
    if draw(st.booleans()):
        parts.append(f"INTERVAL={draw(st.integers(1, 4))}")
    if draw(st.booleans()):
        parts.append("BYMONTH=" + ",".join(map(str, sorted(draw(st.sets(st.integers(1, 12), min_size=1, max_size=4))))))
    numbered = freq in ("MONTHLY", "YEARLY") and draw(st.booleans())
    if draw(st.booleans()):
        days = sorted(draw(st.sets(st.sampled_from(WEEKDAYS), min_size=1, max_size=3)))
        number = draw(st.sampled_from((1, 2, 3, 4, -1, -2))) if numbered else ""
        parts.append("BYDAY=" + ",".join(f"{number}{day}" for day in days))
    elif freq != "WEEKLY" and draw(st.booleans()):
        some = draw(st.sets(st.integers(1, 31) | st.integers(-31, -1), min_size=1, max_size=3))
        parts.append("BYMONTHDAY=" + ",".join(map(str, sorted(some))))
    if draw(st.booleans()):
        parts.append(f"WKST={draw(st.sampled_from(WEEKDAYS))}")
    return ";".join(parts)


RULES: Final = rules()
STARTS: Final = st.integers(0, 800).map(lambda days: START + days * DAY)


@settings(max_examples=60, deadline=None)
@given(RULES, STARTS)
def test_another_reader_finds_the_same(rrule: str, start: int) -> None:
    last = start + 2 * YEAR
    ours = expand(rrule, start, last=last, most=5_000, zone="UTC")
    theirs = rrulestr(rrule, dtstart=times.naive(start)).between(times.naive(start), times.naive(last), inc=True)
    assert [w for w in ours if w != start] == [w for w in map(times.wall_of, theirs) if w != start]


@settings(max_examples=60, deadline=None)
@given(RULES, STARTS, st.integers(1, 30), st.booleans())
def test_a_rule_that_is_ended_ends_there(rrule: str, start: int, count: int, all_day: bool) -> None:
    start -= start % DAY if all_day else 0
    zone = "UTC" if all_day else OSLO
    found = expand(rrule, start, last=start + YEAR, most=count, zone=zone)[:count]
    told = ended(rrule, found[-1], zone, all_day=all_day)
    assert endless(rrule) is not endless(told)
    assert expand(told, start, last=times.LATEST, most=1_000, zone=zone) == found


# --- the CRM's rules -------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(RULES, STARTS)
def test_what_the_crm_holds_means_the_same(rrule: str, start: int) -> None:
    last = start + YEAR
    rule = held(rrule, start, last)
    assume(rule is not None)
    assert rule is not None
    first = readings(rule, start)[0]
    assert expand(first, start, last=last, most=900, zone="UTC") == expand(
        rrule, start, last=last, most=900, zone="UTC"
    )


@pytest.mark.parametrize(
    ("rrule", "columns"),
    [
        ("FREQ=DAILY", (1, 2, 0, 1, 0, 0)),
        ("FREQ=DAILY;INTERVAL=3", (1, 3, 0, 3, 0, 0)),
        ("FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR", (1, 1, 0, 1, 0, 0)),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU", (2, 0, FLAGS["MO"] | FLAGS["SU"], 0, 2, 0)),
        ("FREQ=WEEKLY", (2, 0, FLAGS["MO"], 0, 1, 0)),
        ("FREQ=MONTHLY;INTERVAL=2", (3, 4, 0, 23, 0, 2)),
        ("FREQ=MONTHLY;BYDAY=4MO", (3, 5, FLAGS["MO"], 0, 4, 1)),
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=-1", (3, 5, FLAGS["MO"], 0, 5, 1)),
        ("FREQ=YEARLY", (4, 6, 0, 23, 0, 11)),
        ("FREQ=YEARLY;BYMONTH=11;BYDAY=4MO", (4, 7, FLAGS["MO"], 0, 4, 11)),
    ],
)
def test_columns_of_the_rules(rrule: str, columns: tuple[int, ...]) -> None:
    rule = held(rrule, START, START + YEAR)
    assert rule is not None
    told = (rule.pattern, rule.sub_pattern, rule.weekdays, rule.cyclic_day, rule.cyclic_week, rule.cyclic_month)
    assert told == columns


@pytest.mark.parametrize(
    "rrule",
    [
        "FREQ=HOURLY", "FREQ=MONTHLY;BYMONTHDAY=-1", "FREQ=YEARLY;INTERVAL=2", "FREQ=YEARLY;BYYEARDAY=100",
        "FREQ=DAILY;BYHOUR=9,10", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "FREQ=YEARLY;BYWEEKNO=20",
        "FREQ=MONTHLY;BYMONTHDAY=1,15", "FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=SA,SU", "FREQ=YEARLY;BYMONTH=3,9",
    ],
)  # fmt: skip
def test_what_the_crm_cannot_hold(rrule: str) -> None:
    assert held(rrule, START, START + 3 * YEAR) is None


@pytest.mark.parametrize("pattern", range(7))
@pytest.mark.parametrize("sub_pattern", range(9))
def test_any_columns_are_rules_or_none(pattern: int, sub_pattern: int) -> None:
    for flags, day, week, month in ((0, 0, 0, 0), (127, 31, 5, 12), (200, 99, 99, 99)):
        for rrule in readings(Rule(pattern, sub_pattern, flags & 127, START, START, day, week, month), START):
            assert checked(rrule) == rrule or expand(rrule, START, last=START + YEAR, most=3, zone="UTC")


# --- fitting a rule to what there is ---------------------------------------------------------------------------------


@settings(max_examples=80, deadline=None)
@given(RULES, st.sets(st.integers(0, 30)), st.sets(st.integers(1, 300), max_size=3), st.booleans())
def test_what_is_fitted_says_exactly_what_there_is(rrule: str, gone: set[int], more: set[int], all_day: bool) -> None:
    start, zone = (START - START % DAY, "UTC") if all_day else (START, OSLO)
    ruled = expand(rrule, start, last=start + YEAR, most=40, zone=zone)[:40]
    walls = sorted({w for n, w in enumerate(ruled) if n not in gone} | {start + n * DAY for n in more} | {start})
    found = fit(walls, [Candidate(rrule)], zone=zone, all_day=all_day)
    told = expand(found.rrule, start, last=times.LATEST, most=1_000, zone=zone) if found.rrule else (start,)
    assert sorted({*told, *found.rdates} - set(found.exdates)) == walls
    assert found.cost <= max(len(walls) - 1, 0)


def test_what_somebody_wrote_is_told_as_they_wrote_it_while_it_is_followed() -> None:
    rrule, last = "FREQ=WEEKLY", START + 20 * 7 * DAY
    walls = list(expand(rrule, START, last=last, most=100, zone=OSLO))
    written = Candidate(rrule, START, last, exdates=(last + 7 * DAY,))
    assert fit(walls, [written], zone=OSLO, all_day=False) == (rrule, (), (last + 7 * DAY,))
    without = walls[:3] + walls[4:]
    assert fit(without, [written], zone=OSLO, all_day=False) == (rrule, (), (walls[3], last + 7 * DAY))
    cut = fit(walls[:-1], [written], zone=OSLO, all_day=False)
    assert (endless(cut.rrule), cut.rdates, cut.exdates) == (False, (), ())
    late = fit(walls[1:], [written], zone=OSLO, all_day=False)
    assert (endless(late.rrule), late.rdates, late.exdates) == (False, (), ())
    assert fit(walls[:1], [Candidate(rrule, START, START)], zone=OSLO, all_day=False).rrule == rrule


def test_a_rule_that_costs_more_than_it_saves_is_left_out() -> None:
    walls = [START + n * n * DAY for n in range(8)]
    assert fit(walls, [Candidate("FREQ=DAILY")], zone=OSLO, all_day=False) == ("", tuple(walls[1:]), ())


def test_what_is_kept_is_read_again() -> None:
    own = Kept("FREQ=WEEKLY", START, OSLO, rdates=(1, 2), exdates=(3,), horizon=4)
    assert from_json(to_json(own)) == own
    assert from_json('{"rrule":"FREQ=DAILY","start":0,"zone":"UTC","more":1}') == Kept("FREQ=DAILY", 0, "UTC")
