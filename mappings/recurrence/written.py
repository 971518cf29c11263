"""What becomes of a rule in its maker's own words when its series is moved, parted or stopped.

The CRM's rule says the same more coarsely and is always there; words that would be wrong from now on are given up.
"""

from __future__ import annotations

from dataclasses import replace

from mappings import times
from mappings.recurrence.expanding import ended, expand
from mappings.recurrence.kept import Kept
from mappings.recurrence.pattern import Pattern, read
from mappings.times import DAY

WEEK = 7
OF_THE_CLOCK = frozenset({"BYHOUR", "BYMINUTE", "BYSECOND"})


def on_clock(kept: Kept, wall: int, base: str) -> int:
    """Read a wall time of the base zone on the clock of what was written."""
    return wall if kept.all_day or not kept.zone else times.rezone(wall, base, kept.zone)


def stopped(kept: Kept, last: int) -> Kept:
    """Let it end with the occurrence `last`, wall seconds on its clock: nothing is added to it any more."""
    return replace(
        kept,
        rrule=ended(kept.rrule, last, kept.zone or "UTC", all_day=kept.all_day),
        rdates=tuple(wall for wall in kept.rdates if wall <= last),
        exdates=tuple(wall for wall in kept.exdates if wall <= last),
        horizon=0,
    )


def moved(kept: Kept, was: int, now: int) -> Kept | None:
    """Move all of it as one occurrence moves from `was` to `now`, wall seconds on its clock.

    None where it names days or hours in a way that does not move.
    """
    by, days = now - was, now // DAY - was // DAY
    pattern = _on_other_days(read(kept.rrule), days) if days else read(kept.rrule)
    if pattern is None or (by % DAY and OF_THE_CLOCK & pattern.by.keys()):
        return None
    if pattern.until is not None:
        zone = kept.zone or "UTC"
        until = times.wall(pattern.until, zone) if pattern.until_utc else pattern.until
        until += days * DAY if pattern.until_date else by
        pattern = replace(pattern, until=times.instant(until, zone) if pattern.until_utc else until)
    return replace(
        kept,
        rrule=pattern.text(),
        start=kept.start + by,
        rdates=tuple(wall + by for wall in kept.rdates),
        exdates=tuple(wall + by for wall in kept.exdates),
        horizon=kept.horizon + by if kept.horizon else 0,
    )


def begun(kept: Kept, first: int) -> Kept | None:
    """Let it begin with one of its occurrences, wall seconds on its clock; None where none would be left by a COUNT."""
    pattern = read(kept.rrule)
    if pattern.count:
        before = expand(kept.rrule, kept.start, last=first - 1, most=pattern.count, zone=kept.zone or "UTC")
        pattern = replace(pattern, count=pattern.count - len(before))
        if pattern.count < 1:
            return None
    return replace(
        kept,
        rrule=pattern.text(),
        start=first,
        rdates=tuple(wall for wall in kept.rdates if wall >= first),
        exdates=tuple(wall for wall in kept.exdates if wall >= first),
    )


def _on_other_days(pattern: Pattern, days: int) -> Pattern | None:
    """Give the pattern on the days that come so many days later; None where nobody can say which those are."""
    if pattern.freq == "WEEKLY" and not pattern.by.keys() - OF_THE_CLOCK and all(not n for n, _ in pattern.days):
        others = tuple(sorted((0, (day + days) % WEEK) for _, day in pattern.days))
        return replace(pattern, days=others, week_start=(pattern.week_start + days) % WEEK)
    return None if pattern.days or pattern.by.keys() - OF_THE_CLOCK else pattern
