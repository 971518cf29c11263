"""Principals: which of them somebody sees, and what is told of each (RFC 3744 4, RFC 6638 2.4, RFC 5397).

Everybody sees themselves. Of others nobody sees more than who they are and how to write to them, and only where the
setting `directory` lets colleagues be looked up; a room or another resource that asks sees itself only.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from gateway.errors import NotFound
from gateway.store import directory
from gateway.store.directory import Principal
from gateway.web.dav import paths, privileges, xml
from gateway.web.dav.asking import Ask
from gateway.web.dav.paths import Kind, Place
from mappings import address
from mappings import model as m
from mappings.roles import ROLES

COLLEAGUES: Final = "colleagues"
# What CalendarServer calls the kinds of principals, for clients that were made for it.
_RECORDS: Final = {m.Kind.ASSOCIATE: b"users", m.Kind.ROOM: b"locations", m.Kind.RESOURCE: b"resources"}


def resolved(ask: Ask) -> Ask:
    """Give the question with the place as it is written; raises NotFound for what the asker may not see.

    Logins are compared without regard to case, as the CRM does. A principal of somebody else becomes a COLLEAGUE.
    """
    login, own = ask.place.login, ask.entry.login
    if login in ("", own):
        return ask
    alike = login.casefold() == own.casefold()
    if not alike and (ask.place.kind is not Kind.PRINCIPAL or ask.house.settings.directory != COLLEAGUES):
        raise NotFound
    # Two logins may differ in case alone: then a foreign one is not one's own written otherwise.
    me, found = directory.named(ask.house.store, ask.entry.associate_id, login)
    if found is not None and found.associate_id == ask.entry.associate_id:
        return replace(ask, place=replace(ask.place, login=own))
    if found is None or me is None or ask.place.kind is not Kind.PRINCIPAL or not looks_up(ask, me):
        raise NotFound
    return replace(ask, place=Place(Kind.COLLEAGUE, found.login), other=found)


def looks_up(ask: Ask, me: Principal) -> bool:
    """Tell whether who asks may look up others."""
    return ask.house.settings.directory == COLLEAGUES and me.kind is m.Kind.ASSOCIATE


def of(ask: Ask, one: Any) -> Principal:
    """Give whom a property is about: the principal that was found, else whose place it is."""
    return one if isinstance(one, Principal) else ask.me


def href(ask: Ask, one: Any) -> str:
    """Give the address of a principal; one's own needs no question to anybody."""
    login = one.login if isinstance(one, Principal) else ask.entry.login
    return paths.href(ask.prefix, Place(Kind.PRINCIPAL, login))


# --- readers: each writes what is inside one property --------------------------------------------------------------


def name(ask: Ask, one: Any) -> bytes:
    """Write DAV:displayname."""
    return xml.text(one.name if isinstance(one, Principal) else ask.entry.name)


def first_name(ask: Ask, one: Any) -> bytes:
    """Write CalendarServer's first-name."""
    return xml.text(of(ask, one).first)


def last_name(ask: Ask, one: Any) -> bytes:
    """Write CalendarServer's last-name."""
    return xml.text(of(ask, one).last)


def url(ask: Ask, one: Any) -> bytes:
    """Write DAV:principal-URL (RFC 3744 4.2)."""
    return xml.hrefs(href(ask, one))


def addresses(ask: Ask, one: Any) -> bytes:
    """Write every address by which a client knows an ATTENDEE as this one, the preferred first (RFC 6638 2.4.1)."""
    known = [address.mailto(mailbox) for mailbox in of(ask, one).mailboxes]
    first, *others = dict.fromkeys([*known, href(ask, one)])
    return b'<D:href preferred="1">%s</D:href>' % xml.text(first) + xml.hrefs(*others)


def mailboxes(ask: Ask, one: Any) -> bytes:
    """Write CalendarServer's email-address-set."""
    return b"".join(b"<S:email-address>%s</S:email-address>" % xml.text(box) for box in of(ask, one).mailboxes)


def user_type(ask: Ask, one: Any) -> bytes:
    """Write CALDAV:calendar-user-type (RFC 6638 2.4.2)."""
    return ROLES[of(ask, one).kind].cutype.encode("ascii")


def record_type(ask: Ask, one: Any) -> bytes:
    """Write CalendarServer's record-type."""
    return _RECORDS[of(ask, one).kind]


def access_list(ask: Ask, _: Any) -> bytes:
    """Write the DAV:acl of one's own principal: all of it is oneself's, and a little is the colleagues'."""
    mine = privileges.entry(xml.hrefs(ask.href(Kind.PRINCIPAL)), privileges.READ)
    shown = ask.house.settings.directory == COLLEAGUES
    return mine + (privileges.entry(privileges.ANYBODY, privileges.GLANCE) if shown else b"")
