"""The XML of a calendar-query's filter -> what it asks for; what we do not know is refused by name (RFC 4791 9.7)."""

from __future__ import annotations

from typing import Final

from gateway.settings import Settings
from gateway.web.dav import ranges, xml
from gateway.web.dav.ranges import EARLIEST, LATEST, Range
from gateway.web.refusals import InvalidFilter, UnsupportedCollation, UnsupportedFilter
from mappings.ics.collations import COLLATIONS, DEFAULT
from mappings.ics.filtering import ComponentFilter, ParameterFilter, PropertyFilter, TextMatch
from mappings.ics.overlapping import DATED, RANGED

__all__ = ["EARLIEST", "LATEST", "Range", "read"]

_C: Final = f"{{{xml.CALDAV}}}"
# Element -> what may stand in it (RFC 4791 9.7), and which of that only once.
_INSIDE: Final = {
    "filter": frozenset({"comp-filter"}),
    "comp-filter": frozenset({"is-not-defined", "time-range", "prop-filter", "comp-filter"}),
    "prop-filter": frozenset({"is-not-defined", "time-range", "text-match", "param-filter"}),
    "param-filter": frozenset({"is-not-defined", "text-match"}),
    "text-match": frozenset[str](),
    "time-range": frozenset[str](),
    "is-not-defined": frozenset[str](),
}
_ONCE: Final = frozenset({"is-not-defined", "time-range", "text-match"})
# Element -> its attributes. Another would ask for something else: `test` and `match-type` are CardDAV's.
_ATTRIBUTES: Final = {
    **dict.fromkeys(("comp-filter", "prop-filter", "param-filter"), frozenset({"name"})),
    "text-match": frozenset({"collation", "negate-condition"}),
    "time-range": frozenset({"start", "end"}),
}
# Component -> what it may stand in; "" is the filter itself. Others may stand anywhere.
_AROUND: Final = {
    "VCALENDAR": frozenset({""}),
    **dict.fromkeys(
        ("VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VTIMEZONE", "VAVAILABILITY"), frozenset({"VCALENDAR"})
    ),
    "VALARM": frozenset({"VEVENT", "VTODO"}),
    "STANDARD": frozenset({"VTIMEZONE"}),
    "DAYLIGHT": frozenset({"VTIMEZONE"}),
    "AVAILABLE": frozenset({"VAVAILABILITY"}),
}
_NEGATED: Final = {"yes": True, "no": False}


def read(root: xml.Element, settings: Settings) -> ComponentFilter:
    """Give what the filter of a calendar-query asks for.

    Raises InvalidFilter for one that breaks the rules, UnsupportedFilter for one that asks for what we do not know or
    for more than the settings allow, and UnsupportedCollation.
    """
    filters = root.findall(f"{_C}filter")
    if len(filters) != 1:
        raise InvalidFilter("A query has one filter.")
    outer = _parts(filters[0], "filter", "").get("comp-filter", [])
    if len(outer) != 1:
        raise InvalidFilter("A filter begins with one comp-filter for VCALENDAR.")
    return _Reader(settings).component(outer[0], "", 1)


class _Reader:
    """Reads one filter, and counts."""

    def __init__(self, settings: Settings) -> None:
        self._deepest = settings.max_filter_depth
        self._most = settings.max_filter_conditions
        self._count = 0

    def component(self, element: xml.Element, around: str, depth: int) -> ComponentFilter:
        """Read a comp-filter that stands in the filter of the component `around`."""
        name = self._name(element, "comp-filter", depth)
        if around not in _AROUND.get(name, {around}) or (not around and name != "VCALENDAR"):
            raise InvalidFilter(f"{name} does not stand in {around or 'a filter itself'}.")
        parts = _parts(element, "comp-filter", name)
        return ComponentFilter(
            name,
            defined="is-not-defined" not in parts,
            span=_span(parts, name, RANGED),
            properties=tuple(self.property(e, depth + 1) for e in parts.get("prop-filter", ())),
            components=tuple(self.component(e, name, depth + 1) for e in parts.get("comp-filter", ())),
        )

    def property(self, element: xml.Element, depth: int) -> PropertyFilter:
        """Read a prop-filter."""
        name = self._name(element, "prop-filter", depth)
        parts = _parts(element, "prop-filter", name)
        if "time-range" in parts and "text-match" in parts:
            raise InvalidFilter(f"The prop-filter of {name} has a time-range or a text-match.")
        return PropertyFilter(
            name,
            defined="is-not-defined" not in parts,
            span=_span(parts, name, DATED),
            text=_text(parts),
            parameters=tuple(self.parameter(e, depth + 1) for e in parts.get("param-filter", ())),
        )

    def parameter(self, element: xml.Element, depth: int) -> ParameterFilter:
        """Read a param-filter."""
        name = self._name(element, "param-filter", depth)
        parts = _parts(element, "param-filter", name)
        return ParameterFilter(name, "is-not-defined" not in parts, _text(parts))

    def _name(self, element: xml.Element, kind: str, depth: int) -> str:
        """Give the name of a filter in upper case; counts it."""
        self._count += 1
        name = (element.get("name") or "").strip().upper()
        if not name:
            raise InvalidFilter(f"A {kind} has a name.")
        if depth > self._deepest:
            raise UnsupportedFilter(f"The conditions of a filter are nested at most {self._deepest} deep.", kind, name)
        if self._count > self._most:
            raise UnsupportedFilter(f"A filter has at most {self._most} conditions.", kind, name)
        return name


def _parts(element: xml.Element, kind: str, name: str) -> dict[str, list[xml.Element]]:
    """Give what stands in an element by kind; refuses what we do not know, and what does not belong there."""
    _check_attributes(element, kind, name)
    parts: dict[str, list[xml.Element]] = {}
    for child in element:
        tag = str(child.tag).removeprefix(_C)
        if tag not in _INSIDE or not str(child.tag).startswith(_C):
            raise _strange(f"{kind} with {tag[:100]}", kind, name)
        if tag not in _INSIDE[kind]:
            raise InvalidFilter(f"A {tag} does not stand in a {kind}.")
        if not _INSIDE[tag]:
            _parts(child, tag, name)
        parts.setdefault(tag, []).append(child)
    if any(len(parts.get(tag, ())) > 1 for tag in _ONCE) or ("is-not-defined" in parts and len(element) > 1):
        raise InvalidFilter(f"A {kind} says more than one thing at once.")
    return parts


def _check_attributes(element: xml.Element, kind: str, name: str) -> None:
    own = {str(a) for a in element.attrib if not str(a).startswith("{")}
    strange = sorted(own - _ATTRIBUTES.get(kind, frozenset()))
    if strange:
        raise _strange(f"{kind} with the attribute {strange[0][:100]}", kind, name)


def _strange(what: str, kind: str, name: str) -> UnsupportedFilter:
    """Refuse what we do not know; only comp-, prop- and param-filters have a name to answer with."""
    return UnsupportedFilter(f"A {what} is not understood.", kind if kind.endswith("-filter") else "", name)


def _span(parts: dict[str, list[xml.Element]], name: str, known: frozenset[str]) -> Range | None:
    if "time-range" not in parts:
        return None
    if name not in known:
        raise InvalidFilter(f"{name} has no time that a time-range could be about.")
    try:
        return ranges.read(parts["time-range"][0])
    except ValueError as error:
        raise InvalidFilter(f"A time-range {error}.") from error


def _text(parts: dict[str, list[xml.Element]]) -> TextMatch | None:
    if "text-match" not in parts:
        return None
    element = parts["text-match"][0]
    collation = element.get("collation", DEFAULT).lower()
    if collation == "default":  # a name of its own, and ours to fill (RFC 4791 7.5)
        collation = DEFAULT
    if collation not in COLLATIONS:
        raise UnsupportedCollation(f"Text is compared by {', '.join(COLLATIONS)}.")
    negated = _NEGATED.get(element.get("negate-condition", "no"))
    if negated is None:
        raise InvalidFilter("A negate-condition is yes or no.")
    return TextMatch(element.text or "", collation, negated)
