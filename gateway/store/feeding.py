"""A calendar as one text: the components of all its copies, and the zones that they need, each once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import and_, case, select

from gateway.store.bodies import TEXT, WHERE, year
from gateway.store.prepared import Prepared
from gateway.store.tables import frozen, object_, part, personal
from gateway.store.unit import Store
from mappings.ics import writing

_o, _p, _m, _f = object_.c, part.c, personal.c, frozen.c
_PLANNED: Final = re.compile(rb"^RECURRENCE-ID([;:][^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*)", re.MULTILINE)
_EXCLUDED: Final = re.compile(rb"^EXDATE[;:][^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*", re.MULTILINE)
Zone = tuple[str, int, int]  # its name, the first year and the last that are needed of it


def whole(store: Store, calendar: int) -> tuple[list[bytes], list[Zone]]:
    """Give every component of a calendar, as its copies have them, and the zones they need."""
    rows = [r for r in store.fetch(_FEED[False], calendar=calendar) if _there(r)]
    rows.sort(key=_place)
    return [r[6] if r[4] else writing.closed(r[6], r[7] or "", r[9] or b"") for r in rows], _needed(rows)


def feed(store: Store, calendar: int, *, busy: bool) -> tuple[list[bytes], list[Zone]]:
    """Give the components of the personal feed and the zones they need.

    What the holder declined is left out; a busy feed is cloaked, and leaves out what is free or cancelled.
    """
    there = [r for r in store.fetch(_FEED[busy], calendar=calendar) if _there(r)]
    rows = [r for r in there if _shown(r, busy=busy)]
    without = _left_out(r for r in there if r[5] and not r[4] and not _shown(r, busy=busy))
    rows.sort(key=_place)
    return [_written(r, without, busy=busy) for r in rows], _needed(rows)


def _left_out(rows: Iterable[Sequence[Any]]) -> dict[int, bytes]:
    """Write by event which occurrences its series is not to speak for, because their overrides are left out."""
    found: dict[int, bytes] = {}
    for row in rows:
        named = _PLANNED.search(row[6])
        if named is not None:
            found[row[0]] = found.get(row[0], b"") + b"EXDATE" + named[1]
    return found


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


def _there(row: Sequence[Any]) -> bool:
    """Tell whether a row has a component that its copy shows; a cancelled copy has one text with all it had."""
    return row[6] is not None and (not row[1] or row[4] or str(row[5]) in row[1].split())


def _shown(row: Sequence[Any], *, busy: bool) -> bool:
    """Tell whether a feed has it, by the holder's own answer."""
    *_, feed_status, free = row
    return not busy if row[4] else bool(feed_status) and not (busy and free)


def _written(row: Sequence[Any], without: Mapping[int, bytes], *, busy: bool) -> bytes:
    event_id, _, _, _, cancelled, key, text, status, _, mine, feed_status, _ = row
    if cancelled:
        return bytes(text)
    but = without.get(event_id, b"") if not key else b""
    if busy:
        but += b"".join(found[0] for found in _EXCLUDED.finditer(mine or b""))
        return writing.closed(text, feed_status, b"TRANSP:OPAQUE\r\n" + but)
    # A part without a STATUS is a to-do's: it is in the holder's own piece.
    return writing.closed(text, feed_status if status else "", but + mine if but else mine)


def _needed(rows: Iterable[Sequence[Any]]) -> list[Zone]:
    # A calendar knows few zones: of thousands of rows nothing is taken apart.
    told: dict[str, tuple[int, int]] = {}
    for row in rows:
        first, last = row[2], row[3]
        low, high = told.get(row[8], (first, last))
        told[row[8]] = (min(low, first), max(high, last))
    found: dict[str, tuple[int, int]] = {}
    for names, (first, last) in told.items():
        for name in (names or "").split():
            low, high = found.get(name, (first, last))
            found[name] = (min(low, first), max(high, last))
    return [(name, year(first), year(last)) for name, (first, last) in sorted(found.items())]
