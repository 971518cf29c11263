"""The occurrences that there are, and the rules that may have made them -> RRULE, RDATE and EXDATE of one master.

The rows decide, and a rule only abbreviates them: whatever a rule says that they do not is an EXDATE, whatever they say
that it does not is an RDATE, and a rule that would need many of those is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from mappings.errors import Unmappable
from mappings.recurrence.expanding import ended, endless, expand
from mappings.times import LATEST

MOST: Final = 1_000  # occurrences of one series


class Candidate(NamedTuple):
    """A rule that may have made a series; wall seconds on the clock of the series.

    What somebody wrote themselves has a `start`, which is when it began, and `last`, until when it has been followed
    (0: to its end); then `rdates` and `exdates` are what they wrote beside it. Any other rule has neither, nor an end.
    """

    rrule: str
    start: int | None = None
    last: int = 0
    rdates: tuple[int, ...] = ()
    exdates: tuple[int, ...] = ()


class Fit(NamedTuple):
    """How a master says when it recurs, besides its own start; wall seconds."""

    rrule: str = ""
    rdates: tuple[int, ...] = ()
    exdates: tuple[int, ...] = ()

    @property
    def cost(self) -> int:
        """Give how many dates stand beside the rule."""
        return len(self.rdates) + len(self.exdates)


def fit(walls: Sequence[int], candidates: Iterable[Candidate], *, zone: str, all_day: bool) -> Fit:
    """Say when a series recurs; `walls` are the planned starts of all occurrences, in order, on the clock of `zone`.

    What somebody wrote themselves is told as they wrote it, as long as the series follows it. Of other rules the one
    counts that needs the fewest dates beside it, and none where those are more than a third of the occurrences.
    """
    zone = "UTC" if all_day else zone
    best = Fit(rdates=tuple(walls[1:]))
    most = len(walls) // 3
    for it in candidates:
        if follows(it, walls, zone):
            found: Fit | None = _as_written(it, walls, zone)
        elif len(walls) > 1:
            found = _abbreviated(it, walls, zone, all_day=all_day)
        else:
            found = None
        if found is not None and found.cost < best.cost + (not best.rrule) and found.cost <= most:
            best = found
    return best


def follows(it: Candidate, walls: Sequence[int], zone: str) -> bool:
    """Tell whether a series is what somebody wrote: it begins where they said, and its end is not cut off."""
    if it.start is None or not walls or it.start != walls[0]:
        return False
    expected = _expected(it.rrule, walls[0], it.last or LATEST, zone)
    return bool(expected) and walls[-1] >= max(expected)


def _as_written(it: Candidate, walls: Sequence[int], zone: str) -> Fit:
    expected, there = _expected(it.rrule, walls[0], it.last or LATEST, zone), set(walls)
    rdates, exdates = there - expected, expected - there
    if it.last and endless(it.rrule):  # what was said of times that have no rows yet
        rdates |= {wall for wall in it.rdates if wall > it.last}
        exdates |= {wall for wall in it.exdates if wall > it.last}
    return Fit(it.rrule, tuple(sorted(rdates)), tuple(sorted(exdates)))


def _abbreviated(it: Candidate, walls: Sequence[int], zone: str, *, all_day: bool) -> Fit | None:
    first, last, there = walls[0], walls[-1], set(walls)
    expected = _expected(ended(it.rrule, last, zone, all_day=all_day), first, last, zone)
    shared = expected & there
    if len(shared) < 2:
        return None
    end = max(shared)
    expected = {wall for wall in expected if wall <= end}
    rrule = ended(it.rrule, end, zone, all_day=all_day)
    return Fit(rrule, tuple(sorted(there - expected)), tuple(sorted(expected - there)))


def _expected(rrule: str, start: int, last: int, zone: str) -> set[int]:
    """Give the occurrences of a rule; none of one that has more than a series may have, or that is none."""
    try:
        found = expand(rrule, start, last=last, most=MOST, zone=zone)
    except Unmappable:
        return set()
    return set(found) if len(found) <= MOST else set()
