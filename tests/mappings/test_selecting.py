"""Part of a copy is what was asked for, as it was written, and still a calendar (RFC 4791 9.6, RFC 7809 3.1.1)."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from mappings import times
from mappings.ics import outline, writing
from mappings.ics.selecting import Choice, Selection, limited, selected, without_zones
from mappings.model import Header, Instance, Kind, Participant, Person, Personal

OSLO = "Europe/Oslo"
DAY = times.DAY
HOUR = 3_600
START = int(datetime(2026, 6, 1, 10, tzinfo=UTC).timestamp())  # ten by the clock of Oslo, eight in UTC
UID = "3f1c0a52-7d4e-4b1a-9c2e-5a6b7c8d9e0f"


def instance(key: int = 0, start: int = START, hours: int = 1, **more: Any) -> Instance:
    words = {"summary": "Pressing of the autumn's apples, " * 4, "description": "Long; and wide\n" * 20, **more}
    return Instance(key, start, start + hours * HOUR, OSLO, all_day=False, location="Barn", **words)


def written(*some: Instance) -> bytes:
    mine = writing.personal(Personal(free=False, priority=5, alarm=15, crm_status=1, feed_status="CONFIRMED"))
    parts = [writing.closed(writing.component(Header(UID, 1, START), i), i.status, mine) for i in some]
    return writing.envelope(parts, [(OSLO, 2026, 2026)])


GUEST = Participant(
    2, Kind.EXTERNAL, 'Bo "the Barrel" Tangen: cooper and friend of the house', "mailto:bo@x.test", "ACCEPTED"
)
MEETING = written(instance(organizer=Person("Ada", "mailto:ada@x.test"), participants=(GUEST,)))


def chosen(*names: str, inner: tuple[Selection, ...] = (), kind: str = "VEVENT") -> Selection:
    return Selection(kind, tuple(Choice(n) for n in names), inner)


def events(data: bytes) -> list[Any]:
    calendar: Any = Calendar.from_ical(data)
    return list(calendar.walk("VEVENT"))


# --- properties and components ---------------------------------------------------------------------------------------


def test_everything_is_everything() -> None:
    assert selected(MEETING, Selection("VCALENDAR")) == MEETING


def test_properties_by_name_as_they_are_written() -> None:
    """RFC 4791 7.8.1, with other people."""
    wanted = Selection(
        "VCALENDAR", (Choice("VERSION"),), (chosen("SUMMARY", "UID", "DTSTART", "DTEND"), Selection("VTIMEZONE"))
    )
    part = selected(MEETING, wanted)
    (event,) = events(part)
    assert set(event) == {"SUMMARY", "UID", "DTSTART", "DTEND"}
    assert not event.subcomponents
    calendar: Any = Calendar.from_ical(part)
    assert set(calendar) == {"VERSION"}
    (whole,) = Calendar.from_ical(MEETING).walk("VTIMEZONE")
    assert [z.to_ical() for z in calendar.walk("VTIMEZONE")] == [whole.to_ical()]
    assert set(outline.folded(part)) <= set(outline.folded(MEETING))


def test_a_name_alone_is_the_whole_component_and_a_property_is_no_alarm() -> None:
    every = selected(MEETING, Selection("VCALENDAR", None, (Selection("VEVENT"),)))
    assert b"VTIMEZONE" not in every
    assert events(every)[0].to_ical() == events(MEETING)[0].to_ical()
    none = selected(MEETING, Selection("VCALENDAR", None, (Selection("VEVENT", None, ()),)))
    assert b"VALARM" not in none
    assert set(events(none)[0]) == set(events(MEETING)[0])
    alarm = chosen("UID", inner=(chosen("TRIGGER", kind="VALARM"),))
    (event,) = events(selected(MEETING, Selection("VCALENDAR", None, (alarm,))))
    assert [dict(a.items()).keys() for a in event.subcomponents] == [{"TRIGGER"}]


def test_a_property_without_its_value_keeps_its_parameters() -> None:
    wanted = Selection("VEVENT", (Choice("UID"), Choice("ATTENDEE", bare=True), Choice("DESCRIPTION", bare=True)), ())
    part = selected(MEETING, Selection("VCALENDAR", (Choice("VERSION"),), (wanted,)))
    plain = outline.unfolded(part)
    assert b"DESCRIPTION:\r\n" in plain
    assert b";CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED:\r\n" in plain
    assert b"bo@x.test" not in plain
    assert max(map(len, part.split(b"\r\n"))) <= writing.OCTETS


def test_what_is_not_there_is_not_given() -> None:
    part = selected(
        MEETING, Selection("VCALENDAR", (Choice("VERSION"), Choice("X-NO")), (chosen("UID", kind="VTODO"),))
    )
    assert part == b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n"


NAMES = sorted(
    {"UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "DESCRIPTION", "LOCATION", "ATTENDEE", "STATUS", "X-NONE"}
)
TYPED = st.text(st.sampled_from("aZ ,;:\\\"'^\n\r\t<&ø漢\x00"), max_size=40)


@given(st.sets(st.sampled_from(NAMES), min_size=1), st.booleans(), TYPED, TYPED)
def test_exactly_the_chosen_properties_are_left(names: set[str], alarms: bool, title: str, place: str) -> None:
    data = written(instance(summary=title, description=place * 9), instance(START, START + HOUR, summary=place))
    inner = (Selection("VALARM"),) if alarms else ()
    part = selected(data, Selection("VCALENDAR", None, (chosen(*sorted(names), inner=inner),)))
    for before, after in zip(events(data), events(part), strict=True):
        assert set(after) == set(before) & names
        assert [after[n].to_ical() for n in after] == [before[n].to_ical() for n in after]
        assert len(after.subcomponents) == int(alarms)


# --- time zones ------------------------------------------------------------------------------------------------------


def test_time_zones_are_left_out() -> None:
    part = without_zones(MEETING)
    assert b"VTIMEZONE" not in part
    assert events(part)[0].to_ical() == events(MEETING)[0].to_ical()
    assert without_zones(part) == part
    two = writing.envelope([writing.closed(writing.component(Header(UID, 1, 0), instance()), "CONFIRMED")],
                           [(OSLO, 2026, 2026), ("Asia/Kolkata", 2026, 2026)])  # fmt: skip
    assert without_zones(two).count(b"BEGIN:") == 2


def test_words_are_no_time_zone() -> None:
    data = written(
        instance(summary="x" * 66 + "BEGIN:VTIMEZONE", description="\r\nBEGIN:VTIMEZONE\r\nEND:VTIMEZONE\r\n")
    )
    assert events(without_zones(data))[0].to_ical() == events(data)[0].to_ical()


# --- overrides -------------------------------------------------------------------------------------------------------

# Five days at ten; the second is moved to the ninth day, the fourth is an hour longer.
SERIES = (
    instance(rdates=tuple(START + n * DAY for n in range(1, 5))),
    instance(START + DAY, START + 8 * DAY, key_zone=OSLO, summary="Moved"),
    instance(START + 3 * DAY, START + 3 * DAY, hours=2, key_zone=OSLO, summary="Longer"),
)
UTC_START = START - 2 * HOUR


def spans() -> list[tuple[int, int, int]]:
    found = {START + n * DAY: (UTC_START + n * DAY, UTC_START + n * DAY + HOUR) for n in range(5)}
    for it in SERIES[1:]:
        found[it.key] = (it.start - 2 * HOUR, it.end - 2 * HOUR)
    return [(k, *v) for k, v in found.items()]


@pytest.mark.parametrize("stored", [True, False])
@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (0, HOUR, []),
        (DAY, DAY + HOUR, ["Moved"]),  # where it would have been
        (8 * DAY, 9 * DAY, ["Moved"]),  # where it is
        (DAY + HOUR, 8 * DAY, ["Longer"]),
        (3 * DAY + HOUR, 3 * DAY + 2 * HOUR, ["Longer"]),
        (3 * DAY, 3 * DAY + 60, ["Longer"]),
        (3 * DAY + 2 * HOUR, 8 * DAY, []),
        (0, 9 * DAY, ["Moved", "Longer"]),
        (-DAY, 0, []),
    ],
)
def test_a_master_and_the_overrides_of_a_range(start: int, end: int, expected: list[str], *, stored: bool) -> None:
    data = written(*SERIES)
    part = limited(data, UTC_START + start, UTC_START + end, spans() if stored else [])
    master, *others = events(part)
    assert "RECURRENCE-ID" not in master
    assert [str(e["SUMMARY"]) for e in others] == expected
    assert part.startswith(data[: data.index(b"BEGIN:VEVENT")])
    assert (part == data) is (len(expected) == 2)


def test_what_repeats_nothing_is_given_whole() -> None:
    assert limited(MEETING, 0, 1, []) == MEETING


def test_who_holds_single_occurrences_is_given_at_least_something() -> None:
    data = written(*SERIES[1:])
    (left,) = events(limited(data, UTC_START + 8 * DAY, UTC_START + 9 * DAY, spans()))
    assert left["SUMMARY"] == "Moved"
    assert limited(data, 0, 1, spans()) == data


def test_an_all_day_override_is_planned_by_its_date() -> None:
    day = START - START % DAY
    kept = Instance(0, day, day + DAY, "UTC", all_day=True, summary="Harvest", rdates=(day + DAY,))
    moved = Instance(day + DAY, day + 5 * DAY, day + 6 * DAY, "UTC", all_day=True, summary="Moved", key_all_day=True)
    data = written(kept, moved)
    assert len(events(limited(data, day + DAY, day + 2 * DAY, []))) == 2
    assert len(events(limited(data, day, day + DAY, []))) == 1
