"""A thousand rules, and the whole sample company, followed by others: they find the same occurrences as we do."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest

from gateway.services import demo, load, reading
from gateway.store import objects
from mappings import times
from mappings.ics.instances import instances
from mappings.recurrence.expanding import expand
from mappings.recurrence.pattern import WEEKDAYS, checked
from mappings.times import DAY
from tests.seed import Seeded, seed
from tests.strangers import libical
from tests.strangers.tools import HERE, node

pytestmark = pytest.mark.strangers

YEAR: Final = 366 * DAY
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
