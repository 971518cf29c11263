"""What of the answers a list tells: the newest of each row, and which declines their owner has acknowledged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, select

from gateway.chunks import chunks
from gateway.store.tables import answer

_w = answer.c


@dataclass(frozen=True, slots=True)
class Given:
    """One answer: its raw PARTSTAT, the (type, status) it wrote, and what became of it.

    `received` is an instant; `ended` the reason why it speaks for its row no more, or None.
    """

    partstat: str
    type: int
    status: int
    comment: str
    received: int
    ended: str | None
    acknowledged: bool


def newest(connection: Connection, events: Iterable[int], rows: Iterable[int]) -> dict[int, Given]:
    """Read the newest answer of each row of some events."""
    some_events = sorted(set(events))
    columns = (_w.appointment_id, _w.partstat, _w.type, _w.status, _w.comment, _w.received)
    found: dict[int, Given] = {}
    for some in chunks(rows) if some_events else ():
        wanted = select(*columns, _w.ended_at, _w.end_reason, _w.acknowledged_at).order_by(_w.answer_id)
        for r in connection.execute(wanted.where(_w.event_id.in_(some_events), _w.appointment_id.in_(some))):
            ended = None if r.ended_at is None else r.end_reason or ""
            found[r.appointment_id] = Given(*r[1:6], ended, r.acknowledged_at is not None)
    return found


def acknowledged(connection: Connection, rows: Iterable[int]) -> dict[int, tuple[int, int]]:
    """Read which rows' live answers were acknowledged, and the (type, status) that these wrote."""
    found: dict[int, tuple[int, int]] = {}
    for some in chunks(rows):
        live = _w.appointment_id.in_(some) & _w.ended_at.is_(None) & _w.acknowledged_at.is_not(None)
        wanted = select(_w.appointment_id, _w.type, _w.status).where(live).order_by(_w.answer_id)
        found.update((row, (type_, status)) for row, type_, status in connection.execute(wanted))
    return found
