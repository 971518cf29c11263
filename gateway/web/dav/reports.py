"""REPORT: root element -> handler (RFC 4791 7.8 calendar-query, 7.9 calendar-multiget; RFC 6578 3 sync-collection)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from gateway.errors import BadRequest, InvalidSyncToken, UnsupportedReport
from gateway.store import objects
from gateway.store.objects import Body, Item
from gateway.web.dav import filters, paths, xml
from gateway.web.dav.asking import Ask
from gateway.web.dav.paths import Kind
from gateway.web.dav.properties import DATA, SYNC, Plan, wanted
from gateway.web.refusals import TooManyMatches, UnsupportedCalendarData
from mappings.identity import TASKS

MOST_HREFS: Final = 2_000
_C: Final = f"{{{xml.CALDAV}}}"
_LIMIT: Final = re.compile(r"\s*0*([1-9]\d{0,8})\s*\Z")
_FULL: Final = b"HTTP/1.1 507 Insufficient Storage"
_CUT: Final = b"<D:error><D:number-of-matches-within-limits/></D:error>"


def report(ask: Ask) -> bytes:
    """Answer a REPORT with a multistatus body; raises UnsupportedReport for one that is not in the table."""
    root = xml.read(ask.body)
    handler = REPORTS.get(str(root.tag))
    if handler is None or ask.place.kind is not Kind.CALENDAR:
        raise UnsupportedReport
    return handler(ask, root)


def _multiget(ask: Ask, root: xml.Element) -> bytes:
    """Give the copies that hrefs name; one that names nothing of this calendar is answered by itself, as not found."""
    given = [(e.text or "") for e in root.iterfind("{DAV:}href")]
    if len(given) > MOST_HREFS:
        raise TooManyMatches(f"At most {MOST_HREFS} events are given at once.")
    names = {href: _name(ask, href) for href in dict.fromkeys(given)}
    found = {b.name: b for b in objects.bodies(ask.house.store, ask.entry.calendar_id, filter(None, names.values()))}
    plan = _plan(ask, root)
    return xml.multistatus(
        plan.response(ask, ask.quoted(Kind.OBJECT, name), found[name])
        if name in found
        else xml.bare(xml.text(href.strip()), xml.MISSING)
        for href, name in names.items()
    )


def _name(ask: Ask, href: str) -> str:
    """Give the name of a copy in this calendar that an href names; empty for anything else."""
    at = paths.from_href(href, ask.prefix, ask.hosts)
    mine = at is not None and at == ask.at(Kind.OBJECT, at.name)
    return at.name if at is not None and mine else ""


def _query(ask: Ask, root: xml.Element) -> bytes:
    """Give the copies with an instance in a range, or all of them."""
    span = filters.time_range(root, ask.component)
    plan = _plan(ask, root)
    if span == filters.NOTHING:
        return xml.multistatus(())
    copies = _bodies(ask, span) if _wants_data(root) else _items(ask, span)
    return xml.multistatus(plan.response(ask, ask.quoted(Kind.OBJECT, c.name), c) for c in copies)


def _items(ask: Ask, span: filters.Range | None) -> Iterable[Item]:
    store, calendar = ask.house.store, ask.entry.calendar_id
    return objects.listing(store, calendar) if span is None else _within(ask, span)


def _within(ask: Ask, span: filters.Range) -> list[Item]:
    return objects.within(ask.house.store, ask.entry.calendar_id, *span, due=ask.entry.calendar == TASKS)


def _bodies(ask: Ask, span: filters.Range | None) -> Iterator[Body]:
    store, calendar = ask.house.store, ask.entry.calendar_id
    if span is None:
        return objects.everything(store, calendar)
    return objects.bodies(store, calendar, [i.name for i in _within(ask, span)])


def _sync(ask: Ask, root: xml.Element) -> bytes:
    """Give what changed since a token, what has gone as not found, and the token to go on from (RFC 6578 3.2-3.6)."""
    level = (root.findtext("{DAV:}sync-level") or "1").strip()
    if level != "1":
        raise BadRequest("sync-level", "only 1 is supported: a calendar has no collections inside")
    given = _token(root)
    changes = objects.since(ask.house.store, ask.entry.calendar_id, given, ask.entry.floor, _limit(root))
    if changes is None:
        raise InvalidSyncToken
    plan = _plan(ask, root)
    responses = list(_changed(ask, plan, changes.items, data=_wants_data(root)))
    if changes.more:
        responses.append(xml.bare(ask.quoted(Kind.CALENDAR), _FULL, _CUT))
    return xml.multistatus(responses, b"<D:sync-token>%s</D:sync-token>\n" % xml.text(SYNC + changes.token))


def _changed(ask: Ask, plan: Plan, items: Iterable[Item], *, data: bool) -> Iterator[bytes]:
    here = [i for i in items if not i.gone]
    copies: dict[str, Item | Body] = {i.name: i for i in here}
    if data:
        # What left between the two questions is missing here, and told as gone: the next token says so again.
        copies = {b.name: b for b in objects.bodies(ask.house.store, ask.entry.calendar_id, copies)}
    for item in items:
        href = ask.quoted(Kind.OBJECT, item.name)
        copy = None if item.gone else copies.get(item.name)
        yield plan.response(ask, href, copy) if copy else xml.bare(href, xml.MISSING)


def _token(root: xml.Element) -> str:
    element = root.find("{DAV:}sync-token")
    if element is None:
        raise BadRequest("sync-token", "is missing; an empty one begins anew")
    given = (element.text or "").strip()
    if given and not given.startswith(SYNC):
        raise InvalidSyncToken
    # An empty rest is no token of ours, while an empty element asks for everything.
    if given == SYNC:
        raise InvalidSyncToken
    return given.removeprefix(SYNC)


def _limit(root: xml.Element) -> int:
    """Give how many changes are wanted at most; 0 for no limit."""
    told = root.findtext("{DAV:}limit/{DAV:}nresults")
    if told is None:
        return 0
    number = _LIMIT.match(told)
    if number is None:
        raise BadRequest("nresults", "is not a number above 0")
    return int(number[1])


def _plan(ask: Ask, root: xml.Element) -> Plan:
    return Plan(Kind.OBJECT, wanted(root), data=True, minimal=ask.minimal)


def _wants_data(root: xml.Element) -> bool:
    """Tell whether the events' text is asked for; raises UnsupportedCalendarData for a form that we do not give."""
    element = root.find(f"{{DAV:}}prop/{DATA}")
    if element is None:
        return False
    plain = element.get("content-type", "text/calendar") == "text/calendar" and element.get("version", "2.0") == "2.0"
    changed = any(element.find(f"{_C}{tag}") is not None for tag in ("expand", "limit-recurrence-set"))
    if not plain or changed:
        raise UnsupportedCalendarData
    return True


REPORTS: Final[Mapping[str, Callable[[Ask, xml.Element], bytes]]] = {
    f"{_C}calendar-multiget": _multiget,
    f"{_C}calendar-query": _query,
    "{DAV:}sync-collection": _sync,
}
