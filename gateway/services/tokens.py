"""Tokens: 256 random bits, shown once and kept as their SHA-256 (DESIGN section 4: credential)."""

from __future__ import annotations

import hashlib
import secrets

from gateway.errors import BadRequest, UnknownPerson
from gateway.services.house import House
from gateway.store import access, published

SCOPES = ("caldav", "feed", "busy", "api")


def grant(house: House, login: str, scope: str, *, vouch: bool = False, label: str = "") -> str:
    """Make a token for an associate and give it, the only time that it is seen.

    `scope` is one of SCOPES; `vouch` lets an API token speak for the senders of messages. Raises UnknownPerson for a
    login that nobody has, or who has it has retired.
    """
    if scope not in SCOPES:
        raise BadRequest("for", f"one of {', '.join(SCOPES)}")
    if vouch and scope != "api":
        raise BadRequest("vouch", "only a token for the API can vouch for senders")
    secret = secrets.token_urlsafe(32)
    with house.store.publishing(durable=True) as connection:  # a calendar may have to be made
        associate = access.associate_of(connection, login)
        if associate is None:
            raise UnknownPerson(login)
        adopted, _ = published.adoption(connection)
        published.calendars(connection, [associate], adopted=adopted)
        now = house.clock.now()
        access.grant(connection, digest(secret), associate, scope, vouch=vouch, label=label, created=now)
    return secret


def digest(secret: str) -> bytes:
    """Give what is kept of a token: its SHA-256."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()
