"""Which reports there are, and the kinds of resource that take each: told, and kept to (RFC 3253 3.1.5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gateway.web.dav import xml
from gateway.web.dav.paths import Kind

_C: Final = f"{{{xml.CALDAV}}}"
_CALENDAR: Final = frozenset({Kind.CALENDAR})

REPORTED: Final[Mapping[str, frozenset[Kind]]] = {
    f"{_C}calendar-multiget": _CALENDAR,
    f"{_C}calendar-query": _CALENDAR,
    f"{_C}free-busy-query": frozenset({Kind.CALENDAR, Kind.HOME}),
    "{DAV:}sync-collection": _CALENDAR,
}


def taken(kind: Kind) -> tuple[str, ...]:
    """Name the reports that a kind of resource takes."""
    return tuple(name for name, kinds in REPORTED.items() if kind in kinds)
