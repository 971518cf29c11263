"""Forgetting what left calendars long ago: tombstones, their places in the order of changes, and publications.

Two things outlive their day. The newest change of a calendar stays, whatever it is: its token must stay above the floor
that pruning raises. And what a holder dismissed is remembered for as long as its event has rows in the CRM, and as long
again after the last of them has gone: only its place among the changes is forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, exists, func, select, update

from gateway.chunks import chunks
from gateway.store.tables import calendar, event, member, object_, sync, tick
from gateway.store.unit import Store

_o, _y, _k, _t, _e, _m = object_.c, sync.c, calendar.c, tick.c, event.c, member.c


def forget_what_left(connection: Connection, before: int, limit: int) -> int:
    """Forget at most `limit` copies that left their calendars before an instant; gives how many.

    Each calendar's floor rises to the highest of them: no older token can be counted on from there.
    """
    placed = connection.execute(_left(before).limit(limit)).all()
    dead = connection.execute(_remembered_for_nothing(before).limit(limit)).all()
    for calendar_id, revision in _highest(placed).items():
        raised = update(calendar).where(_k.calendar_id == calendar_id, _k.floor < revision)
        connection.execute(raised.values(floor=revision))
    _remove(connection, sync, placed)
    _remove(connection, object_, [r for r in placed if r.dismissed_sequence is None])
    _remove(connection, object_, dead)
    return len(placed) + len(dead)


def _left(before: int) -> Any:
    """Ask for tombstones that were told before an instant and are not the last that their calendar tells."""
    newest = select(func.max(_y.revision)).where(_y.calendar_id == _k.calendar_id).correlate(calendar).scalar_subquery()
    return (
        select(_o.event_id, _o.calendar_id, _y.revision, _o.dismissed_sequence)
        .select_from(calendar)
        .join(object_, and_(_o.calendar_id == _k.calendar_id, _o.gone.is_(True)))
        .join(sync, and_(_y.event_id == _o.event_id, _y.calendar_id == _o.calendar_id))
        .join(tick, and_(_t.revision == _y.revision, _t.at < before))
        .where(_y.revision < newest)
    )


def _remembered_for_nothing(before: int) -> Any:
    """Ask for dismissed copies whose event has had no row in the CRM since before an instant."""
    return (
        select(_o.event_id, _o.calendar_id)
        .join(event, and_(_e.event_id == _o.event_id, _e.dtstamp < before))
        .where(_o.gone.is_(True), _o.dismissed_sequence.is_not(None))
        .where(~exists().where(_m.event_id == _o.event_id))
        .where(~exists().where(_y.event_id == _o.event_id, _y.calendar_id == _o.calendar_id))
    )


def _highest(placed: Iterable[Any]) -> dict[int, int]:
    found: dict[int, int] = {}
    for row in placed:
        found[row.calendar_id] = max(row.revision, found.get(row.calendar_id, 0))
    return found


def _remove(connection: Connection, table: Any, rows: Sequence[Any]) -> None:
    mine = (table.c.event_id == bindparam("b_event")) & (table.c.calendar_id == bindparam("b_calendar"))
    if rows:
        named = [{"b_event": r.event_id, "b_calendar": r.calendar_id} for r in rows]
        connection.execute(delete(table).where(mine), named)


def unnamed(store: Store, before: int, limit: int) -> list[int]:
    """List publications older than an instant that no copy names, the last one of all excepted: it is counted on."""
    last = select(func.max(_t.revision)).scalar_subquery()
    old = select(_t.revision).where(_t.at < before, _t.revision < last)
    return [r.revision for r in store.rows(old.except_(select(_y.revision)).limit(limit))]


def forget_ticks(connection: Connection, revisions: Iterable[int]) -> None:
    """Forget publications: a token that names one is refused from now on."""
    for some in chunks(revisions):
        connection.execute(delete(tick).where(_t.revision.in_(some)))
