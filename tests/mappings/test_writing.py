"""What is written is read back as it was meant, by programs that we did not write, whatever people type."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar
from lxml import etree

from mappings import roles, times
from mappings.ics import writing
from mappings.model import Header, Instance, Kind, Participant, Person, Personal

HEADER = Header("3f1c0a52-7d4e-4b1a-9c2e-5a6b7c8d9e0f", 3, 1_793_610_000)
BERLIN = "Europe/Berlin"
ZONES = (BERLIN, "America/New_York", "Asia/Kolkata", "UTC")
ADDRESSES = ("anna@crm.test", "bo@north.test", "j%C3%BCrgen@x.test", "a" * 64 + "@north.test")
STAMP = "20261102T090000Z"

# --- what people type ------------------------------------------------------------------------------------------------

PIECES = (
    "\r", "\n", "\r\n", "\n\n", "\x00", "\x07", "\x1b[31m", "\x7f", "\t", " ", "  ", "\x85", "\u2028", "\u2029", "\xa0",
    '"', "^", "^^", "^n", "^'", ",", ";", ":", "\\", "\\\\", "\\n", "\\N", "\\,", "\\;", "=", "%2C", "%0D%0A", "]]>",
    "\U0001f600", "\U0001f469\u200d\U0001f4bb", "é", "e\u0301", "漢" * 30, "\u202e", "\u200f", "\ufeff", "\ufffe",
    "\uffff", "\ud800", "\udfff", "\ud83d\ude00", "\U0001fffe", "x" * 4096, "ü" * 80, "BEGIN:VEVENT", "END:VEVENT",
    "\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:Another", "\nATTENDEE:mailto:eve@x.test", "\r\n ", '";X-EVIL="',
    ":mailto:eve@x.test", "<b>&amp;", "Geheim",
)  # fmt: skip
TYPED = st.lists(st.sampled_from(PIECES) | st.text(max_size=12), max_size=7).map("".join)
WALLS = st.integers(0, 4_102_444_800)
PEOPLE = st.builds(
    Participant,
    row=st.integers(1, 99),
    kind=st.sampled_from([k for k in Kind if k is not Kind.OWNER]),
    name=TYPED,
    address=st.sampled_from([f"mailto:{a}" for a in ADDRESSES] + ["urn:uuid:0b1c2d3e-0000-4000-8000-000000000001"]),
    partstat=st.sampled_from(("NEEDS-ACTION", "ACCEPTED", "DECLINED", "TENTATIVE", "DELEGATED")),
    rsvp=st.booleans(),
)


@st.composite
def instances(draw: st.DrawFn) -> Instance:
    """Any instance that the projection could make, with any words in it."""
    all_day = draw(st.booleans())
    unit = times.DAY if all_day else 1
    start = draw(WALLS) // unit * unit
    later = st.lists(WALLS.map(lambda w: w // unit * unit), max_size=8).map(tuple)
    meeting = draw(st.booleans())
    owner = Participant(1, Kind.OWNER, draw(TYPED), f"mailto:{draw(st.sampled_from(ADDRESSES))}", "ACCEPTED")
    return Instance(
        key=draw(st.just(0) | st.integers(1, 4_000).map(lambda n: n * times.DAY)),
        start=start,
        end=start + draw(st.integers(0, 40)) * (times.DAY if all_day else 900),
        zone=draw(st.sampled_from(ZONES)),
        all_day=all_day,
        summary=draw(TYPED),
        description=draw(TYPED),
        location=draw(TYPED),
        video=draw(
            st.sampled_from(("", "https://video.test/1?a=b,c;d", "https://x.test/\r\nX-EVIL:1", "ftp://x")) | TYPED
        ),
        categories=tuple(draw(st.lists(TYPED.filter(lambda t: writing.clean(t).strip() != ""), max_size=2))),
        classification=draw(st.sampled_from(("PUBLIC", "PRIVATE", "CONFIDENTIAL"))),
        created=draw(st.just(0) | WALLS),
        organizer=Person(owner.name, owner.address) if meeting else None,
        participants=(owner, *draw(st.lists(PEOPLE, max_size=6))) if meeting else (),
        rdates=draw(later),
        exdates=draw(later),
    )


def plain(**changes: Any) -> Instance:
    start = times.wall_of(datetime(2026, 11, 10, 10))
    one = Instance(0, start, start + 3_600, BERLIN, all_day=False, summary="Review")
    return replace(one, **changes)


# --- reading back ----------------------------------------------------------------------------------------------------


def whole(*components: bytes) -> bytes:
    return writing.envelope(components, [(z, 1970, 1971) for z in ZONES if z != "UTC"])


def read(body: bytes, status: str = "CONFIRMED", mine: bytes = b"") -> Any:
    """Let icalendar read one component in its envelope; nothing may be damaged or left over."""
    calendar: Any = Calendar.from_ical(whole(writing.closed(body, status, mine)))
    (event,) = calendar.walk("VEVENT")
    assert not event.errors
    return event


def lines(data: bytes) -> list[str]:
    """Unfold by RFC 5545 3.1, with nothing of the writer's own."""
    return data.decode("utf-8").replace("\r\n ", "").split("\r\n")[:-1]


def names(data: bytes) -> list[str]:
    return [re.split("[;:]", line, maxsplit=1)[0] for line in lines(data)]


def uncaret(text: str) -> str:
    """Decode a parameter value by RFC 6868."""
    return re.sub(r"\^(.)", lambda hit: {"^": "^", "n": "\n", "'": '"'}[hit[1]], text)


def unescaped(text: str) -> str:
    """Decode a TEXT value by RFC 5545 3.3.11."""
    return re.sub(r"\\(.)", lambda hit: {"n": "\n", "N": "\n"}.get(hit[1], hit[1]), text)


def expected_names(it: Instance) -> list[str]:
    """Tell which properties an instance has, in order, and no others."""
    optional = [
        ("RECURRENCE-ID", it.key), ("DTSTART", True), ("DTEND", it.end > it.start), ("RDATE", it.rdates),
        ("EXDATE", it.exdates), ("CREATED", it.created), ("SUMMARY", True), ("DESCRIPTION", it.description),
        ("LOCATION", it.location), ("CONFERENCE", re.fullmatch("https?://[!-~]{1,2000}", it.video)),
        ("CATEGORIES", it.categories), ("CLASS", True), ("ORGANIZER", it.organizer),
    ]  # fmt: skip
    found = ["BEGIN", "UID", "DTSTAMP", "LAST-MODIFIED", "SEQUENCE", *(name for name, there in optional if there)]
    return found + ["ATTENDEE"] * len({p.address for p in it.participants})


def typed(it: Instance) -> str:
    """Give the form of date that an instance is written in."""
    return "DATE" if it.all_day else "UTC" if it.zone == "UTC" else it.zone


def wall_and_form(value: date, params: dict[str, str]) -> tuple[int, str]:
    """Give (wall seconds, form) of a value that icalendar has read, for comparing with `typed`."""
    if not isinstance(value, datetime):
        assert params.get("VALUE") == "DATE"
        return times.wall_of(datetime(value.year, value.month, value.day)), "DATE"
    return times.wall_of(value), params.get("TZID", "UTC" if value.utcoffset() == timedelta() else "floating")


INSTANCES = instances()


@settings(max_examples=60, deadline=None)
@given(INSTANCES)
def test_a_component_holds_exactly_its_properties_whatever_people_type(it: Instance) -> None:
    assert names(writing.component(HEADER, it)) == expected_names(it)


@settings(max_examples=50, deadline=None)
@given(INSTANCES)
def test_icalendar_reads_every_text_as_it_was_typed(it: Instance) -> None:
    event = read(writing.component(HEADER, it))
    assert event["UID"] == HEADER.uid
    assert event["SEQUENCE"] == HEADER.sequence
    assert event["SUMMARY"] == writing.clean(it.summary)
    assert event.get("DESCRIPTION", "") == writing.clean(it.description)
    assert event.get("LOCATION", "") == writing.clean(it.location)
    categories = event["CATEGORIES"].cats if "CATEGORIES" in event else []
    assert [str(c) for c in categories] == [writing.clean(c) for c in it.categories]
    assert event["CLASS"] == it.classification
    assert event["STATUS"] == "CONFIRMED"
    if "CONFERENCE" in event:
        assert event["CONFERENCE"] == it.video
        assert event["CONFERENCE"].params["VALUE"] == "URI"


@settings(max_examples=50, deadline=None)
@given(INSTANCES)
def test_icalendar_reads_every_time_as_it_was_meant(it: Instance) -> None:
    event = read(writing.component(HEADER, it))
    wanted: dict[str, Sequence[int]] = {
        "DTSTART": (it.start,),
        "DTEND": (it.end,) if it.end > it.start else (),
        "RECURRENCE-ID": (it.key,) if it.key else (),
        "RDATE": it.rdates,
        "EXDATE": it.exdates,
    }
    for name, walls in wanted.items():
        assert (name in event) is bool(walls)
        if walls:
            values = getattr(event[name], "dts", [event[name]])
            params = dict(event[name].params)
            assert [wall_and_form(v.dt, params) for v in values] == [(w, typed(it)) for w in walls], name
    assert event["DTSTAMP"].dt == datetime.fromtimestamp(HEADER.dtstamp, UTC)
    assert event["LAST-MODIFIED"].dt == event["DTSTAMP"].dt
    assert not it.created or event["CREATED"].dt == datetime.fromtimestamp(it.created, UTC)


@settings(max_examples=50, deadline=None)
@given(INSTANCES)
def test_every_line_is_short_whole_and_ends_as_a_line_does(it: Instance) -> None:
    data = whole(writing.closed(writing.component(HEADER, it), "CONFIRMED"))
    assert data.endswith(b"\r\n")
    for line in data.split(b"\r\n"):
        assert len(line) <= 75
        assert line.decode("utf-8") is not None
        assert not re.search(rb"[\x00-\x08\x0a-\x1f\x7f]", line)
    assert b"\r\n\r\n" not in data


@settings(max_examples=50, deadline=None)
@given(INSTANCES)
def test_a_component_goes_through_xml_unchanged(it: Instance) -> None:
    text = writing.closed(writing.component(HEADER, it), "CONFIRMED").decode("utf-8")
    element = etree.Element("data")
    element.text = text
    assert etree.fromstring(etree.tostring(element)).text == text


# --- people ----------------------------------------------------------------------------------------------------------

_PERSON = re.compile(r'(ATTENDEE|ORGANIZER)((?:;[A-Z]+=(?:"[^"]*"|[^";:,]*))*):(.*)', re.DOTALL)
_PARAMETER = re.compile(r';([A-Z]+)=(?:"([^"]*)"|([^";:,]*))')


def people(data: bytes, which: str) -> list[tuple[str, dict[str, str]]]:
    """Read (address, parameters) of each person by the grammar of RFC 5545 3.1 and RFC 6868."""
    found = []
    for line in lines(data):
        if line.startswith(which):
            hit = _PERSON.fullmatch(line)
            assert hit, line
            parameters = {name: uncaret(quoted or bare) for name, quoted, bare in _PARAMETER.findall(hit[2])}
            found.append((hit[3], parameters))
    return found


def trimmed(name: str) -> str:
    return writing.clean(name).strip()


@settings(max_examples=60, deadline=None)
@given(INSTANCES)
def test_each_participant_is_one_attendee_with_all_their_parameters(it: Instance) -> None:
    by_address: dict[str, list[Participant]] = {}
    for p in it.participants:
        by_address.setdefault(p.address, []).append(p)
    found = people(writing.component(HEADER, it), "ATTENDEE")
    assert [address for address, _ in found] == list(by_address)
    for address, parameters in found:
        said = (
            parameters.pop("CN", "").strip(), parameters["CUTYPE"], parameters["ROLE"], parameters["PARTSTAT"],
            parameters.get("RSVP", "FALSE"),
        )  # fmt: skip
        assert said in [
            (trimmed(p.name), *roles.ROLES[p.kind], p.partstat, "TRUE" if p.rsvp else "FALSE")
            for p in by_address[address]
        ]
        assert set(parameters) <= {"CUTYPE", "ROLE", "PARTSTAT", "RSVP"}


@settings(max_examples=50, deadline=None)
@given(INSTANCES)
def test_the_organizer_is_the_owner_and_carries_only_a_name(it: Instance) -> None:
    found = people(writing.component(HEADER, it), "ORGANIZER")
    if it.organizer is None:
        assert found == []
    else:
        ((address, parameters),) = found
        assert address == it.organizer.address
        assert parameters.get("CN", "").strip() == trimmed(it.organizer.name)
        assert set(parameters) <= {"CN"}


@settings(max_examples=50, deadline=None)
@given(INSTANCES)
def test_icalendar_reads_the_same_people(it: Instance) -> None:
    body = writing.component(HEADER, it)
    event = read(body)
    attendees = event.get("ATTENDEE", [])
    attendees = attendees if isinstance(attendees, list) else [attendees]
    for one, (address, parameters) in zip(attendees, people(body, "ATTENDEE"), strict=True):
        assert one == address
        # icalendar takes a backslash in a parameter for an escape, which RFC 5545 does not know.
        if "\\" not in parameters.get("CN", ""):
            assert dict(one.params) == parameters


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ('Anna "Ace" Berg', "Anna ^'Ace^' Berg"),
        ("Berg, Anna; CRM: x", "Berg, Anna; CRM: x"),
        ("a^b", "a^^b"),
        ("^n", "^^n"),
        ("two\r\nlines", "two^nlines"),
        (" Anna\x00 ", "Anna"),
        ("C:\\Anna", "C:\\Anna"),
    ],
)
def test_a_name_is_always_quoted_and_written_with_carets(name: str, written: str) -> None:
    body = writing.component(HEADER, plain(organizer=Person(name, "mailto:anna@crm.test")))
    assert f'ORGANIZER;CN="{written}":mailto:anna@crm.test\r\n'.encode() in body


@pytest.mark.parametrize("name", ["", " ", "\x00", "\t"])
def test_who_has_no_name_has_no_cn(name: str) -> None:
    body = writing.component(HEADER, plain(organizer=Person(name, "mailto:anna@crm.test")))
    assert b"ORGANIZER:mailto:anna@crm.test\r\n" in body


ANNA = Participant(1, Kind.OWNER, "Anna", "mailto:anna@crm.test", "ACCEPTED")
DESK = "mailto:desk@crm.test"
BO = Participant(2, Kind.ASSOCIATE, "Bo", DESK, "NEEDS-ACTION", rsvp=True)
CARL = Participant(3, Kind.EXTERNAL, "Carl", DESK, "DECLINED")
DORA = Participant(4, Kind.EXTERNAL, "Dora", DESK, "ACCEPTED")


@pytest.mark.parametrize(
    ("together", "shown"),
    [
        ((ANNA, BO), ["Anna", "Bo"]),
        ((ANNA, BO, CARL), ["Anna", "Carl"]),
        ((ANNA, CARL, BO), ["Anna", "Carl"]),
        ((ANNA, CARL, DORA), ["Anna", "Carl"]),
        ((replace(ANNA, address=DESK), BO, CARL), ["Anna"]),
        ((replace(ANNA, address=DESK, partstat="NEEDS-ACTION"), CARL), ["Anna"]),
    ],
)
def test_people_who_share_an_address_are_one_attendee_the_owner_or_who_answered(
    together: tuple[Participant, ...], shown: list[str]
) -> None:
    body = writing.component(HEADER, plain(organizer=Person("Anna", ANNA.address), participants=together))
    assert [parameters["CN"] for _, parameters in people(body, "ATTENDEE")] == shown


# --- cleaning --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("a\r\nb\rc\nd", "a\nb\nc\nd"),
        ("a\x00b\x1bc\x7fd", "abcd"),
        ("a\tb", "a\tb"),
        ("\ud800x\udfff", "\ufffdx\ufffd"),
        ("\ufffe\uffff", ""),
        ("\x85\u2028\u202e\U0001f600", "\x85\u2028\u202e\U0001f600"),
    ],
)
def test_cleaning_takes_only_what_neither_calendar_nor_xml_can_carry(text: str, cleaned: str) -> None:
    assert writing.clean(text) == cleaned


@settings(max_examples=60)
@given(TYPED)
def test_what_is_clean_stays_as_it_is(text: str) -> None:
    once = writing.clean(text)
    assert writing.clean(once) == once
    assert once.encode("utf-8").decode("utf-8") == once


# --- literal forms ---------------------------------------------------------------------------------------------------


def test_an_appointment_is_written_as_rfc_5545_says() -> None:
    it = plain(location="Room 1, left", created=1_793_610_000)
    assert writing.closed(writing.component(HEADER, it), "TENTATIVE").decode().split("\r\n") == [
        "BEGIN:VEVENT", f"UID:{HEADER.uid}", f"DTSTAMP:{STAMP}", f"LAST-MODIFIED:{STAMP}", "SEQUENCE:3",
        "DTSTART;TZID=Europe/Berlin:20261110T100000", "DTEND;TZID=Europe/Berlin:20261110T110000", f"CREATED:{STAMP}",
        "SUMMARY:Review", "LOCATION:Room 1\\, left", "CLASS:PUBLIC", "STATUS:TENTATIVE", "END:VEVENT", "",
    ]  # fmt: skip


def test_an_all_day_event_is_written_as_dates_without_a_zone() -> None:
    day = times.wall_of(datetime(2026, 11, 10))
    it = plain(start=day, end=day + times.DAY, all_day=True, rdates=(day + 7 * times.DAY, day + 14 * times.DAY))
    found = lines(writing.component(HEADER, it))
    assert "DTSTART;VALUE=DATE:20261110" in found
    assert "DTEND;VALUE=DATE:20261111" in found
    assert "RDATE;VALUE=DATE:20261117,20261124" in found
    assert not [line for line in found if "TZID" in line]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("C:\\News", "C:\\\\News"),  # not a line break
        ("C:\\new", "C:\\\\new"),
        ("a,b;c", "a\\,b\\;c"),
        ("one\r\ntwo", "one\\ntwo"),
        ('"quoted": 1', '"quoted": 1'),
    ],
)
def test_a_text_is_escaped_as_rfc_5545_says(text: str, written: str) -> None:
    assert f"SUMMARY:{written}" in lines(writing.component(HEADER, plain(summary=text)))


def test_an_event_without_length_has_no_end() -> None:
    it = plain()
    assert "DTEND" not in names(writing.component(HEADER, replace(it, end=it.start)))


@pytest.mark.parametrize("text", ["BEGIN:VEVENT\r\nSUMMARY:x", "x" * 4096, "\r\n" * 50, "\ud800" * 40])
def test_a_feeds_name_stays_a_name(text: str) -> None:
    extra = writing.calendar_properties(text, "steelblue", 15)
    assert names(extra) == ["NAME", "X-WR-CALNAME", "COLOR", "REFRESH-INTERVAL", "X-PUBLISHED-TTL"]
    calendar: Any = Calendar.from_ical(writing.envelope([], [], extra))
    assert calendar["NAME"] == calendar["X-WR-CALNAME"]
    assert unescaped(calendar["NAME"]) == writing.clean(text)
    assert calendar["REFRESH-INTERVAL"].dt == timedelta(minutes=15)
    assert calendar["X-PUBLISHED-TTL"] == "PT15M"
    assert calendar["COLOR"] == "steelblue"


def test_an_envelope_holds_its_zones_before_its_events() -> None:
    data = writing.envelope([writing.closed(b"BEGIN:VEVENT\r\n", "")], [(BERLIN, 2026, 2026), ("UTC", 2026, 2026)])
    assert data.startswith(b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Partstat//Partstat//EN\r\n")
    assert data.count(b"BEGIN:VTIMEZONE") == 1
    assert data.index(b"END:VTIMEZONE") < data.index(b"BEGIN:VEVENT")
    assert data.endswith(b"END:VEVENT\r\nEND:VCALENDAR\r\n")
    assert b"METHOD" not in data


# --- the cloak and the holder's own ----------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(INSTANCES)
def test_who_may_not_read_learns_when_and_nothing_else(it: Instance) -> None:
    nobody = replace(
        it, summary="", description="", location="", video="", categories=(), organizer=None, participants=(),
        created=0, status="",
    )  # fmt: skip
    cloaked = writing.busy(HEADER, it)
    assert cloaked == writing.busy(HEADER, nobody)
    assert set(names(cloaked)) <= {
        "BEGIN", "UID", "DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "RECURRENCE-ID", "DTSTART", "DTEND", "RDATE", "EXDATE",
        "SUMMARY", "CLASS",
    }  # fmt: skip
    event = read(cloaked)
    assert event["SUMMARY"] == "Busy"
    assert times.wall_of(datetime.combine(event["DTSTART"].dt, datetime.min.time())) == it.start or not it.all_day


def test_no_word_of_a_meeting_is_in_its_cloaked_form() -> None:
    word = "Geheim"
    it = plain(
        summary=word, description=word, location=word, video=f"https://{word}.test", categories=(word,),
        organizer=Person(word, f"mailto:{word}@x.test"),
        participants=(replace(BO, name=word), replace(CARL, address=f"mailto:{word}@x.test")), classification="PRIVATE",
    )  # fmt: skip
    assert writing.component(HEADER, it).count(word.encode()) == 9
    assert word.encode() not in writing.busy(HEADER, it)
    assert b"CLASS:PRIVATE" in writing.busy(HEADER, it)


@settings(max_examples=60)
@given(st.booleans(), st.integers(0, 9), st.none() | st.integers(-1_000, 100_000), st.integers(0, 13))
def test_what_is_personal_is_read_back(free: bool, priority: int, alarm: int | None, number: int) -> None:
    mine = writing.personal(Personal(free, priority, alarm, number, "CONFIRMED"))
    event = read(writing.component(HEADER, plain()), "CONFIRMED", mine)
    assert event["TRANSP"] == ("TRANSPARENT" if free else "OPAQUE")
    assert event.get("PRIORITY", 0) == priority
    assert event["X-PARTSTAT-STATUS"] == str(number)
    alarms = event.walk("VALARM")
    if alarm is None:
        assert alarms == []
    else:
        assert [a["TRIGGER"].dt for a in alarms] == [timedelta(minutes=-alarm)]
        assert [(a["ACTION"], a["DESCRIPTION"]) for a in alarms] == [("DISPLAY", "Reminder")]


@settings(max_examples=40, deadline=None)
@given(INSTANCES, st.sampled_from(("CONFIRMED", "TENTATIVE", "CANCELLED")))
def test_a_holders_piece_adds_to_the_shared_one_and_changes_nothing_in_it(it: Instance, status: str) -> None:
    mine = Personal(free=True, priority=5, alarm=15, crm_status=7, feed_status=status)
    body = writing.component(HEADER, it)
    alone, held = names(writing.closed(body, status)), names(writing.closed(body, status, writing.personal(mine)))
    alarm = ["BEGIN", "ACTION", "DESCRIPTION", "TRIGGER", "END"]
    assert alone[-2:] == ["STATUS", "END"]
    assert held == [*alone[:-1], "TRANSP", "PRIORITY", "X-PARTSTAT-STATUS", *alarm, "END"]
