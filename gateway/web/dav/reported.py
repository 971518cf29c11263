"""Which reports there are, and the kinds of resource that take each: told, and kept to (RFC 3253 3.1.5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gateway.web.dav import xml
from gateway.web.dav.paths import Kind

_C: Final = f"{{{xml.CALDAV}}}"
_S: Final = f"{{{xml.SERVER}}}"
_CALENDAR: Final = frozenset({Kind.CALENDAR})
_OWN: Final = frozenset(Kind) - {Kind.COLLEAGUE}
_COLLECTIONS: Final = _OWN - {Kind.OBJECT}

REPORTED: Final[Mapping[str, frozenset[Kind]]] = {
    f"{_C}calendar-multiget": _CALENDAR,
    f"{_C}calendar-query": _CALENDAR,
    f"{_C}free-busy-query": frozenset({Kind.CALENDAR, Kind.HOME}),
    "{DAV:}sync-collection": _CALENDAR,
    "{DAV:}expand-property": frozenset(Kind),
    "{DAV:}acl-principal-prop-set": _OWN,
    "{DAV:}principal-match": _COLLECTIONS,
    "{DAV:}principal-property-search": _COLLECTIONS,
    "{DAV:}principal-search-property-set": _COLLECTIONS,
    f"{_S}calendarserver-principal-search": _COLLECTIONS,
}


def taken(kind: Kind) -> tuple[str, ...]:
    """Name the reports that a kind of resource takes."""
    return tuple(name for name, kinds in REPORTED.items() if kind in kinds)
