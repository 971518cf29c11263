"""Wall clocks, zones and instants.

The CRM keeps ``DateTime`` columns as the wall clock of one base zone, counted as if it were UTC. A wall time inside a
daylight gap is read with the offset before the gap, so it moves forward by the gap; one inside a fold is the first of
the two (PEP 495, fold 0). That is the one answer everywhere in this project.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from mappings.errors import Unmappable

DAY: Final = 86_400
EPOCH: Final = datetime(1970, 1, 1)
EARLIEST: Final = -2_208_988_800  # 1900-01-01
LATEST: Final = 7_258_118_400  # 2200-01-01


@lru_cache(maxsize=512)
def zone(name: str) -> ZoneInfo:
    """Give the zone of an IANA name; raises Unmappable for a name that is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise Unmappable("time zone", f"{name!r} is not an IANA name") from error


def naive(wall: int) -> datetime:
    """Give the naive datetime of wall seconds; raises Unmappable outside 1900 to 2199."""
    if not EARLIEST <= wall < LATEST:
        raise Unmappable("date", f"{wall} lies outside the years 1900 to 2199")
    return EPOCH + timedelta(seconds=wall)


def stamp(moment: int) -> str:
    """Write wall seconds as a DATE-TIME of UTC (RFC 5545 3.3.5); raises Unmappable as `naive`."""
    days, rest = divmod(moment, DAY)
    return f"{_day_written(days)}T{rest // 3_600:02d}{rest // 60 % 60:02d}{rest % 60:02d}Z"


@lru_cache(maxsize=8_192)
def _day_written(days: int) -> str:
    return f"{naive(days * DAY):%Y%m%d}"


def day(wall: int) -> date:
    """Give the calendar day of wall seconds."""
    return naive(wall).date()


def wall_of(moment: datetime) -> int:
    """Give the wall seconds that a datetime reads on its own clock, whatever its zone."""
    return int((moment.replace(tzinfo=None) - EPOCH).total_seconds())


def instant(wall: int, name: str) -> int:
    """Give the instant (UTC seconds) at which the clock of zone `name` reads `wall`."""
    return int(naive(wall).replace(tzinfo=zone(name)).timestamp())


def wall(moment: int, name: str) -> int:
    """Give what the clock of zone `name` reads at an instant, as wall seconds."""
    return wall_of(datetime.fromtimestamp(moment, UTC).astimezone(zone(name)))


def rezone(seconds: int, source: str, target: str) -> int:
    """Read a wall time of zone `source` on the clock of zone `target`."""
    return seconds if source == target else wall(instant(seconds, source), target)


def whole_days(start: int, end: int) -> tuple[int, int]:
    """Give (first midnight, exclusive last midnight) of an all-day row (RFC 5545 3.6.1: DTEND is exclusive).

    The CRM stores such rows with clock times of its preferences, 00:00 to 23:59 or midnight to midnight: the last
    second decides the last day, and there is always at least one day.
    """
    first = start - start % DAY
    last = max(end - 1, start)
    return first, last - last % DAY + DAY
