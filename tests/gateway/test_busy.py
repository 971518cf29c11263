"""When somebody's time is taken: the report, the address, and series that are expanded; whatever is said by whom."""

from collections.abc import Iterator
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import update

from gateway.crm import tables
from gateway.services.house import DAY
from mappings import times
from tests.calling import Answered, Caller, caller
from tests.seed import BO, Seeded, seed

HOME = "/dav/calendars/BO/"
DIARY = f"{HOME}diary/"
NAMES = 'xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"'


@pytest.fixture
def seeded(database_url: str) -> Iterator[Seeded]:
    seeded = seed(database_url)
    yield seeded
    seeded.close()


@pytest.fixture
def call(seeded: Seeded) -> Caller:
    return caller(seeded, "BO")


def moment(seeded: Seeded, days: int, hour: int = 0) -> str:
    today = seeded.house.today()
    return times.stamp(times.instant(today - today % DAY + days * DAY + hour * 3_600, "Europe/Oslo"))


def between(seeded: Seeded, first: int, last: int) -> str:
    return f'start="{moment(seeded, first)}" end="{moment(seeded, last)}"'


def ask(seeded: Seeded, call: Caller, first: int = 0, last: int = 10, path: str = DIARY) -> Answered:
    body = f"<C:free-busy-query {NAMES}><C:time-range {between(seeded, first, last)}/></C:free-busy-query>"
    return call("REPORT", path, body, depth="1")


def told(answered: Answered) -> list[tuple[str, str]]:
    """FBTYPE and period of all that is told, by time."""
    (component,) = Calendar.from_ical(answered.body.decode()).walk("VFREEBUSY")
    some: Any = component.get("FREEBUSY", [])
    found = []
    for it in some if isinstance(some, list) else [some]:
        found += [(it.params["FBTYPE"], p) for p in it.to_ical().decode().split(",")]
    return sorted(found, key=lambda pair: pair[1])


def period(seeded: Seeded, days: int, start: int, end: int) -> str:
    return f"{moment(seeded, days, start)}/{moment(seeded, days, end)}"


def weekly(seeded: Seeded, weeks: int = 3, **columns: Any) -> list[int]:
    return [
        seeded.meeting("Press check", days=1 + 7 * w, minutes=60, recurrenceRuleId=9, **columns) for w in range(weeks)
    ]


def test_what_is_sure_what_is_asked_and_what_takes_no_time(seeded: Seeded, call: Caller) -> None:
    seeded.answer(seeded.meeting("Sure", days=1, hour=10, minutes=60), BO, status=1)
    seeded.meeting("Asked", days=2, hour=10, minutes=60)
    seeded.answer(seeded.meeting("Declined", days=3, hour=10), BO, status=9)
    seeded.appointment("Free", owner=BO, days=4, freeBusy=1)
    seeded.answer(seeded.meeting("Cancelled", days=5, hour=10), BO, status=10)
    seeded.to_do("To do", owner=BO, days=6)
    seeded.appointment("Own", owner=BO, days=7, hour=8, minutes=120)
    answered = ask(seeded, call)
    assert (answered.status, answered.headers["content-type"]) == (
        200, "text/calendar; charset=utf-8; component=VFREEBUSY",
    )  # fmt: skip
    assert told(answered) == [
        ("BUSY", period(seeded, 1, 10, 11)),
        ("BUSY-TENTATIVE", period(seeded, 2, 10, 11)),
        ("BUSY", period(seeded, 7, 8, 10)),
    ]
    for word in (b"Sure", b"Own", b"hillside"):
        assert word not in answered.body
    assert told(ask(seeded, call, path=HOME)) == told(answered)
    assert told(ask(seeded, call, path=f"{HOME}tasks/")) == []


def test_every_occurrence_counts_and_each_by_its_own_answer(seeded: Seeded, call: Caller) -> None:
    first, second, _ = weekly(seeded)
    seeded.answer(first, BO, status=1)
    seeded.answer(second, BO, status=9)
    assert told(ask(seeded, call, 0, 30)) == [
        ("BUSY", period(seeded, 1, 10, 11)),
        ("BUSY-TENTATIVE", period(seeded, 15, 10, 11)),
    ]
    assert told(ask(seeded, call, 2, 15)) == []


def test_a_range_cuts_what_reaches_over_it(seeded: Seeded, call: Caller) -> None:
    seeded.appointment("Long", owner=BO, days=1, hour=10, minutes=12 * DAY // 60)
    assert told(ask(seeded, call, 2, 5)) == [("BUSY", f"{moment(seeded, 2)}/{moment(seeded, 5)}")]


def test_a_range_beyond_every_calendar_is_no_error(seeded: Seeded, call: Caller) -> None:
    for span in ('start="00010101T000000Z" end="00020101T000000Z"', 'start="99980101T000000Z" end="99990101T000000Z"'):
        body = f"<C:free-busy-query {NAMES}><C:time-range {span}/></C:free-busy-query>"
        assert told(call("REPORT", DIARY, body, depth="1")) == []
    secret = seeded.token("BO", "busy")
    assert caller(seeded)("GET", f"/feeds/{secret}.ifb", query="start=9998-12-31").status == 200


def test_more_occurrences_than_an_answer_may_have_are_refused(database_url: str) -> None:
    seeded = seed(database_url, max_instances=2)
    weekly(seeded)
    call = caller(seeded, "BO")
    form = f"<C:calendar-data><C:expand {between(seeded, 0, 30)}/></C:calendar-data>"
    body = f"<C:calendar-query {NAMES}><prop>{form}</prop>"
    body += '<C:filter><C:comp-filter name="VCALENDAR"/></C:filter></C:calendar-query>'
    for answered in (ask(seeded, call, 0, 30), call("REPORT", DIARY, body, depth="1")):
        assert answered.status == 403
        assert b"number-of-matches-within-limits" in answered.body
    seeded.close()


@pytest.mark.parametrize("inside", ["", "<C:time-range/>", '<C:time-range start="20261124T000000Z"/>'])
def test_a_range_has_both_ends(call: Caller, inside: str) -> None:
    answered = call("REPORT", DIARY, f"<C:free-busy-query {NAMES}>{inside}</C:free-busy-query>", depth="1")
    assert (answered.status, b"time-range" in answered.body) == (400, True)


# --- the address -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scope", ["feed", "busy"])
def test_whoever_has_the_address_learns_when_and_nothing_else(seeded: Seeded, scope: str) -> None:
    seeded.appointment("Own", owner=BO, days=7, hour=8, minutes=120)
    call = caller(seeded)
    secret = seeded.token("BO", scope)
    answered = call("GET", f"/feeds/{secret}.ifb")
    assert told(answered) == [("BUSY", period(seeded, 7, 8, 10))]
    calendar = Calendar.from_ical(answered.body.decode())
    (component,) = calendar.walk("VFREEBUSY")
    assert (calendar["METHOD"], component["ORGANIZER"]) == ("PUBLISH", "mailto:bo@hillside.example")
    assert b"Own" not in answered.body
    assert call("GET", f"/feeds/{seeded.token('BO', 'caldav')}.ifb").status == 404
    assert call("GET", "/feeds/guess.ifb").status == 404


def test_the_address_takes_a_range_in_every_usual_way(seeded: Seeded) -> None:
    seeded.appointment("Own", owner=BO, days=7, hour=8, minutes=120)
    call = caller(seeded)
    where = f"/feeds/{seeded.token('BO', 'busy')}.ifb"
    today = seeded.house.today() // DAY * DAY
    week, basic = f"{times.day(today + 7 * DAY)}", f"{times.day(today + 7 * DAY):%Y%m%d}"
    hit = [("BUSY", period(seeded, 7, 8, 10))]
    for query in (
        f"start={week}&period=P1D", f"start={basic}&period=PT24H", f"start={week}T00:00:00%2B01:00&end={week}T23:00:00",
        f"start={basic}T000000Z&period=P1D", f"start={week}T00:00:00+01:00&period=P1D",
    ):  # fmt: skip
        assert told(call("GET", where, query=query)) == hit, query
    assert told(call("GET", where, query=f"start={times.day(today + 8 * DAY)}&period=P1D")) == []


@pytest.mark.parametrize(
    "query",
    [
        "start=soon",
        "start=2026-11-24&end=2026-11-23",
        "period=P9999D",
        "period=never",
        "end=2026-11-24&period=P1D",
    ],
)
def test_a_range_that_is_none_is_refused_by_name(seeded: Seeded, query: str) -> None:
    answered = caller(seeded)("GET", f"/feeds/{seeded.token('BO', 'busy')}.ifb", query=query)
    assert answered.status == 400
    assert any(name in answered.body for name in (b"start", b"end", b"period"))


# --- expansion -------------------------------------------------------------------------------------------------------


def expanded(seeded: Seeded, call: Caller, first: int, last: int) -> list[dict[str, str]]:
    span = between(seeded, first, last)
    body = (
        f"<C:calendar-query {NAMES}><prop><C:calendar-data><C:expand {span}/></C:calendar-data></prop><C:filter>"
        f'<C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"><C:time-range {span}/></C:comp-filter>'
        "</C:comp-filter></C:filter></C:calendar-query>"
    )
    answered = call("REPORT", DIARY, body, depth="1")
    assert answered.status == 207
    texts = [e.text or "" for e in answered.xml.iter("{urn:ietf:params:xml:ns:caldav}calendar-data")]
    found = [c for text in texts for c in Calendar.from_ical(text).subcomponents]
    assert {c.name for c in found} <= {"VEVENT"}
    names = ("DTSTART", "RECURRENCE-ID", "SUMMARY", "STATUS", "RDATE")
    return [{n: _value(c[n]) for n in names if n in c} for c in found]


def _value(it: Any) -> str:
    written: bytes = it.to_ical()
    return written.decode()


def test_a_series_is_told_occurrence_by_occurrence(seeded: Seeded, call: Caller) -> None:
    _, second, _ = weekly(seeded)
    seeded.move(second, days=9, hour=14, minutes=60)
    starts = [moment(seeded, 1, 10), moment(seeded, 9, 14), moment(seeded, 15, 10)]
    found = expanded(seeded, call, 0, 30)
    assert sorted(e["DTSTART"] for e in found) == starts
    assert [e["DTSTART"] for e in expanded(seeded, call, 8, 10)] == [starts[1]]
    assert {e["RECURRENCE-ID"] for e in found} >= {starts[0], starts[2]}
    assert not [e for e in found if "RDATE" in e]


def test_a_cancelled_series_is_still_told_occurrence_by_occurrence(seeded: Seeded, call: Caller) -> None:
    weekly(seeded)
    mine = tables.appointment.c
    with seeded.crm() as connection:
        held = (mine.recurrenceRuleId == 9) & (mine.associate_id == BO)
        connection.execute(update(tables.appointment).where(held).values(status=10))
    seeded.publish()
    found = expanded(seeded, call, 0, 30)
    assert [e["DTSTART"] for e in found] == [moment(seeded, d, 10) for d in (1, 8, 15)]
    assert {e["STATUS"] for e in found} == {"CANCELLED"}


def test_who_holds_one_occurrence_is_told_of_that_one(seeded: Seeded) -> None:
    seeded.meeting("Press check", days=1, minutes=60, recurrenceRuleId=9, invited=())
    seeded.meeting("Press check", days=8, minutes=60, recurrenceRuleId=9, invited=(BO,))
    call = caller(seeded, "BO")
    assert [e["DTSTART"] for e in expanded(seeded, call, 0, 30)] == [moment(seeded, 8, 10)]
    assert expanded(seeded, call, 0, 3) == []
