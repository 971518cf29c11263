"""Answers that are live: which of them still speak for their rows, and which have ended for ever (DESIGN section 5)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, insert, select, update

from gateway.chunks import chunks
from gateway.crm.tables import appointment
from gateway.store import tables as t
from gateway.store.published import Draft
from mappings.lost import reachable
from mappings.model import Answer
from mappings.projection import Row
from mappings.status import PENDING, Written

_w, _a = t.answer.c, appointment.c

# Why an answer ended.
GONE: Final = "row gone"
CHANGED: Final = "changed"
OVERWRITTEN: Final = "overwritten"
SUPERSEDED: Final = "superseded"


def live(
    connection: Connection,
    rows: Iterable[Row],
    vanished: Iterable[int],
    draft: Draft,
    now: int,
    moved: Callable[[Row], bool],
) -> dict[int, str]:
    """Give the raw PARTSTAT of each row's live answer, and end those that speak for their row no more.

    An answer ends when its row has another (type, status) than it wrote, or is gone (`vanished`); a row that asks
    again has another status too. Where the life of a row does not lead there, it was written over unread: `moved`
    tells whether a row's meeting has another time than is published.
    """
    by_id = {r.row: r for r in rows}
    found: dict[int, str] = {}
    columns = (_w.answer_id, _w.appointment_id, _w.partstat, _w.type, _w.status)
    for some in chunks({*by_id, *vanished}):
        wanted = select(*columns).where(_w.appointment_id.in_(some), _w.ended_at.is_(None)).order_by(_w.answer_id)
        for answer_id, row_id, partstat, type_, status in connection.execute(wanted):
            row = by_id.get(row_id)
            if row is not None and (row.type, row.status) == (type_, status):
                found[row_id] = partstat
            else:
                reason = GONE if row is None else _ending(row, status, moved)
                draft.add("answer_ended", b_answer_id=answer_id, ended_at=now, end_reason=reason)
    return found


def _ending(row: Row, wrote: int, moved: Callable[[Row], bool]) -> str:
    # Times are compared only where they decide: most answers end by what the row's life allows anyway.
    if reachable(row.kind, wrote, row.status, moved=False):
        return CHANGED
    return CHANGED if reachable(row.kind, wrote, row.status, moved=True) and moved(row) else OVERWRITTEN


@dataclass(frozen=True, slots=True)
class Lost:
    """An answer that was written over unread, and has not been answered since; `received` is an instant."""

    row: int
    partstat: str
    comment: str
    received: int


def lost(connection: Connection, row: int | None = None) -> list[Lost]:
    """List the lost updates (DESIGN section 5), oldest first; of one row only, where it is given."""
    later = t.answer.alias().c
    newer = select(later.answer_id).where(later.appointment_id == _w.appointment_id, later.answer_id > _w.answer_id)
    asks = select(_a.appointment_id).where(_a.appointment_id == _w.appointment_id, _a.status.in_(PENDING))
    wanted = select(_w.appointment_id, _w.partstat, _w.comment, _w.received).where(
        _w.end_reason == OVERWRITTEN, asks.exists(), ~newer.exists()
    )
    if row is not None:
        wanted = wanted.where(_w.appointment_id == row)
    return [Lost(*r) for r in connection.execute(wanted.order_by(_w.answer_id))]


def standing(connection: Connection, rows: Iterable[int]) -> dict[int, str]:
    """Give the raw PARTSTATs of the live answers of rows."""
    found: dict[int, str] = {}
    for some in chunks(rows):
        wanted = select(_w.appointment_id, _w.partstat).where(_w.appointment_id.in_(some), _w.ended_at.is_(None))
        found.update(connection.execute(wanted.order_by(_w.answer_id)).all())
    return found


def follow(connection: Connection, old: int, new: int) -> None:
    """Let the answers of an event follow it under its new identity."""
    connection.execute(update(t.answer).where(_w.event_id == old).values(event_id=new))


def former(connection: Connection, event_id: int, rows: Iterable[int]) -> list[Answer]:
    """Read every answer that rows of an event ever gave, oldest first."""
    columns = (_w.key, _w.appointment_id, _w.partstat, _w.sequence, _w.dtstamp, _w.received, _w.date, _w.comment)
    found: list[Answer] = []
    for some in chunks(rows):
        where = (_w.event_id == event_id) & _w.appointment_id.in_(some)
        found += [Answer(*r) for r in connection.execute(select(*columns).where(where).order_by(_w.answer_id))]
    return found


def record(
    connection: Connection, event_id: int, given: Iterable[tuple[Answer, Written, int]], *, now: int, **evidence: object
) -> None:
    """Append answers, each with what it wrote into its row and the row's `reset_sequence`.

    Whatever a row answered before has ended; of two answers of one row the later one stands. `evidence` are door,
    trust, inbox_id, and when it was acknowledged.
    """
    some = list(given)
    end(connection, {answer.row for answer, _, _ in some}, now, SUPERSEDED)
    last = {answer.row: answer for answer, _, _ in some}
    rows = [
        {name: getattr(answer, name) for name in _SAID}
        | {"event_id": event_id, "appointment_id": answer.row, "type": written.type, "status": written.status}
        | {"reset_sequence": reset, "ended_at": None if answer is last[answer.row] else now}
        | {"end_reason": None if answer is last[answer.row] else SUPERSEDED}
        | evidence
        for answer, written, reset in some
    ]
    if rows:
        connection.execute(insert(t.answer), rows)


_SAID: Final = ("key", "partstat", "sequence", "dtstamp", "received", "date", "comment")


def refused(connection: Connection, event_id: int, rows: Iterable[int]) -> set[int]:
    """Give the rows whose last word to an event was a refusal that still stood when they went."""
    last: dict[int, bool] = {}
    for some in chunks(rows):
        where = (_w.event_id == event_id) & _w.appointment_id.in_(some)
        wanted = select(_w.appointment_id, _w.partstat, _w.end_reason).where(where).order_by(_w.answer_id)
        for row, partstat, reason in connection.execute(wanted):
            last[row] = partstat == "DECLINED" and reason in (None, GONE)
    return {row for row, declined in last.items() if declined}


def end(connection: Connection, rows: Iterable[int], now: int, reason: str) -> None:
    """End whatever rows answered, for ever."""
    for some in chunks(rows):
        live_now = _w.appointment_id.in_(some) & _w.ended_at.is_(None)
        connection.execute(update(t.answer).where(live_now).values(ended_at=now, end_reason=reason))


def noted(connection: Connection, row: int) -> bool:
    """Tell whether the owner has taken note of what a row answered."""
    mine = (_w.appointment_id == row) & _w.ended_at.is_(None) & _w.acknowledged_at.is_not(None)
    return connection.scalar(select(_w.answer_id).where(mine).limit(1)) is not None


def note(connection: Connection, row: int, now: int) -> bool:
    """Write down that the owner has taken note of a row's live answer; tells whether there was one."""
    mine = (_w.appointment_id == row) & _w.ended_at.is_(None)
    return bool(connection.execute(update(t.answer).where(mine).values(acknowledged_at=now)).rowcount)
