"""From a place to what is there and right inside it: what a question of Depth 0 or 1 is about (RFC 4918 9.1)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from gateway.errors import NotFound
from gateway.store import objects
from gateway.web.dav.asking import Ask
from gateway.web.dav.paths import INSIDE, Kind
from gateway.web.dav.properties import Copy
from mappings.identity import COMPONENTS


class Stop(NamedTuple):
    """One resource on the way: what it is, its address ready for XML, its copy, and the question put to it."""

    ask: Ask
    kind: Kind
    href: bytes
    copy: Copy = None


def here(ask: Ask) -> Stop:
    """Give the resource that was asked for; raises NotFound for a copy that there is not."""
    kind = ask.place.kind
    copy: Copy = ask.other
    if kind is Kind.OBJECT:
        copy = objects.one(ask.house.store, ask.entry.calendar_id, ask.place.name)
        if copy is None:
            raise NotFound
    return Stop(ask, kind, ask.here, copy)


def inside(ask: Ask, *, texts: bool = False) -> Iterator[Stop]:
    """Give what is right inside a collection: of the copies in a calendar with `texts` also what they say."""
    if ask.place.kind is Kind.CALENDAR:
        yield from copies(ask, texts=texts)
    for kind in INSIDE.get(ask.place.kind, ()):
        for one in map(ask.beside, COMPONENTS) if kind is Kind.CALENDAR else (ask,):
            yield Stop(one, kind, one.quoted(kind))


def copies(ask: Ask, *, texts: bool = False) -> Iterator[Stop]:
    """Give every copy in the calendar that a question is put to."""
    store, calendar = ask.house.store, ask.entry.calendar_id
    for copy in objects.everything(store, calendar) if texts else objects.listing(store, calendar):
        yield Stop(ask, Kind.OBJECT, ask.copy_at(copy.name), copy)
