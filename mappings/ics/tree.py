"""Content lines -> the components of a calendar object with all that is in them, tolerant and bounded (RFC 5545 3.4).

For what somebody's program wrote and wants to be kept. Answers are read by `components`, which passes over all but a
few properties.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from mappings.errors import LimitExceeded, Unreadable
from mappings.ics.components import Damage
from mappings.ics.lines import Line, name_of, split, text_of, unfolded

MAX_DEPTH: Final = 10
MAX_COMPONENTS: Final = 2_000
EVENTS: Final = frozenset({"VEVENT", "VTODO"})
# An event that lost one of these would take place at other times, or be another: better unread than misread.
VITAL: Final = frozenset({
    "UID", "DTSTART", "DTEND", "DUE", "DURATION", "RECURRENCE-ID", "RRULE", "EXRULE", "RDATE", "EXDATE", "STATUS",
    "ORGANIZER",
})  # fmt: skip


@dataclass(slots=True)
class Branch:
    """One component: its name, the number of its first line, its own lines, and the components inside it."""

    name: str
    number: int
    lines: list[Line] = field(default_factory=list)
    inner: list[Branch] = field(default_factory=list)

    def all(self, name: str) -> list[Line]:
        """Give the lines of a property."""
        return [line for line in self.lines if line.name == name]

    def first(self, name: str, damage: Damage) -> Line | None:
        """Give the line of a property that may be there once; of several the first."""
        found = self.all(name)
        if len({line.value for line in found}) > 1:
            damage.note(f"{name} is there more than once", found[1].number)
        return found[0] if found else None

    def below(self, name: str) -> Iterator[Branch]:
        """Give the components of a name right inside this one."""
        return (one for one in self.inner if one.name == name)


def read(data: bytes, damage: Damage) -> Branch:
    """Read the one VCALENDAR of some bytes.

    Raises LimitExceeded, and Unreadable, naming the line, where there is none, where a component does not end, and
    where a line that says when an event is cannot be read: what is shortened could say something else.
    """
    text, mended = text_of(data)
    damage.entries += mended
    root = Branch("", 0)
    stack = [root]
    count = 0
    for number, line in unfolded(text):
        name = name_of(line)
        if name == "BEGIN":
            count += 1
            stack.append(_begun(line, number, stack, count))
        elif name == "END":
            _ended(line, number, stack)
        elif len(stack) > 1:
            vital = stack[-1].name in EVENTS and name in VITAL
            stack[-1].lines += _line(line, number, damage, vital=vital)
    if len(stack) > 1:
        raise Unreadable(f"{stack[-1].name} does not end", stack[-1].number)
    calendars = list(root.below("VCALENDAR"))
    if len(calendars) != 1:
        raise Unreadable("needs one VCALENDAR")
    return calendars[0]


def _begun(line: str, number: int, stack: list[Branch], count: int) -> Branch:
    if len(stack) > MAX_DEPTH:
        raise LimitExceeded("nested components", MAX_DEPTH)
    if count > MAX_COMPONENTS:
        raise LimitExceeded("components", MAX_COMPONENTS)
    branch = Branch(_word(line), number)
    stack[-1].inner.append(branch)
    return branch


def _ended(line: str, number: int, stack: list[Branch]) -> None:
    if len(stack) < 2 or stack[-1].name != _word(line):
        raise Unreadable(f"END:{_word(line)[:40]} ends nothing that was begun", number)
    stack.pop()


def _line(text: str, number: int, damage: Damage, *, vital: bool) -> list[Line]:
    try:
        line = split(number, text)
    except Unreadable as error:
        if vital:
            raise
        damage.note(error.rule, number)
        return []
    if line.broken:
        damage.note(f"{line.name} has a quote that does not close", number)
    return [line]


def _word(line: str) -> str:
    return line.partition(":")[2].strip().upper()[:80]
