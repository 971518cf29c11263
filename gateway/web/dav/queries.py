"""The reports that give copies: calendar-multiget and calendar-query (RFC 4791 7.8, 7.9)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from gateway.errors import TooMuch
from gateway.store import objects
from gateway.store.objects import Body, Item
from gateway.web.answers import Reply
from gateway.web.dav import filters, paths, xml
from gateway.web.dav.answering import multistatus
from gateway.web.dav.asking import Ask
from gateway.web.dav.paths import Kind
from gateway.web.dav.properties import DATA, Plan, wanted
from gateway.web.refusals import UnsupportedCalendarData
from mappings.identity import TASKS

_C: Final = f"{{{xml.CALDAV}}}"


def multiget(ask: Ask, root: xml.Element) -> Reply:
    """Give the copies that hrefs name; one that names nothing of this calendar is answered by itself, as not found."""
    given = [(e.text or "") for e in root.iterfind("{DAV:}href")]
    most = ask.house.settings.max_hrefs
    if len(given) > most:
        raise TooMuch("calendar objects", most)
    names = {href: _name(ask, href) for href in dict.fromkeys(given)}
    found = {b.name: b for b in objects.bodies(ask.house.store, ask.entry.calendar_id, filter(None, names.values()))}
    plan = plan_of(ask, root)
    told = (
        plan.response(ask, ask.quoted(Kind.OBJECT, name), found[name])
        if name in found
        else xml.bare(xml.text(href.strip()), xml.MISSING)
        for href, name in names.items()
    )
    return multistatus(ask, told)


def _name(ask: Ask, href: str) -> str:
    """Give the name of a copy in this calendar that an href names; empty for anything else."""
    at = paths.from_href(href, ask.prefix, ask.hosts)
    mine = at is not None and at == ask.at(Kind.OBJECT, at.name)
    return at.name if at is not None and mine else ""


def query(ask: Ask, root: xml.Element) -> Reply:
    """Give the copies with an instance in a range, or all of them."""
    span = filters.time_range(root, ask.component)
    plan = plan_of(ask, root)
    if span == filters.NOTHING:
        return multistatus(ask, ())
    copies = _bodies(ask, span) if wants_data(root) else _items(ask, span)
    return multistatus(ask, (plan.response(ask, ask.quoted(Kind.OBJECT, c.name), c) for c in copies))


def _items(ask: Ask, span: filters.Range | None) -> Iterable[Item]:
    store, calendar = ask.house.store, ask.entry.calendar_id
    return objects.listing(store, calendar) if span is None else _within(ask, span)


def _within(ask: Ask, span: filters.Range) -> list[Item]:
    return objects.within(ask.house.store, ask.entry.calendar_id, *span, due=ask.entry.calendar == TASKS)


def _bodies(ask: Ask, span: filters.Range | None) -> Iterable[Body]:
    store, calendar = ask.house.store, ask.entry.calendar_id
    if span is None:
        return objects.everything(store, calendar)
    return objects.bodies_within(store, calendar, *span, due=ask.entry.calendar == TASKS)


def plan_of(ask: Ask, root: xml.Element) -> Plan:
    """Give what to write for each copy that a report tells of."""
    return Plan(Kind.OBJECT, wanted(root), data=True, minimal=ask.minimal)


def wants_data(root: xml.Element) -> bool:
    """Tell whether the events' text is asked for; raises UnsupportedCalendarData for a form that we do not give."""
    element = root.find(f"{{DAV:}}prop/{DATA}")
    if element is None:
        return False
    plain = element.get("content-type", "text/calendar") == "text/calendar" and element.get("version", "2.0") == "2.0"
    changed = any(element.find(f"{_C}{tag}") is not None for tag in ("expand", "limit-recurrence-set"))
    if not plain or changed:
        raise UnsupportedCalendarData
    return True
