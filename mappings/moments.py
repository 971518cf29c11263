"""Times in words, as people type them and as load files hold them, read on the clock of a zone.

    2026-12-01          today          +3d          +1w mon          a day
    2026-12-01 10:00    today 10:00    +3d 10:00    +1w mon 10:00    a time of the zone's wall clock
    2026-12-01T10:00Z   2026-12-01 10:00+01:00                       an instant

`+1w mon` is the Monday of next week, wherever in this week today is; weeks begin on Monday.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from mappings import times

FORMS: Final = "'2026-12-01 10:00', '2026-12-01', 'today 10:00', 'tomorrow 10:00', '+3d 10:00' or '+1w mon 10:00'"
LOADED: Final = "has to be a number of seconds, '2026-11-24T10:00', '+3d 10:00' or '+1w mon 10:00'"
RANGE: Final = "lies outside the years 1900 to 2199"
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LOADED: Final = re.compile(
    r"(?:\d{4}-\d\d-\d\dT|[+-]?\d{1,4}d |[+-]?\d{1,3}w [a-z]{3} )(?:[01]\d:[0-5]\d|2[0-3]:[0-5]\d)", re.ASCII
)
_MOMENT: Final = re.compile(
    r"(?P<day>(?P<date>\d{4}-\d\d-\d\d)|today|tomorrow"
    r"|(?P<days>[+-]?\d{1,4})d|(?P<weeks>[+-]?\d{1,3})w (?P<name>[a-z]{3}))"
    r"(?:[ t](?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d))?(?: ?(?P<offset>z|[+-]\d\d:?\d\d))?)?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Calendar:
    """What times in words are read by: the present wall seconds of a zone, and its IANA name."""

    now: int
    zone: str

    def read(self, words: str) -> datetime | date:
        """Give what words mean: a day, a naive datetime of the zone's wall clock, or an aware one.

        Raises ValueError, whose words are the rule that was broken.
        """
        found = _MOMENT.fullmatch(" ".join(words.lower().split()))
        if found is None or found["name"] not in (None, *_DAYS):
            raise ValueError(f"{words!r} is no time; write {FORMS}")
        day = self._day(found)
        _within(day)
        if found["hour"] is None:
            return day
        try:
            clock = time(int(found["hour"]), int(found["minute"]), int(found["second"] or 0))
            offset = (found["offset"] or "").replace("z", "+00:00")
            return datetime.fromisoformat(f"{day}T{clock}{offset}")
        except ValueError as error:
            raise ValueError(f"{words!r} is no time of any clock") from error

    def wall(self, words: str) -> int:
        """Give the wall seconds that the words of a load file mean; raises ValueError for words that mean none."""
        if _LOADED.fullmatch(words) is None:
            raise ValueError(LOADED)
        try:
            moment = self.read(words)
        except ValueError as error:
            known = _MOMENT.fullmatch(words.lower())
            raise ValueError(str(error) if known and known["date"] else LOADED) from error
        assert isinstance(moment, datetime)
        return times.wall_of(moment)

    def _day(self, found: re.Match[str]) -> date:
        if found["date"]:
            return _named(found["date"])
        today = times.EPOCH.date() + timedelta(seconds=self.now)
        if found["days"]:
            return today + timedelta(days=int(found["days"]))
        if found["weeks"]:
            monday = today - timedelta(days=today.weekday())
            return monday + timedelta(weeks=int(found["weeks"]), days=_DAYS.index(found["name"]))
        return today + timedelta(days=found["day"] == "tomorrow")


def _named(day: str) -> date:
    try:
        return date.fromisoformat(day)
    except ValueError as error:
        raise ValueError(f"{day} is no day of any calendar") from error


def _within(day: date) -> None:
    if not 1900 <= day.year < 2200:
        raise ValueError(RANGE)
