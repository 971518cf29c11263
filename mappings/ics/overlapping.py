"""Whether something overlaps a time range: the tables of RFC 4791 9.9, one function for each kind of component.

A span is [start, end) in instants. What takes time overlaps where it is running; what takes none, where it happens.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from mappings.ics.instances import Span, duration, moments
from mappings.ics.outline import Component, Property

_MOST_REPEATS: Final = 1_000_000_000


def _event(_: Component, occurrences: Sequence[Span], low: int, high: int) -> bool:
    return any(low < end and high > start if end > start else low <= start < high for start, end in occurrences)


def _todo(component: Component, occurrences: Sequence[Span], low: int, high: int) -> bool:
    begins, due, lasts = (component.first(n) is not None for n in ("DTSTART", "DUE", "DURATION"))
    if begins and due:
        return any((low < e or low <= s) and (high > s or high >= e) for s, e in occurrences)
    if begins and lasts:
        return any(low <= e and (high > s or high >= e) for s, e in occurrences)
    if begins:
        return any(low <= s < high for s, _ in occurrences)
    if due:
        return any(low < e <= high for _, e in occurrences)
    return _undated(component, low, high)


def _undated(component: Component, low: int, high: int) -> bool:
    """Tell whether a to-do without any plan lies in a range: by when it was made and done, else always."""
    completed, created = _moment(component, "COMPLETED"), _moment(component, "CREATED")
    if completed is not None and created is not None:
        return (low <= created or low <= completed) and (high >= created or high >= completed)
    if completed is not None:
        return low <= completed <= high
    return created is None or high > created


def _free_busy(component: Component, occurrences: Sequence[Span], low: int, high: int) -> bool:
    if component.first("DTSTART") and component.first("DTEND"):
        return any(low <= end and high > start for start, end in occurrences)
    periods = (p for it in component.all("FREEBUSY") for p in it.value.upper().split(b","))
    return any(low < end and high > start for start, end in filter(None, map(_period, periods)))


_OVERLAPS: Final[Mapping[str, Callable[[Component, Sequence[Span], int, int], bool]]] = {
    "VEVENT": _event,
    "VTODO": _todo,
    "VJOURNAL": _event,  # takes its day where it has a DATE, and no time where it has a time
    "VFREEBUSY": _free_busy,
}
# What a time-range may stand in (RFC 4791 9.9). Of VCALENDAR it asks for anything in it: clients send that, too.
RANGED: Final = frozenset({*_OVERLAPS, "VALARM", "VCALENDAR"})
# The properties that a time-range may stand in: the seven of RFC 4791 9.9, and others that are nothing but a time.
DATED: Final = frozenset({
    "COMPLETED", "CREATED", "DTEND", "DTSTAMP", "DTSTART", "DUE", "LAST-MODIFIED",
    "ACKNOWLEDGED", "EXDATE", "RDATE", "RECURRENCE-ID",
})  # fmt: skip


def overlaps(component: Component, occurrences: Sequence[Span], span: Span) -> bool:
    """Tell whether a component with these instances overlaps a range; never for a kind that has no time of its own."""
    rule = _OVERLAPS.get(component.name)
    return rule is not None and rule(component, occurrences, *span)


def rings(alarm: Component, occurrences: Sequence[Span], span: Span) -> bool:
    """Tell whether an alarm of something with these instances goes off in a range, at first or when repeated."""
    trigger = alarm.first("TRIGGER")
    if trigger is None:
        return False
    low, high = span
    times, every = _repeats(alarm)
    for first in _triggers(trigger, occurrences):
        missed = max(0, -((first - low) // every)) if every else 0
        if missed <= times and low <= first + missed * every < high:
            return True
    return False


def happens(it: Property, span: Span) -> bool:
    """Tell whether a property names a moment in a range."""
    return any(span[0] <= moment < span[1] for moment in moments(it))


def _triggers(trigger: Property, occurrences: Sequence[Span]) -> list[int]:
    before = duration(trigger.value)
    if before is None:
        return moments(trigger)
    at_end = (trigger.parameter("RELATED") or "").upper() == "END"
    return [span[at_end] + before for span in occurrences]


def _repeats(alarm: Component) -> tuple[int, int]:
    """Give how often an alarm is repeated, and after how many seconds each time (RFC 5545 3.8.6.2)."""
    repeat, lasts = alarm.first("REPEAT"), alarm.first("DURATION")
    every = duration(lasts.value) if lasts else None
    count = repeat.value.strip() if repeat else b""
    if not every or every < 0 or not count.isdigit():
        return 0, 0
    return (int(count) if len(count) < 10 else _MOST_REPEATS), every


def _moment(component: Component, name: str) -> int | None:
    it = component.first(name)
    found = moments(it) if it else []
    return found[0] if found else None


def _period(value: bytes) -> Span | None:
    """Read a period of UTC: start and end, or start and duration (RFC 5545 3.3.9)."""
    first, _, last = value.partition(b"/")
    start = next(iter(moments(Property(b"", first))), None)
    end = next(iter(moments(Property(b"", last))), None)
    lasts = duration(last)
    if start is None or (end is None and lasts is None):
        return None
    return start, start + (lasts or 0) if end is None else end
