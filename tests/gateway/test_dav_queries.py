"""calendar-query over HTTP: what is found, in what form it comes, and what is refused by name (RFC 4791 7.8, 9.6-9.9).

What a filter means is in tests/mappings/test_filtering.py; here are people's calendars, on Wednesday, 5 August 2026.
"""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import update

from gateway.crm import ids, tables
from mappings import times
from tests.calling import Answered, Caller, caller
from tests.planned import OSLO, at, planned, series
from tests.seed import BO, DAG, Seeded, seed

DIARY = "/dav/calendars/BO/diary/"
TASKS = "/dav/calendars/BO/tasks/"
C = "{urn:ietf:params:xml:ns:caldav}"
NAMES = 'xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"'
DATA = "<C:calendar-data/>"
MANY = "".join(f'<C:prop name="X-{n}"/>' for n in range(501))
NOT_DEFINED = "<C:is-not-defined/>"


@pytest.fixture
def seeded(database_url: str) -> Iterator[Seeded]:
    seeded = planned(database_url)
    yield seeded
    seeded.close()


@pytest.fixture
def call(seeded: Seeded) -> Caller:
    return caller(seeded, "BO")


def query(inside: str, names: str = "<getetag/>", attributes: str = "") -> str:
    told = f"<C:filter{attributes}>{inside}</C:filter>"
    return f"<C:calendar-query {NAMES}><prop>{names}</prop>{told}</C:calendar-query>"


def comp(name: str, *inside: str) -> str:
    return f'<C:comp-filter name="{name}">{"".join(inside)}</C:comp-filter>'


def prop(name: str, *inside: str) -> str:
    return f'<C:prop-filter name="{name}">{"".join(inside)}</C:prop-filter>'


def param(name: str, *inside: str) -> str:
    return f'<C:param-filter name="{name}">{"".join(inside)}</C:param-filter>'


def says(words: str, **attributes: str) -> str:
    told = "".join(f' {n.replace("_", "-")}="{v}"' for n, v in attributes.items())
    return f"<C:text-match{told}>{words}</C:text-match>"


def utc(moment: int) -> str:
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(moment))


def between(start: int, end: int, tag: str = "time-range") -> str:
    return f'<C:{tag} start="{utc(start)}" end="{utc(end)}"/>'


def event(*inside: str) -> str:
    return comp("VCALENDAR", comp("VEVENT", *inside))


def todo(*inside: str) -> str:
    return comp("VCALENDAR", comp("VTODO", *inside))


def texts(answered: Answered) -> list[Any]:
    assert answered.status == 207, answered.body
    return [Calendar.from_ical(d.text or "") for d in answered.xml.iterfind(f".//{C}calendar-data")]


def found(call: Caller, inside: str, path: str = DIARY) -> list[str]:
    """The titles of what a filter finds; the same whether the text is asked for or not."""
    with_text = call("REPORT", path, query(inside, f"<getetag/>{DATA}"), depth="1")
    without = call("REPORT", path, query(inside), depth="1")
    assert (without.status, sorted(without.hrefs())) == (207, sorted(with_text.hrefs()))
    return sorted(str(c.subcomponents[-1].get("SUMMARY")) for c in texts(with_text))


# --- finding ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def filled(seeded: Seeded) -> Seeded:
    mother = seeded.meeting("Orchard planning", invited=(BO, DAG), location="Barn, upper floor")
    seeded.answer(mother, DAG, status=1)
    seeded.meeting("Pressing", owner=BO, invited=(DAG,), days=2)
    seeded.appointment("Count bottles", owner=BO, days=3, hasAlarm=1, alarm=30)
    seeded.to_do("Order corks", owner=BO, days=2, hasAlarm=1, alarm=60)
    seeded.to_do("Sharpen knives", owner=BO, days=5, status=3, done=seeded.house.today())
    return seeded


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        (prop("SUMMARY", says("planning")), ["Orchard planning"]),
        (prop("summary", says("PLANNING")), ["Orchard planning"]),
        (prop("SUMMARY", says("PLANNING", collation="i;octet")), []),
        (prop("SUMMARY", says("PRESSING", collation="i;unicode-casemap")), ["Pressing"]),
        (prop("SUMMARY", says("pressing", collation="default")), ["Pressing"]),
        (prop("SUMMARY", says("p", negate_condition="no")), ["Orchard planning", "Pressing"]),
        (prop("SUMMARY", says("p", negate_condition="yes")), ["Count bottles"]),
        (prop("LOCATION", says("barn, upper")), ["Orchard planning"]),
        (prop("LOCATION"), ["Orchard planning"]),
        (prop("LOCATION", NOT_DEFINED), ["Count bottles", "Pressing"]),
        (prop("ATTENDEE", NOT_DEFINED), ["Count bottles"]),
        (
            prop("ATTENDEE", says("dag@hillside.example"), param("PARTSTAT", says("ACCEPTED"))),
            ["Orchard planning"],
        ),
        (prop("ATTENDEE", says("bo@hillside.example"), param("PARTSTAT", says("NEEDS-ACTION"))), ["Orchard planning"]),
        (prop("ATTENDEE", param("RSVP", NOT_DEFINED)), ["Orchard planning", "Pressing"]),
        (prop("DTSTART", between(at(2), at(3))), ["Pressing"]),
        (comp("VALARM"), ["Count bottles"]),
        (comp("VALARM", NOT_DEFINED), ["Orchard planning", "Pressing"]),
        (comp("VALARM", between(at(3, 14), at(3, 15))), ["Count bottles"]),
        (comp("VALARM", between(at(3, 15), at(3, 16))), []),
        (between(at(1), at(3)) + prop("SUMMARY", says("ress")), ["Pressing"]),
        (prop("SUMMARY", says("p")) + prop("SUMMARY", says("o")), ["Orchard planning"]),
    ],
)
def test_a_query_finds_events(filled: Seeded, call: Caller, inside: str, expected: list[str]) -> None:
    assert found(call, event(inside)) == expected


def test_one_event_by_its_uid(filled: Seeded, call: Caller) -> None:
    (calendar,) = texts(call("REPORT", DIARY, query(event(prop("SUMMARY", says("Pressing"))), DATA)))
    uid = str(calendar.walk("VEVENT")[0]["UID"])
    assert found(call, event(prop("UID", says(uid)))) == ["Pressing"]
    assert found(call, event(prop("UID", says(uid.upper(), collation="i;octet")))) == []


def test_what_every_copy_has_and_what_none_has(filled: Seeded, call: Caller) -> None:
    everything = ["Count bottles", "Orchard planning", "Pressing"]
    assert found(call, comp("VCALENDAR")) == everything
    assert found(call, comp("VCALENDAR", prop("VERSION", says("2.0")))) == everything
    assert found(call, comp("vcalendar", comp("Vtimezone"))) == everything
    assert found(call, comp("VCALENDAR", comp("VTODO", NOT_DEFINED), comp("VEVENT"))) == everything
    assert found(call, comp("VCALENDAR", between(at(3), at(4)))) == ["Count bottles"]
    assert found(call, comp("VCALENDAR", NOT_DEFINED)) == []
    assert found(call, comp("VCALENDAR", comp("VEVENT", NOT_DEFINED))) == []
    assert found(call, comp("VCALENDAR", comp("VTODO"), comp("VEVENT"))) == []
    assert found(call, comp("VCALENDAR", comp("VJOURNAL", prop("SUMMARY")))) == []
    assert found(call, comp("VCALENDAR", prop("METHOD"))) == []


def test_pending_to_dos(filled: Seeded, call: Caller) -> None:
    """The three questions that python-caldav puts, and the one of RFC 4791 7.8.9."""
    open_ = prop("COMPLETED", NOT_DEFINED)
    negated = [prop("STATUS", says(s, negate_condition="yes")) for s in ("COMPLETED", "CANCELLED")]
    assert found(call, todo(open_, *negated), TASKS) == ["Order corks"]
    assert found(call, todo(open_, prop("STATUS", NOT_DEFINED)), TASKS) == []
    assert found(call, todo(prop("STATUS", says("NEEDS-ACTION"))), TASKS) == ["Order corks"]
    assert found(call, todo(prop("COMPLETED")), TASKS) == ["Sharpen knives"]
    due = at(2, 15)
    assert found(call, todo(comp("VALARM", between(due - 3_600, due))), TASKS) == ["Order corks"]
    assert found(call, todo(between(due - 1, due)), TASKS) == ["Order corks"]
    assert found(call, todo(between(due, due + 1)), TASKS) == []


def planned_for(seeded: Seeded, mother: int, moment: int) -> None:
    """Let the CRM remember when an occurrence was first planned."""
    a, wall = tables.appointment.c, times.wall(moment, OSLO)
    with seeded.crm() as connection:
        connection.execute(update(tables.appointment).where(a.mother_id == mother).values(original_start_date=wall))


def test_occurrences_and_their_overrides(seeded: Seeded, call: Caller) -> None:
    series(seeded, "Daily", 2)
    assert found(call, event(between(at(2), at(3)))) == ["Daily"]
    assert found(call, event(between(at(3), at(9)))) == []
    mothers = series(seeded, "Weekly", 3, hour=20, rooms=())
    planned_for(seeded, mothers[1], at(2, 20))
    seeded.move(mothers[1], days=12, hour=20)
    assert found(call, event(between(at(12), at(13)), prop("SUMMARY", says("weekly")))) == ["Weekly"]
    assert found(call, event(between(at(12), at(13)), prop("RECURRENCE-ID", NOT_DEFINED))) == []
    assert found(call, event(between(at(2, 19), at(2, 23)))) == []


def test_who_is_invited_to_one_occurrence_finds_that_one(seeded: Seeded, call: Caller) -> None:
    with seeded.crm() as connection:
        rule = ids.insert_with_ids(connection, tables.recurrencerule, [{"pattern": 1}])[0]
    for n in range(3):
        invited = (BO, DAG) if n == 1 else (DAG,)
        seeded.meeting("Tasting", days=1 + n, recurrenceRuleId=rule, invited=invited, external=(), rooms=())
    assert found(call, event(between(at(2), at(3)))) == ["Tasting"]
    for day in (1, 3):
        assert found(call, event(between(at(day), at(day + 1)))) == []
        assert found(call, event(between(at(day), at(day + 1)), prop("SUMMARY"))) == []


def test_what_was_cancelled_is_found_by_its_last_text(seeded: Seeded, call: Caller) -> None:
    mother = seeded.meeting("Orchard planning", days=4)
    a = tables.appointment.c
    with seeded.crm() as connection:
        where = (a.mother_id == mother) & (a.associate_id == BO)
        connection.execute(update(tables.appointment).where(where).values(status=10))
    seeded.publish()
    cancelled = prop("STATUS", says("CANCELLED"))
    assert found(call, event(cancelled, between(at(4), at(5)))) == ["Orchard planning"]
    assert found(call, event(cancelled, between(at(5), at(6)))) == []


def test_a_series_that_was_cancelled_is_found_by_its_occurrences_and_not_between(seeded: Seeded, call: Caller) -> None:
    with seeded.crm() as connection:
        rule = ids.insert_with_ids(connection, tables.recurrencerule, [{"pattern": 1}])[0]
    for days in (1, 3):
        seeded.meeting("Tasting", days=days, recurrenceRuleId=rule, external=(), rooms=())
    a = tables.appointment.c
    with seeded.crm() as connection:
        theirs = (a.recurrenceRuleId == rule) & (a.associate_id == BO)
        connection.execute(update(tables.appointment).where(theirs).values(status=10))
    seeded.publish()
    for asked in ((), (prop("STATUS", says("CANCELLED")),)):
        for day in (1, 3):
            assert found(call, event(between(at(day), at(day + 1)), *asked)) == ["Tasting"]
        assert found(call, event(between(at(2), at(3)), *asked)) == []


def test_a_private_event_is_not_found_by_its_words(seeded: Seeded) -> None:
    seeded.meeting("Salaries", private=1, location="Vault")
    room, bo = caller(seeded, "TASTING ROOM"), caller(seeded, "BO")
    theirs = "/dav/calendars/TASTING ROOM/diary/"
    for name, words in (("SUMMARY", "Salaries"), ("LOCATION", "Vault"), ("ATTENDEE", "bo@"), ("DESCRIPTION", "")):
        assert found(room, event(prop(name, says(words))), theirs) == []
    assert found(room, event(prop("SUMMARY", says("Salaries", negate_condition="yes"))), theirs) == ["Busy"]
    assert found(bo, event(prop("SUMMARY", says("Salaries")))) == ["Salaries"]


# --- in which form ---------------------------------------------------------------------------------------------------


def test_part_of_each_copy(filled: Seeded, call: Caller) -> None:
    form = (
        '<C:calendar-data><C:comp name="VCALENDAR"><C:prop name="VERSION"/><C:comp name="VEVENT">'
        '<C:prop name="uid"/><C:prop name="SUMMARY"/><C:prop name="DTSTART" novalue="yes"/></C:comp></C:comp>'
        "</C:calendar-data>"
    )
    answered = call("REPORT", DIARY, query(event(), f"<getetag/>{form}"))
    hrefs = answered.hrefs()
    listed = "".join(f"<href>{h}</href>" for h in hrefs)
    multiget = f"<C:calendar-multiget {NAMES}><prop><getetag/>{form}</prop>{listed}</C:calendar-multiget>"
    sync = f"<sync-collection {NAMES}><sync-token/><sync-level>1</sync-level><prop>{form}</prop></sync-collection>"
    for given in (answered, call("REPORT", DIARY, multiget), call("REPORT", DIARY, sync)):
        data = [d.text or "" for d in given.xml.iterfind(f".//{C}calendar-data")]
        assert len(data) == len(hrefs) == 3
        for text in data:
            names = [line.partition(":")[0].partition(";")[0] for line in text.replace("\n ", "").splitlines()]
            assert sorted(set(names)) == ["BEGIN", "DTSTART", "END", "SUMMARY", "UID", "VERSION"]
            assert "DTSTART;TZID=Europe/Oslo:\n" in text
    for href in hrefs:  # a part has the ETag of the whole: it is the copy that is told of
        tag = answered.prop(href, "{DAV:}getetag")
        assert tag is not None
        assert tag.text == call("GET", href).headers["etag"]


def test_a_master_and_the_overrides_of_a_range(seeded: Seeded, call: Caller) -> None:
    mothers = series(seeded, "Daily", 4, rooms=())
    planned_for(seeded, mothers[1], at(2, 10))
    seeded.move(mothers[1], days=12, hour=20)

    def keys(start: int, end: int) -> list[bool]:
        form = f"<C:calendar-data>{between(start, end, 'limit-recurrence-set')}</C:calendar-data>"
        (calendar,) = texts(call("REPORT", DIARY, query(event(), form)))
        return ["RECURRENCE-ID" in e for e in calendar.walk("VEVENT")]

    assert keys(at(12), at(13)) == keys(at(2), at(3)) == [False, True]
    assert keys(at(3), at(4)) == [False]


def test_a_limit_of_free_busy_has_nothing_to_leave_out(filled: Seeded, call: Caller) -> None:
    form = f"<C:calendar-data>{between(at(0), at(1), 'limit-freebusy-set')}</C:calendar-data>"
    limited, plain = (call("REPORT", DIARY, query(event(), f)) for f in (form, DATA))
    assert [c.to_ical() for c in texts(limited)] == [c.to_ical() for c in texts(plain)]


@pytest.mark.parametrize(
    ("form", "status", "element"),
    [
        ('<C:calendar-data version="3.0"/>', 403, f"{C}supported-calendar-data"),
        ('<C:calendar-data content-type="application/calendar+json"/>', 403, f"{C}supported-calendar-data"),
        ('<C:calendar-data><C:expand start="1" end="2"/></C:calendar-data>', 400, ""),
        ('<C:calendar-data><C:limit-recurrence-set start="20260801T000000Z"/></C:calendar-data>', 400, ""),
        (
            "<C:calendar-data>"
            + "".join(
                f'<C:{n} start="20260801T000000Z" end="20260901T000000Z"/>' for n in ("expand", "limit-recurrence-set")
            )
            + "</C:calendar-data>",
            400,
            "",
        ),
        ('<C:calendar-data><C:comp name="VEVENT"/></C:calendar-data>', 400, ""),
        ("<C:calendar-data><C:comp/></C:calendar-data>", 400, ""),
        ('<C:calendar-data><C:comp name="VCALENDAR"><C:prop/></C:comp></C:calendar-data>', 400, ""),
        (f'<C:calendar-data><C:comp name="VCALENDAR">{MANY}</C:comp></C:calendar-data>', 400, ""),
        (
            '<C:calendar-data><C:comp name="VCALENDAR"><C:allprop/><C:prop name="UID"/></C:comp></C:calendar-data>',
            400,
            "",
        ),
        (
            '<C:calendar-data><C:comp name="VCALENDAR"><C:allcomp/><C:comp name="VEVENT"/></C:comp></C:calendar-data>',
            400,
            "",
        ),
    ],
)
def test_forms_that_are_not_given_are_refused(call: Caller, form: str, status: int, element: str) -> None:
    answered = call("REPORT", DIARY, query(event(), form))
    assert answered.status == status
    assert not element or answered.precondition == element


# --- what is refused by name -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inside", "element"),
    [
        (comp("VEVENT"), "valid-filter"),
        ("", "valid-filter"),
        (comp("VCALENDAR") + comp("VCALENDAR"), "valid-filter"),
        ('<C:comp-filter name=""/>', "valid-filter"),
        ("<C:comp-filter/>", "valid-filter"),
        (prop("UID"), "valid-filter"),
        (comp("VCALENDAR", comp("VALARM")), "valid-filter"),
        (comp("VCALENDAR", comp("VTODO", comp("VEVENT"))), "valid-filter"),
        (event(says("x")), "valid-filter"),
        (event(param("PARTSTAT")), "valid-filter"),
        (event(NOT_DEFINED, prop("UID")), "valid-filter"),
        (event(prop("UID", NOT_DEFINED, says("x"))), "valid-filter"),
        (event(prop("UID", says("x"), says("y"))), "valid-filter"),
        (event(prop("DTSTART", says("x"), between(0, 1))), "valid-filter"),
        (event(prop("SUMMARY", between(0, 1))), "valid-filter"),
        (comp("VCALENDAR", comp("VTIMEZONE", between(0, 1))), "valid-filter"),
        (event(prop("UID", says("x", negate_condition="maybe"))), "valid-filter"),
        (event("<C:time-range/>"), "valid-filter"),
        (event('<C:time-range start="20260101"/>'), "valid-filter"),
        (event('<C:time-range start="20261399T000000Z"/>'), "valid-filter"),
        (event('<C:time-range start="20260102T000000Z" end="20260101T000000Z"/>'), "valid-filter"),
        (event('<C:time-range start="20260101T000000Z" end="20260101T000000Z"/>'), "valid-filter"),
        (event(prop("UID", says("x", collation="i;klingon"))), "supported-collation"),
        (event(prop("UID", says("x", collation="i;*"))), "supported-collation"),
        (event(prop("UID", says("x", match_type="equals"))), "supported-filter"),
        (event('<C:prop-filter name="UID" test="anyof"/>'), "supported-filter"),
        (event("<C:or/>"), "supported-filter"),
        (event('<or xmlns="urn:x"/>'), "supported-filter"),
        (event(prop("UID", "<C:text-match>x<C:or/></C:text-match>")), "supported-filter"),
    ],
)
def test_filters_that_break_a_rule_are_refused_by_name(call: Caller, inside: str, element: str) -> None:
    answered = call("REPORT", DIARY, query(inside))
    assert (answered.status, answered.precondition) == (403, f"{C}{element}")


def test_a_filter_that_is_not_understood_is_named(call: Caller) -> None:
    answered = call("REPORT", DIARY, query(event('<C:prop-filter name="x-&quot;&amp;abc" test="anyof"/>')))
    (named,) = answered.xml[0]
    assert (named.tag, named.get("name")) == (f"{C}prop-filter", 'X-"&ABC')
    answered = call("REPORT", DIARY, query(comp("VCALENDAR"), attributes=' test="anyof"'))
    assert (answered.precondition, len(answered.xml[0])) == (f"{C}supported-filter", 0)


def test_a_filter_has_its_limits(database_url: str) -> None:
    seeded = seed(database_url, max_filter_depth=3, max_filter_conditions=4)
    call = caller(seeded, "BO")
    deep = event(prop("ATTENDEE", param("RSVP")))
    wide = event(prop("UID"), prop("SUMMARY"), prop("LOCATION"))
    for inside, limit in ((deep, "at most 3 deep"), (wide, "at most 4 conditions")):
        answered = call("REPORT", DIARY, query(inside))
        assert (answered.status, answered.precondition) == (403, f"{C}supported-filter")
        assert limit in answered.body.decode()
    assert call("REPORT", DIARY, query(event(prop("UID"), prop("SUMMARY")))).status == 207
    seeded.close()


def test_a_query_of_ten_thousand_words_takes_no_time(filled: Seeded, call: Caller) -> None:
    began = time.process_time()
    assert found(call, event(prop("SUMMARY", says("x" * 400_000)))) == []
    assert time.process_time() - began < 2
