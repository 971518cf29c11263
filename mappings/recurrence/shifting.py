"""What becomes of the times of a series that is moved: of its occurrences, and of its rule.

Everything is wall seconds of the base zone, and a shift is a difference on that clock: ten o'clock moved to eleven is
eleven on both sides of a change of daylight saving. Sources: the CRM's pages on editing and stopping a series (a rule
changed mid-series ends, and another begins) and its `recurrencerule` table page.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from mappings import times
from mappings.recurrence.rule import Rule
from mappings.times import DAY

# CRM: RecurrencePattern and its sub-patterns.
WEEKLY, MONTHLY, YEARLY, CUSTOM = 2, 3, 4, 5
EVERY_WORKDAY: Final = 1
DAYS_OF_MONTH: Final = frozenset({4, 6})
WEEKDAYS_OF_MONTH: Final = frozenset({5, 7})
WORKDAYS: Final = 0b0011111
ALL_DAYS: Final = 0b1111111
LAST_WEEK: Final = 5


@dataclass(frozen=True, slots=True)
class Span:
    """When something is; whole days are the first midnight and the midnight after the last day."""

    start: int
    end: int
    all_day: bool = False

    @classmethod
    def of(cls, start: int, end: int, *, all_day: bool) -> Span:
        """Read a span as the CRM's row has it."""
        return cls(*times.whole_days(start, end), True) if all_day else cls(start, max(start, end))

    @property
    def length(self) -> int:
        """Give how long it takes on the wall clock."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Place:
    """Where an occurrence stands: `original` is when it was planned, 0 where it never left the pattern."""

    original: int
    start: int
    end: int
    all_day: bool

    @property
    def planned(self) -> int:
        """Give when the series knows it."""
        return self.original or self.start

    @property
    def moved_out(self) -> bool:
        """Tell whether it was moved out of the pattern by itself."""
        return self.original not in (0, self.start)

    @property
    def span(self) -> Span:
        """Give when it is."""
        return Span.of(self.start, self.end, all_day=self.all_day)


@dataclass(frozen=True, slots=True)
class Shift:
    """What moving one occurrence from `was` to `now` means for the others of its series."""

    was: Span
    now: Span

    def moment(self, wall: int) -> int:
        """Shift a start."""
        moved = (_day(wall) if self.was.all_day else wall) + self.now.start - self.was.start
        return _day(moved) if self.now.all_day else moved

    def span(self, own: Span) -> Span:
        """Shift an occurrence that stands in the pattern: its start and its length change by the same differences.

        Where whole days become times, or the other way round, each takes as long as the one that was moved.
        """
        start, length = self.moment(own.start), self.now.length
        if own.all_day == self.was.all_day == self.now.all_day:
            length = max(own.length + self.now.length - self.was.length, DAY if own.all_day else 0)
        return Span(start, start + length, self.now.all_day)

    def place(self, own: Place, *, named: bool) -> Place:
        """Give where an occurrence stands afterwards; the one that is `named` has the time it was given.

        One that was moved out of the pattern by itself keeps its time, while when it was planned moves.
        """
        planned = self.moment(own.planned)
        if named:
            return _placed(planned if own.original else 0, self.now)
        if own.moved_out:
            return replace(own, original=planned)
        span = self.span(own.span)
        return _placed(span.start if own.original else 0, span)

    def days(self, planned: int) -> int:
        """Give by how many days the pattern shifts."""
        return (self.moment(planned) - _day(planned)) // DAY

    def rule(self, rule: Rule, planned: int) -> Rule:
        """Shift a rule: its dates, and the days that it names; `planned` is when the occurrence moved was planned."""
        days, first = self.days(planned), self.moment(planned)
        start, end = (_dated(self, told, planned) for told in (rule.start, rule.end))
        rule = replace(rule, start=start, end=end)
        return _on_other_days(rule, days, first) if days else rule


def _placed(original: int, span: Span) -> Place:
    return Place(original, span.start, span.end, span.all_day)


def _day(wall: int) -> int:
    return wall - wall % DAY


def _dated(shift: Shift, told: int, planned: int) -> int:
    """Shift a date of a rule; one that tells the clock time of the occurrences follows it, others mean the day."""
    if not told:
        return 0
    return shift.moment(told) if told % DAY == planned % DAY else told + shift.days(planned) * DAY


def _on_other_days(rule: Rule, days: int, first: int) -> Rule:
    date = times.day(first)
    rule = replace(rule, weekdays=rotated(rule.weekdays, days))
    if rule.pattern not in (WEEKLY, MONTHLY, YEARLY, CUSTOM):
        if rule.sub_pattern == EVERY_WORKDAY and days % 7:  # Monday to Friday no more: the same as a week has it
            weekly = replace(rule, pattern=WEEKLY, sub_pattern=0, cyclic_day=0, cyclic_week=1)
            return replace(weekly, weekdays=rotated(WORKDAYS, days))
        return rule
    if rule.sub_pattern in DAYS_OF_MONTH and rule.cyclic_day:
        rule = replace(rule, cyclic_day=date.day)
    if rule.sub_pattern in WEEKDAYS_OF_MONTH and rule.cyclic_week:
        last = times.day(first + 7 * DAY).month != date.month
        week = LAST_WEEK if last and (rule.cyclic_week == LAST_WEEK or date.day > 28) else (date.day - 1) // 7 + 1
        rule = replace(rule, cyclic_week=week)
    if rule.pattern == YEARLY and rule.cyclic_month:
        rule = replace(rule, cyclic_month=date.month)
    return rule


def rotated(weekdays: int, days: int) -> int:
    """Give the weekdays (Monday 1 … Sunday 64) that come so many days after these."""
    by = days % 7
    return (weekdays << by | weekdays >> (7 - by)) & ALL_DAYS


def begun(rule: Rule, first: int, planned: int) -> Rule:
    """Let a rule begin with another occurrence; both are wall times at which one is planned."""
    return replace(rule, start=_as_told(rule.start, first, planned))


def ended(rule: Rule, last: int, planned: int) -> Rule:
    """Let a rule end with an occurrence that was planned for `last`."""
    return replace(rule, end=_as_told(rule.end, last, planned))


def _as_told(told: int, wall: int, planned: int) -> int:
    """Give a date as a rule tells it: with the clock time of the occurrences, or with its own."""
    return wall if not told or told % DAY == planned % DAY else _day(wall) + told % DAY


def unknown(first: int, last: int) -> Rule:
    """Give the rule of a series whose own is missing: dates that follow no pattern."""
    return Rule(CUSTOM, 0, 0, first, last, 0, 0, 0)
