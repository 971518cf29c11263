"""When the components of a copy take place: by the instances that are stored beside it, else by its own words.

All-day and floating times are read as UTC, as they are stored. A rule is followed as far as any series goes here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from mappings import times
from mappings.errors import Unmappable
from mappings.ics import outline
from mappings.ics.outline import Component, Property
from mappings.recurrence.expanding import expand
from mappings.recurrence.fitting import MOST

Span = tuple[int, int]
Occurrence = tuple[int, int, int]  # instance key, start, end

_MOMENT: Final = re.compile(rb"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?\Z")
_DURATION: Final = re.compile(
    rb"([+-]?)P(?=[\dT])(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,8})H)?(?:(\d{1,8})M)?(?:(\d{1,9})S)?)?\Z"
)
_SECONDS: Final = (7 * times.DAY, times.DAY, 3_600, 60, 1)


def duration(value: bytes) -> int | None:
    """Give the seconds of a DURATION value (RFC 5545 3.3.6), or None for what is none."""
    found = _DURATION.match(value.strip().upper())
    if not found:
        return None
    total = sum(int(n or 0) * size for n, size in zip(found.groups()[1:], _SECONDS, strict=True))
    return -total if found[1] == b"-" else total


def walls(it: Property) -> list[tuple[int, str]]:
    """Give the DATEs and DATE-TIMEs of a property as (wall seconds, zone); of a period its start."""
    named = it.parameter("TZID") or "UTC"
    found = []
    for value in it.value.upper().split(b","):
        read = _MOMENT.match(value.partition(b"/")[0].strip())
        wall = _wall(read) if read else None
        if read and wall is not None:
            found.append((wall, "UTC" if read[7] or not read[4] else named))
    return found


def moments(it: Property) -> list[int]:
    """Give the DATEs and DATE-TIMEs of a property as instants."""
    return [instant(*wall) for wall in walls(it)]


def instant(wall: int, zone: str) -> int:
    """Give the instant of a wall time; in a zone that nobody knows, and far from today, it is read as UTC."""
    if zone == "UTC":
        return wall
    try:
        return times.instant(wall, zone)
    except Unmappable:
        return wall


def written(moment: int) -> Property:
    """Write an instant as the value of a property that has no name."""
    return Property(b"", f"{times.naive(moment):%Y%m%dT%H%M%SZ}".encode("ascii"))


def is_date(it: Property) -> bool:
    """Tell whether a property has a DATE and no time."""
    return b"T" not in it.value.upper()


def key(component: Component) -> int | None:
    """Give the instance key of an override: what its RECURRENCE-ID reads; None for what is no override."""
    it = component.first("RECURRENCE-ID")
    found = walls(it) if it else []
    return found[0][0] if found else None


def length(component: Component) -> int:
    """Give how long a component says that it takes, in wall seconds; a to-do that is only due takes no time."""
    begins = _first(component, "DTSTART")
    ends = _first(component, "DTEND") or _first(component, "DUE")
    if begins and ends:
        same = begins[1] == ends[1]
        return max(0, ends[0] - begins[0] if same else instant(*ends) - instant(*begins))
    lasts = component.first("DURATION")
    if lasts:
        return max(0, duration(lasts.value) or 0)
    starts = component.first("DTSTART")
    return times.DAY if starts and is_date(starts) and component.name != "VTODO" else 0


def told(component: Component, *, series: bool = False) -> list[Occurrence]:
    """Give the instances that a component itself tells of; none without a DTSTART or a DUE.

    Of a `series` each has a key of its own, also where there is but one.
    """
    begins = _first(component, "DTSTART") or _first(component, "DUE")
    if begins is None:
        return []
    own, takes = key(component), length(component)
    if own is not None:
        return [(own, *spanned(*begins, takes))]
    more = [w for it in component.all("RDATE") for w in walls(it)]
    but = {instant(*w) for it in component.all("EXDATE") for w in walls(it)}
    every = dict.fromkeys((begins, *_ruled(component, *begins), *more))
    several = series or len(every) > 1
    return [(w if several else 0, *spanned(w, z, takes)) for w, z in every if instant(w, z) not in but]


def _ruled(component: Component, wall: int, zone: str) -> list[tuple[int, str]]:
    """Give what an RRULE says besides its start; nothing of one that cannot be followed."""
    it = component.first("RRULE")
    try:
        rule = it.value.decode("ascii", "replace") if it else ""
        walls = expand(rule, wall, last=times.LATEST, most=MOST, zone=zone) if rule else ()
    except Unmappable:
        return []
    return [(w, zone) for w in walls[1:]]


def spanned(wall: int, zone: str, takes: int) -> Span:
    """Give the instants of something that begins at a wall time and takes some wall seconds."""
    return instant(wall, zone), instant(wall + takes, zone)


def instances(data: bytes) -> list[Occurrence]:
    """Give the instances that a text itself tells of, for a copy that nothing is stored beside: a frozen one."""
    found: list[Occurrence] = []
    for calendar in outline.read(outline.unfolded(data)).inner:
        when = Instances(calendar, ())
        found += [occurrence for c in calendar.inner for occurrence in when.keyed(c)]
    return sorted(found)


class Instances:
    """The instances of one copy by component; `calendar` is its VCALENDAR, `spans` what is stored of it."""

    def __init__(self, calendar: Component, spans: Sequence[Occurrence]) -> None:
        self._spans = spans
        self._overridden = {k for c in calendar.inner if (k := key(c)) is not None}

    def of(self, component: Component) -> list[Span]:
        """Give when a component takes place: an override once, a master wherever there is no override."""
        return [(start, end) for _, start, end in self.keyed(component)]

    def keyed(self, component: Component) -> list[Occurrence]:
        """Give the same with the instance keys."""
        own = key(component) if self._overridden else None
        if own is not None:
            return [s for s in self._spans if s[0] == own] or told(component)
        every = self._spans or told(component, series=bool(self._overridden))
        return [s for s in every if s[0] not in self._overridden]


def _first(component: Component, name: str) -> tuple[int, str] | None:
    it = component.first(name)
    found = walls(it) if it else []
    return found[0] if found else None


def _wall(read: re.Match[bytes]) -> int | None:
    year, month, day, hour, minute, second = (int(n or 0) for n in read.groups()[:6])
    try:
        return times.wall_of(datetime(year, month, day, hour, minute, min(second, 59)))
    except ValueError:
        return None
