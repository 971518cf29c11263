"""Instances that take time -> the periods of a VFREEBUSY (RFC 5545 3.8.2.6, RFC 4791 7.10)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

BUSY: Final = "BUSY"
TENTATIVE: Final = "BUSY-TENTATIVE"


class Taken(NamedTuple):
    """An instance that takes time: first and last instant, and whether its holder has yet to say so."""

    start: int
    end: int
    tentative: bool


class Period(NamedTuple):
    """A stretch of time (instants, the end exclusive) and its FBTYPE."""

    start: int
    end: int
    type: str


def periods(taken: Iterable[Taken], start: int, end: int) -> list[Period]:
    """Give the periods in [start, end), by time; none overlaps another, and what is sure stands before what is not."""
    inside = [Taken(max(t.start, start), min(t.end, end), t.tentative) for t in taken]
    some = [t for t in inside if t.start < t.end]
    sure = _merged((t.start, t.end) for t in some if not t.tentative)
    unsure = _without(_merged((t.start, t.end) for t in some if t.tentative), sure)
    return sorted([Period(*s, BUSY) for s in sure] + [Period(*s, TENTATIVE) for s in unsure])


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def _without(spans: list[tuple[int, int]], taken: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Leave out of some spans what others take; both sorted, and neither overlapping itself."""
    found: list[tuple[int, int]] = []
    place = 0
    for start, end in spans:
        while place < len(taken) and taken[place][1] <= start:
            place += 1
        free, at = start, place
        while at < len(taken) and taken[at][0] < end:
            if free < taken[at][0]:
                found.append((free, taken[at][0]))
            free = max(free, taken[at][1])
            at += 1
        if free < end:
            found.append((free, end))
    return found
