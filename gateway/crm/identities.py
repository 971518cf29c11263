"""What the CRM writes down of an event's iCalendar identity: its `invitation` row, one for a mother.

Source: the CRM's `invitation` table page: UID, SEQUENCE, DTSTAMP and organizer; each update raises SEQUENCE.
"""

from __future__ import annotations

from sqlalchemy import Connection, select

from gateway.crm import journal
from gateway.crm import tables as t
from gateway.crm.journal import Author

_i = t.invitation.c


def give(connection: Connection, mother: int, uid: str, organizer: tuple[str, str], by: Author) -> None:
    """Write down the identity of a mother who has none; `organizer` is (mailbox, name)."""
    if connection.scalar(select(_i.invitation_id).where(_i.appointment_id == mother).limit(1)) is None:
        row = {"event_uid": uid, "event_sequence": 0, "event_dtstamp": by.wall, "appointment_id": mother}
        row |= {"organizer_email": organizer[0][:255], "organizer_fullname": organizer[1][:255]}
        journal.add(connection, t.invitation, [row], by)


def raised(connection: Connection, mother: int, sequence: int, by: Author) -> None:
    """Let the SEQUENCE that the CRM keeps of an event follow a change: one more than it had, or than `sequence`."""
    standing = select(_i.invitation_id, _i.event_sequence).where(_i.appointment_id == mother)
    found = connection.execute(standing.order_by(_i.invitation_id).limit(1)).first()
    if found is not None:
        values = {"event_sequence": max(found.event_sequence, sequence) + 1, "event_dtstamp": by.wall}
        journal.change(connection, t.invitation, {found.invitation_id: values}, by)


def signed(connection: Connection, mother: int, organizer: tuple[str, str], by: Author) -> None:
    """Let the CRM's identity of an event name another organizer."""
    values = {"organizer_email": organizer[0][:255], "organizer_fullname": organizer[1][:255]}
    standing = journal.found(connection, t.invitation, _i.appointment_id, [mother])
    journal.change(connection, t.invitation, dict.fromkeys(standing[:1], values), by)
