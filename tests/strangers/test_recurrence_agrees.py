"""A thousand rules, a thousand series, and the whole sample company, followed by others: they find what we do."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest

from gateway.services import demo, load, reading
from gateway.store import objects
from mappings import times
from mappings.ics import writing
from mappings.ics.drafting import draft
from mappings.ics.instances import instances
from mappings.model import Header
from mappings.projection import project
from mappings.recurrence.expanding import expand
from mappings.recurrence.pattern import WEEKDAYS, checked
from mappings.recurrence.planning import planned
from mappings.recurrence.scales import SCALES
from mappings.series import Recurrence
from mappings.times import DAY
from tests.mappings.test_projection import PLAIN
from tests.seed import Seeded, seed
from tests.strangers import libical
from tests.strangers.tools import HERE, node

pytestmark = pytest.mark.strangers

YEAR: Final = 366 * DAY
OSLO: Final = "Europe/Oslo"
MANY: Final = 1_000
MOST: Final = 400
START: Final = 1_795_428_000  # 23 November 2026, ten o'clock


def some(draw: Random, values: list[Any], most: int) -> str:
    return ",".join(map(str, sorted(draw.sample(values, draw.randint(1, most)))))


def generated(draw: Random) -> str:
    """A rule as somebody's program may write it."""
    freq = draw.choice(("DAILY", "WEEKLY", "WEEKLY", "MONTHLY", "MONTHLY", "YEARLY"))
    parts = [f"FREQ={freq}"]
    if draw.random() < 0.5:
        parts.append(f"INTERVAL={draw.randint(1, 4)}")
    if draw.random() < 0.25:
        parts.append(f"BYMONTH={some(draw, list(range(1, 13)), 4)}")
    by_day = draw.random()
    if freq in ("MONTHLY", "YEARLY") and by_day < 0.3:
        if freq == "YEARLY" and "BYMONTH" not in parts[-1]:
            parts.append(f"BYMONTH={draw.randint(1, 12)}")
        parts.append(f"BYDAY={draw.choice((1, 2, 3, 4, -1, -2))}{draw.choice(WEEKDAYS)}")
    elif freq in ("DAILY", "WEEKLY") and by_day < 0.5:
        parts.append(f"BYDAY={some(draw, list(WEEKDAYS), 3)}")
    elif freq == "MONTHLY" and by_day < 0.6:
        parts.append(f"BYMONTHDAY={some(draw, [*range(1, 32), -1, -2], 3)}")
    elif freq == "MONTHLY" and by_day < 0.8:
        parts.append(f"BYDAY=MO,TU,WE,TH,FR;BYSETPOS={draw.choice((1, 2, -1, -2))}")
    if draw.random() < 0.5:
        parts.append(f"COUNT={draw.randint(2, 30)}")
    return checked(";".join(parts))


def rules() -> list[tuple[str, int]]:
    """Rules, each with a start that it has itself: what one means that does not is told differently by everybody."""
    draw = Random(2026)
    found: list[tuple[str, int]] = []
    while len(found) < MANY:
        rrule, start = generated(draw), START + draw.randint(0, 700) * DAY
        free = ";".join(p for p in rrule.split(";") if not p.startswith("COUNT"))
        later = expand(free, start, last=start + 3 * YEAR, most=2, zone="UTC")[1:2]
        if later:
            found.append((rrule, later[0]))
    return found


RULES: Final = rules()


def ours(rrule: str, start: int) -> tuple[int, ...]:
    return expand(rrule, start, last=start + YEAR, most=MOST - 1, zone="UTC")[:MOST]


def asked_of_node(some: list[dict[str, Any]]) -> list[list[Any]]:
    done = subprocess.run(
        [node("ical.js"), HERE / "expand.mjs"], input=json.dumps(some), capture_output=True, text=True, check=True,
        timeout=120,
    )  # fmt: skip
    found: list[list[Any]] = json.loads(done.stdout)
    return found


def stamp(wall: int) -> str:
    return f"{times.naive(wall):%Y-%m-%dT%H:%M:%S}"


def test_ical_js_finds_the_same_in_a_thousand_rules() -> None:
    # From one month that BYMONTH names it goes to the next whatever the INTERVAL is, and sometimes over one of them.
    some = [(r, s) for r, s in RULES if not (r.startswith("FREQ=MONTHLY") and "BYMONTH=" in r)]
    assert len(some) > 0.9 * MANY
    theirs = asked_of_node([{"rule": r, "start": stamp(s), "last": stamp(s + YEAR), "most": MOST} for r, s in some])
    told = [[stamp(w) for w in ours(*one)] for one in some]
    assert [(one, t) for one, t, o in zip(some, theirs, told, strict=True) if t != o] == []


def test_libical_finds_the_same_in_a_thousand_rules() -> None:
    theirs = [libical.follow(rrule, start, last=start + YEAR, most=MOST) for rrule, start in RULES]
    assert [one for one, found in zip(RULES, theirs, strict=True) if found != list(ours(*one))] == []


def scaled(draw: Random) -> tuple[str, int]:
    """A rule in the months of some calendar.

    Left out is where libical has a mind of its own: from which year it counts an INTERVAL, what becomes of a day that
    no month of a calendar has, in which month there is a day of a year, and a start that is moved itself.
    """
    while True:
        freq, skip = draw.choice(("MONTHLY", "YEARLY")), draw.choice(("", ";SKIP=FORWARD", ";SKIP=BACKWARD"))
        parts = [f"RSCALE={draw.choice(sorted(SCALES.keys() - {'CHINESE'}))};FREQ={freq}"]
        by_month = draw.random() < 0.5
        parts += [f"BYMONTH={draw.randint(1, 12)}"] if by_month else []
        parts += [f"BYMONTHDAY={draw.choice((1, 5, 28, 29, 30, -1, -2))}"] if by_month or freq == "MONTHLY" else []
        rrule, start = checked(";".join(parts) + skip), START + draw.randint(-1_000, 2_000) * DAY
        unmoved = rrule.partition(";SKIP")[0]
        later = expand(unmoved, start, last=start + 40 * YEAR, most=2, zone="UTC")[1:2]
        if later:
            return rrule, later[0]


def test_libical_finds_the_same_in_other_calendars() -> None:
    draw = Random(7_529)
    for rrule, start in (scaled(draw) for _ in range(MANY // 2)):
        mine = list(expand(rrule, start, last=start + 20 * YEAR, most=19, zone="UTC")[:20])
        theirs = libical.follow(rrule, start, last=start + 20 * YEAR, most=20)
        near = DAY if rrule.startswith("RSCALE=HEBREW") else 0  # its New Year of 2046 is on the second day of it
        assert len(mine) == len(theirs), (rrule, stamp(start))
        assert all(abs(a - b) <= near for a, b in zip(mine, theirs, strict=True)), (rrule, stamp(start))


def test_libical_finds_the_same_months_in_china() -> None:
    # Some new moons, close to midnight, are a day off ours (see `scales`): that of 8 November 2018 is one.
    rrule, start = "RSCALE=CHINESE;FREQ=MONTHLY", 3_110_400  # 6 February 1970
    mine = expand(rrule, start, last=start + 125 * YEAR, most=1_499, zone="UTC")[:1_500]
    theirs = libical.follow(rrule, start, last=start + 130 * YEAR, most=1_500)
    off = [a - b for a, b in zip(mine, theirs, strict=True) if a != b]
    assert len(off) < 10
    assert {abs(seconds) for seconds in off} <= {DAY}


# --- series that somebody's program wrote, as we tell them again ------------------------------------------------------

ZONES: Final = ("Europe/Oslo", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC")


def written(draw: Random, rrule: str, start: int) -> bytes:
    """A series in some zone or of whole days, with some dates added, left out and moved."""
    zone, dated = draw.choice(ZONES), draw.random() < 0.2
    start -= start % DAY if dated else 0
    about = ";VALUE=DATE" if dated else "" if zone == "UTC" else f";TZID={zone}"

    def moment(name: str, wall: int) -> str:
        return f"{name}{about}:{times.naive(wall):{'%Y%m%d' if dated else '%Y%m%dT%H%M%S'}}{'' if about else 'Z'}"

    lasts = "DURATION:P1D" if dated else "DURATION:PT50M"
    later = expand(rrule, start, last=start + YEAR, most=40, zone="UTC")[1:]
    odd = draw.sample(later, min(len(later) - 1, draw.randint(0, 4))) if later else []
    added = draw.sample(range(1, 300), draw.randint(0, 2)) if draw.random() < 0.3 else []
    lines = [moment("DTSTART", start), lasts, f"RRULE:{rrule}"]
    lines += [moment("RDATE", start + n * DAY + (0 if dated else 2_700)) for n in added]
    lines += [moment("EXDATE", wall) for wall in odd[::2]]
    parts = [lines]
    for wall in odd[1::2]:
        there = wall + draw.choice((-1, 0, 1, 2)) * DAY + (0 if dated else 5_400)
        parts.append([moment("RECURRENCE-ID", wall), moment("DTSTART", there), lasts])
    text = [f"BEGIN:VEVENT\nUID:x@client.example\nSUMMARY:Walk\n{chr(10).join(part)}\nEND:VEVENT" for part in parts]
    return "\n".join(("BEGIN:VCALENDAR", *text, "END:VCALENDAR", "")).encode()


def told_again(data: bytes, last: int) -> tuple[bytes, list[tuple[int, int]]]:
    """Give a series as it is published from its rows, and when its rows have it take place."""
    (plan,) = planned(draft(data, OSLO), base=OSLO, horizon=last + 10 * DAY, most=750)
    rows = [
        replace(PLAIN, row=number, rule=7, zone=OSLO, start=one.start, end=one.end, all_day=one.all_day,
                original=one.planned)
        for number, one in enumerate(plan.occurrences, 1)
    ]  # fmt: skip
    known = Recurrence(OSLO, plan.rule)
    if plan.kept:
        known = Recurrence(OSLO, plan.rule, plan.kept.candidate, plan.kept.zone, plan.kept.all_day)
    found = project(rows, {}, known)
    parts = [writing.closed(writing.component(Header("x@client.example", 0, START), it), it.status)
             for it in found.instances]  # fmt: skip
    zones = [(zone, 2026, 2032) for it in found.instances for zone in writing.zones(it)]
    spans = [(times.instant(o.start, z), times.instant(o.end, z)) for o in plan.occurrences
             for z in ("UTC" if o.all_day else OSLO,)]  # fmt: skip
    return writing.envelope(parts, zones), sorted(s for s in spans if s[0] <= last)


def followed_by_ical_js(event: bytes) -> bool:
    """Tell whether ical.js finds all of a series: where there are only RDATEs it leaves out the start."""
    rule = event.partition(b"\r\nRRULE:")[2].partition(b"\r\n")[0]
    return bool(rule or b"\r\nRDATE" not in event) and not (b"=MONTHLY" in rule and b"BYMONTH=" in rule)


def test_a_thousand_series_agree() -> None:
    draw = Random(2027)
    asked: list[dict[str, Any]] = []
    expected: list[list[tuple[int, int]]] = []
    for rrule, start in RULES:
        last = start + YEAR
        data, rows = told_again(written(draw, rrule, start), last)
        assert sorted((first, end) for _, first, end in instances(data) if first <= last) == rows, data.decode()
        assert libical.starts(data, last=last) == [first for first, _ in rows], data.decode()
        if followed_by_ical_js(data.partition(b"BEGIN:VEVENT")[2]):
            asked.append({"calendar": data.decode(), "last": last + 5 * DAY})
            expected.append(rows)
    assert len(asked) > 0.85 * MANY
    for one, theirs, rows in zip(asked, asked_of_node(asked), expected, strict=True):
        assert sorted(tuple(s) for s in theirs if s[0] <= one["last"] - 5 * DAY) == rows, one["calendar"]


# --- the sample company ----------------------------------------------------------------------------------------------


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Seeded]:
    company = seed(f"sqlite:///{tmp_path / 'partstat.db'}", people=False)
    load.load(company.house, demo.company().read_bytes())
    company.publish()
    yield company
    company.close()


def test_every_occurrence_of_the_sample_company_agrees(company: Seeded) -> None:
    last = company.house.clock.now() + YEAR
    copies = [
        body
        for login in ("ada", "bo", "dag", "grace", "leo", "yuki")
        for body in objects.everything(company.house.store, calendar(company, login), spans=True)
    ]
    assert len(copies) > 20
    theirs = asked_of_node([{"calendar": c.data.decode(), "last": last} for c in copies])
    for copy, found in zip(copies, theirs, strict=True):
        told = sorted((first, end) for _, first, end in instances(copy.data) if first <= last)
        assert told == sorted(map(tuple, found))
        assert [first for first, _ in told] == libical.starts(copy.data, last=last)
        # Of what was cancelled once nothing is stored but its text.
        assert copy.frozen or told == sorted((first, end) for _, first, end in copy.spans if first <= last)


def calendar(company: Seeded, login: str) -> int:
    return reading.enter(company.house, company.token(login)).calendar_id
