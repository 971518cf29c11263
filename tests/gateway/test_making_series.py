"""Series that are made here: by a rule, of a meeting, of what a calendar program wrote; and those that never end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.crm import tables as crm
from gateway.errors import BadRequest
from gateway.services import top_up
from gateway.services.house import DAY
from gateway.services.reconcile import reconcile
from gateway.services.verbs.accept import accept
from gateway.services.verbs.book import book
from gateway.services.verbs.cancel import cancel
from gateway.services.verbs.invite import invite
from gateway.services.verbs.planning import Plan, When
from gateway.services.verbs.repeat import repeat
from gateway.store import tables as t
from mappings import times
from mappings.ics.drafting import draft
from mappings.reach import Reach
from mappings.recurrence.planning import planned
from tests.counting import asked
from tests.outside import Clock, calendars, contents, held, shown
from tests.seed import ADA, BO, DAG, HOUR, Seeded, seed

OSLO: Final = "Europe/Oslo"
MONDAY: Final = 1_792_368_000  # 19 October 2026, midnight on the wall; the clocks go back on the 25th
TEN: Final = MONDAY + 10 * HOUR
WEEK: Final = 7 * DAY


@pytest.fixture
def seeded(database_url: str) -> Iterator[Seeded]:
    clock = Clock(times.instant(MONDAY + 8 * HOUR, OSLO))
    with closing(seed(database_url, clock=clock, timezone=OSLO)) as seeded:
        yield seeded


def plan(**more: Any) -> Plan:
    told: dict[str, Any] = {
        "title": "Orchard walk",
        "when": When(TEN, TEN + HOUR),
        "guests": ("BO", "DAG"),
        "rrule": "",
    }
    return Plan(**told | more)


def rows(seeded: Seeded, associate: int = ADA) -> list[dict[str, Any]]:
    found = [r for r in contents(seeded.house, crm.appointment) if r["associate_id"] == associate]
    return sorted(found, key=lambda r: int(r["do_by"]))


def only(seeded: Seeded, login: str = "BO") -> str:
    (text,) = shown(seeded.house)[login].values()
    return text


def events(text: str) -> str:
    """Leave out the zones, which have rules of their own."""
    return re.sub(r"BEGIN:VTIMEZONE.*?END:VTIMEZONE\r\n", "", text, flags=re.DOTALL)


def line(text: str, name: str) -> list[str]:
    return re.findall(rf"^{name}[^:\r\n]*:(.*?)\r$", events(text), re.MULTILINE)


# --- by a rule -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rrule", "told", "pattern"),
    [
        ("FREQ=WEEKLY;COUNT=5", "FREQ=WEEKLY;UNTIL=20261116T090000Z;BYDAY=MO", 2),
        ("freq=daily;interval=3;count=4", "FREQ=DAILY;UNTIL=20261028T090000Z;INTERVAL=3", 1),
        ("FREQ=MONTHLY;BYDAY=3MO;COUNT=3", "FREQ=MONTHLY;UNTIL=20261221T090000Z;BYDAY=3MO", 3),
        ("FREQ=YEARLY;COUNT=2", "FREQ=YEARLY;UNTIL=20271019T080000Z;BYMONTH=10;BYMONTHDAY=19", 4),
        ("FREQ=WEEKLY;BYDAY=MO,WE,FR;UNTIL=20261101", "FREQ=WEEKLY;UNTIL=20261030T090000Z;BYDAY=MO,WE,FR", 2),
    ],
)
def test_what_the_crm_can_say_becomes_its_rule(seeded: Seeded, rrule: str, told: str, pattern: int) -> None:
    done = invite(seeded.house, "ADA", plan(rrule=rrule))
    (rule,) = contents(seeded.house, crm.recurrencerule)
    assert rule["pattern"] == pattern
    mine = rows(seeded)
    assert {r["recurrenceRuleId"] for r in contents(seeded.house, crm.appointment)} == {rule["RecurrenceRule_id"]}
    assert (done.appointment, done.occurrences) == (mine[0]["appointment_id"], len(mine))
    assert {r["text_id"] for r in mine} == {mine[0]["text_id"]}
    assert line(only(seeded), "RRULE") == [told]
    assert line(only(seeded), "EXDATE") == line(only(seeded), "RDATE") == []
    assert [r["cautionWarning"] for r in mine] == [0] * len(mine)
    assert contents(seeded.house, t.written_rule) == []


def test_statements_do_not_grow_with_the_occurrences(seeded: Seeded) -> None:
    counts = []
    for number in (20, 40):
        with asked(seeded.house.store) as some:
            invite(seeded.house, "ADA", plan(rrule=f"FREQ=DAILY;COUNT={number}"))
        counts.append(len(some))
    assert counts[1] <= counts[0] + 12


@pytest.mark.parametrize(
    ("rrule", "says"),
    [
        ("FREQ=SECONDLY", "more often than every hour"),
        ("FREQ=DAILY;COUNT=1000000", "more than 750 occurrences"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL=0 is not above 0"),
        ("every Tuesday", "is no part of a rule"),
        ("RSCALE=MAYAN;FREQ=YEARLY", "RSCALE=MAYAN"),
    ],
)
def test_what_cannot_be_followed_is_refused_and_nothing_is_written(seeded: Seeded, rrule: str, says: str) -> None:
    before = contents(seeded.house, crm.appointment)
    with pytest.raises(BadRequest, match=says):
        invite(seeded.house, "ADA", plan(rrule=rrule))
    assert contents(seeded.house, crm.appointment) == before
    assert contents(seeded.house, crm.recurrencerule) == []


# --- what never ends -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rrule",
    [
        "FREQ=WEEKLY",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
        "FREQ=HOURLY;INTERVAL=36",
        "RSCALE=HEBREW;FREQ=MONTHLY",
        "RSCALE=GREGORIAN;FREQ=MONTHLY;BYMONTHDAY=19;SKIP=FORWARD",
    ],
)
def test_what_the_crm_cannot_say_is_told_as_it_was_written(seeded: Seeded, rrule: str) -> None:
    invite(seeded.house, "ADA", plan(rrule=rrule))
    text = only(seeded)
    assert line(text, "RRULE") == [rrule]
    assert line(text, "EXDATE") == line(text, "RDATE") == []
    assert {r["cautionWarning"] for r in rows(seeded)} == {3}
    assert {r["pattern"] for r in contents(seeded.house, crm.recurrencerule)} == {5}
    last = rows(seeded)[-1]["do_by"]
    assert MONDAY + 360 * DAY < last < MONDAY + 401 * DAY
    assert "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU" in text  # and so has its zone
    assert reconcile(seeded.house).changed == 0


def test_more_rows_come_as_time_goes_by_and_nobody_hears_of_it(seeded: Seeded) -> None:
    invite(seeded.house, "ADA", plan(rrule="FREQ=WEEKLY"))
    accept(seeded.house, "BO", rows(seeded, BO)[0]["appointment_id"], reach=Reach.SERIES)
    before, count = shown(seeded.house), len(rows(seeded))
    standing = contents(seeded.house, t.sync)
    spans = len(contents(seeded.house, t.instant))
    clock = seeded.house.clock
    assert isinstance(clock, Clock)
    clock.moment += 8 * WEEK
    top_up.top_up(seeded.house)
    assert len(rows(seeded)) in (count + 7, count + 8, count + 9)
    assert {(r["type"], r["status"]) for r in rows(seeded, BO)} == {(1, 1)}
    assert {(r["type"], r["status"]) for r in rows(seeded, DAG)} == {(6, 5)}
    assert (shown(seeded.house), contents(seeded.house, t.sync)) == (before, standing)
    assert len(contents(seeded.house, t.instant)) == spans + len(rows(seeded)) - count
    again = len(rows(seeded))
    top_up.top_up(seeded.house)
    assert len(rows(seeded)) == again


def test_what_was_stopped_does_not_go_on(seeded: Seeded) -> None:
    done = invite(seeded.house, "ADA", plan(rrule="FREQ=WEEKLY"))
    cancel(seeded.house, "ADA", rows(seeded)[4]["appointment_id"], reach=Reach.STOP)
    left = len(rows(seeded))
    clock = seeded.house.clock
    assert isinstance(clock, Clock)
    clock.moment += 8 * WEEK
    top_up.top_up(seeded.house)
    assert (len(rows(seeded)), done.occurrences > left) == (left, True)


def test_the_crm_itself_may_cut_it_off(seeded: Seeded) -> None:
    invite(seeded.house, "ADA", plan(rrule="FREQ=WEEKLY"))
    some = [r["appointment_id"] for r in rows(seeded)[3:]]
    a = crm.appointment.c
    with seeded.crm() as connection:
        connection.execute(crm.appointment.delete().where(a.mother_id.in_(some)))
    seeded.publish()
    assert line(only(seeded), "RRULE") == ["FREQ=WEEKLY;UNTIL=20261102T090000Z"]
    clock = seeded.house.clock
    assert isinstance(clock, Clock)
    clock.moment += 8 * WEEK
    top_up.top_up(seeded.house)
    assert len(rows(seeded)) == 3


# --- of a meeting ----------------------------------------------------------------------------------------------------


def test_a_meeting_that_becomes_a_series_keeps_event_uid_and_answers(seeded: Seeded) -> None:
    mother = invite(seeded.house, "ADA", plan()).appointment
    accept(seeded.house, "BO", rows(seeded, BO)[0]["appointment_id"])
    uid, number = line(only(seeded), "UID"), contents(seeded.house, t.event)[0]["event_id"]
    done = repeat(seeded.house, "ADA", mother, "FREQ=WEEKLY;COUNT=4")
    text = only(seeded)
    assert (set(line(text, "UID")), line(text, "RRULE")) == (set(uid), ["FREQ=WEEKLY;UNTIL=20261109T090000Z;BYDAY=MO"])
    assert [e["event_id"] for e in contents(seeded.house, t.event)] == [number]
    assert [(r["type"], r["status"]) for r in rows(seeded, BO)] == [(1, 1), (6, 5), (6, 5), (6, 5)]
    assert done.occurrences == 3


def test_another_rule_keeps_what_both_have(seeded: Seeded) -> None:
    mother = invite(seeded.house, "ADA", plan(rrule="FREQ=WEEKLY;COUNT=4")).appointment
    for row in rows(seeded, BO):
        accept(seeded.house, "BO", row["appointment_id"])
    repeat(seeded.house, "ADA", mother, "FREQ=WEEKLY;INTERVAL=2;COUNT=3")
    assert [r["do_by"] for r in rows(seeded)] == [TEN, TEN + 2 * WEEK, TEN + 4 * WEEK]
    told = {r["do_by"]: (r["type"], r["status"]) for r in rows(seeded, BO)}
    assert told == {
        TEN: (1, 1),
        TEN + WEEK: (1, 10),
        TEN + 2 * WEEK: (1, 1),
        TEN + 3 * WEEK: (1, 10),
        TEN + 4 * WEEK: (6, 5),
    }
    assert line(only(seeded, "ADA"), "RRULE") == ["FREQ=WEEKLY;UNTIL=20261116T090000Z;INTERVAL=2;BYDAY=MO"]


def test_another_rule_from_an_occurrence_on_is_a_series_that_goes_on_from_the_first(seeded: Seeded) -> None:
    invite(seeded.house, "ADA", plan(rrule="FREQ=WEEKLY;COUNT=6"))
    uid = line(only(seeded), "UID")[0]
    repeat(
        seeded.house,
        "ADA",
        rows(seeded)[2]["appointment_id"],
        "FREQ=WEEKLY;INTERVAL=2;COUNT=2",
        reach=Reach.THIS_AND_FORWARD,
    )
    texts = sorted(shown(seeded.house)["ADA"].values(), key=lambda x: line(x, "DTSTART"))
    assert [line(x, "RRULE") for x in texts] == [
        ["FREQ=WEEKLY;UNTIL=20261026T090000Z;BYDAY=MO"],
        ["FREQ=WEEKLY;UNTIL=20261116T090000Z;INTERVAL=2;BYDAY=MO"],
    ]
    assert [line(x, "RELATED-TO") for x in texts] == [[], [uid]]
    assert len(contents(seeded.house, crm.recurrencerule)) == 2


# --- of what a calendar program wrote --------------------------------------------------------------------------------


def calendar(*components: str) -> bytes:
    text = "\r\n".join(("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//example//EN", *components, "END:VCALENDAR", ""))
    return text.encode()


def vevent(*lines: str, uid: str = "walk@client.example") -> str:
    return "\r\n".join(("BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20261001T000000Z", *lines, "END:VEVENT"))


GUESTS: Final = (
    "ORGANIZER:mailto:ada@hillside.example",
    "ATTENDEE;PARTSTAT=ACCEPTED;ROLE=CHAIR:mailto:ada@hillside.example",
    "ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:bo@hillside.example",
    "ATTENDEE;PARTSTAT=ACCEPTED:mailto:carla@moreau.example",
)


def test_a_series_with_everything_is_booked_and_told_again(seeded: Seeded) -> None:
    data = calendar(
        vevent("DTSTART;TZID=Europe/Oslo:20261019T100000", "DTEND;TZID=Europe/Oslo:20261019T110000",
               "RRULE:FREQ=WEEKLY;COUNT=6", "EXDATE;TZID=Europe/Oslo:20261102T100000", "SUMMARY:Orchard walk", *GUESTS),
        vevent("RECURRENCE-ID;TZID=Europe/Oslo:20261026T100000", "DTSTART;TZID=Europe/Oslo:20261027T140000",
               "DURATION:PT2H", "SUMMARY:Orchard walk\\, with the buyers", *GUESTS),
        vevent("RECURRENCE-ID:20261109T090000Z", "DTSTART;TZID=Europe/Oslo:20261109T100000", "DURATION:PT1H",
               "SUMMARY:Orchard walk", *GUESTS[:3], GUESTS[3].replace("ACCEPTED", "DECLINED")),
    )  # fmt: skip
    (done,) = book(seeded.house, "ADA", draft(data, OSLO))
    assert done.occurrences == 5
    text = only(seeded)
    assert set(line(text, "UID")) == {"walk@client.example"}
    assert line(text, "RRULE") == ["FREQ=WEEKLY;UNTIL=20261123T090000Z;BYDAY=MO"]
    assert line(text, "EXDATE") == ["20261102T100000"]
    assert line(text, "RECURRENCE-ID") == ["20261026T100000", "20261109T100000"]
    assert line(text, "DTSTART") == ["20261019T100000", "20261027T140000", "20261109T100000"]
    assert line(text, "SUMMARY") == ["Orchard walk", "Orchard walk\\, with the buyers", "Orchard walk"]
    assert re.findall(r"PARTSTAT=([A-Z-]+)[^:\r\n]*:mailto:carla", text) == ["ACCEPTED", "ACCEPTED", "DECLINED"]
    with pytest.raises(BadRequest, match="UID"):
        book(seeded.house, "ADA", draft(data, OSLO))


def test_this_and_future_is_two_series(seeded: Seeded) -> None:
    data = calendar(
        vevent("DTSTART;TZID=Europe/Oslo:20261019T100000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=6",
               "SUMMARY:Orchard walk"),
        vevent("RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Oslo:20261102T100000",
               "DTSTART;TZID=Europe/Oslo:20261102T120000", "DURATION:PT1H", "SUMMARY:Orchard run"),
    )  # fmt: skip
    first, second = book(seeded.house, "ADA", draft(data, OSLO))
    assert (first.occurrences, second.occurrences) == (2, 4)
    assert [r["do_by"] for r in rows(seeded)] == [TEN, TEN + WEEK, *(TEN + n * WEEK + 2 * HOUR for n in range(2, 6))]


ZONES: Final = st.sampled_from((OSLO, "America/New_York", "Asia/Tokyo", "UTC"))
RULES: Final = st.sampled_from((
    "FREQ=DAILY;COUNT=9", "FREQ=WEEKLY;COUNT=7", "FREQ=WEEKLY;BYDAY=MO,TH;COUNT=8", "FREQ=MONTHLY;COUNT=5",
    "FREQ=MONTHLY;BYDAY=-1FR;COUNT=4", "FREQ=WEEKLY;INTERVAL=2;COUNT=5", "FREQ=YEARLY;COUNT=2", "FREQ=WEEKLY",
    "FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=5", "FREQ=DAILY;INTERVAL=2;BYDAY=MO,WE;COUNT=4", "",
))  # fmt: skip


@st.composite
def objects(draw: st.DrawFn) -> bytes:
    """A series as some program writes one, around a change of the clocks."""
    zone, rule, dated = draw(ZONES), draw(RULES), draw(st.booleans())
    start = times.naive(MONDAY + draw(st.integers(-10, 10)) * DAY + draw(st.integers(0, 23)) * HOUR)
    stamp, form = (";VALUE=DATE", "%Y%m%d") if dated else (f";TZID={zone}", "%Y%m%dT%H%M%S")
    stamp = "" if zone == "UTC" and not dated else stamp
    form += "Z" if zone == "UTC" and not dated else ""

    def moment(days: int, minutes: int = 0) -> str:
        return f"{times.naive(times.wall_of(start) + days * DAY + minutes * 60):{form}}"

    lines = [
        f"DTSTART{stamp}:{moment(0)}",
        "DURATION:P1D" if dated else "DURATION:PT50M",
        "SUMMARY:Orchard walk",
        *GUESTS,
    ]
    lines += [f"RRULE:{rule}"] if rule else []
    more = draw(st.sets(st.integers(100, 130), max_size=2)) if not dated or rule else set()
    lines += [f"RDATE{stamp}:{moment(n)}" for n in sorted(more)]
    components = [vevent(*lines)]
    known = planned(draft_of(calendar(*components)), base=OSLO, horizon=MONDAY + 400 * DAY, most=750)
    days = [(o.planned - known[0].occurrences[0].planned) // DAY for o in known[0].occurrences[1:40]]
    odd = draw(st.sets(st.sampled_from(days), max_size=2)) if days and zone == OSLO else set()
    for n in sorted(odd):
        kind = draw(st.sampled_from(("gone", "moved", "reworded", "declined")))
        if kind == "gone":
            components[0] = components[0].replace("\r\nEND:VEVENT", f"\r\nEXDATE{stamp}:{moment(n)}\r\nEND:VEVENT")
            continue
        there = moment(n, 0 if kind != "moved" else 1_440 if dated else 70)
        guests = (
            [g.replace("=ACCEPTED:mailto:carla", "=DECLINED:mailto:carla") for g in GUESTS]
            if kind == "declined"
            else GUESTS
        )
        components.append(vevent(f"RECURRENCE-ID{stamp}:{moment(n)}", f"DTSTART{stamp}:{there}",
                                 "DURATION:P1D" if dated else "DURATION:PT50M",
                                 "SUMMARY:" + ("Another" if kind == "reworded" else "Orchard") + " walk",
                                 *guests))  # fmt: skip
    return calendar(*components)


def draft_of(data: bytes) -> Any:
    return draft(data, OSLO)


def said(data: bytes) -> list[tuple[Any, ...]]:
    """What an object says of each occurrence: when it was planned and when it is, its words, and who answered what."""
    found = []
    for part in planned(draft_of(data), base=OSLO, horizon=MONDAY + 390 * DAY, most=750):
        for one in part.occurrences:
            answers = sorted((g.address, g.partstat) for g in one.sheet.guests if g.address != "ada@hillside.example")
            found.append((one.planned, one.start, one.end, one.all_day, one.sheet.summary, tuple(answers)))
    return found


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(objects())
def test_what_is_booked_is_told_again(seeded: Seeded, data: bytes) -> None:
    number = len(contents(seeded.house, crm.appointment))
    uid = f"walk-{number}@client.example"
    data = data.replace(b"walk@client.example", uid.encode())
    book(seeded.house, "ADA", draft_of(data))
    (text,) = (x for x in held(seeded.house, calendars(seeded.house)["ADA"]).values() if uid in x)
    assert said(text.encode()) == said(data)
    assert reconcile(seeded.house).changed == 0
