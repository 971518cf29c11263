"""What the CRM itself keeps of an event's iCalendar identity, kept up by the verbs (DESIGN section 3: identity)."""

from __future__ import annotations

from gateway.crm import identities, people
from gateway.crm.people import Somebody
from gateway.services.verbs.acting import Desk
from gateway.store import published
from mappings import identity


def invited(desk: Desk) -> None:
    """Write down the identity of a meeting: the UID under which it is, or will be, published."""
    if desk.house.settings.writes_identity:
        stored = _stored(desk)
        uid = stored.uid if stored else identity.uid_of(desk.house.reader.house, "mother", desk.lead.row)
        identities.give(desk.connection, desk.lead.row, uid, _organizer(desk, desk.actor), desk.author)


def raised(desk: Desk) -> None:
    """Let the CRM's SEQUENCE of a meeting rise with a change that RFC 5546 2.1.4 calls significant."""
    if desk.house.settings.writes_identity:
        stored = _stored(desk)
        identities.raised(desk.connection, desk.lead.row, stored.sequence if stored else 0, desk.author)


def handed_over(desk: Desk, owner: Somebody) -> None:
    """Let the CRM's identity of a meeting name its new organizer; SEQUENCE rises."""
    raised(desk)
    if desk.house.settings.writes_identity:
        identities.signed(desk.connection, desk.lead.row, _organizer(desk, owner), desk.author)


def _stored(desk: Desk) -> published.Stored | None:
    lead = desk.lead
    seen = published.members(desk.connection, [lead.row]).get(lead.row)
    return published.events(desk.connection, ids=[seen.event_id])[seen.event_id] if seen else None


def _organizer(desk: Desk, owner: Somebody) -> tuple[str, str]:
    return people.mailbox_of(desk.connection, owner.person), owner.name
