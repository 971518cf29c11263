"""Components -> one for each occurrence: times in UTC, no rule left, and nothing else changed (RFC 4791 9.6.5)."""

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from mappings import times
from mappings.ics import expanding, writing
from mappings.model import Header, Instance

DAY, HOUR = 86_400, 3_600
MONDAY = 1_796_029_200 - 1_796_029_200 % DAY + 10 * HOUR  # a wall clock's ten
HEADER = Header("one@hillside.example", 3, MONDAY)
ONE = Instance(
    0, MONDAY, MONDAY + HOUR, "Europe/Oslo", all_day=False, summary="DTSTART:no", description="RRULE:x\nDUE:y"
)
SERIES = replace(ONE, rdates=(MONDAY + 7 * DAY, MONDAY + 14 * DAY), exdates=(MONDAY + 21 * DAY,))
MOVED = replace(
    ONE,
    key=MONDAY + 7 * DAY,
    key_zone="Europe/Oslo",
    start=MONDAY + 8 * DAY,
    end=MONDAY + 8 * DAY + HOUR,
    summary="later",
)


def text(it: Instance) -> bytes:
    return writing.closed(writing.component(HEADER, it), it.status, b"TRANSP:OPAQUE\r\n")


def span(it: Instance, key: int, start: int) -> tuple[int, int, int]:
    zone = "UTC" if it.all_day else it.zone
    return key, times.instant(start, zone), times.instant(start + it.end - it.start, zone)


def read(found: list[bytes]) -> list[dict[str, str]]:
    calendar = Calendar.from_ical(writing.envelope(found, ()))
    names = ("DTSTART", "DTEND", "DUE", "RECURRENCE-ID", "RDATE", "EXDATE", "SUMMARY", "DESCRIPTION")
    return [{n: _value(c[n]) for n in names if n in c} for c in calendar.subcomponents]


def _value(it: Any) -> str:
    written: bytes = it.to_ical()
    return written.decode()


def test_what_happens_once_only_changes_its_clock() -> None:
    (only,) = read(expanding.expanded([(0, text(ONE))], [span(ONE, 0, MONDAY)], 0, 2**40))
    assert only == {
        "DTSTART": f"{times.naive(MONDAY - HOUR):%Y%m%dT%H%M%SZ}",
        "DTEND": f"{times.naive(MONDAY):%Y%m%dT%H%M%SZ}",
        "SUMMARY": "DTSTART:no",
        "DESCRIPTION": "RRULE:x\\nDUE:y",
    }


def test_a_series_becomes_its_occurrences_and_an_override_keeps_when_it_was_planned() -> None:
    some = [(0, text(SERIES)), (MOVED.key, text(MOVED))]
    spans = [span(SERIES, k, k) for k in (MONDAY, MONDAY + 14 * DAY)] + [span(MOVED, MOVED.key, MOVED.start)]
    found = read(expanding.expanded(some, spans, 0, 2**40))
    assert [(e["DTSTART"], e["RECURRENCE-ID"], e["SUMMARY"]) for e in found] == [
        (stamp(MONDAY), stamp(MONDAY), "DTSTART:no"),
        (stamp(MONDAY + 8 * DAY), stamp(MONDAY + 7 * DAY), "later"),
        (stamp(MONDAY + 14 * DAY), stamp(MONDAY + 14 * DAY), "DTSTART:no"),
    ]
    assert not [e for e in found if "RDATE" in e or "EXDATE" in e]


def stamp(wall: int) -> str:
    return times.stamp(times.instant(wall, "Europe/Oslo"))


def test_days_stay_days() -> None:
    it = replace(
        ONE, start=MONDAY - 10 * HOUR, end=MONDAY + 14 * HOUR, all_day=True, rdates=(MONDAY + 4 * DAY - 10 * HOUR,)
    )
    spans = [span(it, k, k) for k in (it.start, it.rdates[0])]
    first, second = read(expanding.expanded([(0, text(it))], spans, 0, 2**40))
    assert (first["DTSTART"], first["DTEND"]) == (f"{times.day(it.start):%Y%m%d}", f"{times.day(it.end):%Y%m%d}")
    assert second["RECURRENCE-ID"] == second["DTSTART"] == f"{times.day(it.rdates[0]):%Y%m%d}"


def test_a_to_do_keeps_its_deadline_and_no_start_that_it_never_had() -> None:
    it = replace(ONE, end=MONDAY, todo=True, status="")
    (only,) = read(expanding.expanded([(0, text(it))], [span(it, 0, MONDAY)], 0, 2**40))
    assert (only["DUE"], "DTSTART" in only, "DTEND" in only) == (stamp(MONDAY), False, False)


@given(st.integers(-3, 20), st.integers(1, 20), st.sampled_from([0, HOUR, 3 * DAY]))
def test_only_what_overlaps_the_range_is_given(first: int, days: int, length: int) -> None:
    it = replace(SERIES, end=SERIES.start + length)
    keys = (MONDAY, MONDAY + 7 * DAY, MONDAY + 14 * DAY)
    spans = [span(it, k, k) for k in keys]
    start = times.instant(MONDAY, "Europe/Oslo") + first * DAY
    found = read(expanding.expanded([(0, text(it))], spans, start, start + days * DAY))
    wanted = [s for s in spans if s[1] < start + days * DAY and (s[2] > start or s[1] == s[2] >= start)]
    assert [e["DTSTART"] for e in found] == [times.stamp(s[1]) for s in wanted]


def test_what_was_kept_as_one_text_is_taken_apart_again() -> None:
    some = [(0, text(SERIES)), (MOVED.key, text(MOVED))]
    assert list(expanding.components(b"".join(t for _, t in some))) == some
