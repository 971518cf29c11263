"""What a filter asks for is what it finds: the RFC's own examples, its tables, and laws (RFC 4791 7.8, 9.7, 9.9)."""

from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings import times
from mappings.ics import filtering, instances, outline, writing
from mappings.ics.collations import COLLATIONS
from mappings.ics.filtering import (
    ComponentFilter,
    ParameterFilter,
    PropertyFilter,
    TextMatch,
    hull,
    matches,
    never,
    reads_text,
    uid,
)
from mappings.model import Header, Instance, Kind, Participant, Person

Span = tuple[int, int]
OSLO = "Europe/Oslo"


def at(told: str) -> int:
    """Read `20260104T170000` as UTC."""
    return int(datetime.strptime(told, "%Y%m%dT%H%M%S").replace(tzinfo=UTC).timestamp())


def span(start: str, end: str) -> Span:
    return at(start), at(end)


def text(*lines: str, kind: str = "VEVENT") -> bytes:
    """Write one component in its calendar; a line that begins with a plus stands in a VALARM."""
    own = [line for line in lines if not line.startswith("+")]
    alarm = [line[1:] for line in lines if line.startswith("+")]
    inside = ["BEGIN:VALARM", *alarm, "END:VALARM"] if alarm else []
    return calendar(f"BEGIN:{kind}", *own, *inside, f"END:{kind}")


def calendar(*lines: str) -> bytes:
    return "".join(f"{x}\r\n" for x in ("BEGIN:VCALENDAR", "VERSION:2.0", *lines, "END:VCALENDAR")).encode()


def asks(
    *inner: PropertyFilter | ComponentFilter, kind: str = "VEVENT", span: Span | None = None, defined: bool = True
) -> ComponentFilter:
    """Ask for a component in a calendar."""
    properties = tuple(i for i in inner if isinstance(i, PropertyFilter))
    components = tuple(i for i in inner if isinstance(i, ComponentFilter))
    return ComponentFilter("VCALENDAR", components=(ComponentFilter(kind, defined, span, properties, components),))


def says(name: str, words: str, collation: str = "i;ascii-casemap", *, negate: bool = False) -> PropertyFilter:
    return PropertyFilter(name, text=TextMatch(words, collation, negate))


def found(wanted: ComponentFilter, data: bytes, *spans: tuple[int, int, int]) -> bool:
    return matches(wanted, data, spans)


# --- the examples of RFC 4791 7.8, with other people -----------------------------------------------------------------

DAILY = calendar(  # five days at noon in New York; the third is at two, and moved once more by nobody
    "BEGIN:VTIMEZONE", "TZID:America/New_York", "BEGIN:STANDARD", "DTSTART:19671029T020000", "TZOFFSETFROM:-0400",
    "TZOFFSETTO:-0500", "END:STANDARD", "END:VTIMEZONE",
    "BEGIN:VEVENT", "UID:pressing", "DTSTAMP:20060206T001121Z", "DTSTART;TZID=America/New_York:20060102T120000",
    "DTEND;TZID=America/New_York:20060102T130000",
    "RDATE;TZID=America/New_York:20060103T120000,20060104T120000,20060105T120000,20060106T120000",
    "SUMMARY:Pressing", "END:VEVENT",
    "BEGIN:VEVENT", "UID:pressing", "DTSTAMP:20060206T001121Z", "RECURRENCE-ID;TZID=America/New_York:20060104T120000",
    "DTSTART;TZID=America/New_York:20060104T140000", "DTEND;TZID=America/New_York:20060104T150000",
    "SUMMARY:Pressing, later", "END:VEVENT",
)  # fmt: skip
MEETING = text(
    "UID:orchard",
    "DTSTART:20060104T150000Z",
    "DTEND:20060104T160000Z",
    "SUMMARY:Orchard planning",
    "ORGANIZER:mailto:ada@hillside.example",
    "ATTENDEE;PARTSTAT=ACCEPTED;ROLE=CHAIR:mailto:ada@hillside.example",
    "ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:Bo@Hillside.example",
)
PENDING = text("UID:a", "DUE:20060106T100000Z", "STATUS:NEEDS-ACTION", "+TRIGGER;RELATED=END:-PT10M", kind="VTODO")
DONE = text("UID:b", "DUE:20060106T100000Z", "STATUS:COMPLETED", "COMPLETED:20060105T100000Z", kind="VTODO")
OFF = text("UID:c", "DUE:20060106T100000Z", "STATUS:CANCELLED", kind="VTODO")
BARE = text("UID:d", "DUE:20060106T100000Z", kind="VTODO")
EVERYTHING = {"daily": DAILY, "meeting": MEETING, "pending": PENDING, "done": DONE, "off": OFF, "bare": BARE}


def chosen(wanted: ComponentFilter) -> set[str]:
    return {name for name, data in EVERYTHING.items() if matches(wanted, data, ())}


def test_events_in_a_range() -> None:
    assert chosen(asks(span=span("20060104T000000", "20060105T000000"))) == {"daily", "meeting"}
    assert chosen(asks(span=span("20060106T170000", "20060106T180000"))) == {"daily"}
    # An override takes the place of what it overrides.
    assert chosen(asks(span=span("20060104T170000", "20060104T180000"))) == set()
    assert chosen(asks(span=span("20060104T190000", "20060104T200000"))) == {"daily"}
    assert chosen(asks(span=span("20060107T000000", "20060108T000000"))) == set()


def test_a_component_must_have_all_of_it_by_itself() -> None:
    day = span("20060104T000000", "20060105T000000")
    assert chosen(asks(says("SUMMARY", "later"), span=day)) == {"daily"}
    assert chosen(asks(says("SUMMARY", "later"), span=span("20060105T000000", "20060106T000000"))) == set()


def test_to_dos_whose_alarm_goes_off_in_a_range() -> None:
    def alarm(start: str, end: str) -> ComponentFilter:
        return asks(ComponentFilter("VALARM", span=span(start, end)), kind="VTODO")

    assert chosen(alarm("20060106T094500", "20060106T095500")) == {"pending"}
    assert chosen(alarm("20060106T095500", "20060106T105500")) == set()


def test_an_event_by_its_uid() -> None:
    assert chosen(asks(says("UID", "ORCHARD"))) == {"meeting"}
    assert chosen(asks(says("UID", "ORCHARD", "i;octet"))) == set()


def test_meetings_that_somebody_has_not_answered() -> None:
    def asked(who: str, partstat: str) -> set[str]:
        parameters = (ParameterFilter("PARTSTAT", text=TextMatch(partstat)),)
        return chosen(asks(PropertyFilter("ATTENDEE", text=TextMatch(who), parameters=parameters)))

    assert asked("mailto:bo@hillside.example", "NEEDS-ACTION") == {"meeting"}
    assert asked("mailto:ada@hillside.example", "NEEDS-ACTION") == set()


def test_events_only() -> None:
    assert chosen(asks()) == {"daily", "meeting"}
    assert chosen(asks(kind="VEVENT", defined=False)) == {"pending", "done", "off", "bare"}
    assert chosen(asks(kind="VTIMEZONE")) == {"daily"}
    assert chosen(ComponentFilter("VCALENDAR")) == set(EVERYTHING)
    assert chosen(ComponentFilter("VCALENDAR", defined=False)) == set()


def test_pending_to_dos_by_the_words_of_the_rfc() -> None:
    """What has no STATUS has none that matches CANCELLED."""
    pending = asks(PropertyFilter("COMPLETED", defined=False), says("STATUS", "CANCELLED", negate=True), kind="VTODO")
    assert chosen(pending) == {"pending", "bare"}


# --- the tables of RFC 4791 9.9 --------------------------------------------------------------------------------------

HOUR = ("20260105T100000", "20260105T110000")
BEFORE, FIRST, INSIDE, LAST, AFTER = (f"20260105T{t}Z" for t in ("093000", "100000", "103000", "110000", "113000"))
ROWS = [
    # kind, lines, whether the hour from ten to eleven has it
    ("VEVENT", (f"DTSTART:{BEFORE}", f"DTEND:{INSIDE}"), True),
    ("VEVENT", (f"DTSTART:{INSIDE}", f"DTEND:{AFTER}"), True),
    ("VEVENT", (f"DTSTART:{BEFORE}", f"DTEND:{AFTER}"), True),
    ("VEVENT", (f"DTSTART:{BEFORE}", f"DTEND:{FIRST}"), False),
    ("VEVENT", (f"DTSTART:{LAST}", f"DTEND:{AFTER}"), False),
    ("VEVENT", (f"DTSTART:{BEFORE}", "DURATION:PT30M"), False),
    ("VEVENT", (f"DTSTART:{BEFORE}", "DURATION:PT31M"), True),
    ("VEVENT", (f"DTSTART:{FIRST}", "DURATION:PT0S"), True),
    ("VEVENT", (f"DTSTART:{LAST}", "DURATION:PT0S"), False),
    ("VEVENT", (f"DTSTART:{FIRST}",), True),
    ("VEVENT", (f"DTSTART:{LAST}",), False),
    ("VEVENT", ("DTSTART;VALUE=DATE:20260105",), True),
    ("VEVENT", ("DTSTART;VALUE=DATE:20260104",), False),
    ("VEVENT", ("DTSTART;VALUE=DATE:20260104", "DTEND;VALUE=DATE:20260106"), True),
    ("VEVENT", ("DTSTART;TZID=Europe/Oslo:20260105T113000",), True),
    ("VEVENT", ("DTSTART;TZID=Europe/Oslo:20260105T103000",), False),
    ("VEVENT", ("DTSTART:20260105T103000",), True),
    ("VEVENT", ("DTSTART;TZID=Nowhere/Land:20260105T103000",), True),
    ("VEVENT", ("SUMMARY:Whenever",), False),
    ("VTODO", (f"DTSTART:{BEFORE}", "DURATION:PT30M"), True),
    ("VTODO", (f"DTSTART:{BEFORE}", "DURATION:PT29M"), False),
    ("VTODO", (f"DTSTART:{LAST}", "DURATION:PT0S"), True),
    ("VTODO", (f"DTSTART:{LAST}", "DURATION:PT1S"), False),
    ("VTODO", (f"DTSTART:{BEFORE}", f"DUE:{INSIDE}"), True),
    ("VTODO", (f"DTSTART:{BEFORE}", f"DUE:{FIRST}"), False),
    ("VTODO", (f"DTSTART:{INSIDE}", f"DUE:{AFTER}"), True),
    ("VTODO", (f"DTSTART:{LAST}", f"DUE:{AFTER}"), False),
    ("VTODO", (f"DTSTART:{LAST}", f"DUE:{LAST}"), True),
    ("VTODO", (f"DTSTART:{FIRST}",), True),
    ("VTODO", (f"DTSTART:{LAST}",), False),
    ("VTODO", (f"DTSTART:{BEFORE}",), False),
    ("VTODO", (f"DUE:{FIRST}",), False),
    ("VTODO", (f"DUE:{INSIDE}",), True),
    ("VTODO", (f"DUE:{LAST}",), True),
    ("VTODO", (f"DUE:{AFTER}",), False),
    ("VTODO", (f"COMPLETED:{AFTER}", f"CREATED:{BEFORE}"), True),
    ("VTODO", (f"COMPLETED:{BEFORE}", f"CREATED:{BEFORE}"), False),
    ("VTODO", (f"COMPLETED:{AFTER}", f"CREATED:{AFTER}"), False),
    ("VTODO", (f"COMPLETED:{FIRST}",), True),
    ("VTODO", (f"COMPLETED:{LAST}",), True),
    ("VTODO", (f"COMPLETED:{AFTER}",), False),
    ("VTODO", (f"CREATED:{BEFORE}",), True),
    ("VTODO", (f"CREATED:{LAST}",), False),
    ("VTODO", ("SUMMARY:Some day",), True),
    ("VJOURNAL", (f"DTSTART:{FIRST}",), True),
    ("VJOURNAL", (f"DTSTART:{BEFORE}",), False),
    ("VJOURNAL", ("DTSTART;VALUE=DATE:20260105",), True),
    ("VJOURNAL", ("DTSTART;VALUE=DATE:20260104",), False),
    ("VJOURNAL", ("SUMMARY:Thoughts",), False),
    ("VFREEBUSY", (f"DTSTART:{BEFORE}", f"DTEND:{FIRST}"), True),
    ("VFREEBUSY", (f"DTSTART:{LAST}", f"DTEND:{AFTER}"), False),
    ("VFREEBUSY", (f"FREEBUSY:{BEFORE}/{FIRST},{BEFORE}/PT31M",), True),
    ("VFREEBUSY", (f"FREEBUSY:{BEFORE}/{FIRST},{LAST}/PT31M,{LAST}/x,/",), False),
    ("VFREEBUSY", ("UID:x",), False),
]


@pytest.mark.parametrize(("kind", "lines", "expected"), ROWS)
def test_components_overlap_as_the_table_says(kind: str, lines: tuple[str, ...], *, expected: bool) -> None:
    assert found(asks(kind=kind, span=span(*HOUR)), text(*lines, kind=kind)) is expected


ALARMS = [
    ("TRIGGER:-PT30M", (), True),
    ("TRIGGER;RELATED=START:-PT31M", (), False),
    ("TRIGGER:PT29M59S", (), True),
    ("TRIGGER:PT30M", (), False),
    ("TRIGGER;RELATED=END:-P1DT0H30M", (), False),
    ("TRIGGER;RELATED=END:-PT1H30M", (), True),
    ("TRIGGER;VALUE=DATE-TIME:20260105T105959Z", (), True),
    ("TRIGGER;VALUE=DATE-TIME:20260105T110000Z", (), False),
    ("TRIGGER:-PT1H", ("REPEAT:1", "DURATION:PT30M"), True),
    ("TRIGGER:-PT1H", ("REPEAT:1", "DURATION:PT29M"), False),
    ("TRIGGER:-PT1H", ("REPEAT:2", "DURATION:PT29M"), True),
    ("TRIGGER:-PT1H", ("REPEAT:0", "DURATION:PT30M"), False),
    ("TRIGGER:-PT2H", ("REPEAT:99999999999999999999", "DURATION:PT91M"), True),
    ("TRIGGER:-PT2H", ("REPEAT:99999999999999999999", "DURATION:PT3H"), False),
    ("TRIGGER:-PT1H", ("REPEAT:1", "DURATION:-PT30M"), False),
    ("TRIGGER:soon", (), False),
    ("ACTION:DISPLAY", (), False),
]


@pytest.mark.parametrize(("trigger", "more", "expected"), ALARMS)
def test_alarms_go_off_as_the_table_says(trigger: str, more: tuple[str, ...], *, expected: bool) -> None:
    data = text(f"DTSTART:{INSIDE}", f"DTEND:{AFTER}", *(f"+{x}" for x in (trigger, *more)))
    assert found(asks(ComponentFilter("VALARM", span=span(*HOUR))), data) is expected


def test_an_alarm_of_a_series_goes_off_with_each_occurrence() -> None:
    data = text("DTSTART:20260101T103000Z", "+TRIGGER:-PT30M")
    spans = [(at(f"202601{d:02d}T103000"), at(f"202601{d:02d}T103000"), at(f"202601{d:02d}T113000")) for d in (1, 5, 9)]
    wanted = ComponentFilter("VALARM", span=span(*HOUR))
    assert matches(asks(wanted), data, spans)
    assert not matches(asks(wanted), data, [spans[0], spans[2]])


@pytest.mark.parametrize(
    ("name", "lines", "expected"),
    [
        ("DTSTART", (f"DTSTART:{FIRST}",), True),
        ("DTSTART", (f"DTSTART:{LAST}",), False),
        ("DTSTART", ("DTSTART;TZID=Europe/Oslo:20260105T113000",), True),
        ("DTSTART", ("DTSTART;VALUE=DATE:20260105",), False),
        ("COMPLETED", (f"COMPLETED:{INSIDE}",), True),
        ("DTEND", (f"DTSTART:{FIRST}", "DURATION:PT59M"), True),
        ("DTEND", (f"DTSTART:{FIRST}", "DURATION:PT60M"), False),
        ("DTEND", (f"DTSTART:{FIRST}",), False),
        ("RDATE", (f"RDATE:{BEFORE},{INSIDE}",), True),
        ("DTSTAMP", ("DTSTAMP:yesterday",), False),
        ("DTSTAMP", ("DTSTAMP:20261399T990000Z",), False),
        ("DTSTAMP", ("SUMMARY:None",), False),
    ],
)
def test_properties_lie_in_a_range(name: str, lines: tuple[str, ...], *, expected: bool) -> None:
    assert found(asks(PropertyFilter(name, span=span(*HOUR))), text(*lines)) is expected


def test_the_effective_due_of_a_to_do() -> None:
    data = text(f"DTSTART:{BEFORE}", "DURATION:PT1H", kind="VTODO")
    assert found(asks(PropertyFilter("DUE", span=span(*HOUR)), kind="VTODO"), data)


def test_a_range_without_a_component_asks_for_any() -> None:
    wanted = ComponentFilter("VCALENDAR", span=span(*HOUR))
    assert found(wanted, text(f"DTSTART:{INSIDE}"))
    assert not found(wanted, text(f"DTSTART:{AFTER}"))
    assert hull(wanted, "VEVENT") == span(*HOUR)


# --- instances that are stored beside a copy -------------------------------------------------------------------------


def test_stored_instances_win_over_the_text() -> None:
    data = text(f"DTSTART:{AFTER}")
    assert matches(asks(span=span(*HOUR)), data, [(0, *span(*HOUR))])
    assert not matches(asks(span=span(*HOUR)), text(f"DTSTART:{INSIDE}"), [(0, *span("20260106T100000", HOUR[0]))])


def test_keys_are_what_a_recurrence_id_reads() -> None:
    kept, moved = at("20060103T120000"), at("20060104T120000")  # the wall clock of New York, as if it were UTC
    spans = [(kept, *span("20260101T000000", "20260101T010000")), (moved, *span(*HOUR))]
    assert matches(asks(says("SUMMARY", "later"), span=span(*HOUR)), DAILY, spans)
    master = PropertyFilter("RECURRENCE-ID", defined=False)
    assert not matches(asks(master, span=span(*HOUR)), DAILY, spans)
    assert matches(asks(master, span=span("20260101T000000", "20260101T010000")), DAILY, spans)


def test_who_holds_one_occurrence_is_asked_about_that_one() -> None:
    one = text(
        "RECURRENCE-ID;VALUE=DATE:20260105", "DTSTART;VALUE=DATE:20260105", "DTEND;VALUE=DATE:20260106", "SUMMARY:Only"
    )
    days = [(k, k, k + times.DAY) for k in (at("20260104T000000"), at("20260105T000000"))]
    assert matches(asks(span=span("20260105T000000", "20260106T000000")), one, days)
    assert not matches(asks(span=span("20260104T000000", "20260105T000000")), one, days)


WALLS = st.integers(300, 700).map(lambda n: n * 30 * times.DAY + (n % 24) * 3_600)


@given(
    st.booleans(), WALLS, st.sets(WALLS, max_size=4), st.integers(0, 40), st.sampled_from((OSLO, "UTC", "Asia/Kolkata"))
)
def test_a_text_tells_the_instances_that_are_stored(
    all_day: bool, start: int, later: set[int], length: int, zone: str
) -> None:
    unit = times.DAY if all_day else 900
    walls = sorted({w // unit * unit for w in (start, *later)})
    takes = max(length, 1 if all_day else 0) * unit
    master = Instance(0, walls[0], walls[0] + takes, zone, all_day, "Pressing", rdates=tuple(walls[1:]))
    data = writing.envelope([writing.closed(writing.component(Header("x", 0, 0), master), "CONFIRMED")], [])
    clock = "UTC" if all_day else zone
    told = [(w if len(walls) > 1 else 0, times.instant(w, clock), times.instant(w + takes, clock)) for w in walls]
    assert instances.instances(data) == told


# --- several properties, parameters, text ----------------------------------------------------------------------------


def test_of_several_properties_one_is_enough_and_none_may_be_when_it_is_negated() -> None:
    assert found(asks(says("ATTENDEE", "bo@")), MEETING)
    assert not found(asks(says("ATTENDEE", "bo@", negate=True)), MEETING)
    assert found(asks(says("ATTENDEE", "eve@", negate=True)), MEETING)
    assert found(asks(says("LOCATION", "Barn", negate=True)), MEETING)
    assert not found(asks(says("LOCATION", "")), MEETING)


@pytest.mark.parametrize(
    ("who", "negate", "partstat", "expected"),
    [
        ("ada@", False, ParameterFilter("PARTSTAT", text=TextMatch("ACCEPTED")), True),
        ("bo@", False, ParameterFilter("PARTSTAT", text=TextMatch("ACCEPTED")), False),
        ("bo@", False, ParameterFilter("PARTSTAT", text=TextMatch("ACCEPTED", negate=True)), True),
        ("bo@", True, ParameterFilter("PARTSTAT", text=TextMatch("ACCEPTED")), True),
        ("ada@", True, ParameterFilter("PARTSTAT", text=TextMatch("ACCEPTED")), False),
        ("ada@", True, ParameterFilter("PARTSTAT", text=TextMatch("DECLINED")), False),
        ("ada@", False, ParameterFilter("RSVP"), False),
        ("bo@", False, ParameterFilter("RSVP"), True),
        ("ada@", False, ParameterFilter("RSVP", defined=False), True),
        ("bo@", False, ParameterFilter("RSVP", defined=False), False),
        ("ada@", False, ParameterFilter("RSVP", text=TextMatch("TRUE", negate=True)), True),
        ("ada@", False, ParameterFilter("RSVP", text=TextMatch("")), False),
    ],
)
def test_text_and_parameters_speak_of_one_property(
    who: str, negate: bool, partstat: ParameterFilter, expected: bool
) -> None:
    wanted = PropertyFilter("ATTENDEE", text=TextMatch(who, negate=negate), parameters=(partstat,))
    assert found(asks(wanted), MEETING) is expected


@pytest.mark.parametrize(
    ("line", "name", "value", "expected"),
    [
        ('ATTENDEE;CN="Tangen; Bo: cooper":mailto:bo@x.test', "CN", "Bo: coo", True),
        ('ATTENDEE;CN="Tangen;PARTSTAT=DECLINED";PARTSTAT=ACCEPTED:mailto:bo@x.test', "PARTSTAT", "DECLINED", False),
        ('ATTENDEE;CN="Tangen;PARTSTAT=DECLINED";PARTSTAT=ACCEPTED:mailto:bo@x.test', "PARTSTAT", "ACCEPTED", True),
        ("ATTENDEE;CN=\"^'Bo^' ^^\":mailto:bo@x.test", "CN", '"Bo" ^', True),
        ("ATTENDEE; partstat = ACCEPTED :mailto:bo@x.test", "PARTSTAT", "accepted", True),
        ("ATTENDEE;RSVP:mailto:bo@x.test", "RSVP", "", True),
        ("attendee;PartStat=ACCEPTED:mailto:bo@x.test", "PARTSTAT", "ACCEPTED", True),
        ('ATTENDEE;CN="never closed;PARTSTAT=ACCEPTED:mailto:bo@x.test', "PARTSTAT", "ACCEPTED", True),
        ("ATTENDEE", "PARTSTAT", "", False),
    ],
)
def test_parameters_are_read_as_they_are_written(line: str, name: str, value: str, *, expected: bool) -> None:
    wanted = PropertyFilter("ATTENDEE", parameters=(ParameterFilter(name, text=TextMatch(value)),))
    assert found(asks(wanted), text(line)) is expected


@pytest.mark.parametrize(
    ("line", "words", "expected"),
    [
        (r"SUMMARY:Apples\, pears\; \\ and\nplums", "apples, PEARS; \\ and\nplums", True),
        (r"SUMMARY:Apples\, pears", r"apples\, pears", True),  # as a client sends it that escapes
        (r"SUMMARY:Apples\, pears", "pears, apples", False),
        (r"SUMMARY:a\nb", "nb", False),
        ("SUMMARY;LANGUAGE=en:Apples", "apples", True),
        ("SUMMARY:Apples\r\n  and\r\n\t pears", "apples and pears", True),
        ("summary:Apples", "apples", True),
        ("SUMMARYX:Apples", "apples", False),
        ("DESCRIPTION:Apples", "apples", False),
        ("SUMMARY:Ærlig", "ærlig", False),
        ("SUMMARY:", "", True),
    ],
)
def test_text_is_compared_as_it_is_meant(line: str, words: str, *, expected: bool) -> None:
    assert found(asks(says("SUMMARY", words)), text(line)) is expected


def test_a_list_is_one_text_and_an_address_has_no_escapes() -> None:
    data = text(r"CATEGORIES:Press\,ing,Harvest", r"URL:https://x.test/a\nb", r"CONFERENCE;VALUE=URI:https://x.test/\n")
    assert found(asks(says("CATEGORIES", "harvest")), data)
    assert found(asks(says("CATEGORIES", "press,ing")), data)
    assert found(asks(says("URL", r"a\nb")), data)
    assert not found(asks(says("URL", "a\nb", "i;octet", negate=False), says("URL", "x.test/b")), data)
    assert found(asks(says("CONFERENCE", "\\n", "i;octet")), data)


@pytest.mark.parametrize(
    ("collation", "written", "searched", "expected"),
    [
        ("i;ascii-casemap", "Øl", "ØL", True),
        ("i;ascii-casemap", "øl", "ØL", False),
        ("i;octet", "Cider", "cider", False),
        ("i;octet", "Cider", "ide", True),
        ("i;unicode-casemap", "øl", "ØL", True),
        ("i;unicode-casemap", "Crème", "CRE\u0300ME", True),
        ("i;unicode-casemap", "Crème", "creme", False),
        ("i;unicode-casemap", "ﬁn", "fi", False),  # what is taken apart is not set in capitals any more (RFC 5051 2)
        ("i;unicode-casemap", "ﬁn", "ﬁN", True),
        ("i;unicode-casemap", "Straße", "STRASSE", False),  # the simple mapping only
        ("i;unicode-casemap", "Straße", "straße", True),
        ("i;unicode-casemap", "plain", "PLAIN", True),
        ("i;unicode-casemap", "plain", "plåin", False),
    ],
)
def test_collations(collation: str, written: str, searched: str, *, expected: bool) -> None:
    assert found(asks(says("SUMMARY", searched, collation)), text(f"SUMMARY:{written}")) is expected


# --- laws ------------------------------------------------------------------------------------------------------------

LETTERS = st.text(st.sampled_from("aAbBnNøØéÉ\u0301ßﬁ ,;:\\\"'^\n\r\t<&"), max_size=6)
NAMES = st.sampled_from(("SUMMARY", "DESCRIPTION", "LOCATION", "ATTENDEE", "UID", "X-NONE"))
TEXTS = st.builds(TextMatch, LETTERS, st.sampled_from(sorted(COLLATIONS)), st.booleans())
PARAMETERS = st.builds(ParameterFilter, st.sampled_from(("CN", "PARTSTAT", "RSVP")), st.booleans(), st.none() | TEXTS)
PROPERTIES = st.builds(
    PropertyFilter, NAMES, st.booleans(), st.none(), st.none() | TEXTS, st.lists(PARAMETERS, max_size=2).map(tuple)
)
RANGES = st.tuples(st.integers(0, 40), st.integers(1, 20)).map(lambda r: (r[0] * 900, (r[0] + r[1]) * 900))
ALARM = ComponentFilter("VALARM")
EVENTS = st.builds(
    ComponentFilter,
    st.sampled_from(("VEVENT", "VEVENT", "VEVENT", "VTODO", "VTIMEZONE")),
    st.booleans(),
    st.none() | RANGES,
    st.lists(PROPERTIES, max_size=2).map(tuple),
    st.sampled_from(((), (), (), (ALARM,))),
)
FILTERS = st.builds(
    ComponentFilter, st.just("VCALENDAR"), st.just(True), st.none() | RANGES, st.just(()),
    st.lists(EVENTS, max_size=2).map(tuple),
)  # fmt: skip


@st.composite
def copies(draw: st.DrawFn) -> tuple[bytes, list[tuple[int, int, int]], Instance]:
    start = draw(st.integers(0, 40)) * 900
    end = start + draw(st.integers(0, 4)) * 900
    owner = Participant(1, Kind.OWNER, draw(LETTERS), "mailto:ada@x.test", "ACCEPTED")
    guest = Participant(2, Kind.EXTERNAL, draw(LETTERS), "mailto:b%C3%B8n@x.test", "NEEDS-ACTION", rsvp=True)
    it = Instance(
        0, start, end, "UTC", all_day=False, summary=draw(LETTERS), description=draw(LETTERS) * 20,
        location=draw(LETTERS), organizer=Person(owner.name, owner.address), participants=(owner, guest),
    )  # fmt: skip
    alarm = draw(st.sampled_from((b"", b"BEGIN:VALARM\r\nTRIGGER:-PT15M\r\nEND:VALARM\r\n")))
    body = writing.component(Header(draw(LETTERS) or "u", 0, 0), it)
    return writing.envelope([writing.closed(body, "CONFIRMED", alarm)], []), [(0, start, end)], it


@given(copies(), FILTERS)
def test_the_cheap_look_at_the_octets_changes_no_answer(
    copy: tuple[bytes, list[tuple[int, int, int]], Instance], wanted: ComponentFilter
) -> None:
    data, spans, _ = copy
    plain = outline.unfolded(data)
    carefully = filtering._Copy(spans).has(wanted, outline.read(plain))
    assert matches(wanted, data, spans) is carefully


@given(copies(), NAMES, TEXTS)
def test_a_negation_finds_what_the_plain_filter_does_not(
    copy: tuple[bytes, list[tuple[int, int, int]], Instance], name: str, text: TextMatch
) -> None:
    data, spans, _ = copy
    both = {
        matches(asks(says(name, text.text, text.collation, negate=negate)), data, spans) for negate in (True, False)
    }
    assert both == {True, False}


@given(copies(), LETTERS, st.sampled_from(sorted(COLLATIONS)))
def test_a_text_is_found_where_it_is_and_nowhere_else(
    copy: tuple[bytes, list[tuple[int, int, int]], Instance], words: str, collation: str
) -> None:
    data, spans, it = copy
    fold = COLLATIONS[collation]
    words = words.replace("\\", "/")  # what is escaped may be read in two ways
    there = fold(words.encode()) in fold(writing.clean(it.summary).encode())
    assert matches(asks(says("SUMMARY", words, collation)), data, spans) is there


@given(copies(), FILTERS)
def test_what_is_known_before_reading_holds_after_it(
    copy: tuple[bytes, list[tuple[int, int, int]], Instance], wanted: ComponentFilter
) -> None:
    data, spans, _ = copy
    answer = matches(wanted, data, spans)
    bounds = hull(wanted, "VEVENT")
    inside = bounds is None or matches(asks(span=bounds), data, spans)
    if never(wanted, "VEVENT"):
        assert not answer
    elif not reads_text(wanted, "VEVENT"):
        assert answer is inside
    if answer:
        assert inside
        part = uid(wanted, "VEVENT")
        assert part is None or found(asks(says("UID", part)), data)


# --- what is known before a copy is read -----------------------------------------------------------------------------

A, B = (100, 200), (150, 180)
EVENT, TODO = ComponentFilter("VEVENT"), ComponentFilter("VTODO")


@pytest.mark.parametrize(
    ("inner", "bounds", "nothing", "reads"),
    [
        ((), None, False, False),
        ((EVENT,), None, False, False),
        ((ComponentFilter("VEVENT", span=A),), A, False, False),
        ((ComponentFilter("VEVENT", span=A), ComponentFilter("VEVENT", span=B)), B, False, True),
        ((ComponentFilter("VEVENT", span=A, components=(ALARM,)),), A, False, True),
        ((ComponentFilter("VEVENT", span=A, properties=(says("UID", "x"),)),), A, False, True),
        ((ComponentFilter("VEVENT", defined=False),), None, True, True),
        ((TODO,), None, True, True),
        ((EVENT, TODO), None, True, True),
        ((ComponentFilter("VTODO", defined=False),), None, False, False),
        ((ComponentFilter("VTODO", defined=False), ComponentFilter("VEVENT", span=A)), A, False, False),
        ((ComponentFilter("VTIMEZONE"),), None, False, True),
        ((ComponentFilter("VTIMEZONE", defined=False),), None, False, True),
        ((ComponentFilter("X-OTHER"),), None, True, True),
    ],
)
def test_what_a_filter_tells_before_anything_is_read(
    inner: tuple[ComponentFilter, ...], bounds: Span | None, nothing: bool, reads: bool
) -> None:
    wanted = ComponentFilter("VCALENDAR", components=inner)
    assert (hull(wanted, "VEVENT"), never(wanted, "VEVENT"), reads_text(wanted, "VEVENT")) == (bounds, nothing, reads)


def test_other_beginnings_match_nothing() -> None:
    assert never(EVENT, "VEVENT")
    assert never(ComponentFilter("VCALENDAR", defined=False), "VEVENT")
    assert reads_text(ComponentFilter("VCALENDAR", properties=(says("VERSION", "2.0"),)), "VEVENT")


def test_a_uid_narrows_unless_it_may_mean_more() -> None:
    assert uid(asks(says("UID", "abc")), "VEVENT") == "abc"
    assert uid(asks(says("SUMMARY", "abc"), says("UID", "x", "i;octet")), "VEVENT") == "x"
    for wanted in (
        asks(says("UID", "abc", negate=True)),
        asks(says("UID", "abc", "i;unicode-casemap")),
        asks(says("UID", "a\\,bc")),
        asks(says("UID", "")),
        asks(PropertyFilter("UID", defined=False)),
        asks(PropertyFilter("UID")),
        asks(says("UID", "abc"), kind="VTODO"),
    ):
        assert uid(wanted, "VEVENT") is None


def test_long_odd_lines_are_read_in_time_that_grows_with_them() -> None:
    """Quotes and colons without end: nothing here goes back and forth over a line."""
    for odd in ('"' * 200_000, ':"' * 100_000, ';X="' * 50_000, "\\" * 200_000, ";A=" * 60_000 + ":"):
        data = text(f"ATTENDEE;CN={odd}:mailto:x", f"SUMMARY:{odd}")
        wanted = asks(
            says("SUMMARY", "zz", negate=True), PropertyFilter("ATTENDEE", parameters=(ParameterFilter("RSVP"),))
        )
        assert not found(wanted, data)


@pytest.mark.parametrize(("name", "collation"), list(product(("SUMMARY", "UID"), sorted(COLLATIONS))))
def test_a_cloaked_copy_has_no_words_to_find(name: str, collation: str) -> None:
    it = Instance(0, 900, 1_800, "UTC", all_day=False, summary="Salaries", classification="PRIVATE")
    data = writing.envelope([writing.closed(writing.busy(Header("u", 0, 0), it), "CONFIRMED")], [])
    assert not found(asks(says(name, "Salaries", collation)), data)
