"""REPORT: root element -> handler, one table (RFC 3253 3.6); which resources take it is in `reported`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from gateway.errors import UnsupportedReport
from gateway.web.answers import Reply
from gateway.web.dav import busying, expanding, matching, queries, searching, syncing, xml
from gateway.web.dav.asking import Ask
from gateway.web.dav.reported import REPORTED

_C: Final = f"{{{xml.CALDAV}}}"
_S: Final = f"{{{xml.SERVER}}}"


def report(ask: Ask) -> Reply:
    """Answer a REPORT; raises UnsupportedReport for one that this resource does not take."""
    root = xml.read(ask.body)
    name = str(root.tag)
    if ask.place.kind not in REPORTED.get(name, ()):
        raise UnsupportedReport
    return HANDLERS[name](ask, root)


HANDLERS: Final[Mapping[str, Callable[[Ask, xml.Element], Reply]]] = {
    f"{_C}calendar-multiget": queries.multiget,
    f"{_C}calendar-query": queries.query,
    f"{_C}free-busy-query": busying.query,
    "{DAV:}sync-collection": syncing.sync,
    "{DAV:}expand-property": expanding.expand,
    "{DAV:}acl-principal-prop-set": searching.of_access,
    "{DAV:}principal-match": matching.match,
    "{DAV:}principal-property-search": searching.property_search,
    "{DAV:}principal-search-property-set": searching.search_properties,
    f"{_S}calendarserver-principal-search": searching.word_search,
}
