"""The months of the calendars that RSCALE names (RFC 7529 4.2; names and numbers of months as in Unicode's CLDR).

Days are ordinals as `date.toordinal` counts them. The arithmetic of Hebrew, Islamic civil, Coptic and Ethiopic years is
that of Reingold and Dershowitz, Calendrical Calculations; the Chinese months, for the years from 1900 to 2099, are what
the library lunardate 0.3.0 tells, compared with those of ICU 72 from 1970 on: 8 of 1,595 differ, by a day.
"""

from __future__ import annotations

from calendar import isleap, monthrange
from collections.abc import Callable, Iterable
from datetime import date
from functools import cache, lru_cache
from itertools import accumulate
from typing import Final, NamedTuple

from mappings.errors import Unmappable

LEAP: Final = 100  # is added to the number of a leap month
GREGORIAN: Final = "GREGORIAN"


class Month(NamedTuple):
    """One month: its number within the year, LEAP more where it is a leap month, its first day, and its days."""

    number: int
    first: int
    length: int


def year_of(scale: str, day: int) -> int:
    """Give the year of a calendar in which a day lies; raises Unmappable outside of what is known of it."""
    year = date.fromordinal(day).year + _OFFSETS.get(scale, 0)
    while months(scale, year)[0].first > day:
        year -= 1
    while months(scale, year)[-1].first + months(scale, year)[-1].length <= day:
        year += 1
    return year


def known_until(scale: str) -> int:
    """Give the last day until which a rule can be followed in a calendar."""
    last = _chinese_years()[-2][0] if scale == "CHINESE" else _LATEST
    return last - 1


@lru_cache(maxsize=2_048)
def months(scale: str, year: int) -> tuple[Month, ...]:
    """Give the months of a year in order; raises Unmappable outside of what is known of a calendar."""
    return SCALES[scale](year)


def _together(first: int, lengths: Iterable[int], numbers: Iterable[int] = range(1, 14)) -> tuple[Month, ...]:
    lengths = tuple(lengths)
    begins = accumulate(lengths, initial=first)
    return tuple(Month(*one) for one in zip(numbers, begins, lengths, strict=False))


def _gregorian(year: int) -> tuple[Month, ...]:
    if not 1 < year < 9_999:
        raise Unmappable("RRULE", f"year {year} is outside of what is known of its calendar")
    return _together(date(year, 1, 1).toordinal(), (monthrange(year, month)[1] for month in range(1, 13)))


def _coptic(year: int) -> tuple[Month, ...]:
    return _together(103_605 + 365 * (year - 1) + year // 4, [*[30] * 12, 6 if year % 4 == 3 else 5])


def _islamic(year: int) -> tuple[Month, ...]:
    lengths = [30, 29] * 6
    lengths[-1] += (14 + 11 * year) % 30 < 11
    return _together(227_015 + 354 * (year - 1) + (3 + 11 * year) // 30, lengths)


def _indian(year: int) -> tuple[Month, ...]:
    leap = isleap(year + 78)
    return _together(date(year + 78, 3, 21 if leap else 22).toordinal(), [30 + leap, *[31] * 5, *[30] * 6])


def _persian(year: int) -> tuple[Month, ...]:
    first, following = (226_895 + 365 * (y - 1) + (8 * y + 21) // 33 for y in (year, year + 1))
    return _together(first, [*[31] * 6, *[30] * 5, following - first - 336])


def _hebrew(year: int) -> tuple[Month, ...]:
    first = _hebrew_new_year(year)
    length = _hebrew_new_year(year + 1) - first
    lengths = [30, 29 + (length % 10 == 5), 30 - (length % 10 == 3), 29, 30, 29, 30, 29, 30, 29, 30, 29]
    numbers = list(range(1, 13))
    if (7 * year + 1) % 19 < 7:
        lengths.insert(5, 30)
        numbers.insert(5, LEAP + 5)
    return _together(first, lengths, numbers)


def _hebrew_new_year(year: int) -> int:
    before, now, after = map(_hebrew_days, (year - 1, year, year + 1))
    return -1_373_427 + now + (2 if after - now == 356 else 1 if now - before == 382 else 0)


@cache
def _hebrew_days(year: int) -> int:
    """Give the days from the epoch to the new moon of a year, put off to where no feast meets a Sabbath."""
    gone = (235 * year - 234) // 19
    day = 29 * gone + (12_084 + 13_753 * gone) // 25_920
    return day + (3 * (day + 1) % 7 < 3)


def _chinese(year: int) -> tuple[Month, ...]:
    known = _chinese_years()
    if not 0 <= year - _CHINESE_SINCE < len(known) - 1:
        raise Unmappable("RRULE", f"year {year} is outside of what is known of its calendar")
    first, told = known[year - _CHINESE_SINCE]
    return _together(first, *_chinese_months(told))


@cache
def _chinese_years() -> list[tuple[int, int]]:
    """Give the first day of each year and what is told of it, and the day after the last."""
    told = [int(word, 16) for word in _CHINESE.split()]
    days = (sum(_chinese_months(one)[0]) for one in told)
    return list(zip(accumulate(days, initial=_CHINESE_FIRST), [*told, 0], strict=True))


def _chinese_months(told: int) -> tuple[list[int], list[int]]:
    """Read a year: which month is followed by its leap month, above one bit per month, set where it has 30 days."""
    leap, numbers = told >> 13, list(range(1, 13))
    if leap:
        numbers.insert(leap, LEAP + leap)
    return [29 + (told >> place & 1) for place in range(len(numbers))], numbers


_LATEST: Final = date(2300, 1, 1).toordinal()
_CHINESE_SINCE: Final = 1900
_CHINESE_FIRST: Final = date(1900, 1, 31).toordinal()
_CHINESE: Final = """
    116d2 00752 00ea5 0b64a 0064b 00a9b 09556 0056a 00b59 05752 00752 0db25 00b25 00a4b 0b4ab 002ad
    0056b 04b69 00da9 0fd92 00e92 00d25 0ba4d 00a56 002b6 095b5 006d4 00ea9 05e92 00e92 0cd26 0052b
    00a57 0b2d6 00b5a 006d4 06ec9 00749 0f693 00a93 0052b 0ca5b 00aad 0056a 09b55 00ba4 00b49 05a93
    00a95 0f52d 00536 00aad 0b5aa 005b2 00ba5 07d4a 00d4a 10a95 00a97 00556 0cab5 00ad5 006d2 08ea5
    00ea5 0064a 06c97 00a9b 0f55a 0056a 00b69 0b752 00b52 00b25 0964b 00a4b 114ab 002ad 005ad 0cb69
    00da9 00d92 09d25 00d25 15a4d 00a56 002b6 0c5b5 006d5 00ea9 0be92 00e92 00d26 06a56 00a57 114d6
    0035a 006d5 0b6c9 00749 00693 0952b 0052b 00a5b 0555a 0056a 0fb55 00ba4 00b49 0ba93 00a95 0052d
    08aad 00ab5 135aa 005d2 00da5 0dd4a 00d4a 00c95 0952e 00556 00ab5 055b2 006d2 0cea5 00725 0064b
    0ac97 00cab 0055a 06ad6 00b69 17752 00b52 00b25 0da4b 00a4b 004ab 0a55b 005ad 00b6a 05b52 00d92
    0fd25 00d25 00a55 0b4ad 004b6 005b5 06daa 00ec9 11e92 00e92 00d26 0ca56 00a57 00556 086d5 00755
    00749 06e93 00693 0f52b 0052b 00a5b 0b55a 0056a 00b65 0974a 00b4a 11a95 00a95 0052d 0caad 00ab5
    005aa 08ba5 00da5 00d4a 07c95 00c96 0f94e 00556 00ab5 0b5b2 006d2 00ea5 08e4a 0068b 10c97 004ab
    0055b 0cad6 00b6a 00752 09725 00b45 00a8b 0449b
"""

# Those that name the years otherwise than the Gregorian calendar, and the months alike, are followed as it is.
SCALES: Final[dict[str, Callable[[int], tuple[Month, ...]]]] = {
    "GREGORIAN": _gregorian, "BUDDHIST": _gregorian, "JAPANESE": _gregorian, "ROC": _gregorian,
    "CHINESE": _chinese, "COPTIC": _coptic, "ETHIOPIC": _coptic, "HEBREW": _hebrew, "INDIAN": _indian,
    "ISLAMIC-CIVIL": _islamic, "PERSIAN": _persian,
}  # fmt: skip
# From the Gregorian year to about the same year.
_OFFSETS: Final = {
    "COPTIC": -284, "ETHIOPIC": -284, "HEBREW": 3_760, "INDIAN": -79, "ISLAMIC-CIVIL": -580, "PERSIAN": -622,
}  # fmt: skip
ALIKE: Final = frozenset(name for name, of in SCALES.items() if of is _gregorian)
