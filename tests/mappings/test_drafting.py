"""What calendar programs write, read as drafts: leniently, within bounds, and never half."""

from __future__ import annotations

import pytest

from mappings import times
from mappings.drafts import Draft, Guest
from mappings.errors import LimitExceeded, MappingError, Unmappable, Unreadable
from mappings.ics.drafting import MAX_DATES, draft
from mappings.recurrence.planning import planned

OSLO = "Europe/Oslo"
TEN = 1_795_428_000  # 23 November 2026, ten o'clock on the wall
HORIZON = TEN + 400 * times.DAY


def event(*lines: str, name: str = "VEVENT") -> str:
    return "\r\n".join((f"BEGIN:{name}", "UID:a@client.example", *lines, f"END:{name}"))


def read(*components: str) -> Draft:
    return draft("\r\n".join(("BEGIN:VCALENDAR", *components, "END:VCALENDAR", "")).encode(), OSLO)


START = "DTSTART;TZID=Europe/Oslo:20261123T100000"


@pytest.mark.parametrize(
    ("lines", "when"),
    [
        ((START, "DURATION:PT1H"), (TEN, TEN + 3_600, OSLO, False)),
        (("DTSTART:20261123T090000Z", "DTEND:20261123T093000Z"), (TEN - 3_600, TEN - 1_800, "UTC", False)),
        (("DTSTART:20261123T100000",), (TEN, TEN, OSLO, False)),
        ((START, "DTEND:20261123T100000Z"), (TEN, TEN + 3_600, OSLO, False)),
        (("DTSTART;VALUE=DATE:20261123",), (TEN - 36_000, TEN + 50_400, OSLO, True)),
        (("DTSTART;VALUE=DATE:20261123", "DTEND;VALUE=DATE:20261125"), (TEN - 36_000, TEN + 136_800, OSLO, True)),
        ((START, "DTEND;TZID=Europe/Oslo:20261122T100000"), (TEN, TEN, OSLO, False)),
        (("DTSTART;TZID=W. Europe Standard Time:20261123T100000",), (TEN, TEN, "Europe/Berlin", False)),
    ],
)
def test_times(lines: tuple[str, ...], when: tuple[int, int, str, bool]) -> None:
    sheet = read(event(*lines)).master
    assert sheet is not None
    assert (sheet.start, sheet.end, sheet.zone, sheet.all_day) == when


def test_everything_else() -> None:
    found = read(
        event(START, "SUMMARY:Pressing\\, the last", "DESCRIPTION:a\\nb", "LOCATION:Barn", "CLASS:private",
              "PRIORITY:3", "TRANSP:TRANSPARENT", "ORGANIZER:MAILTO:Ada@hillside.example", "RRULE:freq=weekly;count=3",
              "RDATE:20261201T090000Z", "EXDATE;TZID=Europe/Oslo:20261130T100000",
              "ATTENDEE;CN=Bo;PARTSTAT=tentative;ROLE=OPT-PARTICIPANT;RSVP=TRUE:mailto:bo@hillside.example",
              "ATTENDEE:mailto:bo@hillside.example", "BEGIN:VALARM", "TRIGGER:-PT15M", "END:VALARM"),
    )  # fmt: skip
    sheet = found.master
    assert sheet is not None
    assert (sheet.summary, sheet.description, sheet.location) == ("Pressing, the last", "a\nb", "Barn")
    assert (sheet.classification, sheet.priority, sheet.free, sheet.alarm) == ("PRIVATE", 3, True, 15)
    assert sheet.organizer.lower() == "ada@hillside.example"
    assert sheet.guests == (Guest("bo@hillside.example", "Bo", "TENTATIVE", "OPT-PARTICIPANT", rsvp=True),)
    assert (found.rrule, found.rdates) == ("FREQ=WEEKLY;COUNT=3", (TEN + 8 * times.DAY,))
    assert found.exdates == (TEN + 7 * times.DAY,)


def test_a_to_do_is_its_deadline() -> None:
    found = read(event("DUE;TZID=Europe/Oslo:20261123T100000", START.replace("T10", "T08"), name="VTODO"))
    assert found.todo
    assert found.master is not None
    assert (found.master.start, found.master.end) == (TEN, TEN)


@pytest.mark.parametrize(
    ("lines", "when"),
    [
        (("DUE;VALUE=DATE:20261123",), (TEN - 36_000, TEN + 50_400, True)),
        ((START, "DURATION:PT2H"), (TEN + 7_200, TEN + 7_200, False)),
        ((START,), (TEN, TEN, False)),
        ((START, "DUE:20261123T110000Z", "RRULE:FREQ=DAILY;COUNT=3"), (TEN, TEN + 7_200, False)),
        ((START, "RRULE:FREQ=DAILY;COUNT=3"), (TEN, TEN, False)),
        (("DTSTART;VALUE=DATE:20261123", "RRULE:FREQ=DAILY"), (TEN - 36_000, TEN + 50_400, True)),
    ],
)
def test_when_a_to_do_is_due(lines: tuple[str, ...], when: tuple[int, int, bool]) -> None:
    sheet = read(event(*lines, name="VTODO")).master
    assert sheet is not None
    assert (sheet.start, sheet.end, sheet.all_day) == when


@pytest.mark.parametrize(
    ("trigger", "alarm"),
    [
        ("TRIGGER:-P1D", 1_440),
        ("TRIGGER:PT5M", 0),
        ("TRIGGER;RELATED=END:-PT5M", None),
        ("TRIGGER;VALUE=DATE-TIME:20261123T080000Z", None),
        ("TRIGGER:-P900D", None),
    ],
)
def test_an_alarm_is_minutes_before_the_start(trigger: str, alarm: int | None) -> None:
    found = read(event(START, "BEGIN:VALARM", trigger, "END:VALARM"))
    assert found.master is not None
    assert found.master.alarm == alarm
    assert bool(found.damage) == (alarm is None)


@pytest.mark.parametrize(
    ("line", "video"),
    [
        ("URL:https://meet.hillside.example/barn", "https://meet.hillside.example/barn"),
        ("URL:javascript:alert(1)", ""),
        ("CONFERENCE:tel:+47-22-00-00-00", ""),
    ],
)
def test_a_video_meeting_is_a_page_on_the_web(line: str, video: str) -> None:
    found = read(event(START, line))
    assert found.master is not None
    assert found.master.video == video


def test_a_period_that_takes_another_time_is_an_occurrence_of_its_own() -> None:
    found = read(
        event(START, "DURATION:PT1H",
              "RDATE;VALUE=PERIOD:20261124T090000Z/PT1H,20261125T090000Z/PT3H,20261126T090000Z/20261126T093000Z"),
    )  # fmt: skip
    assert found.rdates == tuple(TEN + n * times.DAY for n in (1, 2, 3))
    assert [(o.planned, o.sheet.end - o.sheet.start) for o in found.overrides] == [
        (TEN + 2 * times.DAY, 10_800), (TEN + 3 * times.DAY, 1_800),
    ]  # fmt: skip


def test_of_several_rules_one_is_followed_and_the_others_are_dates() -> None:
    found = read(
        event(START, "RRULE:FREQ=WEEKLY;COUNT=2", "RRULE:FREQ=DAILY", "EXDATE;TZID=Europe/Oslo:20261124T100000")
    )
    assert (found.rrule, found.rdates) == ("FREQ=DAILY", (TEN, TEN + 7 * times.DAY))
    assert found.exdates == (TEN + times.DAY,)


def test_what_an_exrule_takes_out_is_told_date_by_date() -> None:
    found = read(event(START, "RRULE:FREQ=DAILY;COUNT=7", "EXRULE:FREQ=DAILY;INTERVAL=3"))
    assert (found.rrule, found.exdates) == ("FREQ=DAILY;COUNT=7", (TEN + 3 * times.DAY, TEN + 6 * times.DAY))


def test_an_exdate_in_a_year_without_calendar_is_let_go() -> None:
    found = read(event(START, "RRULE:FREQ=DAILY;COUNT=3", "EXDATE:00010101T000000Z"))
    assert (found.exdates, len(found.damage)) == ((), 1)


@pytest.mark.parametrize(
    ("components", "kind", "says"),
    [
        ((), Unreadable, "neither VEVENT nor VTODO"),
        ((event("SUMMARY:x"),), Unreadable, "no DTSTART"),
        ((event(START), event(START)), Unreadable, "without RECURRENCE-ID"),
        ((event(START), event(START).replace("a@", "b@")), Unreadable, "more than one event"),
        ((event("DTSTART:2026-11-23"),), Unreadable, "DTSTART is no date"),
        ((event("DTSTART:18991123T100000"),), Unmappable, "outside the years"),
        ((event(START, "RRULE:FREQ=DAILY", "RRULE:FREQ=WEEKLY"),), Unmappable, "more than once"),
        ((event(START, "RRULE:FREQ=DAILY", "EXRULE:FREQ=DAILY;INTERVAL=2"),), Unmappable, "EXRULE"),
        ((event(START, *(f"RRULE:FREQ=DAILY;COUNT={n}" for n in range(2, 13))),), LimitExceeded, "rules"),
        ((event(START, "RRULE:FREQ=DAILY;COUNT=2", "RRULE:FREQ=DAILY;COUNT=9999"),), LimitExceeded, "dates of a rule"),
        ((event(START, "RRULE:FREQ=SECONDLY"),), Unmappable, "every hour"),
        ((event(START, "RECURRENCE-ID;RANGE=THISANDPRIOR:20261123T090000Z"),), Unreadable, "RANGE"),
        ((event(START, "EXDATE:" + ",".join(["20261123T090000Z"] * 100_000)),), MappingError, ""),
        ((event(START, *["EXDATE:20261123T090000Z"] * (MAX_DATES + 1)),), LimitExceeded, "EXDATEs"),
        ((event(START, "DURATION:soon"),), Unreadable, "DURATION"),
        ((event(START, "EXDATE;TZID 20261123T100000"),), Unreadable, ""),
        ((event(START).replace("END:VEVENT", ""),), Unreadable, "END:VCALENDAR ends nothing"),
        ((event(START).replace("UID:", "UID:" + "x" * 300),), Unreadable, "needs one UID"),
    ],
)
def test_what_is_refused_says_why(components: tuple[str, ...], kind: type[MappingError], says: str) -> None:
    with pytest.raises(kind) as refused:
        read(*components)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (("RRULE:FREQ=DAILY;COUNT=1000000000",), "more than 750 occurrences"),
        (("RRULE:FREQ=WEEKLY;COUNT=1", "EXDATE;TZID=Europe/Oslo:20261123T100000"), "leaves no occurrence"),
    ],
)
def test_what_no_rows_can_hold_is_refused(lines: tuple[str, ...], says: str) -> None:
    with pytest.raises(Unmappable, match=says):
        planned(read(event(START, *lines)), base=OSLO, horizon=HORIZON, most=750)


def test_of_what_began_long_ago_and_never_ends_there_are_the_latest() -> None:
    (found,) = planned(
        read(event(START.replace("2026", "2015"), "RRULE:FREQ=DAILY")), base=OSLO, horizon=HORIZON, most=750
    )
    assert (len(found.occurrences), found.occurrences[-1].start) == (750, HORIZON)
    assert found.kept is not None
    assert found.kept.start == found.occurrences[0].planned
