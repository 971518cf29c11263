"""The `start` and `end` of a CalDAV element -> a range of instants (RFC 4791 9.9): UTC, and ending after it starts."""

from __future__ import annotations

import calendar
import re
import time
from typing import Final

from gateway.web.dav import xml

Range = tuple[int, int]

# Where an open end lies: some three thousand years around today, for what a database can hold is wider than a calendar.
EARLIEST: Final = -(10**11)
LATEST: Final = 10**11
_MOMENT: Final = re.compile(r"\d{8}T\d{6}Z\Z", re.ASCII)


def read(element: xml.Element, *, whole: bool = False) -> Range:
    """Give the range that an element names, with one end open unless it must be `whole`; raises ValueError."""
    start, end = element.get("start"), element.get("end")
    if (start is None or end is None) if whole else (start is None and end is None):
        raise ValueError("has a start and an end" if whole else "has a start, an end or both")
    low = EARLIEST if start is None else _instant(start)
    high = LATEST if end is None else _instant(end)
    if high <= low:
        raise ValueError("ends after it starts")
    return low, high


def _instant(value: str) -> int:
    if not _MOMENT.match(value):
        raise ValueError("is told in UTC: 20260131T120000Z")
    try:
        return calendar.timegm(time.strptime(value, "%Y%m%dT%H%M%SZ"))
    except ValueError as error:
        raise ValueError("names moments that there are") from error
