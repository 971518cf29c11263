"""A calendar as one text: the components of all its copies, and the zones that they need, each once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import and_, case, select

from gateway.store import objects
from gateway.store.bodies import TEXT, WHERE, year
from gateway.store.prepared import Prepared
from gateway.store.tables import frozen, object_, part, personal
from gateway.store.unit import Store
from mappings.ics import writing

_o, _p, _m, _f = object_.c, part.c, personal.c, frozen.c
Zone = tuple[str, int, int]  # its name, the first year and the last that are needed of it


def whole(store: Store, calendar: int) -> tuple[list[bytes], list[Zone]]:
    """Give every component of a calendar, as its copies have them, and the zones they need."""
    bodies = objects.everything(store, calendar)
    return [text for body in bodies for _, text in body.components], _together(z for b in bodies for z in b.zones)


def feed(store: Store, calendar: int, *, busy: bool) -> tuple[list[bytes], list[Zone]]:
    """Give the components of the personal feed and the zones they need.

    What the holder declined is left out; a busy feed is cloaked, and leaves out what is free or cancelled.
    """
    rows = [r for r in store.fetch(_FEED[busy], calendar=calendar) if _shown(r, busy=busy)]
    rows.sort(key=_place)
    zones = ((name, year(r[2]), year(r[3])) for r in rows for name in (r[8] or "").split())
    return [_written(r, busy=busy) for r in rows], _together(zones)


def _asked(text: Any) -> Prepared:
    zone = case((_o.frozen.is_(True), _f.zones), else_=_p.zone)
    columns = (
        _o.event_id,
        _o.shows,
        _o.first,
        _o.last,
        _o.frozen,
        _p.key,
        text,
        _p.status,
        zone,
        _m.body,
        _m.feed,
        _m.free,
    )
    joined = (
        object_.outerjoin(part, and_(_p.event_id == _o.event_id, _o.frozen.is_(False)))
        .outerjoin(personal, (_m.event_id == _o.event_id) & (_m.calendar_id == _o.calendar_id) & (_m.key == _p.key))
        .outerjoin(frozen, (_f.event_id == _o.event_id) & (_f.calendar_id == _o.calendar_id) & _o.frozen.is_(True))
    )
    return Prepared(select(*columns).select_from(joined).where(*WHERE))


_FEED = {False: _asked(TEXT), True: _asked(case((_o.frozen.is_(True), _f.body), else_=_p.busy))}


def _place(row: Sequence[Any]) -> tuple[int, int, int]:
    return row[2], row[0], row[5] or 0


def _shown(row: Sequence[Any], *, busy: bool) -> bool:
    """Tell whether a feed has a row: a cancelled copy, or what a copy and its holder's answer show."""
    _, shows, _, _, cancelled, key, text, *_, feed_status, free = row
    if cancelled or text is None:
        return bool(cancelled) and text is not None and not busy
    here = not shows or str(key) in shows.split()
    return here and bool(feed_status) and not (busy and free)


def _written(row: Sequence[Any], *, busy: bool) -> bytes:
    _, _, _, _, cancelled, _, text, status, _, mine, feed_status, _ = row
    if cancelled:
        return bytes(text)
    if busy:
        return writing.closed(text, feed_status, b"TRANSP:OPAQUE\r\n")
    # A part without a STATUS is a to-do's: it is in the holder's own piece.
    return writing.closed(text, feed_status if status else "", mine)


def _together(zones: Iterable[Zone]) -> list[Zone]:
    found: dict[str, tuple[int, int]] = {}
    for name, first, last in zones:
        low, high = found.get(name, (first, last))
        found[name] = (min(low, first), max(high, last))
    return [(name, *years) for name, years in sorted(found.items())]
