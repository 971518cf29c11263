"""Tokens: 256 random bits, shown once and kept as their SHA-256 (DESIGN section 4: credential)."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from gateway.errors import BadRequest, NotFound, UnknownPerson
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


@dataclass(frozen=True, slots=True)
class Token:
    """A token that opens something, without its secret; moments are instants, `last_used` None for never."""

    number: int
    scope: str
    vouch: bool
    label: str
    created: int
    last_used: int | None


def listed(house: House, login: str) -> list[Token]:
    """List the tokens of an associate, oldest first; raises UnknownPerson."""
    with house.store.writing(durable=False) as connection:
        associate = access.associate_of(connection, login)
        if associate is None:
            raise UnknownPerson(login)
        found = access.granted(connection, associate)
    names = ("credential_id", "scope", "vouch", "label", "created", "last_used")
    return [Token(*(row[name] for name in names)) for row in found]


def revoke(house: House, number: int) -> None:
    """End a token, from the next request on; raises NotFound where there is no such token any more."""
    with house.store.writing() as connection:
        if not access.revoke(connection, number, house.clock.now()):
            raise NotFound(f"There is no token {number}, or it was revoked before.")


def digest(secret: str) -> bytes:
    """Give what is kept of a token: its SHA-256."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()
