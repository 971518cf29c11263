"""What a calendar-query may ask of a copy, and whether the copy has it (RFC 4791 9.7-9.9).

How we read what the RFC leaves open:

- A comp-filter asks for *one* component of its name that has all of what stands inside the filter. A time range on
  VCALENDAR, which the RFC gives no meaning, asks for any component in a copy: clients send it.
- A prop-filter asks for *one* property of its name that has all of it: an ATTENDEE who is Bo and has accepted, not Bo
  somewhere and an acceptance somewhere else (RFC 4791 7.8.7). So do sabre/dav and Cyrus; Radicale asks for each alone.
- A negated text-match says that *no* property of the name contains the text. So it is the opposite of the same filter
  without the negation, and holds where there is no such property, as the words beside the RFC's own example want
  (7.8.9: to-dos that "do not have a STATUS property value matching CANCELLED"). Radicale, too, asks it of all of them;
  sabre/dav and Xandikos are content with any one property that does not contain the text, by which a meeting of Bo
  and Ada is one without Bo. Where there are param-filters too, they say which properties are spoken of, and there must
  be one.
- A negated text-match on a parameter likewise holds where the parameter is missing: who has no PARTSTAT has not
  accepted.
- Text is compared without the escapes of iCalendar, and a list of several texts as one, with its commas. A client that
  sends escaped text, as python-caldav does, is understood too.
- A property with several values overlaps a range where one of them does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from mappings.ics import instances, outline, overlapping
from mappings.ics.collations import COLLATIONS, DEFAULT, UNICODE
from mappings.ics.instances import Instances, Occurrence, Span
from mappings.ics.outline import Component, Property

__all__ = [
    "COLLATIONS", "ComponentFilter", "ParameterFilter", "PropertyFilter", "TextMatch",
    "hull", "matches", "never", "reads_text", "uid",
]  # fmt: skip

CALENDAR: Final = "VCALENDAR"
_ZONE: Final = "VTIMEZONE"
# Properties whose values are no TEXT, so that a backslash in them is a backslash.
_ADDRESSES: Final = frozenset({"ATTENDEE", "ORGANIZER", "URL", "TZURL", "SOURCE"})
_URIS: Final = frozenset({"URI", "CAL-ADDRESS"})
_ESCAPE: Final = re.compile(rb"\\(.)", re.DOTALL)
# What is written as something else in a value or a parameter: there a searched text can be cut.
_WRITTEN_ANEW: Final = re.compile(rb'\\.?|[,;\r\n^"\']', re.DOTALL)


@dataclass(frozen=True, slots=True)
class TextMatch:
    """A text that a value contains, or, with `negate`, does not; `collation` is a key of COLLATIONS."""

    text: str
    collation: str = DEFAULT
    negate: bool = False


@dataclass(frozen=True, slots=True)
class ParameterFilter:
    """What a parameter must be: there (`defined`), missing, or with a text.

    `name` is in upper case, as in every filter.
    """

    name: str
    defined: bool = True
    text: TextMatch | None = None


@dataclass(frozen=True, slots=True)
class PropertyFilter:
    """What a property must be: there, missing, in a range (`span`), with a text, with parameters."""

    name: str
    defined: bool = True
    span: Span | None = None
    text: TextMatch | None = None
    parameters: tuple[ParameterFilter, ...] = ()


@dataclass(frozen=True, slots=True)
class ComponentFilter:
    """What a component must be: there, missing, in a range, with properties, with components inside it."""

    name: str
    defined: bool = True
    span: Span | None = None
    properties: tuple[PropertyFilter, ...] = ()
    components: tuple[ComponentFilter, ...] = ()


# --- what can be said before a copy is read --------------------------------------------------------------------------


def hull(wanted: ComponentFilter, component: str) -> Span | None:
    """Give a range in which every match has an instance, in a calendar of `component`; None where nothing bounds it."""
    spans = [wanted.span, *(c.span for c in wanted.components if c.defined and c.name == component)]
    return min((s for s in spans if s is not None), key=lambda s: s[1] - s[0], default=None)


def never(wanted: ComponentFilter, component: str) -> bool:
    """Tell whether no copy of a calendar that holds nothing but `component` can match."""
    if wanted.name != CALENDAR or not wanted.defined:
        return True
    here = (component, _ZONE)
    return any(c.name not in here if c.defined else c.name == component for c in wanted.components)


def uid(wanted: ComponentFilter, component: str) -> str | None:
    """Give a text that the UID of every copy that matches contains, whatever the case of its ASCII letters.

    None where there is none, or where the collation finds more than that.
    """
    asked = [p for c in wanted.components if c.defined and c.name == component for p in c.properties]
    texts = [p.text for p in asked if p.defined and p.name == "UID" and p.text and not p.text.negate]
    # What is escaped has two readings.
    plain = (t.text for t in texts if t.collation != UNICODE and "\\" not in t.text)
    return next(filter(None, plain), None)


def reads_text(wanted: ComponentFilter, component: str) -> bool:
    """Tell whether a copy's text must be read; if not, every copy with an instance in the hull matches."""
    if wanted.name != CALENDAR or not wanted.defined or wanted.properties:
        return True
    spans = int(wanted.span is not None)
    for inner in wanted.components:
        if inner.defined and inner.name == component and not inner.properties and not inner.components:
            spans += inner.span is not None
        elif inner.defined or inner.name in (component, _ZONE):
            return True
    return spans > 1


# --- one copy --------------------------------------------------------------------------------------------------------


def matches(wanted: ComponentFilter, data: bytes, spans: Sequence[Occurrence]) -> bool:
    """Tell whether a copy matches: its text, as its holder is given it, and its instances.

    `spans` are (instance key, start, end) in instants; where there are none, the text tells when it is (a frozen copy).
    """
    plain = outline.unfolded(data)
    if not _plausible(_must_hold(wanted), plain):
        return False
    return _Copy(spans).has(wanted, outline.read(plain))


class _Copy:
    """One copy while it is asked; its instances are sorted out at the first question about time."""

    def __init__(self, spans: Sequence[Occurrence]) -> None:
        self._spans = spans
        self._when: Instances | None = None
        self._calendar = Component(CALENDAR)

    def has(self, wanted: ComponentFilter, around: Component) -> bool:
        """Tell whether a component has another inside it that a filter asks for, or lacks the one it wants missing."""
        named = [c for c in around.inner if c.name == wanted.name]
        if not wanted.defined:
            return not named
        return any(self._fits(wanted, c, around) for c in named)

    def _fits(self, wanted: ComponentFilter, it: Component, around: Component) -> bool:
        if it.name == CALENDAR:
            self._calendar, self._when = it, None
        if not all(_holds(p, it) for p in wanted.properties):
            return False
        if wanted.span and not self._overlaps(wanted.span, it, around):
            return False
        return all(self.has(c, it) for c in wanted.components)

    def _overlaps(self, span: Span, it: Component, around: Component) -> bool:
        when = self._when = self._when or Instances(self._calendar, self._spans)
        if it.name == CALENDAR:
            return any(overlapping.overlaps(c, when.of(c), span) for c in it.inner)
        if it.name == "VALARM":
            return overlapping.rings(it, when.of(around), span)
        return overlapping.overlaps(it, when.of(it), span)


def _holds(wanted: PropertyFilter, component: Component) -> bool:
    there = component.all(wanted.name)
    if not wanted.defined:
        return not there
    if wanted.span:
        there = there or _effective(wanted.name, component)
        there = [p for p in there if overlapping.happens(p, wanted.span)]
    text = wanted.text
    if text and text.negate:
        spoken_of = [p for p in there if _has_all(wanted.parameters, p)]
        return bool(spoken_of or not wanted.parameters) and not any(_says(text, wanted.name, p) for p in spoken_of)
    return any((text is None or _says(text, wanted.name, p)) and _has_all(wanted.parameters, p) for p in there)


def _effective(name: str, component: Component) -> list[Property]:
    """Give the end that follows from a DURATION where there is no other (RFC 4791 9.9)."""
    if (name, component.name) not in (("DTEND", "VEVENT"), ("DUE", "VTODO")) or not component.first("DURATION"):
        return []
    return [instances.written(end) for _, _, end in instances.told(component)[:1]]


def _has_all(wanted: tuple[ParameterFilter, ...], it: Property) -> bool:
    return all(_has(f, it) for f in wanted)


def _has(wanted: ParameterFilter, it: Property) -> bool:
    value = it.parameter(wanted.name)
    if not wanted.defined:
        return value is None
    if wanted.text is None:
        return value is not None
    found = value is not None and _contains(wanted.text, value.encode("utf-8", "replace"))
    return found != wanted.text.negate


def _says(wanted: TextMatch, name: str, it: Property) -> bool:
    return _contains(wanted, _value(name, it))


def _value(name: str, it: Property) -> bytes:
    if b"\\" not in it.value or name in _ADDRESSES or (it.parameter("VALUE") or "").upper() in _URIS:
        return it.value
    return _unescaped(it.value)


def _unescaped(value: bytes) -> bytes:
    return _ESCAPE.sub(lambda hit: b"\n" if hit[1] in b"nN" else hit[1], value)


def _contains(wanted: TextMatch, value: bytes) -> bool:
    """Tell whether a value contains the text of a match, whether that is negated or not."""
    folded = COLLATIONS[wanted.collation](value)
    return any(needle in folded for needle in _needles(wanted))


@lru_cache(maxsize=1_024)
def _needles(wanted: TextMatch) -> tuple[bytes, ...]:
    """Give the folded texts that are searched for: the text itself, and what it is without escapes."""
    text = wanted.text.encode("utf-8", "replace")
    fold = COLLATIONS[wanted.collation]
    return tuple(dict.fromkeys((fold(text), fold(_unescaped(text)))))


# --- a cheap look before anything is taken apart ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _MustHold:
    """Octets that the unfolded text of every match holds: as they stand, or in upper case; `loose` if it is ASCII."""

    exact: tuple[bytes, ...]
    upper: tuple[bytes, ...]
    loose: tuple[bytes, ...]


def _plausible(needed: _MustHold, plain: bytes) -> bool:
    if not all(some in plain for some in needed.exact):
        return False
    if not needed.upper and not needed.loose:
        return True
    upper = plain.upper()
    if not all(some in upper for some in needed.upper):
        return False
    return not needed.loose or not plain.isascii() or all(some in upper for some in needed.loose)


@lru_cache(maxsize=256)
def _must_hold(wanted: ComponentFilter) -> _MustHold:
    texts: list[TextMatch] = []
    marks: list[bytes] = []
    _gather(wanted, texts, marks)
    cut: dict[str, list[bytes]] = {name: [] for name in COLLATIONS}
    for text in texts:
        runs = _WRITTEN_ANEW.split(text.text.encode("utf-8", "replace"))
        cut[text.collation].append(COLLATIONS[text.collation](max(runs, key=len)))
    return _MustHold(tuple(cut["i;octet"]), tuple(marks + cut[DEFAULT]), tuple(cut[UNICODE]))


def _gather(wanted: ComponentFilter, texts: list[TextMatch], marks: list[bytes]) -> None:
    """Find what every match has: the texts and names of filters that do not speak of something missing."""
    if not wanted.defined:
        return
    marks.append(b"BEGIN:" + wanted.name.encode("utf-8", "replace"))
    for it in wanted.properties:
        if it.defined and not (it.text and it.text.negate):
            if not it.span:
                marks.append(b"\n" + it.name.encode("utf-8", "replace"))
            inside = (it.text, *(p.text for p in it.parameters if p.defined))
            texts += [t for t in inside if t and t.text and not t.negate]
    for inner in wanted.components:
        _gather(inner, texts, marks)
