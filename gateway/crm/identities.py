"""What the CRM writes down of an event's iCalendar identity: its `invitation` row, one for a mother or a series.

Source: the CRM's `invitation` table page: UID, SEQUENCE, DTSTAMP and organizer; each update raises SEQUENCE. That of a
series stands beside any of its mothers, the first of them counts.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, Connection, select

from gateway.crm import journal
from gateway.crm import tables as t
from gateway.crm.journal import Author

_i, _a = t.invitation.c, t.appointment.c


def _of(connection: Connection, mother: int, rule: int) -> ColumnElement[bool]:
    """Give what tells the identity of a mother, or of any mother of her series."""
    same = select(_a.appointment_id).where(_a.recurrenceRuleId == rule, _a.mother_id == _a.appointment_id)
    return _i.appointment_id.in_(sorted({mother, *(connection.scalars(same) if rule else ())}))


def give(connection: Connection, mother: int, rule: int, uid: str, organizer: tuple[str, str], by: Author) -> None:
    """Write down the identity of a mother, or of her series, that has none; `organizer` is (mailbox, name)."""
    if connection.scalar(select(_i.invitation_id).where(_of(connection, mother, rule)).limit(1)) is None:
        row = {"event_uid": uid, "event_sequence": 0, "event_dtstamp": by.wall, "appointment_id": mother}
        row |= {"organizer_email": organizer[0][:255], "organizer_fullname": organizer[1][:255]}
        journal.add(connection, t.invitation, [row], by)


def told(connection: Connection, mother: int, uid: str, sequence: int, organizer: tuple[str, str], by: Author) -> None:
    """Write down what another calendar says of an event of its own, whichever mother it stood beside before."""
    values: dict[str, object] = {"event_sequence": sequence, "event_dtstamp": by.wall, "appointment_id": mother}
    values |= {"organizer_email": organizer[0][:255], "organizer_fullname": organizer[1][:255]}
    standing = connection.scalars(select(_i.invitation_id).where(_i.event_uid == uid).order_by(_i.invitation_id)).all()
    if standing:
        journal.change(connection, t.invitation, {standing[0]: values}, by)
    else:
        journal.add(connection, t.invitation, [{"event_uid": uid, **values}], by)


def raised(connection: Connection, mother: int, rule: int, sequence: int, by: Author) -> None:
    """Let the SEQUENCE that the CRM keeps of an event follow a change: one more than it had, or than `sequence`."""
    standing = select(_i.invitation_id, _i.event_sequence).where(_of(connection, mother, rule))
    found = connection.execute(standing.order_by(_i.appointment_id, _i.invitation_id).limit(1)).first()
    if found is not None:
        values = {"event_sequence": max(found.event_sequence, sequence) + 1, "event_dtstamp": by.wall}
        journal.change(connection, t.invitation, {found.invitation_id: values}, by)


def parted(connection: Connection, mothers: Collection[int], uid: str, by: Author) -> None:
    """Let mothers who have become a series of their own be known by another UID, which begins anew."""
    values = {"event_uid": uid, "event_sequence": 0, "event_dtstamp": by.wall}
    standing = journal.found(connection, t.invitation, _i.appointment_id, mothers)
    journal.change(connection, t.invitation, dict.fromkeys(standing, values), by)


def signed(connection: Connection, mother: int, organizer: tuple[str, str], by: Author) -> None:
    """Let the CRM's identity of an event name another organizer."""
    values = {"organizer_email": organizer[0][:255], "organizer_fullname": organizer[1][:255]}
    standing = journal.found(connection, t.invitation, _i.appointment_id, [mother])
    journal.change(connection, t.invitation, dict.fromkeys(standing[:1], values), by)


def language(connection: Connection, uid: str) -> str:
    """Give the language in which the CRM mails an event (``template_language``); empty where it names none."""
    mine = select(_i.template_language).where(_i.event_uid == uid, _i.template_language != "")
    return connection.scalar(mine.order_by(_i.invitation_id).limit(1)) or ""
