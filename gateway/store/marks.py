"""The queue of marks: what the CRM's rows touched and nobody has projected yet (DESIGN section 4: lanes)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from sqlalchemy import Connection, Select, bindparam, delete, exists, func, insert, literal, select

from gateway.store.tables import dirty, event, member
from gateway.store.unit import Store


class Lane(IntEnum):
    """How soon a mark is drained: NOW by any reader, LATER by the worker and in silence, WAITING for its other rows."""

    NOW = 0
    LATER = 1
    WAITING = 2


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark: what kind of row was touched (`source`) and its key (`ref`)."""

    source: str
    ref: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Some marks of a lane, each once, and the highest mark id among them; `full` tells that there may be more."""

    lane: Lane
    marks: frozenset[Mark]
    upto: int
    full: bool


def take(connection: Connection, lane: Lane, limit: int) -> Batch:
    """Read the oldest marks of a lane; they stay where they are until `done`."""
    d = dirty.c
    wanted = select(d.id, d.source, d.ref).where(d.lane == int(lane)).order_by(d.id).limit(limit)
    found = connection.execute(wanted).all()
    marks = frozenset(Mark(r.source, r.ref) for r in found)
    return Batch(lane, marks, found[-1].id if found else 0, len(found) == limit)


def done(connection: Connection, batch: Batch) -> None:
    """Delete exactly the marks of a batch: the transaction's snapshot holds no others up to its highest."""
    if batch.upto:
        d = dirty.c
        connection.execute(delete(dirty).where(d.lane == int(batch.lane), d.id <= batch.upto))


def add(connection: Connection, lane: Lane, marks: Iterable[Mark], since: int | None = None) -> None:
    """Append marks."""
    rows = [{"lane": int(lane), "source": m.source, "ref": m.ref, "since": since} for m in marks]
    if rows:
        connection.execute(insert(dirty), rows)


def add_events(connection: Connection, lane: Lane, events: Select[int], *, source: str = "event") -> None:
    """Append a mark for each event that a query names, by one statement."""
    named = events.subquery()
    rows = select(literal(int(lane)), literal(source), named.c[0])
    connection.execute(insert(dirty).from_select(["lane", "source", "ref"], rows))


def add_shown(connection: Connection, lane: Lane, rows: Select[int]) -> None:
    """Append a mark ``shown`` for each event that shows CRM rows which a query names, by one statement."""
    m = member.c
    shown = select(m.event_id).where(m.appointment_id.in_(rows)).distinct()
    add_events(connection, lane, shown, source="shown")


def add_every_event(connection: Connection) -> None:
    """Append a mark for every event we know, to be looked at again in silence."""
    add_events(connection, Lane.LATER, select(event.c.event_id))


def waiting(connection: Connection, marks: Sequence[Mark]) -> set[Mark]:
    """Tell which of these groups wait for the rest of their rows already."""
    d = dirty.c
    wanted = select(d.source, d.ref).where(d.lane == int(Lane.WAITING), d.ref.in_([m.ref for m in marks]))
    return {Mark(*r) for r in connection.execute(wanted)} & set(marks)


def settled(connection: Connection, marks: Sequence[Mark]) -> None:
    """Forget that these groups waited."""
    d = dirty.c
    for source in {m.source for m in marks}:
        refs = [m.ref for m in marks if m.source == source]
        connection.execute(delete(dirty).where(d.lane == int(Lane.WAITING), d.source == source, d.ref.in_(refs)))


def pending(connection: Connection, lane: Lane) -> int:
    """Count the marks of a lane."""
    return connection.scalar(select(func.count()).where(dirty.c.lane == int(lane))) or 0


def unsettled(connection: Connection, before: int) -> list[tuple[Mark, int]]:
    """List what has waited for the rest of its rows since before an instant, and since when."""
    d = dirty.c
    wanted = select(d.source, d.ref, d.since).where(d.lane == int(Lane.WAITING), d.since <= before).order_by(d.since)
    return [(Mark(r.source, r.ref), r.since) for r in connection.execute(wanted)]


def marked(store: Store, lane: Lane) -> bool:
    """Tell whether a lane has marks, by one look at its index."""
    found = store.row(_MARKED, {"lane": int(lane)})
    return bool(found and found["marked"])


_MARKED = select(exists().where(dirty.c.lane == bindparam("lane")).label("marked"))
