"""Mails to one person about what they know already: the invitation once more, or that another time does not suit."""

from __future__ import annotations

from dataclasses import replace

from gateway.services.house import HOUR, House
from gateway.store import announcing, outbox
from gateway.store.unit import Connection
from mappings import notices
from mappings.model import Notice


def refresh(house: House, connection: Connection, event_id: int, row: int) -> bool:
    """Owe somebody the invitation as it stands, to the address that was invited (RFC 5546 3.2.6); once in an hour.

    Tells whether it is owed now; it is not to whom we do not mail.
    """
    now = house.clock.now()
    if outbox.asked_since(connection, event_id, row, now - HOUR):
        return False
    return owe(house, connection, event_id, row, notices.REQUEST)


def owe(house: House, connection: Connection, event_id: int, row: int, method: str) -> bool:
    """Owe one person a message about an event as it was last announced; tells whether they know of it from us."""
    told = announcing.told_of(connection, [event_id]).get(event_id)
    notice = notices.once_more(told, row, method) if told and told.organizer and house.settings.mails else None
    if notice is None or told is None:
        return False
    addressed: Notice = replace(notice, organizer=told.organizer)
    announcing.owe(connection, event_id, [addressed], house.clock.now(), state=outbox.OWED)
    return True
