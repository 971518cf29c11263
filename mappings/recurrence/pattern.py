"""The text of a recurrence rule, read, checked and written one way (RFC 5545 3.3.10; RFC 7529 for RSCALE).

Read is what programs send: either case, parts in any order, blanks, a DATE in UNTIL beside a DATE-TIME. Refused by name
is what cannot be followed: a calendar that nobody knows, every minute, and what the RFC calls an error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from mappings import times
from mappings.errors import Unmappable
from mappings.recurrence.scales import ALIKE, GREGORIAN, LEAP, SCALES

LONGEST: Final = 2_000  # characters of a rule
FREQUENCIES: Final = ("HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_TOO_OFTEN: Final = ("SECONDLY", "MINUTELY")
WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
# Lists of numbers: the lowest and the highest, and whether the same may be counted from the end.
_LISTS: Final[dict[str, tuple[int, int, bool]]] = {
    "BYSECOND": (0, 59, False), "BYMINUTE": (0, 59, False), "BYHOUR": (0, 23, False),
    "BYMONTHDAY": (1, 31, True), "BYYEARDAY": (1, 366, True), "BYWEEKNO": (1, 53, True),
    "BYMONTH": (1, 12, False), "BYSETPOS": (1, 366, True),
}  # fmt: skip
# Where the RFC has no meaning for a part.
_NEVER: Final[dict[str, tuple[str, ...]]] = {
    "BYWEEKNO": ("HOURLY", "DAILY", "WEEKLY", "MONTHLY"),
    "BYYEARDAY": ("DAILY", "WEEKLY", "MONTHLY"),
    "BYMONTHDAY": ("WEEKLY",),
}
_DAY: Final = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)\Z")
_NUMBER: Final = re.compile(r"[+-]?\d{1,12}\Z", re.ASCII)
_UNTIL: Final = re.compile(r"(\d{8})(?:T(\d{6})(Z?))?\Z", re.ASCII)
_PROPERTY: Final = "RRULE"


@dataclass(frozen=True, slots=True)
class Pattern:
    """One rule; `until` is wall seconds as written, in UTC where `until_utc`; a DATE there is the end of that day.

    `by` are the lists of numbers by name, in order; `days` are (ordinal or 0, weekday from 0 for Monday). `scale` and
    `skip` are only there where they make a difference.
    """

    freq: str
    interval: int
    count: int
    until: int | None
    until_utc: bool
    until_date: bool
    by: dict[str, tuple[int, ...]]
    days: tuple[tuple[int, int], ...]
    week_start: int
    scale: str = GREGORIAN
    skip: str = "OMIT"

    def __hash__(self) -> int:
        """Hash by what it says."""
        return hash(self.text())

    @property
    def scaled(self) -> bool:
        """Tell whether it counts in another calendar's months, or moves days that there are not (RFC 7529)."""
        return self.scale != GREGORIAN or self.skip != "OMIT"

    @property
    def endless(self) -> bool:
        """Tell whether it never ends by its own word."""
        return not self.count and self.until is None

    def text(self) -> str:
        """Write it: FREQ, its end, INTERVAL, the lists in the RFC's order, WKST."""
        parts = [f"RSCALE={self.scale}"] if self.scaled else []
        parts.append(f"FREQ={self.freq}")
        if self.until is not None:
            form = "%Y%m%d" if self.until_date else "%Y%m%dT%H%M%S"
            parts.append(f"UNTIL={times.naive(self.until):{form}}{'Z' if self.until_utc else ''}")
        parts += [f"COUNT={self.count}"] if self.count else []
        parts += [f"INTERVAL={self.interval}"] if self.interval > 1 else []
        for name in ("BYMONTH", "BYWEEKNO", "BYYEARDAY", "BYMONTHDAY"):
            parts += self._list(name)
        if self.days:
            parts.append("BYDAY=" + ",".join(f"{n or ''}{WEEKDAYS[day]}" for n, day in self.days))
        for name in ("BYHOUR", "BYMINUTE", "BYSECOND", "BYSETPOS"):
            parts += self._list(name)
        parts += [f"WKST={WEEKDAYS[self.week_start]}"] if self.week_start else []
        parts += [f"SKIP={self.skip}"] if self.skip != "OMIT" else []
        return ";".join(parts)

    def _list(self, name: str) -> list[str]:
        numbers = (f"{n - LEAP}L" if n > LEAP and name == "BYMONTH" else str(n) for n in self.by.get(name, ()))
        return [f"{name}={','.join(numbers)}"] if name in self.by else []


def checked(text: str) -> str:
    """Write a rule as all rules are written; raises Unmappable("RRULE") for one that cannot be followed."""
    return read(text).text()


@lru_cache(maxsize=4_096)
def read(text: str) -> Pattern:
    """Read a rule; raises Unmappable("RRULE") naming the part that is wrong."""
    parts = _parts(text)
    scale, skip = _scale(parts)
    freq = parts.pop("FREQ", "")
    if freq in _TOO_OFTEN:
        raise Unmappable(_PROPERTY, f"{freq}: more often than every hour")
    if freq not in FREQUENCIES:
        raise Unmappable(_PROPERTY, f"FREQ={freq[:20]} is none" if freq else "has no FREQ")
    until, in_utc, dated = _until(parts.pop("UNTIL", ""))
    count = _positive(parts, "COUNT", 0)
    if count and until is not None:
        raise Unmappable(_PROPERTY, "has both COUNT and UNTIL")
    interval = _positive(parts, "INTERVAL", 1)
    days = _days(parts.pop("BYDAY", ""))
    week_start = parts.pop("WKST", "MO")
    if week_start not in WEEKDAYS:
        raise Unmappable(_PROPERTY, f"WKST={week_start[:20]} is no weekday")
    by = {name: _numbers(name, parts.pop(name), scale) for name in _LISTS if name in parts}
    if parts:
        raise Unmappable(_PROPERTY, f"{next(iter(parts))[:40]} is not known")
    _fits(freq, by, days)
    if not _scaled(freq, by, days, scale, skip):
        scale, skip = GREGORIAN, "OMIT"
    return Pattern(freq, interval, count, until, in_utc, dated, by, days, WEEKDAYS.index(week_start), scale, skip)


def _parts(text: str) -> dict[str, str]:
    if len(text) > LONGEST:
        raise Unmappable(_PROPERTY, f"is longer than {LONGEST} characters")
    found: dict[str, str] = {}
    for part in "".join(text.upper().split()).removeprefix("RRULE:").split(";"):
        name, equals, value = part.partition("=")
        if not part:
            continue
        if not equals or not value:
            raise Unmappable(_PROPERTY, f"{part[:40]} is no part of a rule")
        if found.setdefault(name, value) != value:
            raise Unmappable(_PROPERTY, f"{name[:40]} is there twice")
    return found


def _scale(parts: dict[str, str]) -> tuple[str, str]:
    scale, skip = parts.pop("RSCALE", GREGORIAN), parts.pop("SKIP", "OMIT")
    if scale not in SCALES:
        raise Unmappable(_PROPERTY, f"RSCALE={scale[:20]} is a calendar that we do not keep")
    if skip not in ("OMIT", "FORWARD", "BACKWARD"):
        raise Unmappable(_PROPERTY, f"SKIP={skip[:20]} is none of OMIT, FORWARD and BACKWARD")
    return scale, skip


def _scaled(
    freq: str, by: dict[str, tuple[int, ...]], days: tuple[tuple[int, int], ...], scale: str, skip: str
) -> bool:
    """Tell whether a calendar, or what becomes of days that it has not, makes a difference to a rule."""
    other = scale not in ALIKE
    if freq not in ("MONTHLY", "YEARLY"):
        if other and by.keys() & {"BYMONTH", "BYMONTHDAY"}:
            raise Unmappable(_PROPERTY, f"RSCALE={scale} is not followed with FREQ={freq} and BYMONTH")
        return False
    plain = not days and by.keys() <= {"BYMONTH", "BYMONTHDAY"}
    if plain:
        return other or skip != "OMIT"
    if other or (skip != "OMIT" and "BYMONTHDAY" in by):
        raise Unmappable(_PROPERTY, "RSCALE and SKIP are followed with BYMONTH and BYMONTHDAY only")
    return False


def _until(value: str) -> tuple[int | None, bool, bool]:
    if not value:
        return None, False, False
    found = _UNTIL.match(value)
    try:
        moment = datetime.strptime(found[1] + (found[2] or "000000"), "%Y%m%d%H%M%S") if found else None
    except ValueError:
        moment = None
    if found is None or moment is None:
        raise Unmappable(_PROPERTY, f"UNTIL={value[:20]} is no date")
    # Whatever lies beyond what we keep is an end all the same.
    return min(max(times.wall_of(moment), times.EARLIEST), times.LATEST - 1), bool(found[3]), not found[2]


def _positive(parts: dict[str, str], name: str, default: int) -> int:
    value = parts.pop(name, None)
    if value is None:
        return default
    if not _NUMBER.match(value) or int(value) < 1:
        raise Unmappable(_PROPERTY, f"{name}={value[:20]} is not above 0")
    return int(value)


def _numbers(name: str, value: str, scale: str) -> tuple[int, ...]:
    lowest, highest, backwards = _LISTS[name]
    other = name == "BYMONTH" and scale not in ALIKE
    highest += other  # a thirteenth month
    found = set()
    for word in value.split(","):
        leap = other and word.endswith("L")
        told = word[:-1] if leap else word
        number = int(told) if _NUMBER.match(told) else highest + 1
        if name == "BYSECOND" and number == 60:  # a leap second, which no clock here has (RFC 5545 3.3.10)
            number = 59
        if not lowest <= (abs(number) if backwards else number) <= highest:
            raise Unmappable(_PROPERTY, f"{name}={word[:20]} is out of range")
        found.add(number + LEAP * leap)
    return tuple(sorted(found))


def _days(value: str) -> tuple[tuple[int, int], ...]:
    found = set()
    for word in value.split(",") if value else ():
        day = _DAY.match(word)
        number = int(day[1] or 0) if day else 0
        if day is None or abs(number) > 53 or (day[1] and not number):
            raise Unmappable(_PROPERTY, f"BYDAY={word[:20]} is no weekday")
        found.add((number, WEEKDAYS.index(day[2])))
    return tuple(sorted(found, key=lambda d: (d[1], d[0])))


def _fits(freq: str, by: dict[str, tuple[int, ...]], days: tuple[tuple[int, int], ...]) -> None:
    for name, frequencies in _NEVER.items():
        if name in by and freq in frequencies:
            raise Unmappable(_PROPERTY, f"{name} has no meaning with FREQ={freq}")
    if any(n for n, _ in days) and (freq not in ("MONTHLY", "YEARLY") or "BYWEEKNO" in by):
        raise Unmappable(_PROPERTY, "a numbered BYDAY has no meaning here")
    if "BYSETPOS" in by and not days and set(by) == {"BYSETPOS"}:
        raise Unmappable(_PROPERTY, "BYSETPOS has nothing to choose from")
