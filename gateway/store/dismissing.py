"""Copies that their holders deleted: written down beside the copy, for as long as nothing asks them again."""

from __future__ import annotations

from sqlalchemy import Connection, insert, literal, select, true, update

from gateway.store import tables as t

_o = t.object_.c


def dismiss(connection: Connection, event_id: int, calendar_id: int, sequence: int) -> bool:
    """Write down that the holder of a copy deleted it while the event had this SEQUENCE; False where none is shown.

    The caller marks the event ("event", event_id) in the same transaction: publishing takes the copy away.
    """
    here = (_o.event_id == event_id) & (_o.calendar_id == calendar_id) & _o.gone.is_(False)
    return connection.execute(update(t.object_).where(here).values(dismissed_sequence=sequence)).rowcount == 1


def follow(connection: Connection, old: int, new: int, name: str) -> None:
    """Let what was dismissed of an event stay away under its new identity."""
    dismissed = select(literal(new), _o.calendar_id, literal(name), true(), _o.dismissed_sequence).where(
        _o.event_id == old, _o.dismissed_sequence.is_not(None)
    )
    columns = ["event_id", "calendar_id", "name", "gone", "dismissed_sequence"]
    connection.execute(insert(t.object_).from_select(columns, dismissed))
