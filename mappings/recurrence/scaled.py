"""A rule that counts in the months of another calendar, or moves the days that there are not (RFC 7529: RSCALE, SKIP).

Followed are MONTHLY and YEARLY rules by month and by day of the month, which is what such rules are made for: a feast,
a birthday, the last of every month.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from mappings import times
from mappings.errors import Unmappable
from mappings.recurrence.pattern import Pattern
from mappings.recurrence.scales import LEAP, Month, known_until, months, year_of

MOST_LOOKED_AT: Final = 5_000  # months of one rule: four hundred years
_EPOCH: Final = date(1970, 1, 1).toordinal()


def walls(pattern: Pattern, start: int, end: int) -> Iterator[int]:
    """Give what comes after `start`, in order, until `end`; wall seconds. Raises Unmappable for too long a search."""
    clock, found = start % times.DAY, start
    for period in _periods(pattern, _EPOCH + start // times.DAY, _EPOCH + end // times.DAY):
        for day in sorted(period):
            wall = (day - _EPOCH) * times.DAY + clock
            if wall > end:
                return
            if wall > found:  # what was moved forward may be what there is anyway
                found = wall
                yield wall


def _periods(pattern: Pattern, first: int, last: int) -> Iterator[set[int]]:
    """Give the days of one month, or year, after another."""
    year = year_of(pattern.scale, first)
    month = next(m for m in months(pattern.scale, year) if m.first <= first < m.first + m.length)
    days = pattern.by.get("BYMONTHDAY") or (first - month.first + 1,)
    follow = _monthly if pattern.freq == "MONTHLY" else _yearly
    final, looked = year_of(pattern.scale, min(last, known_until(pattern.scale))), 0
    for some in follow(pattern, year, month, final):
        looked += max(1, len(some))
        if looked > MOST_LOOKED_AT:
            raise Unmappable("RRULE", f"more than {MOST_LOOKED_AT} months have to be looked at")
        yield {day for one in some for number in days for day in _on(one, number, pattern.skip)}


def _monthly(pattern: Pattern, year: int, month: Month, final: int) -> Iterator[list[Month]]:
    wanted = pattern.by.get("BYMONTH")
    some = list(months(pattern.scale, year))
    place = some.index(month)
    while year <= final:
        while place < len(some):
            yield [some[place]] if wanted is None or some[place].number in wanted else []
            place += pattern.interval
        place, year = place - len(some), year + 1
        some = list(months(pattern.scale, year)) if year <= final else []


def _yearly(pattern: Pattern, year: int, month: Month, final: int) -> Iterator[list[Month]]:
    wanted = pattern.by.get("BYMONTH")
    if wanted is None and "BYMONTHDAY" not in pattern.by:
        wanted = (month.number,)
    while year <= final:
        some = list(months(pattern.scale, year))
        yield some if wanted is None else [m for n in wanted for m in _month(some, n, pattern.skip)]
        year += pattern.interval


def _month(some: list[Month], number: int, skip: str) -> list[Month]:
    """Give the month of a number; in a year without that leap month the one before or after it, or none."""
    found = [m for m in some if m.number == number]
    if found or number < LEAP or skip == "OMIT":
        return found
    return [m for m in some if m.number == number - LEAP + (skip == "FORWARD")]


def _on(month: Month, number: int, skip: str) -> list[int]:
    """Give the day of a number; where the month is shorter its last, the first of the next one, or none."""
    day = number if number > 0 else month.length + 1 + number
    if 1 <= day <= month.length:
        return [month.first + day - 1]
    if day < 1 or skip == "OMIT":
        return []
    return [month.first + month.length - (skip == "BACKWARD")]
