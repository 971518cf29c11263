"""A whole day stays that day, whatever zone the CRM, the row and the reader are in."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings import times
from mappings.ics import writing
from mappings.ics.drafting import draft
from mappings.model import Header
from mappings.projection import project
from mappings.recurrence.planning import planned
from tests.mappings.test_projection import NO_ANSWERS, mother

ZONES = ("Etc/GMT+12", "Pacific/Pago_Pago", "America/New_York", "UTC", "Europe/Oslo", "Asia/Kolkata", "Asia/Tokyo",
         "Pacific/Auckland", "Pacific/Apia", "Pacific/Kiritimati")  # fmt: skip
ODD = ((2028, 2, 29), (2026, 12, 31), (2027, 1, 1), (2026, 3, 29), (2026, 10, 25), (2011, 12, 30))
DAYS = st.integers(-20_000, 60_000) | st.sampled_from([times.wall_of(datetime(*d)) // times.DAY for d in ODD])


@pytest.mark.parametrize("zone", ZONES)
@settings(max_examples=12, deadline=None)
@given(DAYS, st.integers(1, 5), st.sampled_from(ZONES))
def test_a_whole_day_keeps_its_date(zone: str, day: int, length: int, reader: str) -> None:
    start = day * times.DAY
    # The CRM has whole days from midnight to a minute before the last one ends.
    row = replace(mother(), start=start, end=start + length * times.DAY - 60, all_day=True, zone=zone, original=0)
    (it,) = project([row], NO_ANSWERS).instances
    text = writing.closed(writing.component(Header("a@example", 0, 0), it), it.status)
    assert f"DTSTART;VALUE=DATE:{times.day(start):%Y%m%d}\r\n".encode() in text
    assert f"DTEND;VALUE=DATE:{times.day(start + length * times.DAY):%Y%m%d}\r\n".encode() in text
    read = draft(writing.envelope([text], ()), reader)
    (found,) = planned(read, base=reader, horizon=times.LATEST - 1, most=5)
    (one,) = found.occurrences
    assert (one.start, one.end, one.all_day) == (start, start + length * times.DAY, True)
