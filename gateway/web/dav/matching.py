"""The report that finds what is one's own: principal-match (RFC 3744 9.3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Final

from gateway.errors import BadRequest, NotAdopted
from gateway.services.reading import RETRY_AFTER
from gateway.web.answers import Reply
from gateway.web.dav import walking, xml
from gateway.web.dav.answering import cut, multistatus
from gateway.web.dav.asking import Ask
from gateway.web.dav.paths import Kind, Place
from gateway.web.dav.properties import LENGTH, READERS, plan, wanted
from gateway.web.dav.walking import Stop

_SELF: Final = "{DAV:}self"
_BY: Final = "{DAV:}principal-property"


def match(ask: Ask, root: xml.Element) -> Reply:
    """Give, at any depth inside, the principals that are the asker, or what names them in a property."""
    by = root.findall(f"{_BY}/*")
    if (root.find(_SELF) is None) == (not by) or len(by) > 1:
        raise BadRequest("principal-match", "has either self, or one property")
    asked, most = wanted(root), ask.house.settings.max_results
    found = _naming(ask, str(by[0].tag), texts=LENGTH in asked.names) if by else _oneself(ask)
    kept = list(islice(found, most + 1))
    plans = {kind: plan(kind, asked, sized=True, minimal=ask.minimal) for kind in {stop.kind for stop in kept}}
    responses = [plans[s.kind].response(s.ask, s.href, s.copy) for s in kept[:most]]
    return multistatus(ask, [*responses, cut(ask)] if len(kept) > most else responses)


def _oneself(ask: Ask) -> Iterator[Stop]:
    return (stop for stop in _below(ask) if stop.kind is Kind.PRINCIPAL)


def _naming(ask: Ask, name: str, *, texts: bool) -> Iterator[Stop]:
    """Find what has the asker's principal in a property; of copies, whose values are alike, one answers for all."""
    own = xml.hrefs(ask.href(Kind.PRINCIPAL))
    for stop in _below(ask):
        if _names(stop, name, own):
            yield stop
        if stop.kind is Kind.CALENDAR and _names(Stop(stop.ask, Kind.OBJECT, b""), name, own):
            yield from _copies(stop.ask, texts=texts)
    if ask.place.kind is Kind.CALENDAR and _names(Stop(ask, Kind.OBJECT, b""), name, own):
        yield from _copies(ask, texts=texts)


def _names(stop: Stop, name: str, own: bytes) -> bool:
    read = READERS[stop.kind].get(name)
    return read is not None and own in read(stop.ask, stop.copy)


def _below(ask: Ask) -> Iterator[Stop]:
    """Give every collection and principal inside a place, at any depth, and no copies."""
    if ask.place.kind is Kind.CALENDAR:
        return
    for stop in walking.inside(ask):
        yield stop
        yield from _below(replace(stop.ask, place=Place(stop.kind, ask.entry.login, calendar=stop.ask.place.calendar)))


def _copies(ask: Ask, *, texts: bool) -> Iterator[Stop]:
    if not ask.entry.adopted:
        raise NotAdopted(RETRY_AFTER)
    return walking.copies(ask, texts=texts)
