"""The VTIMEZONEs that we write, read by others: the offsets of the zones, and nothing but a few lines."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from dateutil.tz import tzical

from mappings.ics.zones import OPEN, vtimezone

ZONES: Final = (
    "Europe/Oslo", "America/New_York", "Asia/Jerusalem", "Africa/Casablanca", "Asia/Gaza", "America/Sao_Paulo",
    "Australia/Lord_Howe", "Europe/Dublin", "America/Nuuk", "Asia/Tehran", "America/Caracas", "Asia/Tokyo",
    "America/Santiago", "Africa/Cairo", "Pacific/Auckland", "Asia/Kathmandu",
)  # fmt: skip


def reads(name: str, first: int, last: int) -> object:
    data = vtimezone(name, first, last).decode().replace("\r\n", "\n")
    return tzical(io.StringIO(f"BEGIN:VCALENDAR\n{data}END:VCALENDAR\n")).get(name)


def disagreements(name: str, first: int, last: int, until: int) -> list[str]:
    """Walls, every five hours and so at every hour of a day, at which another reader has another offset."""
    zone, theirs = ZoneInfo(name), reads(name, first, last)
    wall, wrong = datetime(first, 1, 1), []
    while wall < datetime(until + 1, 1, 1):
        local = wall.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
        fold = local.replace(tzinfo=zone).utcoffset() != local.replace(tzinfo=zone, fold=1).utcoffset()
        if not fold and local.replace(tzinfo=zone).utcoffset() != local.replace(tzinfo=theirs).utcoffset():  # type: ignore[arg-type]
            wrong.append(str(local))
        wall += timedelta(hours=125)
    return wrong


@pytest.mark.parametrize("name", ZONES)
def test_the_years_of_an_event(name: str) -> None:
    assert disagreements(name, 2025, 2027, 2027) == []


@pytest.mark.parametrize("name", ZONES)
def test_for_ever(name: str) -> None:
    assert disagreements(name, 2026, OPEN, 2037) == []


def test_a_day_that_there_was_not() -> None:
    assert disagreements("Pacific/Apia", 2011, 2012, 2012) == []


@pytest.mark.parametrize("name", ZONES)
def test_few_lines_and_no_history(name: str) -> None:
    text = vtimezone(name, 2026, OPEN).decode()
    assert "LMT" not in text
    assert "RDATE" not in text  # with RRULE beside it, Exchange fails on it
    assert not re.search(r"DTSTART:(?!20[2-4]\d)", text)
    assert text.count("RRULE") in (0, 2)
    assert len(text) < (700 if "RRULE" in text else 4_000)
