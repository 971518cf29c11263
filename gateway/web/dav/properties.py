"""Property -> reader, by kind of resource: one table (RFC 4918 15, RFC 3744 4-5, RFC 4791 5.2, RFC 6638, RFC 7809).

A reader gives the XML inside the property. What is not in the table of a kind does not exist there. A `Plan` is made
once for a question and a kind, and then read for each resource. Where a value is nobody's secret and costs nothing it
is a constant. Not here, because it would not hold: max-date-time, max-attendees-per-instance and max-instances (there
is no such limit), getlastmodified (an answer changes a copy without a date of its own), and every inbox or outbox.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from gateway.errors import BadRequest
from gateway.services.house import DAY
from gateway.store.directory import Principal
from gateway.store.objects import Body, Item
from gateway.web import colours
from gateway.web.dav import principals, privileges, xml
from gateway.web.dav.asking import Ask
from gateway.web.dav.paths import Kind
from gateway.web.dav.reported import taken
from mappings.ics import writing, zones
from mappings.identity import DIARY, TASKS

SYNC: Final = "urn:partstat:sync:"
# What each calendar is called, and what it says of itself; {} is whose it is.
_NAMES: Final = {DIARY: "{}", TASKS: "{} (tasks)"}
_DESCRIPTIONS: Final = {DIARY: "The diary of {}", TASKS: "The to-dos of {}"}
_ORDERS: Final = {DIARY: b"1", TASKS: b"2"}
# What is to be done makes nobody busy (RFC 6638 9.1).
_BUSY: Final = {DIARY: b"<C:opaque/>", TASKS: b"<C:transparent/>"}
_YEARS_AHEAD: Final = 5  # for which a calendar's own time zone is told
DATA: Final = f"{{{xml.CALDAV}}}calendar-data"
LENGTH: Final = "{DAV:}getcontentlength"
MOST: Final = 100  # properties asked for at once
LONGEST: Final = 8_000  # characters of their names, which may be told for each of thousands of objects

Copy = Item | Body | Principal | None
Reader = Callable[[Ask, Copy], bytes]
_COPIES: Final = (Item, Body)
K = Kind
_CONTAINERS: Final = (K.ROOT, K.PRINCIPALS, K.HOMES, K.HOME)
_OWNED: Final = (K.HOME, K.CALENDAR, K.OBJECT)
_LISTED: Final = (*_CONTAINERS, K.PRINCIPAL, K.CALENDAR, K.OBJECT)  # whose list of access can be read
_C, _S, _A = (f"{{{space}}}" for space in (xml.CALDAV, xml.SERVER, xml.APPLE))


def _fixed(inside: bytes) -> Reader:
    return lambda _ask, _copy: inside


def _principal(ask: Ask, _: Copy) -> bytes:
    return xml.hrefs(ask.href(K.PRINCIPAL))


def _etag(_: Ask, copy: Copy) -> bytes:
    # Written here as `token` writes it: of ten thousand copies nothing else may be asked.
    return b'"%d-%x"' % (copy.revision, copy.nonce) if isinstance(copy, _COPIES) else b""


def _schedule_tag(_: Ask, copy: Copy) -> bytes:
    return b'"%s"' % copy.schedule_tag.encode("ascii") if isinstance(copy, _COPIES) else b""


def _length(_: Ask, copy: Copy) -> bytes:
    return b"%d" % len(copy.data) if isinstance(copy, Body) else b""


def _data(_: Ask, copy: Copy) -> bytes:
    return xml.calendar(copy.data) if isinstance(copy, Body) else b""


# The readers that look at the copy; what all others say of one is the same of every copy in its calendar.
OF_COPY: Final = frozenset((_etag, _schedule_tag, _length, _data))


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


def _zone(ask: Ask, _: Copy) -> bytes:
    """Give the CRM's base zone, for what has no zone of its own (RFC 4791 5.2.2)."""
    now = ask.house.clock.now()
    years = (time.gmtime(ask.house.reach(now)).tm_year, time.gmtime(now).tm_year + _YEARS_AHEAD)
    return xml.octets(writing.envelope([zones.alone(ask.house.settings.timezone, *years)], ()))


def _reports(names: Iterable[str]) -> bytes:
    tags = (xml.empty(n) for n in names)
    return b"".join(b"<D:supported-report><D:report>%s</D:report></D:supported-report>" % t for t in tags)


_COLLECTION: Final = b"<D:collection/>"
_NONE: Final = _fixed(b"")
_PEOPLE: Final = (K.PRINCIPAL, K.COLLEAGUE)
_ICALENDAR: Final = _fixed(b'<C:calendar-data content-type="text/calendar" version="2.0"/>')
_COLLATIONS: Final = _fixed(
    b"".join(
        b"<C:supported-collation>%s</C:supported-collation>" % name
        for name in (b"i;ascii-casemap", b"i;octet", b"i;unicode-casemap")
    )
)


def _of_people(reader: Reader) -> dict[Kind, Reader]:
    return dict.fromkeys(_PEOPLE, reader)


PROPERTIES: Final[Mapping[str, Mapping[Kind, Reader]]] = {
    "{DAV:}resourcetype": {
        **dict.fromkeys(_CONTAINERS, _fixed(_COLLECTION)),
        **_of_people(_fixed(_COLLECTION + b"<D:principal/>")),
        K.CALENDAR: _fixed(_COLLECTION + b"<C:calendar/>"),
        K.OBJECT: _NONE,
    },
    "{DAV:}displayname": {
        K.ROOT: _fixed(b"Partstat"),
        **dict.fromkeys((*_PEOPLE, K.HOME), principals.name),
        K.CALENDAR: _calendar_name,
    },
    "{DAV:}getetag": {K.OBJECT: _etag},
    "{DAV:}getcontenttype": {K.OBJECT: lambda ask, _: xml.text(object_type(ask))},
    LENGTH: {K.OBJECT: _length},
    "{DAV:}supported-report-set": {kind: _fixed(_reports(taken(kind))) for kind in K},
    "{DAV:}sync-token": {K.CALENDAR: _token},
    # RFC 5397 and RFC 3744: who is who, and who may do what
    "{DAV:}current-user-principal": dict.fromkeys(K, _principal),
    "{DAV:}principal-URL": _of_people(principals.url),
    "{DAV:}principal-collection-set": dict.fromkeys(K, lambda ask, _: xml.hrefs(ask.href(K.PRINCIPALS))),
    "{DAV:}alternate-URI-set": _of_people(_NONE),
    "{DAV:}group-member-set": _of_people(_NONE),
    "{DAV:}group-membership": _of_people(_NONE),
    "{DAV:}owner": dict.fromkeys(_OWNED, _principal),
    "{DAV:}group": dict.fromkeys(_OWNED, _NONE),
    "{DAV:}supported-privilege-set": {kind: _fixed(privileges.supported(kind)) for kind in K},
    "{DAV:}current-user-privilege-set": {kind: _fixed(privileges.current(kind)) for kind in K},
    "{DAV:}acl": {
        **{kind: _fixed(entries) for kind, entries in privileges.LISTS.items()},
        K.PRINCIPAL: principals.access_list,
    },
    "{DAV:}acl-restrictions": dict.fromkeys(_LISTED, _fixed(privileges.RESTRICTIONS)),
    "{DAV:}inherited-acl-set": dict.fromkeys(_LISTED, _NONE),
    # RFC 4791, RFC 6638 and RFC 7809: calendars and their people
    f"{_C}calendar-home-set": {K.PRINCIPAL: lambda ask, _: xml.hrefs(ask.href(K.HOME))},
    f"{_C}calendar-user-address-set": _of_people(principals.addresses),
    f"{_C}calendar-user-type": _of_people(principals.user_type),
    f"{_C}calendar-description": {K.CALENDAR: _description},
    f"{_C}calendar-timezone": {K.CALENDAR: _zone},
    f"{_C}calendar-timezone-id": {K.CALENDAR: lambda ask, _: xml.text(ask.house.settings.timezone)},
    f"{_C}supported-calendar-component-set": {K.CALENDAR: _component},
    f"{_C}supported-calendar-data": {K.CALENDAR: _ICALENDAR},
    f"{_C}supported-collation-set": {K.CALENDAR: _COLLATIONS},
    f"{_C}max-resource-size": {K.CALENDAR: lambda ask, _: b"%d" % ask.house.settings.max_calendar_bytes},
    f"{_C}min-date-time": {K.CALENDAR: _since},
    f"{_C}schedule-calendar-transp": {K.CALENDAR: lambda ask, _: _BUSY[ask.entry.calendar]},
    f"{_C}schedule-tag": {K.OBJECT: _schedule_tag},
    # CalendarServer's and Apple's own
    f"{_S}getctag": {K.CALENDAR: lambda ask, _: xml.text(ask.entry.token)},
    f"{_S}email-address-set": _of_people(principals.mailboxes),
    f"{_S}first-name": _of_people(principals.first_name),
    f"{_S}last-name": _of_people(principals.last_name),
    f"{_S}record-type": _of_people(principals.record_type),
    f"{_A}calendar-color": {K.CALENDAR: lambda ask, _: colours.code(ask.entry.associate_id).encode("ascii")},
    f"{_A}calendar-order": {K.CALENDAR: lambda ask, _: _ORDERS[ask.entry.calendar]},
}
# The same by kind.
READERS: Final[Mapping[Kind, Mapping[str, Reader]]] = {
    kind: {name: readers[kind] for name, readers in PROPERTIES.items() if kind in readers} for kind in K
}
# What `allprop` gives: WebDAV's own, as RFC 4791 5.2 and RFC 3744 4 ask to leave theirs out.
ALL: Final = ("{DAV:}resourcetype", "{DAV:}displayname", "{DAV:}getetag", "{DAV:}getcontenttype", LENGTH)


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
    """What to write for each resource of one kind.

    With `data` its text can be asked for, and with `sized` its length: where whoever asks holds the text anyway.
    """

    def __init__(
        self, kind: Kind, asked: Wanted, *, data: bool = False, sized: bool = False, minimal: bool = False
    ) -> None:
        there = dict(READERS[kind])
        if data:
            there[DATA] = _data
        if not sized:
            there.pop(LENGTH, None)
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

    def copies(self, ask: Ask) -> Callable[[bytes, Copy], bytes]:
        """Give what writes many copies of one calendar: as `response` does, reading once what is the same in all."""
        hole, readers, found = b"\0", [], []
        for opening, closing, read in self._readers:
            varies = read in OF_COPY
            readers += [read] if varies else []
            found.append(opening + (hole if varies else read(ask, None)) + closing)
        whole = xml.response(hole, b"".join(found), self._missing)
        template = whole.replace(b"%", b"%%").replace(hole, b"%s")
        # Nearly everybody asks for the tag, or for tag and text; of thousands of copies the shorter road tells.
        if len(readers) == 1:
            (only,) = readers
            return lambda href, copy: template % (href, only(ask, copy))
        if len(readers) == 2:
            one, two = readers
            return lambda href, copy: template % (href, one(ask, copy), two(ask, copy))
        return lambda href, copy: template % (href, *[read(ask, copy) for read in readers])


# Clients ask the same few questions over and over.
plan = lru_cache(maxsize=256)(Plan)
