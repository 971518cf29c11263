"""A calendar-query's filter -> the range it asks for; whatever else it asks is refused by name (RFC 4791 9.7-9.9)."""

from __future__ import annotations

import calendar
import re
import time
from typing import Final

from gateway.web.dav import xml
from gateway.web.refusals import InvalidFilter, UnsupportedFilter

Range = tuple[int, int]

_C: Final = f"{{{xml.CALDAV}}}"
# Where an open end lies: some three thousand years around today, for what a database can hold is wider than a calendar.
EARLIEST: Final = -(10**11)
LATEST: Final = 10**11
# The answer to a filter that no object of the calendar can match.
NOTHING: Final[Range] = (0, 0)
# What other calendars may hold (RFC 5545 3.6); time zones stand in every object, and alarms inside others.
_COMPONENTS: Final = frozenset({"VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY"})
_MOMENT: Final = re.compile(r"\d{8}T\d{6}Z\Z")


def time_range(root: xml.Element, component: str) -> Range | None:
    """Give the range of instants that a filter asks for, or None for everything in a calendar of `component`.

    NOTHING where it asks for another component. Raises UnsupportedFilter for anything but VCALENDAR, one component and
    one time-range; InvalidFilter for one that breaks the rules.
    """
    filters = root.findall(f"{_C}filter")
    if len(filters) != 1:
        raise InvalidFilter
    outer = _only(filters[0], "comp-filter", "VCALENDAR")
    if outer is None:
        raise InvalidFilter
    if _asks_elsewhere(outer, component):
        return NOTHING
    inner = _only(outer, "comp-filter", component)
    if inner is None:
        return None
    span = _only(inner, "time-range")
    return None if span is None else _range(span)


def _asks_elsewhere(outer: xml.Element, component: str) -> bool:
    """Tell whether a filter asks for a component that is not here; one that wants it to be missing asks for us."""
    wanted = list(outer)
    named = {e.get("name") for e in wanted if e.tag == f"{_C}comp-filter"}
    missing = any(e.find(f"{_C}is-not-defined") is not None for e in wanted)
    return len(wanted) == len(named) == 1 and not missing and named <= _COMPONENTS - {component}


def _only(parent: xml.Element, tag: str, name: str | None = None) -> xml.Element | None:
    """Give the only child there may be, or None for no child."""
    children = list(parent)
    if not children:
        return None
    child = children[0]
    if len(children) > 1 or child.tag != f"{_C}{tag}" or child.get("name") != name:
        raise UnsupportedFilter
    return child


def _range(span: xml.Element) -> Range:
    start, end = span.get("start"), span.get("end")
    if start is None and end is None:
        raise InvalidFilter("A time-range has a start, an end or both.")
    low = EARLIEST if start is None else _instant(start)
    high = LATEST if end is None else _instant(end)
    if high <= low:
        raise InvalidFilter("A time-range ends after it starts.")
    return low, high


def _instant(value: str) -> int:
    if not _MOMENT.match(value):
        raise InvalidFilter("A time-range is told in UTC: 20260131T120000Z.")
    try:
        return calendar.timegm(time.strptime(value, "%Y%m%dT%H%M%SZ"))
    except ValueError as error:
        raise InvalidFilter("A time-range names a moment that there is not.") from error
