"""Which zone a TZID means: by its name, else by the definition that came with it (RFC 5545 3.2.19, 3.6.5).

Known are IANA names, also behind a vendor's path, the names of Windows, and what Outlook shows its people instead of
them. What no name tells, the VTIMEZONE of the same message does: it is the IANA zone that keeps the same time in that
year. Where name and definition differ the name counts: zones with wrong definitions are met far more often than wrong
names. Nothing is remembered of any message, so that one sender's zones shift nobody else's times.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from zoneinfo import available_timezones

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from mappings import times
from mappings.errors import Unmappable, Unreadable
from mappings.ics.lines import name_of, split, unfolded
from mappings.recurrence.expanding import expand
from mappings.times import DAY

MAX_ZONES: Final = 50  # definitions of one message
MAX_OBSERVANCES: Final = 200  # of one definition
_ZONE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_+-]{1,40}(?:/[A-Za-z0-9_+-]{1,40}){0,2}\Z")
_WINDOWS: Final = {name.lower(): iana for name, iana in WINDOWS_TO_OLSON.items()}
_UTC: Final = frozenset(
    {"utc", "z", "gmt", "etc/utc", "etc/gmt", "tzone://microsoft/utc", "coordinated universal time"}
)
_NO_ZONES: Final = frozenset({"localtime", "posixrules", "Factory"})
# What Outlook shows: an offset, and cities or the name of a region.
_SHOWN: Final = re.compile(r"\((?:UTC|GMT)(?:([+-])(\d\d?)[:.](\d\d))?\)\s*(.*)\Z", re.IGNORECASE | re.DOTALL)
_REGIONS: Final = {
    "pacific time": "America/Los_Angeles", "mountain time": "America/Denver", "central time": "America/Chicago",
    "eastern time": "America/New_York", "atlantic time": "America/Halifax", "newfoundland": "America/St_Johns",
    "alaska": "America/Anchorage", "hawaii": "Pacific/Honolulu", "arizona": "America/Phoenix",
    "saskatchewan": "America/Regina", "brasilia": "America/Sao_Paulo", "greenland": "America/Nuuk",
    "azores": "Atlantic/Azores", "bern": "Europe/Zurich", "edinburgh": "Europe/London", "beijing": "Asia/Shanghai",
    "chennai": "Asia/Kolkata", "mumbai": "Asia/Kolkata", "new delhi": "Asia/Kolkata", "osaka": "Asia/Tokyo",
    "canberra": "Australia/Sydney", "wellington": "Pacific/Auckland", "abu dhabi": "Asia/Dubai",
    "pretoria": "Africa/Johannesburg", "west central africa": "Africa/Lagos", "st. petersburg": "Europe/Moscow",
}  # fmt: skip
_OFFSET: Final = re.compile(r"\(?(?:UTC|GMT)\s*([+-])(\d\d?):?(\d\d)?\)?(?!\d)", re.IGNORECASE)
_TZOFFSET: Final = re.compile(r"([+-])(\d\d):?(\d\d):?(\d\d)?\Z")
_MOMENT: Final = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z?\Z", re.ASCII)
# Where several zones keep the same time, the one that most people live in.
_USUAL: Final = (
    "Europe/Berlin", "Europe/London", "Europe/Athens", "Europe/Moscow", "America/New_York", "America/Chicago",
    "America/Denver", "America/Los_Angeles", "America/Sao_Paulo", "Asia/Kolkata", "Asia/Shanghai", "Asia/Tokyo",
    "Australia/Sydney", "Africa/Johannesburg", "Asia/Dubai", "Africa/Lagos",
)  # fmt: skip


def zone_name(tzid: str) -> str:
    """Give the IANA name, or ``UTC``, that a TZID means by itself; empty where it does not tell."""
    return _named(tzid) or _offset(_plain(tzid))


@lru_cache(maxsize=1_024)
def _named(tzid: str) -> str:
    name = _plain(tzid)
    if name.lower() in _UTC:
        return "UTC"
    return _WINDOWS.get(name.lower()) or _in_path(name) or _shown(name)


def _plain(tzid: str) -> str:
    return tzid.strip().strip('"').strip()


def _in_path(name: str) -> str:
    steps = name.split("/")
    # Two steps before three, so that "right/Europe/Berlin", which counts leap seconds, is Europe/Berlin.
    for count in (2, 3, 1):
        candidate = "/".join(steps[-count:])
        if candidate.lower() in _UTC:
            return "UTC"
        if _ZONE.match(candidate) and _is_zone(candidate):
            return candidate
    return ""


def _is_zone(name: str) -> bool:
    try:
        times.zone(name)
    except Unmappable:
        return False
    return name not in _NO_ZONES


def _shown(name: str) -> str:
    """Read what Outlook shows: the first city or region that is where the offset says."""
    found = _SHOWN.match(name)
    words = (found[4] if found else name).lower()
    stated = _seconds(found[1] or "+", found[2] or "0", found[3] or "0") if found else None
    for word in re.split(r"[,;/]", words):
        place = word.partition("(")[0].strip()
        zone = _REGIONS.get(place) or _cities().get(place.replace(" ", "_"))
        if zone and (stated is None or stated in _offsets(zone)):
            return zone
    return ""


@lru_cache(maxsize=1)
def _cities() -> Mapping[str, str]:
    """Give the zones of cities, by the last step of their names."""
    some = (name for name in sorted(available_timezones()) if "/" in name and not name.startswith("Etc/"))
    return {name.rpartition("/")[2].lower(): name for name in some}


@lru_cache(maxsize=1_024)
def _offsets(zone: str) -> frozenset[int]:
    """Give the offsets that a zone has in the course of a year, in seconds."""
    moments = (1_767_225_600 + month * 30 * DAY for month in range(12))
    return frozenset(times.wall(moment, zone) - moment for moment in moments)


def _offset(name: str) -> str:
    found = _OFFSET.match(name)
    return fixed(_seconds(found[1], found[2], found[3] or "0")) if found else ""


def fixed(offset: int) -> str:
    """Give the zone of an offset (seconds) that is always the same; there are some for whole hours only."""
    hours, rest = divmod(offset, 3_600)
    if rest or not -12 <= hours <= 14:
        return ""
    return f"Etc/GMT{-hours:+d}" if hours else "UTC"


def _seconds(sign: str, hours: str, minutes: str, seconds: str = "0") -> int:
    total = int(hours) * 3_600 + int(minutes) * 60 + int(seconds or 0)
    return -total if sign == "-" else total


# --- by definition ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Observance:
    """One STANDARD or DAYLIGHT: since when (wall seconds of the clock before), by which rule again, and its offset."""

    onset: int
    rrule: str
    offset: int


Definitions = Mapping[str, tuple[Observance, ...]]


def definitions(text: str) -> Definitions:
    """Read the VTIMEZONEs of calendar text by their TZID; what is damaged, or too much, is passed over."""
    found: dict[str, tuple[Observance, ...]] = {}
    if "VTIMEZONE" not in text.upper():
        return found
    block: list[tuple[int, str]] | None = None
    for number, line in unfolded(text):
        word = line.strip().upper()
        if word == "BEGIN:VTIMEZONE":
            block = []
        elif word == "END:VTIMEZONE" and block is not None:
            tzid, some = _definition(block)
            if tzid and len(found) < MAX_ZONES:
                found.setdefault(tzid, some)
            block = None
        elif block is not None and len(block) < 8 * MAX_OBSERVANCES:
            block.append((number, line))
    return found


def _definition(block: Iterable[tuple[int, str]]) -> tuple[str, tuple[Observance, ...]]:
    tzid, some, told = "", [], dict[str, str]()
    for number, line in block:
        name = name_of(line)
        if name == "BEGIN":
            told = {}
        elif name == "END":
            some += _observance(told)
        elif name:
            try:
                value = split(number, line).value.strip()
            except Unreadable:
                continue
            tzid = value if name == "TZID" and not tzid else tzid
            told.setdefault(name, value)
    return tzid.strip('"').strip(), tuple(some[:MAX_OBSERVANCES])


def _observance(told: Mapping[str, str]) -> list[Observance]:
    onset, offset = _MOMENT.match(told.get("DTSTART", "")), _TZOFFSET.match(told.get("TZOFFSETTO", ""))
    if onset is None or offset is None:
        return []
    year, month, day, hour, minute, second = map(int, onset.groups())
    if not 1 <= month <= 12 or not 1 <= day <= 31 or hour > 23:
        return []
    wall = calendar.timegm((max(year, 1970), month, min(day, calendar.monthrange(max(year, 1970), month)[1]), hour,
                            minute, second))  # fmt: skip
    return [Observance(wall, told.get("RRULE", ""), _seconds(offset[1], offset[2], offset[3], offset[4] or "0"))]


class Zones:
    """The zones of one message: by name, else by the definitions that came with it."""

    def __init__(self, defined: Definitions, base: str = "UTC") -> None:
        self._defined, self._base = defined, base

    def name(self, tzid: str, near: int) -> str:
        """Give the IANA name, or ``UTC``, of a TZID in the year of `near` (wall seconds); empty where none can tell."""
        defined = self._defined.get(_plain(tzid), ())
        return _named(tzid) or _by_definition(defined, near, self._base) or _offset(_plain(tzid))


@lru_cache(maxsize=256)
def _by_definition(some: tuple[Observance, ...], near: int, base: str) -> str:
    if not some or not times.EARLIEST <= near < times.LATEST:
        return ""
    year = times.day(near).year
    walls = [calendar.timegm((year, month, 15, 12, 0, 0)) for month in range(1, 13)]
    wanted = [_at(some, wall) for wall in (*walls, near)]
    # Those that may be meant first; then, where nobody can tell them apart, the first by its name.
    for zone in (base, *_USUAL, *_by_name()):
        if [wall - times.instant(wall, zone) for wall in (*walls, near)] == wanted:
            return zone
    return fixed(wanted[-1])


@lru_cache(maxsize=1)
def _by_name() -> tuple[str, ...]:
    return tuple(sorted(name for name in available_timezones() if "/" in name and _is_zone(name)))


def _at(some: Iterable[Observance], wall: int) -> int:
    """Give the offset that a definition has at a wall time: that of the observance that began last."""
    begun = [(last, one.offset) for one in some if (last := _last_onset(one, wall)) is not None]
    return max(begun)[1] if begun else min(some, key=lambda one: one.onset).offset


def _last_onset(one: Observance, wall: int) -> int | None:
    if one.onset > wall:
        return None
    if not one.rrule:
        return one.onset
    try:
        return expand(one.rrule, one.onset, last=wall, most=1_000, zone="UTC")[-1]
    except Unmappable:
        return one.onset
