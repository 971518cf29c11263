"""The instances of a calendar that take its holder's time: one statement, and no text is read for it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BindParameter, Select, and_, bindparam, func, select

from gateway.store.prepared import Prepared, beside
from gateway.store.tables import instant, object_, personal
from gateway.store.unit import Store
from mappings.free_busy import Taken

_o, _i = object_.c, instant.c
_SHORT = 9 * 86_400  # seconds; what is longer than 8 days has `many` set
_SURE = "CONFIRMED"  # what an answer that is given says in the holder's feed; one that is not says TENTATIVE


def _asked() -> Any:
    start: BindParameter[int] = bindparam("start")
    end: BindParameter[int] = bindparam("end")
    own, series = personal.alias("own").c, personal.alias("series").c
    here = (_o.calendar_id == bindparam("calendar"), _o.gone.is_(False), _o.frozen.is_(False))
    single = (
        select(_o.first, _o.last, own.feed)
        .join(own.event_id.table, and_(own.event_id == _o.event_id, own.calendar_id == _o.calendar_id))
        .where(*here, _o.many.is_(False), _o.first > bindparam("since"), _o.first < end, beside(_o.last > start))
        .where(own.free.is_(False), own.feed != "")
    )
    feed, free = func.coalesce(own.feed, series.feed), func.coalesce(own.free, series.free)
    joined = (
        object_.join(instant, _i.event_id == _o.event_id)
        .outerjoin(own.event_id.table, _mine(own) & (own.key == _i.key))
        .outerjoin(series.event_id.table, _mine(series) & (series.key == 0))
    )
    many: Select[Any] = select(_i.start, _i.end, feed).select_from(joined)
    many = many.where(*here, _o.many.is_(True), beside(_o.first < end), _o.last > start, _i.start < end, _i.end > start)
    many = many.where(free.is_(False), feed != "")
    return single.union_all(many).limit(bindparam("most"))


def _mine(holder: Any) -> Any:
    return and_(holder.event_id == _o.event_id, holder.calendar_id == _o.calendar_id)


_TAKEN = Prepared(_asked())


def taken(store: Store, calendar: int, start: int, end: int, most: int) -> list[Taken]:
    """Give at most `most` instances that overlap [start, end), instants, and take time; in no order.

    Left out is what the holder declined, what was cancelled, and what they call free.
    """
    rows = store.fetch(_TAKEN, calendar=calendar, start=start, end=end, since=start - _SHORT, most=most)
    return [Taken(first, last, feed != _SURE) for first, last, feed in rows]
