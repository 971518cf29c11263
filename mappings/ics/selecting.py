"""Less of a copy than all of it: chosen components and properties, no time zones, few overrides (RFC 4791 9.6).

What is kept is kept as it is written, with its folding. `limit-freebusy-set` (RFC 4791 9.6.7) asks for fewer FREEBUSY
values in VFREEBUSY components; our calendars hold none, so that there is nothing to leave out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from mappings.ics import instances, outline, overlapping, writing
from mappings.ics.instances import Instances, Occurrence, Span
from mappings.ics.outline import Component

CALENDAR: Final = "VCALENDAR"
_OVERRIDE: Final = b"RECURRENCE-ID"
_ZONE_BEGINS: Final = b"BEGIN:VTIMEZONE\r\n"
_ZONE_ENDS: Final = b"END:VTIMEZONE\r\n"


@dataclass(frozen=True, slots=True)
class Choice:
    """A property that is asked for by name, in upper case; `bare` without its value (RFC 4791 9.6.4: novalue)."""

    name: str
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Selection:
    """A component that is asked for by name, in upper case; None means all properties, or all components inside.

    A component of which no property is named is given with all of them, for without any it would be no component; with
    all that is inside it, too, where nothing at all is named (RFC 4791 7.8.1 asks for a VTIMEZONE by nothing more).
    """

    name: str
    properties: tuple[Choice, ...] | None = None
    components: tuple[Selection, ...] | None = None


def selected(data: bytes, wanted: Selection) -> bytes:
    """Give what is asked for of a copy's text, in the copy's order."""
    return b"".join(_selected(data, wanted))


def _selected(data: bytes, wanted: Selection) -> Iterator[bytes]:
    around: list[_Place | None] = []
    here: _Place | None = _Place(Selection("", (), (wanted,)))
    for line in outline.folded(data):
        step, name = outline.edge(line)
        if step > 0:
            around.append(here)
            here = here.inside(name) if here else None
        kept = here and (line if step else here.chosen(line))
        if kept:
            yield kept
        if step < 0 and around:
            here = around.pop()


class _Place:
    """A component of which something is asked for, while its lines go by."""

    def __init__(self, wanted: Selection) -> None:
        self._choices = None if wanted.properties is None else {c.name: c for c in wanted.properties}
        self._components = wanted.components

    def inside(self, name: str) -> _Place | None:
        """Give a component inside this one; None where it is not asked for."""
        if self._components is None:
            return _Place(Selection(name))
        found = next((s for s in self._components if s.name == name), None)
        return _Place(found) if found else None

    def chosen(self, line: bytes) -> bytes | None:
        """Give a property as it is asked for; None where it is not."""
        if self._choices is None:
            return line
        plain = outline.unfolded(line).rstrip(b"\r\n")
        place = outline.cut(plain)
        head = plain[:place] if place >= 0 else plain
        choice = self._choices.get(head.partition(b";")[0].strip().upper().decode("utf-8", "replace"))
        if choice is None:
            return None
        return writing.folded(head + b":") if choice.bare else line


def without_zones(data: bytes) -> bytes:
    """Leave out the VTIMEZONEs, whose names clients know themselves (RFC 7809 3.1.1)."""
    kept, place = [], 0
    while (begins := data.find(b"\n" + _ZONE_BEGINS, max(place - 1, 0))) >= 0:  # one may follow another
        ends = data.find(b"\n" + _ZONE_ENDS, begins)
        if ends < 0:
            break
        kept.append(data[place : begins + 1])
        place = ends + 1 + len(_ZONE_ENDS)
    return b"".join((*kept, data[place:])) if kept else data


def limited(data: bytes, start: int, end: int, spans: Sequence[Occurrence]) -> bytes:
    """Leave out the overrides that neither take place in [start, end) nor would have (RFC 4791 9.6.6).

    `spans` are the copy's instances as `filtering.matches` takes them. A copy that holds overrides and no master, of
    which none is left, is given whole: an empty VCALENDAR is none.
    """
    if _OVERRIDE not in data:
        return data
    pieces = list(_pieces(data))
    calendar = Component(CALENDAR, inner=[c for c, _ in pieces if c is not None])
    when = Instances(calendar, spans)
    master = next((c for c in calendar.inner if _plans(c) and instances.key(c) is None), None)
    left = [(c, text) for c, text in pieces if c is None or not _plans(c) or _stays(c, master, when, (start, end))]
    return b"".join(text for _, text in left) if any(c is not None and _plans(c) for c, _ in left) else data


def _pieces(data: bytes) -> Iterator[tuple[Component | None, bytes]]:
    """Give each component inside the VCALENDAR with its text, and every line around them by itself."""
    depth, piece = 0, []
    for line in outline.folded(data):
        depth += outline.edge(line)[0]
        piece.append(line)
        if depth < 2:
            text = b"".join(piece)
            inside = outline.read(outline.unfolded(text)).inner if len(piece) > 1 else []
            yield (inside[0] if inside else None), text
            piece = []


def _plans(component: Component) -> bool:
    return component.name != "VTIMEZONE"


def _stays(component: Component, master: Component | None, when: Instances, span: Span) -> bool:
    it = component.first("RECURRENCE-ID")
    planned = instances.walls(it) if it else []
    if not planned:
        return True
    # What would have been: from when it was first planned, for as long as the others take.
    formerly = instances.spanned(*planned[0], instances.length(master or component))
    return overlapping.overlaps(component, [*when.of(component), formerly], span)
