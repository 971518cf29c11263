"""Content lines -> the VEVENTs and VTODOs of a VCALENDAR, with the few properties that an answer may use.

Only direct children of a component are kept; VTIMEZONEs, alarms and everything that a REPLY has no right to
change are passed over (RFC 5545 3.4, RFC 5546 3.2.3).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from mappings.errors import LimitExceeded, Unreadable
from mappings.ics.lines import Line, name_of, split, unfolded

MAX_DEPTH: Final = 10
MAX_EVENTS: Final = 50
MAX_ATTENDEES: Final = 500
MAX_DAMAGE: Final = 20

COMPONENTS: Final = frozenset({"VEVENT", "VTODO"})
WANTED: Final = frozenset({
    "UID", "RECURRENCE-ID", "SEQUENCE", "DTSTAMP", "DTSTART", "ATTENDEE", "ORGANIZER", "COMMENT",
    # Exchange repeats SEQUENCE here, and iOS hides the guest's words to the organizer there.
    "X-MICROSOFT-CDO-APPT-SEQUENCE", "X-CALENDARSERVER-PRIVATE-COMMENT",
})  # fmt: skip
# A message that lost one of these says something else than its sender meant: better unread than misread.
VITAL: Final = frozenset({"UID", "RECURRENCE-ID"})


@dataclass(slots=True)
class Damage:
    """What was mended while reading, in order, at most MAX_DAMAGE entries."""

    entries: list[str] = field(default_factory=list)

    def note(self, what: str, number: int = 0) -> None:
        if len(self.entries) < MAX_DAMAGE:
            self.entries.append(f"line {number}: {what}" if number else what)


@dataclass(slots=True)
class Component:
    """One VEVENT or VTODO: its first line's number, the METHODs of its VCALENDAR, its wanted lines.

    `broken` holds the text of ATTENDEE lines that could not be taken apart.
    """

    number: int
    methods: list[str]
    lines: list[Line] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def all(self, name: str) -> list[Line]:
        return [line for line in self.lines if line.name == name]

    def first(self, name: str, damage: Damage) -> Line | None:
        """Give the one line of a property that may be there once; of several the first."""
        found = self.all(name)
        if len({line.value for line in found}) > 1:
            damage.note(f"{name} is there more than once", found[1].number)
        return found[0] if found else None


def components(text: str, damage: Damage) -> list[Component]:
    """Give the VEVENTs and VTODOs of calendar text in order; at least one.

    Raises LimitExceeded beyond MAX_DEPTH, MAX_EVENTS or MAX_ATTENDEES, and Unreadable, naming the line, where
    there is no calendar, or where a component is not whole: a shortened one could pass for another answer.
    """
    walk = _Walk(damage)
    for number, line in unfolded(text):
        walk.take(number, line)
    walk.finish()
    return walk.found


class _Walk:
    def __init__(self, damage: Damage) -> None:
        self.found: list[Component] = []
        self._damage = damage
        self._stack: list[str] = []
        self._methods: list[str] | None = None
        self._open: Component | None = None
        self._attendees = 0

    def take(self, number: int, line: str) -> None:
        name = name_of(line)
        if name == "BEGIN":
            self._begin(number, _word(line))
        elif name == "END":
            self._end(number, _word(line))
        elif not name:
            self._damage.note("no property", number)
        elif name == "METHOD" and self._methods is not None and self._stack == ["VCALENDAR"]:
            self._methods.append(_word(line))
        elif name in WANTED and self._open and len(self._stack) == 2:
            self._property(self._open, number, name, line)

    def finish(self) -> None:
        if self._open:
            raise Unreadable("the component that begins here does not end", self._open.number)
        if self._methods is None:
            raise Unreadable("no VCALENDAR")
        if not self.found:
            raise Unreadable("neither VEVENT nor VTODO")
        if self._stack:
            self._damage.note(f"END:{self._stack[0][:40]} is missing")

    def _begin(self, number: int, word: str) -> None:
        if len(self._stack) >= MAX_DEPTH:
            raise LimitExceeded("nested components", MAX_DEPTH)
        if not self._stack and word == "VCALENDAR":
            self._methods = []
        elif self._stack == ["VCALENDAR"] and word in COMPONENTS and self._methods is not None:
            if len(self.found) >= MAX_EVENTS:
                raise LimitExceeded("components", MAX_EVENTS)
            self._open = Component(number, self._methods)
            self.found.append(self._open)
        self._stack.append(word)

    def _end(self, number: int, word: str) -> None:
        if word not in self._stack:
            self._damage.note(f"END:{word[:40]} ends nothing", number)
            return
        while (closed := self._stack.pop()) != word:
            if self._open:
                # What stood behind the lost END was taken for the inner component's: RECURRENCE-ID, perhaps.
                raise Unreadable(f"END:{closed[:40]} is missing", number)
            self._damage.note(f"END:{closed[:40]} is missing", number)
        if len(self._stack) == 1:
            self._open = None

    def _property(self, component: Component, number: int, name: str, text: str) -> None:
        if name == "ATTENDEE":
            self._attendees += 1
            if self._attendees > MAX_ATTENDEES:
                raise LimitExceeded("attendees", MAX_ATTENDEES)
        try:
            line = split(number, text)
        except Unreadable as error:
            if name in VITAL:
                raise
            self._damage.note(error.rule, number)
            if name == "ATTENDEE":
                component.broken.append(text)
            return
        if line.broken:
            self._damage.note(f"{name} has a quote that does not close", number)
        component.lines.append(line)


def _word(line: str) -> str:
    return line.partition(":")[2].strip().upper()[:80]
