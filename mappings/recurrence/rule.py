"""The CRM's `recurrencerule` <-> RRULE (crm-domain 3.5: RecurrencePattern, RecurrenceSubPattern, weekday flags).

The CRM documents which columns there are and not what each holds for days of a month or a year. Read is what its API
tells of the same things: the day of the month in `cyclicDay`, the week of the month (5: the last) in `cyclicWeek`, the
month of the year in `cyclicMonth`; what is missing comes from the first occurrence. A rule may be read in several ways:
whoever has its occurrences can tell which one is meant.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from mappings import times
from mappings.errors import Unmappable
from mappings.recurrence.expanding import expand
from mappings.recurrence.pattern import WEEKDAYS, Pattern, read

DAILY, WEEKLY, MONTHLY, YEARLY, CUSTOM = 1, 2, 3, 4, 5
EVERY_WORKDAY, EVERY_WEEKDAY, EVERY_CYCLIC_DAY = 1, 2, 3
MONTHLY_DAY, MONTHLY_WEEKDAY, YEARLY_DAY, YEARLY_WEEKDAY = 4, 5, 6, 7
FLAGS: Final = {day: 1 << place for place, day in enumerate(WEEKDAYS)}
WORKDAYS: Final = 31  # Monday to Friday
LAST_WEEK: Final = 5
MOST: Final = 1_000


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of `recurrencerule`; `start` and `end` are wall seconds of the base zone."""

    pattern: int
    sub_pattern: int
    weekdays: int
    start: int
    end: int
    cyclic_day: int
    cyclic_week: int
    cyclic_month: int


def readings(rule: Rule, first: int) -> tuple[str, ...]:
    """Give the RRULEs, without an end, that a rule may mean, the likeliest first; `first` is its first occurrence.

    Wall seconds of the base zone. Of explicit dates, and of what is no pattern, there are none.
    """
    return _READERS[rule.pattern](rule, first) if rule.pattern in _READERS else ()


def held(rrule: str, start: int, last: int) -> Rule | None:
    """Give the CRM's rule that says the same from `start` to `last`, wall seconds; None where it cannot be said.

    Raises Unmappable for a rule that cannot be followed.
    """
    pattern = read(rrule)
    shape = None if pattern.scaled or pattern.freq not in _SHAPES else _SHAPES[pattern.freq](pattern, start)
    if shape is None:
        return None
    day, end = start - start % times.DAY, last - last % times.DAY
    rule = Rule(**{"sub_pattern": 0, "weekdays": 0, "cyclic_day": 0, "cyclic_week": 0, "cyclic_month": 0} | shape,
                start=day, end=end)  # fmt: skip
    wanted = expand(rrule, start, last=last, most=MOST, zone="UTC")
    try:
        meant = expand(readings(rule, start)[0], start, last=last, most=MOST, zone="UTC")
    except Unmappable:
        return None
    return rule if wanted == meant else None


# --- from the CRM ----------------------------------------------------------------------------------------------------


def _daily(rule: Rule, _: int) -> tuple[str, ...]:
    workdays = f"FREQ=WEEKLY;BYDAY={_names(WORKDAYS)}"
    cyclic = _every("DAILY", rule.cyclic_day)
    if rule.sub_pattern == EVERY_WORKDAY:
        return (workdays, cyclic)
    return ("FREQ=DAILY", cyclic) if rule.sub_pattern == EVERY_WEEKDAY else (cyclic, workdays)


def _weekly(rule: Rule, first: int) -> tuple[str, ...]:
    return (f"{_every('WEEKLY', rule.cyclic_week)};BYDAY={_names(rule.weekdays or _flag(first))}",)


def _monthly(rule: Rule, first: int) -> tuple[str, ...]:
    every = _every("MONTHLY", rule.cyclic_month)
    of_day, of_weekday = _of_day(every, rule, first), _of_weekday(every, rule, first)
    return of_weekday + of_day if rule.sub_pattern == MONTHLY_WEEKDAY else of_day + of_weekday


def _yearly(rule: Rule, first: int) -> tuple[str, ...]:
    month = rule.cyclic_month if 1 <= rule.cyclic_month <= 12 else times.day(first).month
    every = f"FREQ=YEARLY;BYMONTH={month}"
    of_day, of_weekday = _of_day(every, rule, first), _of_weekday(every, rule, first)
    return of_weekday + of_day if rule.sub_pattern == YEARLY_WEEKDAY else of_day + of_weekday


def _of_day(every: str, rule: Rule, first: int) -> tuple[str, ...]:
    day = times.day(first).day
    told = [rule.cyclic_day] if 1 <= rule.cyclic_day <= 31 else []
    days = list(dict.fromkeys([*told, times.day(rule.start).day if rule.start else day, day]))
    found = [f"{every};BYMONTHDAY={d}" for d in days]
    # In a shorter month it may be its last day that is meant, where the RFC leaves the month out.
    if days[0] > 28:
        shorter = ",".join(map(str, range(28, days[0] + 1)))
        found.append(f"{every};BYMONTHDAY={shorter};BYSETPOS=-1")
    return tuple(found)


def _of_weekday(every: str, rule: Rule, first: int) -> tuple[str, ...]:
    week = (times.day(first).day - 1) // 7 + 1
    given = rule.cyclic_week if 1 <= rule.cyclic_week <= LAST_WEEK else week
    days = [day for day in WEEKDAYS if (rule.weekdays or _flag(first)) & FLAGS[day]]
    numbers = [-1] if given == LAST_WEEK else [given, -1] if given == 4 else [given]
    return tuple(f"{every};BYDAY={','.join(f'{n}{day}' for day in days)}" for n in numbers)


def _every(freq: str, cycle: int) -> str:
    return f"FREQ={freq};INTERVAL={cycle}" if cycle > 1 else f"FREQ={freq}"


def _flag(wall: int) -> int:
    return 1 << times.day(wall).weekday()


def _names(flags: int) -> str:
    return ",".join(day for day in WEEKDAYS if flags & FLAGS[day])


_READERS: Final = {DAILY: _daily, WEEKLY: _weekly, MONTHLY: _monthly, YEARLY: _yearly}


# --- to the CRM ------------------------------------------------------------------------------------------------------

Shape = dict[str, int]


def _shape_of_days(it: Pattern, _: int) -> Shape | None:
    if it.by:
        return None
    if it.days:
        flags = sum(FLAGS[WEEKDAYS[day]] for _, day in it.days)
        if it.interval > 1:
            return None
        if flags == WORKDAYS:
            return {"pattern": DAILY, "sub_pattern": EVERY_WORKDAY, "cyclic_day": 1}
        return {"pattern": WEEKLY, "weekdays": flags, "cyclic_week": 1}
    every = EVERY_WEEKDAY if it.interval == 1 else EVERY_CYCLIC_DAY
    return {"pattern": DAILY, "sub_pattern": every, "cyclic_day": it.interval}


def _shape_of_weeks(it: Pattern, start: int) -> Shape | None:
    if it.by:
        return None
    flags = sum(FLAGS[WEEKDAYS[day]] for _, day in it.days) or _flag(start)
    return {"pattern": WEEKLY, "weekdays": flags, "cyclic_week": it.interval}


def _shape_of_months(it: Pattern, start: int) -> Shape | None:
    shape = _in_month(it, start)
    if shape is None or "BYMONTH" in it.by:
        return None
    sub_pattern = MONTHLY_WEEKDAY if "cyclic_week" in shape else MONTHLY_DAY
    return shape | {"pattern": MONTHLY, "sub_pattern": sub_pattern, "cyclic_month": it.interval}


def _shape_of_years(it: Pattern, start: int) -> Shape | None:
    shape = _in_month(it, start)
    months = it.by.get("BYMONTH", (times.day(start).month,))
    if shape is None or it.interval > 1 or len(months) > 1 or (it.days and "BYMONTH" not in it.by):
        return None
    sub_pattern = YEARLY_WEEKDAY if "cyclic_week" in shape else YEARLY_DAY
    return shape | {"pattern": YEARLY, "sub_pattern": sub_pattern, "cyclic_month": months[0]}


def _in_month(it: Pattern, start: int) -> Shape | None:
    """Give the day of a month, or the weekday of one of its weeks, that a rule names; None for anything else."""
    if it.by.keys() - {"BYMONTH", "BYMONTHDAY", "BYSETPOS"}:
        return None
    if not it.days:
        days = it.by.get("BYMONTHDAY", (times.day(start).day,))
        return {"cyclic_day": days[0]} if len(days) == 1 and days[0] > 0 and "BYSETPOS" not in it.by else None
    numbers = {n for n, _ in it.days}
    if numbers == {0} and len(it.days) == 1:  # the second of all Tuesdays is the second Tuesday
        numbers = set(it.by.get("BYSETPOS", ()))
    elif "BYSETPOS" in it.by:
        return None
    week = numbers.pop() if len(numbers) == 1 else 0
    if "BYMONTHDAY" in it.by or week not in (1, 2, 3, 4, -1):
        return None
    flags = sum(FLAGS[WEEKDAYS[day]] for _, day in it.days)
    return {"weekdays": flags, "cyclic_week": LAST_WEEK if week == -1 else week}


_SHAPES: Final = {
    "DAILY": _shape_of_days, "WEEKLY": _shape_of_weeks, "MONTHLY": _shape_of_months, "YEARLY": _shape_of_years,
}  # fmt: skip
