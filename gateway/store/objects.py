"""The narrow door that every reader uses: copies of one calendar, by name, by change, or all of them.

Each question is one statement, so that what it answers is one snapshot. Bytes come as they were stored; they are only
joined here. `since` is the one cursor for CalDAV, JSON, webhooks and mirrors.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import BindParameter, CompoundSelect, and_, bindparam, or_, select

from gateway.chunks import CHUNK
from gateway.store import cursor
from gateway.store.access import token
from gateway.store.tables import frozen, instant, object_, part, personal, sync
from gateway.store.unit import Store
from mappings.ics import writing

_o, _y, _p, _m, _f, _i = object_.c, sync.c, part.c, personal.c, frozen.c, instant.c


@dataclass(frozen=True, slots=True)
class Item:
    """One copy by name, without its body: its ETag and Schedule-Tag (unquoted), and whether it has gone."""

    name: str
    etag: str
    schedule_tag: str
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Body:
    """One copy with its iCalendar text (octets)."""

    name: str
    etag: str
    schedule_tag: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed since a token, oldest first; `token` continues from here, `more` tells that it must."""

    items: tuple[Item, ...]
    token: str
    more: bool


_COPY = object_.join(sync, and_(_y.event_id == _o.event_id, _y.calendar_id == _o.calendar_id))
_HEAD = (_o.event_id, _o.name, _o.schedule, _o.gone, _y.revision, _y.nonce)
_LISTED = select(*_HEAD).select_from(_COPY).where(_o.calendar_id == bindparam("calendar"), _o.gone.is_(False))
_BODIES = (
    select(
        *_HEAD,
        *(_o.shows, _o.frozen, _o.cloaked, _o.first, _o.last),
        *(_p.key, _p.body, _p.busy, _p.status, _p.zone, _p.private),
        *(_m.body.label("mine"), _m.feed, _m.free, _f.body.label("last_body"), _f.zones),
    )
    .select_from(
        _COPY.outerjoin(part, and_(_p.event_id == _o.event_id, _o.frozen.is_(False)))
        .outerjoin(personal, (_m.event_id == _o.event_id) & (_m.calendar_id == _o.calendar_id) & (_m.key == _p.key))
        .outerjoin(frozen, (_f.event_id == _o.event_id) & (_f.calendar_id == _o.calendar_id) & _o.frozen.is_(True))
    )
    .where(_o.calendar_id == bindparam("calendar"), _o.gone.is_(False))
    .order_by(_o.first, _o.event_id, _p.key)
)
_NAMED = _BODIES.where(_o.name.in_(bindparam("names", expanding=True)))
_SHORT = 9 * 86_400  # seconds; what is longer than 8 days has `many` set


def listing(store: Store, calendar: int) -> list[Item]:
    """List every copy of a calendar by name."""
    return [_item(r) for r in store.rows(_LISTED.order_by(_o.name), {"calendar": calendar})]


def bodies(store: Store, calendar: int, names: Iterable[str]) -> Iterator[Body]:
    """Give the named copies that there are, with their text."""
    wanted = sorted(set(names))
    for start in range(0, len(wanted), CHUNK):
        some = {"calendar": calendar, "names": wanted[start : start + CHUNK]}
        yield from _assembled(store.rows(_NAMED, some))


def one(store: Store, calendar: int, name: str) -> Body | None:
    """Give one copy by name."""
    return next(bodies(store, calendar, [name]), None)


def everything(store: Store, calendar: int) -> Iterator[Body]:
    """Give every copy of a calendar with its text, by first instant."""
    return _assembled(store.rows(_BODIES, {"calendar": calendar}))


def within(store: Store, calendar: int, start: int, end: int, *, due: bool = False) -> list[Item]:
    """List the copies that have an instance in [start, end), instants, or are `due` in (start, end] (RFC 4791 9.9).

    Single events of at most 8 days are found by their start, all others by their end and an instant inside.
    """
    wanted = _DUE_WITHIN if due else _WITHIN
    return [_item(r) for r in store.rows(wanted, {"calendar": calendar, "start": start, "end": end})]


def _ranged(*, due: bool) -> CompoundSelect[Any]:
    start: BindParameter[int] = bindparam("start")
    end: BindParameter[int] = bindparam("end")
    zero = _o.first == _o.last
    overlaps = (_o.first < end) & ((_o.last > start) | (zero & (_o.first >= start)))
    if due:  # a DUE alone counts at the end of a range, and not at its start
        overlaps = (_o.first <= end) & (_o.last > start) & ((_o.first < end) | zero)
    inside = (_i.end > start) | ((_i.start == _i.end) & (_i.start >= start))
    instances = select(_i.key).where(_i.event_id == _o.event_id, _i.start < end, inside).exists()
    short = _LISTED.where(_o.many.is_(False), _o.first > start - _SHORT, overlaps)
    return short.union_all(_LISTED.where(_o.many.is_(True), overlaps, or_(_o.frozen.is_(True), instances)))


_WITHIN = _ranged(due=False)
_DUE_WITHIN = _ranged(due=True)


def since(store: Store, calendar: int, given: str, limit: int = 0) -> Changes | None:
    """Give what changed in a calendar after a token; None for a token that is not ours, or pruned (RFC 6578 3.2).

    An empty token gives everything there is. With a `limit`, `token` of a cut answer carries on inside a revision.
    """
    found = cursor.follow(store, calendar, given, limit)
    return None if found is None else Changes(tuple(map(_item, found.rows)), found.token, found.more)


def _item(r: Any) -> Item:
    return Item(r.name, token(r.revision, r.nonce), str(r.schedule), bool(r.gone))


def _assembled(rows: Sequence[Any]) -> Iterator[Body]:
    for _, group in groupby(rows, key=lambda r: r.event_id):
        some = list(group)
        head = some[0]
        components, zones = _components(some)
        years = _year(head.first), _year(head.last)
        data = writing.envelope(components, [(z, *years) for z in sorted(zones)])
        yield Body(head.name, token(head.revision, head.nonce), str(head.schedule), data)


def _components(some: list[Any]) -> tuple[list[bytes], set[str]]:
    head = some[0]
    if head.frozen:
        return [head.last_body], set(head.zones.split())
    shown = _shown(some)
    zones = {zone for r in shown for zone in r.zone.split()}
    return [writing.closed(_text(r), r.status, r.mine or b"") for r in shown], zones


def _shown(some: list[Any]) -> list[Any]:
    """Leave out the instances that this copy does not show, and a join that found no part."""
    shows = {int(k) for k in some[0].shows.split()}
    return [r for r in some if r.key is not None and (not shows or r.key in shows)]


def _text(r: Any) -> bytes:
    """Give the body, or the cloaked one where the calendar is no reader of a private event."""
    text: bytes = r.busy if r.cloaked and r.private else r.body
    return text


def _year(moment: int) -> int:
    return time.gmtime(moment).tm_year


def feed(store: Store, calendar: int, *, busy: bool) -> tuple[list[bytes], list[tuple[str, int, int]]]:
    """Give the components of the personal feed and the zones they need (name, first year, last year).

    What the holder declined is left out; a busy feed is cloaked, and leaves out what is free or cancelled.
    """
    components: list[bytes] = []
    zones: dict[str, tuple[int, int]] = {}
    for _, group in groupby(store.rows(_BODIES, {"calendar": calendar}), key=lambda r: r.event_id):
        some = list(group)
        head = some[0]
        if head.frozen:
            mine, needed = ([] if busy else [head.last_body]), set(head.zones.split())
        else:
            shown = [r for r in _shown(some) if r.feed and not (busy and r.free)]
            mine = [_fed(r, busy=busy) for r in shown]
            needed = {zone for r in shown for zone in r.zone.split()}
        components += mine
        for zone in needed if mine else ():
            low, high = zones.get(zone, (9999, 0))
            zones[zone] = (min(low, _year(head.first)), max(high, _year(head.last)))
    return components, [(z, *years) for z, years in sorted(zones.items())]


def _fed(r: Any, *, busy: bool) -> bytes:
    if busy:
        return writing.closed(r.busy, r.feed, b"TRANSP:OPAQUE\r\n")
    # A part without a STATUS is a to-do's: it is in the holder's own piece.
    return writing.closed(_text(r), r.feed if r.status else "", r.mine)
