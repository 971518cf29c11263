"""The reports that give copies: calendar-multiget and calendar-query (RFC 4791 7.8, 7.9)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gateway.errors import TooMuch
from gateway.store import objects
from gateway.store.objects import Body, Item, Spans
from gateway.web.answers import Reply
from gateway.web.dav import filters, forms, paths, xml
from gateway.web.dav.answering import multistatus
from gateway.web.dav.asking import Ask
from gateway.web.dav.forms import Form
from gateway.web.dav.paths import Kind
from gateway.web.dav.properties import Plan, plan, wanted
from gateway.web.dav.ranges import Range
from gateway.web.dav.shaping import Shaper
from gateway.web.refusals import UnknownTimeZone
from mappings import times
from mappings.errors import Unmappable
from mappings.ics import filtering
from mappings.ics.filtering import ComponentFilter
from mappings.identity import TASKS


def multiget(ask: Ask, root: xml.Element) -> Reply:
    """Give the copies that hrefs name; one that names nothing of this calendar is answered by itself, as not found."""
    given = [(e.text or "").strip() for e in root.iterfind("{DAV:}href")]
    most = ask.house.settings.max_hrefs
    if len(given) > most:
        raise TooMuch("calendar objects", most)
    names = {href: _name(ask, href) for href in dict.fromkeys(given)}
    shaper = Shaper(ask, forms.form(root) or Form())
    bodies = objects.bodies(ask.house.store, ask.entry.calendar_id, filter(None, names.values()), spans=shaper.spans)
    found = {b.name: b for b in map(shaper, bodies)}
    told = plan_of(ask, root).copies(ask)
    return multistatus(
        ask,
        (
            told(ask.copy_at(name), found[name]) if name in found else xml.bare(xml.text(href), xml.MISSING)
            for href, name in names.items()
        ),
    )


def _name(ask: Ask, href: str) -> str:
    """Give the name of a copy in this calendar that an href names; empty for anything else."""
    if href.startswith(ask.copies_at) and paths.unescaped(name := href[len(ask.copies_at) :]):
        return name  # written as we write it
    at = paths.from_href(href, ask.prefix, ask.hosts)
    mine = at is not None and at == ask.at(Kind.OBJECT, at.name)
    return at.name if at is not None and mine else ""


def query(ask: Ask, root: xml.Element) -> Reply:
    """Give the copies that a filter asks for; raises TooMuch for more of them than `max_results`."""
    asked = filters.read(root, ask.house.settings)
    _check_zone(root)
    form, told = forms.form(root), plan_of(ask, root).copies(ask)
    if filtering.never(asked, ask.component):
        return multistatus(ask, ())
    copies: Iterable[Item | Body]
    if form is None and not filtering.reads_text(asked, ask.component):
        copies = _items(ask, filtering.hull(asked, ask.component))
    else:
        copies = _bodies(ask, asked, Shaper(ask, form or Form()))
    return multistatus(ask, (told(ask.copy_at(c.name), c) for c in _bounded(ask, copies)))


def _check_zone(root: xml.Element) -> None:
    """Refuse a zone that nobody knows (RFC 7809 5.1.1); what has a day and no zone is read as UTC all the same."""
    named = root.findtext(f"{{{xml.CALDAV}}}timezone-id")
    if named is None:
        return
    try:
        times.zone(named.strip())
    except Unmappable as error:
        raise UnknownTimeZone from error


def _bounded(ask: Ask, copies: Iterable[Item | Body]) -> Iterator[Item | Body]:
    most = ask.house.settings.max_results
    for number, copy in enumerate(copies, 1):
        if number > most:
            raise TooMuch("calendar objects", most)
        yield copy


def _items(ask: Ask, span: Range | None) -> Iterable[Item]:
    store, calendar = ask.house.store, ask.entry.calendar_id
    if span is None:
        return objects.listing(store, calendar, ask.house.settings.max_results + 1)
    return objects.within(store, calendar, *span, due=ask.entry.calendar == TASKS)


def _bodies(ask: Ask, asked: ComponentFilter, shaper: Shaper) -> Iterator[Body]:
    """Read the copies that can match, keep those that do, and give them the form that is wanted."""
    exact = not filtering.reads_text(asked, ask.component)
    for copy in _read(ask, asked, _spans(asked, ask.component, shaper)):
        # Of a cancelled series the store only knows from when to when it goes.
        known = exact and not copy.frozen
        if (known or filtering.matches(asked, copy.data, copy.spans)) and shaper.shows(copy):
            yield shaper(copy)


def _spans(asked: ComponentFilter, component: str, shaper: Shaper) -> Spans:
    """Tell which instances are needed: where a range is asked for and told expanded, only those in it."""
    if filtering.reads_text(asked, component):
        return Spans.ALL
    expanded = shaper.form.expand is not None and shaper.form.expand == filtering.hull(asked, component)
    return (Spans.NEAR if expanded else Spans.ALL) if shaper.spans else Spans.NONE


def _read(ask: Ask, asked: ComponentFilter, spans: Spans) -> Iterable[Body]:
    store, calendar = ask.house.store, ask.entry.calendar_id
    span, uid = filtering.hull(asked, ask.component), filtering.uid(asked, ask.component)
    some = spans is not Spans.NONE
    if uid is not None:
        return objects.bodies(store, calendar, objects.named_like(store, calendar, uid), spans=some)
    if span is not None:
        return objects.bodies_within(store, calendar, *span, due=ask.entry.calendar == TASKS, spans=spans)
    return objects.everything(store, calendar, spans=some)


def plan_of(ask: Ask, root: xml.Element) -> Plan:
    """Give what to write for each copy that a report tells of."""
    return plan(Kind.OBJECT, wanted(root), data=True, minimal=ask.minimal)
