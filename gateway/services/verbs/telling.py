"""What the CRM itself keeps of an event's iCalendar identity, kept up by the verbs (DESIGN section 3: identity)."""

from __future__ import annotations

from collections.abc import Collection

from gateway.crm import identities, people
from gateway.crm.people import Somebody
from gateway.services.verbs.acting import Desk
from gateway.store import published
from mappings import identity


def invited(desk: Desk) -> None:
    """Write down the identity of a meeting, or of its series: the UID under which it is, or will be, published."""
    if desk.house.settings.writes_identity:
        lead, stored = desk.lead, _stored(desk)
        uid = stored.uid if stored else _uid(desk, lead.rule, lead.row)
        identities.give(desk.connection, lead.row, lead.rule, uid, _organizer(desk, desk.actor), desk.author)


def raised(desk: Desk) -> None:
    """Let the CRM's SEQUENCE of a meeting, or of its series, rise with what RFC 5546 2.1.4 calls significant."""
    if desk.house.settings.writes_identity:
        lead, stored = desk.lead, _stored(desk)
        identities.raised(desk.connection, lead.row, lead.rule, stored.sequence if stored else 0, desk.author)


def parted(desk: Desk, mothers: Collection[int], rule: int) -> None:
    """Write down the identity of what has become a series of its own, by its rule; `desk` leads it."""
    if desk.house.settings.writes_identity:
        uid = _uid(desk, rule, desk.lead.row)
        identities.parted(desk.connection, mothers, uid, desk.author)
        identities.give(desk.connection, desk.lead.row, rule, uid, _organizer(desk, desk.actor), desk.author)


def handed_over(desk: Desk, owner: Somebody) -> None:
    """Let the CRM's identity of a meeting name its new organizer; SEQUENCE rises."""
    raised(desk)
    if desk.house.settings.writes_identity:
        identities.signed(desk.connection, desk.lead.row, _organizer(desk, owner), desk.author)


def _uid(desk: Desk, rule: int, row: int) -> str:
    return identity.uid_of(desk.house.reader.house, *(("rule", rule) if rule else ("mother", row)))


def _stored(desk: Desk) -> published.Stored | None:
    lead = desk.lead
    seen = published.members(desk.connection, [lead.row]).get(lead.row)
    return published.events(desk.connection, ids=[seen.event_id])[seen.event_id] if seen else None


def _organizer(desk: Desk, owner: Somebody) -> tuple[str, str]:
    return people.mailbox_of(desk.connection, owner.person), owner.name
