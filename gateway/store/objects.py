"""The narrow door that every reader uses: copies of one calendar, by name, by time, by change, or all of them.

Each question is one statement, so that what it answers is one snapshot. Bytes come as they were stored; they are only
joined here. `since` is the one cursor for CalDAV, JSON, webhooks and mirrors.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple

from sqlalchemy import (
    BindParameter,
    CompoundSelect,
    Select,
    String,
    and_,
    bindparam,
    case,
    cast,
    func,
    null,
    or_,
    select,
)

from gateway.store import bodies as texts
from gateway.store import cursor
from gateway.store.access import token
from gateway.store.bodies import Body
from gateway.store.prepared import Prepared, beside
from gateway.store.shows import NOT
from gateway.store.tables import event, frozen, instant, object_, sync
from gateway.store.unit import Store

__all__ = [
    "Body",
    "Changes",
    "Item",
    "Spans",
    "bodies",
    "everything",
    "listing",
    "named_like",
    "one",
    "since",
    "within",
]

_o, _y, _i, _e, _f = object_.c, sync.c, instant.c, event.c, frozen.c
_SHORT = 9 * 86_400  # seconds; what is longer than 8 days has `many` set


class Item(NamedTuple):
    """One copy by name, without its text."""

    name: str
    revision: int
    nonce: int
    schedule: int
    gone: bool
    event_id: int

    @property
    def etag(self) -> str:
        """Give the holder's own ETag, unquoted."""
        return token(self.revision, self.nonce)

    @property
    def schedule_tag(self) -> str:
        """Give the Schedule-Tag, unquoted; deaf to what others answer (RFC 6638 3.2.10)."""
        return str(self.schedule)


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed since a token, oldest first; `token` continues from here, `more` tells that it must."""

    items: tuple[Item, ...]
    token: str
    more: bool


_COPY = object_.join(sync, and_(_y.event_id == _o.event_id, _y.calendar_id == _o.calendar_id))
_HEAD = (_o.name, _y.revision, _y.nonce, _o.schedule, _o.gone, _o.event_id)
_LISTED = select(*_HEAD).select_from(_COPY).where(_o.calendar_id == bindparam("calendar"), _o.gone.is_(False))
_LIST = Prepared(_LISTED.order_by(_o.name).limit(bindparam("most")))
MOST = 2**31


def listing(store: Store, calendar: int, most: int = MOST) -> list[Item]:
    """List every copy of a calendar by name, and at most `most`."""
    return [Item._make(r) for r in store.fetch(_LIST, calendar=calendar, most=most)]


def bodies(store: Store, calendar: int, names: Iterable[str], *, spans: bool = False) -> Iterator[Body]:
    """Give the named copies that there are, with their text; and with their instances where `spans` are wanted."""
    some = sorted(set(names))
    start = 0
    while start < len(some):
        size = texts.size_for(len(some) - start)
        asked = some[start : start + size]
        start += size
        told = {f"name_{i}": asked[min(i, len(asked) - 1)] for i in range(size)}
        yield from texts.gathered(store.fetch(texts.by_name(size, spans=spans), calendar=calendar, **told), spans=spans)


def one(store: Store, calendar: int, name: str) -> Body | None:
    """Give one copy by name."""
    return next(bodies(store, calendar, [name]), None)


_EVERYTHING = {False: Prepared(texts.wanted()), True: Prepared(texts.wanted_with_spans())}


def everything(store: Store, calendar: int, *, spans: bool = False) -> list[Body]:
    """Give every copy of a calendar with its text, by first instant; and with their instances, if wanted."""
    return texts.gathered(store.fetch(_EVERYTHING[spans], calendar=calendar), spans=spans)


def within(store: Store, calendar: int, start: int, end: int, *, due: bool = False) -> list[Item]:
    """List the copies that have an instance in [start, end), instants, or are `due` in (start, end] (RFC 4791 9.9)."""
    rows = store.fetch(_WITHIN[due], calendar=calendar, start=start, end=end, since=start - _SHORT)
    return [Item._make(r[:-1]) for r in rows if r[-1] is None or _among(r[-1], start, end)]


def _among(spans: str, start: int, end: int) -> bool:
    """Tell whether a cancelled series, whose instances are kept beside its text, has one in [start, end)."""
    return any(first < end and (last > start or first == last >= start) for _, first, last in json.loads(spans))


class Spans(Enum):
    """Which instances of copies are wanted beside their text."""

    NONE = "none"
    NEAR = "near"  # those in the range that was asked for; one that only touches it may be among them
    ALL = "all"


def bodies_within(
    store: Store, calendar: int, start: int, end: int, *, due: bool = False, spans: Spans = Spans.NONE
) -> list[Body]:
    """Give the copies that `within` lists, with their text and the instances that are wanted of them."""
    asked = _BODIES_WITHIN[due, spans]
    rows = store.fetch(asked, calendar=calendar, start=start, end=end, since=start - _SHORT)
    return texts.gathered(rows, spans=spans is not Spans.NONE)


def named_like(store: Store, calendar: int, uid: str) -> list[str]:
    """Name the copies of events in whose UID some text stands, letters of ASCII in either case."""
    pattern = "%" + "".join(f"\\{c}" if c in "%_\\" else c for c in uid.lower()) + "%"
    return [r[0] for r in store.fetch(_NAMED_LIKE, calendar=calendar, pattern=pattern)]


def _overlapping(o: Any, *, due: bool) -> tuple[Any, Any]:
    """Give the conditions on single events of at most 8 days, found by their start, and on all others, by their end."""
    start: BindParameter[int] = bindparam("start")
    end: BindParameter[int] = bindparam("end")
    zero = o.first == o.last
    overlaps = (o.first < end) & ((o.last > start) | (zero & (o.first >= start)))
    if due:  # a DUE alone counts at the end of a range, and not at its start
        overlaps = (o.first <= end) & (o.last > start) & ((o.first < end) | zero)
    inside = (_i.end > start) | ((_i.start == _i.end) & (_i.start >= start))
    # A copy that shows single occurrences only is found by those, and one without some of a series not by them.
    spaced = " " + o.shows + " "
    key = cast(_i.key, String)
    series = spaced.contains(" 0 ") & ~spaced.contains(" " + NOT + key + " ")
    mine = (o.shows == "") | series | spaced.contains(" " + key + " ")
    instances = select(_i.key).where(_i.event_id == o.event_id, _i.start < end, inside, mine).exists()
    # Each branch by its own index: those who begin near the range, and those who have not ended before it.
    near = (o.first > bindparam("since")) & (o.first <= end)
    short = and_(o.many.is_(False), near, beside(overlaps))
    return short, and_(o.many.is_(True), o.last >= start, beside(overlaps), or_(o.frozen.is_(True), instances))


def _ranged(*, due: bool) -> CompoundSelect[Any]:
    short, many = _overlapping(_o, due=due)
    kept = select(_f.spans).where(_f.event_id == _o.event_id, _f.calendar_id == _o.calendar_id).scalar_subquery()
    series = _LISTED.add_columns(case((_o.frozen.is_(True), kept)))
    return _LISTED.add_columns(null()).where(short).union_all(series.where(many))


def _bodies_ranged(*, due: bool, spans: Spans) -> Select[Any] | CompoundSelect[Any]:
    o = object_.alias("ranged").c
    here = select(o.event_id).where(o.calendar_id == bindparam("calendar"), o.gone.is_(False))
    short, many = _overlapping(o, due=due)
    found = _o.event_id.in_(here.where(short).union_all(here.where(many)))
    if spans is Spans.NONE:
        return texts.wanted(found)
    near = beside(and_(_i.start <= bindparam("end"), _i.end >= bindparam("start")))
    return texts.wanted_with_spans(found, among=near if spans is Spans.NEAR else True)


_WITHIN = {due: Prepared(_ranged(due=due)) for due in (False, True)}
_BODIES_WITHIN = {
    (due, spans): Prepared(_bodies_ranged(due=due, spans=spans)) for due in (False, True) for spans in Spans
}
_NAMED_LIKE = Prepared(
    select(_o.name)
    .join(event, _e.event_id == _o.event_id)
    .where(_o.calendar_id == bindparam("calendar"), _o.gone.is_(False))
    .where(func.lower(_e.uid).like(bindparam("pattern"), escape="\\"))
)


def since(store: Store, calendar: int, given: str, limit: int = 0) -> Changes | None:
    """Give what changed in a calendar after a token; None for a token that is not ours, or pruned (RFC 6578 3.2).

    An empty token gives everything there is. With a `limit`, `token` of a cut answer carries on inside a revision.
    """
    found = cursor.follow(store, calendar, given, limit)
    return None if found is None else Changes(tuple(map(Item._make, found.rows)), found.token, found.more)
