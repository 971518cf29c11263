"""Free time: what blocks it, spans laid together, the gaps that are left, and the slots that fit into them.

A span is (start, end) in instants, half-open. Source: the CRM's appointment table (freeBusy, leadtime, lagTime) and its
GetNextAvailableTime.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from operator import itemgetter
from typing import Final

from mappings import times
from mappings.status import DIARY_TYPES, shown

Span = tuple[int, int]
QUARTER: Final = 900

# Statuses of rows that stand in a diary and block time, pending ones and assignments included.
BUSY: Final = frozenset({1, 2, 3, 5, 6, 7, 8, 11, 12, 13})


def blocks(type_: int, status: int, *, free: bool) -> bool:
    """Tell whether a row blocks time: a to-do never does, nor what is marked free, declined, cancelled or hidden."""
    return not free and type_ in DIARY_TYPES and status in BUSY and shown(status).published


def merged(spans: Iterable[Span]) -> list[Span]:
    """Lay spans together: sorted, apart from each other, and none empty."""
    found: list[Span] = []
    for start, end in sorted(s for s in spans if s[0] < s[1]):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def gaps(busy: Sequence[Span], span: Span) -> Iterator[Span]:
    """Give what `busy` leaves of a span; `busy` is sorted and apart, as `merged` gives it."""
    at, last = span
    for index in range(bisect_right(busy, at, key=itemgetter(1)), len(busy)):
        start, end = busy[index]
        if start >= last:
            break
        if start > at:
            yield at, start
        at = end
    if at < last:
        yield at, last


def working(span: Span, hours: Span, weekdays: int, zone: str) -> Iterator[Span]:
    """Give the working hours within a span, day by day; two days are never laid together.

    `hours` are seconds of the day on the clock of `zone`; `weekdays` the CRM's flags, Monday 1 to Sunday 64.
    """
    start, end = span
    first, last = times.wall(start, zone), times.wall(end, zone)
    for midnight in range(first - first % times.DAY - times.DAY, last + times.DAY, times.DAY):
        if not weekdays >> _weekday(midnight) & 1:
            continue
        opens = max(start, _reached(midnight + hours[0], zone))
        closes = min(end, _reached(midnight + hours[1], zone))
        if opens < closes:
            yield opens, closes


def _reached(wall: int, zone: str) -> int:
    """Give the first instant at which a clock reads `wall`, or has jumped past it."""
    moment = times.instant(wall, zone)
    jump = times.wall(moment, zone) - wall
    before = moment - jump
    return before + bisect_left(range(before, moment), wall, key=lambda at: times.wall(at, zone)) if jump else moment


def _weekday(midnight: int) -> int:
    return (midnight // times.DAY + 3) % 7  # 1970 began on a Thursday


def slots(busy: Sequence[Span], hours: Iterable[Span], length: int, zone: str, count: int) -> list[Span]:
    """Give the first `count` slots of `length` seconds within `hours` that `busy` leaves free.

    They begin at full quarters of an hour on the clock of `zone`, and do not overlap each other.
    """
    return list(islice(_slots(busy, hours, length, zone), count))


def _slots(busy: Sequence[Span], hours: Iterable[Span], length: int, zone: str) -> Iterator[Span]:
    for span in hours:
        for start, end in gaps(busy, span):
            at = _quarter(start, zone)
            while at + length <= end:
                yield at, at + length
                at = _quarter(at + length, zone)


def _quarter(moment: int, zone: str) -> int:
    """Give the next full quarter of an hour, at the latest now."""
    return moment + -times.wall(moment, zone) % QUARTER


def overlap(one: Span, other: Span) -> bool:
    """Tell whether two spans share time; an empty span is the moment of its start."""
    return one[0] < max(other[1], other[0] + 1) and other[0] < max(one[1], one[0] + 1)
