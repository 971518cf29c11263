"""Python's dates and datetimes, and the seconds that the CRM's rows hold.

A naive datetime is read on the clock of the CRM's base zone, an aware one is an instant, a date is a whole day.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final

from gateway.errors import BadRequest
from gateway.services.verbs.planning import When
from mappings import times

HOUR: Final = 60  # minutes; how long a meeting is that says nothing about it
MOST: Final = 366 * 24 * 60  # minutes


def wall(field: str, moment: date, zone: str) -> int:
    """Give what the clock of the base zone reads; raises BadRequest, naming the field, where no calendar reaches."""
    if not 1900 <= moment.year < 2200:
        raise BadRequest(field, "lies outside the years 1900 to 2199")
    if isinstance(moment, datetime):
        return times.wall_of(moment) if moment.tzinfo is None else times.wall(int(moment.timestamp()), zone)
    return times.wall_of(datetime.combine(moment, datetime.min.time()))


def instant(field: str, moment: date, zone: str) -> int:
    """Give the instant of a moment; of a day it is when it begins. Raises as `wall` does."""
    if isinstance(moment, datetime) and moment.tzinfo is not None:
        wall(field, moment, zone)
        return int(moment.timestamp())
    return times.instant(wall(field, moment, zone), zone)


def when(zone: str, start: date, end: date | None, minutes: int | None, *, todo: bool = False) -> When:
    """Give the time of a meeting; whole days where `start` is one, and then `end` is the day after the last.

    Without an end it lasts `minutes`, else an hour, a to-do none at all, and whole days one day. Raises BadRequest.
    """
    whole = not isinstance(start, datetime)
    if end is not None and isinstance(end, datetime) is whole:
        raise BadRequest("end", "is a day where the start is one, and a time where it is a time")
    if minutes is not None and (end is not None or whole):
        raise BadRequest("minutes", "go with the time of a start, and without an end")
    if minutes is not None and not 0 <= minutes <= MOST:
        raise BadRequest("minutes", f"lies outside 0 to {MOST}")
    begins = wall("start", start, zone)
    if end is not None:
        return When(begins, wall("end", end, zone), all_day=whole)
    if whole:
        return When(begins, begins + times.DAY, all_day=True)
    lasts = (0 if todo else HOUR) if minutes is None else minutes
    return When(begins, begins + lasts * 60)


def moment(seconds: int, zone: str, *, all_day: bool) -> date:
    """Give wall seconds of a zone as an aware datetime, or as a day."""
    return times.day(seconds) if all_day else times.naive(seconds).replace(tzinfo=times.zone(zone))


def aware(seconds: int, zone: str) -> datetime:
    """Give an instant as an aware datetime of a zone."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)).astimezone(times.zone(zone))
