"""In what form a report wants the text of copies: the XML of `calendar-data` (RFC 4791 9.6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gateway.errors import BadRequest
from gateway.web.dav import ranges, xml
from gateway.web.dav.properties import DATA
from gateway.web.dav.ranges import Range
from gateway.web.refusals import UnsupportedCalendarData
from mappings.ics.selecting import CALENDAR, Choice, Selection

_C: Final = f"{{{xml.CALDAV}}}"
_KIND: Final = ("text/calendar", "2.0")
MOST: Final = 500  # properties and components chosen; iCalendar knows some eighty


@dataclass(frozen=True, slots=True)
class Form:
    """The form of a copy's text: all of it where nothing is said.

    `expand` asks for each instance in a range by itself; `recurrences` for no overrides but those of a range;
    `selection` for some components and properties.
    """

    expand: Range | None = None
    recurrences: Range | None = None
    selection: Selection | None = None


def form(root: xml.Element) -> Form | None:
    """Give the form in which a report wants text; None where it asks for none.

    Raises UnsupportedCalendarData for other than iCalendar 2.0, and BadRequest for what breaks a rule.
    """
    element = root.find(f"{{DAV:}}prop/{DATA}")
    if element is None:
        return None
    if (element.get("content-type", _KIND[0]).strip().lower(), element.get("version", _KIND[1])) != _KIND:
        raise UnsupportedCalendarData
    # No object here holds a VFREEBUSY, so that its limit is only checked.
    expand, recurrences, _ = (_range(element, tag) for tag in ("expand", "limit-recurrence-set", "limit-freebusy-set"))
    if expand and recurrences:
        raise BadRequest("calendar-data", "asks to expand a series and not to expand it")
    return Form(expand, recurrences, _selection(element))


def _range(element: xml.Element, tag: str) -> Range | None:
    found = element.findall(f"{_C}{tag}")
    if len(found) > 1:
        raise BadRequest(tag, "is there once")
    try:
        return ranges.read(found[0], whole=True) if found else None
    except ValueError as error:
        raise BadRequest(tag, str(error)) from error


def _selection(element: xml.Element) -> Selection | None:
    found = element.findall(f"{_C}comp")
    if not found:
        return None
    if len(found) > 1 or _name(found[0]) != CALENDAR:
        raise BadRequest("calendar-data", "has one comp, for VCALENDAR")
    if sum(1 for _ in element.iter(f"{_C}comp", f"{_C}prop")) > MOST:
        raise BadRequest("calendar-data", f"chooses at most {MOST} components and properties")
    return _chosen(found[0])


def _chosen(element: xml.Element) -> Selection:
    """Read a comp: what of it is asked for, or all of it where nothing is named (see `Selection`)."""
    choices = tuple(Choice(_name(e), e.get("novalue", "no") == "yes") for e in element.iterfind(f"{_C}prop"))
    inner = tuple(_chosen(e) for e in element.iterfind(f"{_C}comp"))
    every = element.find(f"{_C}allcomp") is not None
    all_properties = element.find(f"{_C}allprop") is not None
    if choices and all_properties:
        raise BadRequest("comp", "asks for all properties or names some")
    if inner and every:
        raise BadRequest("comp", "asks for all components or names some")
    nothing = not (choices or all_properties or inner)
    return Selection(_name(element), choices or None, None if every or nothing else inner)


def _name(element: xml.Element) -> str:
    name = (element.get("name") or "").strip().upper()
    if not name:
        raise BadRequest(str(element.tag).removeprefix(_C), "has a name")
    return name
