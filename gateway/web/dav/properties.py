"""Property -> reader, by kind of resource: one table (RFC 4918 15, RFC 3744 4-5, RFC 4791 5.2, RFC 6638 3.4.9).

A reader gives the XML inside the property. What is not in the table of a kind does not exist there. A `Plan` is made
once per request and kind, and then read for each resource.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from gateway.errors import BadRequest
from gateway.services.house import DAY
from gateway.store import access
from gateway.store.objects import Body, Item
from gateway.web import colours
from gateway.web.dav import xml
from gateway.web.dav.asking import Ask
from gateway.web.dav.paths import Kind
from gateway.web.dav.reported import taken
from mappings import address
from mappings.identity import DIARY, TASKS

SYNC: Final = "urn:partstat:sync:"
# What each calendar is called, and what it says of itself; {} is whose it is.
_NAMES: Final = {DIARY: "{}", TASKS: "{} (tasks)"}
_DESCRIPTIONS: Final = {DIARY: "The diary of {}", TASKS: "The to-dos of {}"}
DATA: Final = f"{{{xml.CALDAV}}}calendar-data"
MOST: Final = 100  # properties asked for at once
LONGEST: Final = 8_000  # characters of their names, which may be told for each of thousands of objects

Copy = Item | Body | None
Reader = Callable[[Ask, Copy], bytes]
K = Kind
_CONTAINERS: Final = (K.ROOT, K.PRINCIPALS, K.HOMES, K.HOME)
_OWNED: Final = (K.HOME, K.CALENDAR, K.OBJECT)


def _fixed(inside: bytes) -> Reader:
    return lambda _ask, _copy: inside


def _principal(ask: Ask, _: Copy) -> bytes:
    return xml.hrefs(ask.href(K.PRINCIPAL))


def _quoted(value: str) -> bytes:
    return b'"%s"' % xml.text(value)


def _etag(_: Ask, copy: Copy) -> bytes:
    return _quoted(copy.etag) if copy else b""


def _schedule_tag(_: Ask, copy: Copy) -> bytes:
    return _quoted(copy.schedule_tag) if copy else b""


def _data(_: Ask, copy: Copy) -> bytes:
    return xml.octets(copy.data) if isinstance(copy, Body) else b""


def _name(ask: Ask, _: Copy) -> bytes:
    return xml.text(ask.entry.name)


def _addresses(ask: Ask, _: Copy) -> bytes:
    """Give every address by which a client knows its own ATTENDEE (RFC 6638 2.4.1)."""
    known = access.addresses(ask.house.store, ask.entry.associate_id)
    own = dict.fromkeys(address.mailto(normal) for normal in map(address.normalise, known) if normal)
    return xml.hrefs(*own, ask.href(K.PRINCIPAL))


def _calendar_name(ask: Ask, _: Copy) -> bytes:
    return xml.text(_NAMES[ask.entry.calendar].format(ask.entry.name))


def _description(ask: Ask, _: Copy) -> bytes:
    return xml.text(_DESCRIPTIONS[ask.entry.calendar].format(ask.entry.name))


def _component(ask: Ask, _: Copy) -> bytes:
    return b'<C:comp name="%s"/>' % ask.component.encode("ascii")


def object_type(ask: Ask) -> str:
    """Give the media type of a copy in the calendar asked for (RFC 4791 5.3.4)."""
    return f"text/calendar; charset=utf-8; component={ask.component}"


def _token(ask: Ask, _: Copy) -> bytes:
    return xml.text(SYNC + ask.entry.token)


def _since(ask: Ask, _: Copy) -> bytes:
    """Give the day before which nothing is published, as UTC."""
    reach = ask.house.reach(ask.house.clock.now())
    return time.strftime("%Y%m%dT000000Z", time.gmtime(reach - reach % DAY)).encode("ascii")


def _privileges(names: Iterable[str]) -> bytes:
    return b"".join(b"<D:privilege><D:%s/></D:privilege>" % n.encode("ascii") for n in names)


def _reports(names: Iterable[str]) -> bytes:
    tags = (xml.empty(n) for n in names)
    return b"".join(b"<D:supported-report><D:report>%s</D:report></D:supported-report>" % t for t in tags)


_COLLECTION: Final = b"<D:collection/>"
_MAY: Final = _fixed(_privileges(("read", "read-current-user-privilege-set")))
_NONE: Final = _fixed(b"")
_ICALENDAR: Final = _fixed(b'<C:calendar-data content-type="text/calendar" version="2.0"/>')

PROPERTIES: Final[Mapping[str, Mapping[Kind, Reader]]] = {
    "{DAV:}resourcetype": {
        **dict.fromkeys(_CONTAINERS, _fixed(_COLLECTION)),
        K.PRINCIPAL: _fixed(_COLLECTION + b"<D:principal/>"),
        K.CALENDAR: _fixed(_COLLECTION + b"<C:calendar/>"),
        K.OBJECT: _NONE,
    },
    "{DAV:}displayname": {
        K.ROOT: _fixed(b"Partstat"),
        **dict.fromkeys((K.PRINCIPAL, K.HOME), _name),
        K.CALENDAR: _calendar_name,
    },
    "{DAV:}current-user-principal": dict.fromkeys(K, _principal),
    "{DAV:}principal-URL": {K.PRINCIPAL: _principal},
    "{DAV:}principal-collection-set": dict.fromkeys(K, lambda ask, _: xml.hrefs(ask.href(K.PRINCIPALS))),
    "{DAV:}alternate-URI-set": {K.PRINCIPAL: _NONE},
    "{DAV:}group-membership": {K.PRINCIPAL: _NONE},
    "{DAV:}owner": dict.fromkeys(_OWNED, _principal),
    "{DAV:}current-user-privilege-set": dict.fromkeys(K, _MAY),
    "{DAV:}supported-report-set": {kind: _fixed(_reports(taken(kind))) for kind in K},
    "{DAV:}getetag": {K.OBJECT: _etag},
    "{DAV:}getcontenttype": {K.OBJECT: lambda ask, _: xml.text(object_type(ask))},
    "{DAV:}sync-token": {K.CALENDAR: _token},
    f"{{{xml.SERVER}}}getctag": {K.CALENDAR: lambda ask, _: xml.text(ask.entry.token)},
    f"{{{xml.CALDAV}}}calendar-home-set": {K.PRINCIPAL: lambda ask, _: xml.hrefs(ask.href(K.HOME))},
    f"{{{xml.CALDAV}}}calendar-user-address-set": {K.PRINCIPAL: _addresses},
    f"{{{xml.CALDAV}}}calendar-description": {K.CALENDAR: _description},
    f"{{{xml.CALDAV}}}supported-calendar-component-set": {K.CALENDAR: _component},
    f"{{{xml.CALDAV}}}supported-calendar-data": {K.CALENDAR: _ICALENDAR},
    f"{{{xml.CALDAV}}}max-resource-size": {
        K.CALENDAR: lambda ask, _: b"%d" % ask.house.settings.max_calendar_bytes,
    },
    f"{{{xml.CALDAV}}}min-date-time": {K.CALENDAR: _since},
    f"{{{xml.CALDAV}}}schedule-tag": {K.OBJECT: _schedule_tag},
    f"{{{xml.APPLE}}}calendar-color": {
        K.CALENDAR: lambda ask, _: colours.code(ask.entry.associate_id).encode("ascii"),
    },
}
# What `allprop` gives: WebDAV's own, as RFC 4791 5.2 and RFC 3744 4 ask to leave theirs out.
ALL: Final = ("{DAV:}resourcetype", "{DAV:}displayname", "{DAV:}getetag", "{DAV:}getcontenttype")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which properties were asked for, and which of them by name; `names_only`: just what there is."""

    names: tuple[str, ...] = ALL
    named: frozenset[str] = frozenset()
    names_only: bool = False


def wanted(parent: xml.Element) -> Wanted:
    """Read what a PROPFIND or a REPORT asks for: prop, allprop (with include) or propname (RFC 4918 14.18-14.22)."""
    found: list[str] = []
    named: set[str] = set()
    for child in parent:
        if child.tag == "{DAV:}propname":
            return Wanted((), names_only=True)
        if child.tag == "{DAV:}allprop":
            found += ALL
        if child.tag in ("{DAV:}prop", "{DAV:}include"):
            found += [str(p.tag) for p in child]
            named |= {str(p.tag) for p in child}
    names = tuple(dict.fromkeys(found))
    if len(names) > MOST or sum(map(len, names)) > LONGEST:
        raise BadRequest("prop", f"asks for more than {MOST} properties, or for names that are too long")
    return Wanted(names, frozenset(named))


class Plan:
    """What to write for each resource of one kind."""

    def __init__(self, kind: Kind, asked: Wanted, *, data: bool = False, minimal: bool = False) -> None:
        there = {name: readers[kind] for name, readers in PROPERTIES.items() if kind in readers}
        if data:
            there[DATA] = _data
        if asked.names_only:
            there, names = dict.fromkeys(there, _NONE), tuple(there)
        else:
            names = asked.names
        self._readers = [(*xml.pair(n), there[n]) for n in names if n in there]
        # An allprop speaks of what there is; a property asked for by name that is missing is told (RFC 4918 9.1).
        lacking = [n for n in names if n in asked.named and n not in there]
        self._missing = b"" if minimal else xml.propstat(b"".join(map(xml.empty, lacking)), xml.MISSING)

    def response(self, ask: Ask, href: bytes, copy: Copy = None) -> bytes:
        """Write one resource."""
        found = b"".join([opening + read(ask, copy) + closing for opening, closing, read in self._readers])
        return xml.response(href, found, self._missing)
