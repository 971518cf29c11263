"""The report that follows addresses: expand-property (RFC 3253 3.8).

A property whose value names resources is told with what was asked of each of them. What the asker may not see is told
as not found, like what there is not; addresses of mail and the like are no resources and stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Final, NamedTuple

from lxml import etree

from gateway.errors import BadRequest
from gateway.web.answers import Reply
from gateway.web.dav import paths, walking, xml
from gateway.web.dav.answering import multistatus
from gateway.web.dav.asking import Ask
from gateway.web.dav.paths import Kind, Place
from gateway.web.dav.properties import LENGTH, LONGEST, READERS
from gateway.web.dav.walking import Stop

_PROPERTY: Final = "{DAV:}property"
_HREF: Final = re.compile(rb"<D:href[^>]*>([^<]*)</D:href>")


class Sought(NamedTuple):
    """A property that is asked for, and what is asked of the resources that its value names."""

    name: str
    inside: tuple[Sought, ...] = ()


def expand(ask: Ask, root: xml.Element) -> Reply:
    """Give properties of what was asked for, and with Depth 1 of what is right inside it; no Depth is 0."""
    wanted = _wanted(ask, root)
    expansion = _Expansion(ask)
    stops = _stops(ask, texts=any(one.name == LENGTH for one in wanted))
    return multistatus(ask, (expansion.response(stop, wanted) for stop in stops))


def _stops(ask: Ask, *, texts: bool) -> Iterator[Stop]:
    yield walking.here(ask)
    if (ask.header("depth") or "").strip() == "1":
        yield from walking.inside(ask, texts=texts)


def _wanted(ask: Ask, root: xml.Element) -> tuple[Sought, ...]:
    settings = ask.house.settings
    properties = list(root.iter(_PROPERTY))
    length = sum(len(p.get("name", "")) + len(p.get("namespace", "")) for p in properties)
    if len(properties) > settings.max_filter_conditions or length > LONGEST:
        raise BadRequest("property", f"is there more than {settings.max_filter_conditions} times, or is too long")
    return _level(root, settings.max_filter_depth)


def _level(parent: xml.Element, deeper: int) -> tuple[Sought, ...]:
    children = parent.findall(_PROPERTY)
    if children and not deeper:
        raise BadRequest("property", "is nested too deeply")
    return tuple(dict.fromkeys(Sought(_name(c), _level(c, deeper - 1)) for c in children))


def _name(element: xml.Element) -> str:
    """Give the name of a property: attributes can hold what no element can be called, and what nobody could read."""
    space, local = element.get("namespace", "DAV:"), element.get("name", "")
    if "{" in space or "}" in space:
        raise BadRequest("property", "has no namespace that a property can have")
    try:
        name = etree.QName(space or None, local).text
        if space not in xml.PREFIXES:
            xml.read(xml.empty(name))
    except (ValueError, BadRequest) as error:
        raise BadRequest("property", "has no name that a property can have") from error
    return name


class _Expansion:
    """What is written for each resource; one that was met before, by the same question, is not asked again."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._met: dict[tuple[Place, tuple[Sought, ...]], bytes] = {}

    def response(self, stop: Stop, wanted: tuple[Sought, ...]) -> bytes:
        there = READERS[stop.kind]
        found = b"".join([self._property(stop, one) for one in wanted if one.name in there])
        lacking = b"" if self._ask.minimal else b"".join(xml.empty(o.name) for o in wanted if o.name not in there)
        return xml.response(stop.href, found, xml.propstat(lacking, xml.MISSING))

    def _property(self, stop: Stop, sought: Sought) -> bytes:
        opening, closing = xml.pair(sought.name)
        value = READERS[stop.kind][sought.name](stop.ask, stop.copy)
        if sought.inside:
            value = _HREF.sub(lambda found: self._followed(stop.ask, found, sought.inside), value)
        return opening + value + closing

    def _followed(self, ask: Ask, found: re.Match[bytes], wanted: tuple[Sought, ...]) -> bytes:
        href = unescape(found[1].decode("utf-8"))
        if not href.startswith("/"):
            return found[0]
        place = paths.from_href(href, ask.prefix, ask.hosts)
        stop = _seen(ask, place) if place is not None else None
        if place is None or stop is None:
            return xml.bare(found[1], xml.MISSING)
        if (place, wanted) not in self._met:
            self._met[place, wanted] = self.response(stop, wanted)
        return self._met[place, wanted]


def _seen(ask: Ask, place: Place) -> Stop | None:
    """Give the resource at a place, where the asker may see it; a copy is never named by a property."""
    if place.login in ("", ask.entry.login) and place.kind is not Kind.OBJECT:
        one = ask.beside(place.calendar) if place.kind is Kind.CALENDAR else ask
        return Stop(one, place.kind, one.quoted(place.kind))
    if ask.other is not None and place == Place(Kind.PRINCIPAL, ask.other.login):
        return Stop(ask, Kind.COLLEAGUE, xml.text(paths.href(ask.prefix, place)), ask.other)
    return None
