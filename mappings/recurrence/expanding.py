"""A recurrence rule -> its occurrences on a wall clock, never more work than a bound (RFC 5545 3.3.10, 3.8.5.3).

Written here, because libraries look for the next occurrence until they find one: a rule that never matches keeps them
busy for seconds or for ever. Tests let three of them judge what is found.
A rule is followed period by period (years, months, weeks, days, hours); in each, every part only leaves days out. The
start counts as the first occurrence, whether the rule says so or not.
"""

from __future__ import annotations

from calendar import isleap, monthrange
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Final

from mappings import times
from mappings.errors import Unmappable
from mappings.recurrence import scaled
from mappings.recurrence.pattern import Pattern, read

# Days and hours looked at for one rule: a day each for more than two hundred years, some 50 ms.
MOST_LOOKED_AT: Final = 100_000
_HOUR: Final = 3_600
_EPOCH: Final = date(1970, 1, 1).toordinal()


def endless(rrule: str) -> bool:
    """Tell whether a rule never ends by its own word."""
    return read(rrule).endless


def ended(rrule: str, last: int, zone: str, *, all_day: bool) -> str:
    """Write a rule with its end at the occurrence `last`, wall seconds of `zone` (RFC 5545 3.3.10: UNTIL)."""
    end = last if all_day else times.instant(last, zone)
    return replace(read(rrule), count=0, until=end, until_utc=not all_day, until_date=all_day).text()


@lru_cache(maxsize=1_024)
def expand(rrule: str, start: int, *, last: int, most: int, zone: str) -> tuple[int, ...]:
    """Give the occurrences of a rule until `last`, in order, wall seconds of `zone`; at most one more than `most`.

    `start` is the first, in `zone`, on whose clock an UNTIL in UTC is read; "UTC" for all-day. Raises Unmappable for a
    rule that cannot be followed, and for one that has to be looked for too long.
    """
    pattern = read(rrule)
    end = min(last, times.LATEST - 1, _until(pattern, zone))
    most = min(most + 1, pattern.count or most + 1)
    found = [start] if times.EARLIEST <= start < times.LATEST else []
    if not found:
        raise Unmappable("DTSTART", "lies outside the years 1900 to 2199")
    if start > end or most == 1:
        return (start,) if start <= last else ()
    for wall in scaled.walls(pattern, start, end) if pattern.scaled else _Following(pattern, start, end).walls():
        found.append(wall)
        if len(found) == most:
            break
    return tuple(found)


def _until(pattern: Pattern, zone: str) -> int:
    if pattern.until is None:
        return times.LATEST
    if pattern.until_date:
        return pattern.until + times.DAY - 1
    return times.wall(pattern.until, zone) if pattern.until_utc else pattern.until


@dataclass(frozen=True, slots=True)
class _Day:
    """One day as the parts of a rule look at it."""

    ordinal: int
    year: int
    month: int
    day: int

    @classmethod
    def of(cls, ordinal: int) -> _Day:
        found = date.fromordinal(ordinal)
        return cls(ordinal, found.year, found.month, found.day)

    @property
    def weekday(self) -> int:
        return (self.ordinal - 1) % 7


class _Following:
    """One rule being followed from its start until `end`."""

    def __init__(self, pattern: Pattern, start: int, end: int) -> None:
        self._rule, self._start, self._end = pattern, start, end
        self._first = _Day.of(_EPOCH + start // times.DAY)
        self._by = {name: frozenset(numbers) for name, numbers in pattern.by.items()}
        self._days = frozenset(pattern.days)
        self._implied()
        self._clock = self._times()
        self._looked = 0

    def _implied(self) -> None:
        """Take from the start what the rule leaves open (RFC 5545 3.3.10)."""
        freq, by, first = self._rule.freq, self._by, self._first
        if freq == "WEEKLY" and not self._days:
            self._days = frozenset({(0, first.weekday)})
        if freq in ("MONTHLY", "YEARLY") and not (self._days or by.keys() & {"BYMONTHDAY", "BYYEARDAY", "BYWEEKNO"}):
            by["BYMONTHDAY"] = frozenset({first.day})
            if freq == "YEARLY":
                by.setdefault("BYMONTH", frozenset({first.month}))
        if "BYWEEKNO" in by and not (self._days or by.keys() & {"BYMONTHDAY", "BYYEARDAY"}):
            self._days = frozenset({(0, first.weekday)})

    def _times(self) -> list[int]:
        """Give the seconds after midnight, or after the full hour, at which there is something on a day."""
        seconds = self._start % times.DAY
        hours = self._by.get("BYHOUR") or {seconds // _HOUR}
        minutes = self._by.get("BYMINUTE") or {seconds // 60 % 60}
        rest = self._by.get("BYSECOND") or {seconds % 60}
        hours = {0} if self._rule.freq == "HOURLY" else hours
        return sorted(h * _HOUR + m * 60 + s for h in hours for m in minutes for s in rest)

    def walls(self) -> Iterator[int]:
        """Give what comes after the start, in order."""
        for period in self._periods():
            for wall in self._chosen(period):
                if wall > self._end:
                    return
                if wall > self._start:
                    yield wall

    def _chosen(self, walls: list[int]) -> list[int]:
        positions = self._rule.by.get("BYSETPOS")
        if not positions:
            return walls
        size = len(walls)
        places = {p - 1 if p > 0 else size + p for p in positions}
        return [walls[p] for p in sorted(places) if 0 <= p < size]

    def _periods(self) -> Iterator[list[int]]:
        if self._rule.freq == "HOURLY":
            yield from self._hours()
            return
        for days in self._spans():
            fitting = [d for d in days if self._fits(d)]
            yield [(d.ordinal - _EPOCH) * times.DAY + clock for d in fitting for clock in self._clock]

    def _hours(self) -> Iterator[list[int]]:
        hour, step = self._start // _HOUR, self._rule.interval
        wanted = self._by.get("BYHOUR")
        while hour * _HOUR <= self._end:
            day = self._look(_EPOCH + hour // 24)
            if not self._fits(day):  # nothing on this day: on to the first step of a later one
                left = 24 - hour % 24
                hour += -(-left // step) * step
                continue
            if wanted is None or hour % 24 in wanted:
                yield [hour * _HOUR + clock for clock in self._clock]
            hour += step

    def _spans(self) -> Iterator[list[_Day]]:
        """Give the days of one period after another, in which something may be, until the end."""
        last = _EPOCH + self._end // times.DAY
        step, first = self._rule.interval, self._first
        if self._rule.freq in ("DAILY", "WEEKLY"):
            length = 1 if self._rule.freq == "DAILY" else 7
            start = first.ordinal if length == 1 else first.ordinal - (first.weekday - self._rule.week_start) % 7
            for ordinal in range(start, last + 1, step * length):
                yield [self._look(o) for o in range(ordinal, ordinal + length)]
            return
        months = self._by.get("BYMONTH")
        months_long = 12 if self._rule.freq == "YEARLY" else 1
        month = first.year * 12 + (first.month - 1 if months_long == 1 else 0)
        end = date.fromordinal(last)
        while month <= end.year * 12 + end.month - 1:
            wanted = [m for m in range(month, month + months_long) if months is None or m % 12 + 1 in months]
            self._looked += 1
            yield [self._look(o) for m in wanted for o in _month(m // 12, m % 12 + 1)]
            month += step * months_long

    def _look(self, ordinal: int) -> _Day:
        self._looked += 1
        if self._looked > MOST_LOOKED_AT:
            raise Unmappable("RRULE", f"more than {MOST_LOOKED_AT} days have to be looked at")
        return _Day.of(ordinal)

    def _fits(self, day: _Day) -> bool:
        by = self._by
        if "BYMONTH" in by and day.month not in by["BYMONTH"]:
            return False
        if "BYMONTHDAY" in by:
            length = monthrange(day.year, day.month)[1]
            if not {day.day, day.day - length - 1} & by["BYMONTHDAY"]:
                return False
        if "BYYEARDAY" in by:
            number = _of_year(day)
            if not {number, number - _length(day.year) - 1} & by["BYYEARDAY"]:
                return False
        if "BYWEEKNO" in by and not _weeks(day, self._rule.week_start) & by["BYWEEKNO"]:
            return False
        return not self._days or self._on_weekday(day)

    def _on_weekday(self, day: _Day) -> bool:
        weekday = day.weekday
        if (0, weekday) in self._days:
            return True
        if self._rule.freq == "MONTHLY" or "BYMONTH" in self._by:
            place, length = day.day, monthrange(day.year, day.month)[1]
        else:
            place, length = _of_year(day), _length(day.year)
        return bool({((place - 1) // 7 + 1, weekday), (-((length - place) // 7) - 1, weekday)} & self._days)


def _month(year: int, month: int) -> range:
    first = date(year, month, 1).toordinal()
    return range(first, first + monthrange(year, month)[1])


def _length(year: int) -> int:
    return 366 if isleap(year) else 365


def _of_year(day: _Day) -> int:
    return day.ordinal - date(day.year, 1, 1).toordinal() + 1


def _weeks(day: _Day, week_start: int) -> set[int]:
    """Give the number of a day's week, from the beginning and from the end of the year that the week is of.

    The first week of a year is the first with four of its days (RFC 5545 3.3.10).
    """
    start = day.ordinal - (day.weekday - week_start) % 7
    year = date.fromordinal(start + 3).year
    first, following = _first_week(year, week_start), _first_week(year + 1, week_start)
    number = (start - first) // 7 + 1
    return {number, number - (following - first) // 7 - 1}


def _first_week(year: int, week_start: int) -> int:
    fourth = date(year, 1, 4).toordinal()
    return fourth - ((fourth - 1) % 7 - week_start) % 7
