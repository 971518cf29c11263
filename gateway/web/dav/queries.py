"""The reports that give copies: calendar-multiget and calendar-query (RFC 4791 7.8, 7.9)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from gateway.store import objects
from gateway.store.objects import Body, Item
from gateway.web.answers import Reply
from gateway.web.dav import filters, forms, paths, xml
from gateway.web.dav.answering import multistatus
from gateway.web.dav.asking import Ask
from gateway.web.dav.forms import Form
from gateway.web.dav.paths import Kind
from gateway.web.dav.properties import Plan, wanted
from gateway.web.dav.ranges import Range
from gateway.web.refusals import TooManyMatches, UnsupportedCalendarData
from mappings.ics import filtering, selecting
from mappings.ics.filtering import ComponentFilter
from mappings.ics.instances import Occurrence
from mappings.identity import TASKS


def multiget(ask: Ask, root: xml.Element) -> Reply:
    """Give the copies that hrefs name; one that names nothing of this calendar is answered by itself, as not found."""
    given = [(e.text or "") for e in root.iterfind("{DAV:}href")]
    most = ask.house.settings.max_hrefs
    if len(given) > most:
        raise TooManyMatches(f"At most {most} events are given at once.")
    names = {href: _name(ask, href) for href in dict.fromkeys(given)}
    found = {b.name: b for b in objects.bodies(ask.house.store, ask.entry.calendar_id, filter(None, names.values()))}
    plan, asked = plan_of(ask, root), forms.form(root) or Form()
    there = {c.name: c for c in shaped(ask, found.values(), asked)}
    told = (
        plan.response(ask, ask.quoted(Kind.OBJECT, name), there[name])
        if name in there
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
    """Give the copies that a filter asks for."""
    wanted = filters.read(root, ask.house.settings)
    asked = forms.form(root)
    plan = plan_of(ask, root)
    if filtering.never(wanted, ask.component):
        return multistatus(ask, ())
    copies: Iterable[Item | Body]
    if asked is None and not filtering.reads_text(wanted, ask.component):
        copies = _items(ask, filtering.hull(wanted, ask.component))
    else:
        copies = _matching(ask, wanted)
    told = shaped(ask, copies, asked or Form())
    return multistatus(ask, (plan.response(ask, ask.quoted(Kind.OBJECT, c.name), c) for c in told))


def _matching(ask: Ask, wanted: ComponentFilter) -> Iterator[Body]:
    """Read the copies that the hull leaves, and keep those that match."""
    copies = _bodies(ask, filtering.hull(wanted, ask.component))
    if not filtering.reads_text(wanted, ask.component):
        return copies
    some = list(copies)
    spans = objects.spans(ask.house.store, ask.entry.calendar_id, [c.name for c in some])
    return (c for c in some if filtering.matches(wanted, c.data, spans.get(c.name, ())))


def shaped(ask: Ask, copies: Iterable[Item | Body], asked: Form) -> Iterable[Item | Body]:
    """Give copies in the form that is asked for."""
    if asked.expand:
        raise UnsupportedCalendarData
    if asked == Form():
        return copies
    some = list(copies)
    spans = {}
    if asked.recurrences:
        spans = objects.spans(ask.house.store, ask.entry.calendar_id, [c.name for c in some])
    return [_in_form(c, asked, spans.get(c.name, ())) for c in some]


def _in_form(copy: Item | Body, asked: Form, spans: Sequence[Occurrence]) -> Item | Body:
    if not isinstance(copy, Body):
        return copy
    data = copy.data
    if asked.recurrences:
        data = selecting.limited(data, *asked.recurrences, spans)
    return replace(copy, data=selecting.selected(data, asked.selection) if asked.selection else data)


def _items(ask: Ask, span: Range | None) -> Iterable[Item]:
    store, calendar = ask.house.store, ask.entry.calendar_id
    return objects.listing(store, calendar) if span is None else _within(ask, span)


def _within(ask: Ask, span: Range) -> list[Item]:
    return objects.within(ask.house.store, ask.entry.calendar_id, *span, due=ask.entry.calendar == TASKS)


def _bodies(ask: Ask, span: Range | None) -> Iterator[Body]:
    store, calendar = ask.house.store, ask.entry.calendar_id
    if span is None:
        return objects.everything(store, calendar)
    return objects.bodies(store, calendar, [i.name for i in _within(ask, span)])


def plan_of(ask: Ask, root: xml.Element) -> Plan:
    """Give what to write for each copy that a report tells of."""
    return Plan(Kind.OBJECT, wanted(root), data=True, minimal=ask.minimal)
