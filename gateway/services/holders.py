"""Who holds a token: the person whom we mailed it to, found by what we sent, also when their row is gone."""

from __future__ import annotations

from gateway.services.house import House
from gateway.store import outbox, published
from gateway.store.published import Stored
from gateway.store.unit import Connection
from gateway.store.values import notice as read_notice
from mappings import plus_address
from mappings.imip import Mail
from mappings.model import Notice
from mappings.plus_address import Token


def event_of(house: House, connection: Connection, token: Token, purpose: str) -> Stored | None:
    """Give the event that a token was written for; None for a token that nobody was sent."""
    sent = outbox.last_to(connection, token.row)
    if sent is None:
        return None
    event_id, payload = sent
    event = published.events(connection, ids=[event_id]).get(event_id)
    if event and plus_address.proved(house.key, purpose, event.uid, token, associate(read_notice(payload))):
        return event
    return None


def event_and_row(house: House, connection: Connection, mail: Mail) -> tuple[int, int] | None:
    """Give the event and the row under whose token a mail came; None where it came under none."""
    for token in plus_address.tokens_in(mail.delivered, house.settings.mail_address):
        event = event_of(house, connection, token, plus_address.MAIL)
        if event:
            return event.event_id, token.row
    return None


def associate(notice: Notice) -> int:
    """Give the associate that a notice is for; 0 for who has no diary."""
    return next((p.associate for it in notice.instances for p in it.participants if p.row == notice.row), 0)
