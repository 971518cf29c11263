"""Who is who in the CRM: logins, persons and addresses -> the people that a meeting's rows can name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, func, select
from sqlalchemy.engine import Row as Record

from gateway.chunks import chunks
from gateway.crm import tables as t
from mappings import address
from mappings.model import Kind

_s, _p, _e = t.associate.c, t.person.c, t.email.c
EMPLOYEE: Final = 0
RESOURCE: Final = 1
_MANY: Final = 5  # of several people with one name, how many are told


@dataclass(frozen=True, slots=True)
class Somebody:
    """One person, room or thing that can be invited; numbers are 0 where there is none.

    `email` is the address row that was named, else 0; `mailbox` is an address (normalised), else empty.
    """

    kind: Kind
    name: str
    associate: int = 0
    person: int = 0
    group: int = 0
    email: int = 0
    mailbox: str = ""
    zone: int = 0
    login: str = ""

    @property
    def who(self) -> tuple[str, int | str]:
        """Give what two names of one person have in common (CRM: ParticipantInfo's equality)."""
        if self.associate:
            return "associate", self.associate
        return ("person", self.person) if self.person else ("address", self.mailbox)


def _storable(words: str) -> bool:
    """Tell whether any database could hold these words; nobody is found by others."""
    return "\x00" not in words and not any("\ud800" <= letter <= "\udfff" for letter in words)


def by_login(connection: Connection, login: str) -> Somebody | None:
    """Find who goes by a login, or the resource of that name, without regard to case; nobody who has retired."""
    if not _storable(login):
        return None
    found = _associates(connection, func.lower(_s.name) == login.lower())
    # Two logins may differ in case alone: then the one that was written is meant.
    exact = [one for one in found if one.login == login]
    return _associate((exact or found)[0]) if found else None


def by_associate(connection: Connection, associate: int) -> Somebody | None:
    """Find an associate or resource by number; nobody who has retired."""
    found = _associates(connection, _s.associate_id == associate)
    return _associate(found[0]) if found else None


def by_person(connection: Connection, person: int) -> Somebody | None:
    """Find a person by number: the associate they are, where they have a login; nobody who has retired."""
    found = _associates(connection, (_s.person_id == person) & (_s.person_id != 0) & (_s.type == EMPLOYEE))
    if found:
        return _associate(found[0])
    outside = connection.execute(select(*_NAMED).where(_p.person_id == person, _p.retired == 0)).first()
    return Somebody(Kind.EXTERNAL, _full(outside), person=person) if outside else None


def by_name(connection: Connection, name: str) -> list[Somebody]:
    """Find everybody of a full name, without regard to case; at most a few are given."""
    if not _storable(name):
        return []
    full = func.lower(func.trim(_p.firstname + " " + _p.lastname))
    wanted = select(_p.person_id).where(full == " ".join(name.lower().split()), _p.retired == 0)
    persons = connection.scalars(wanted.order_by(_p.person_id).limit(_MANY)).all()
    found = (by_person(connection, person) for person in persons)
    return list({one.who: one for one in found if one is not None}.values())


def by_mailbox(connection: Connection, mailbox: str) -> Somebody | None:
    """Find who has an address: the only person whom the CRM knows by it, else the bare address.

    None for what is no address. Several persons may share one; then nobody can say who is meant but the address.
    """
    normal = address.normalise(mailbox)
    if not normal or not _storable(normal):
        return None
    like = select(_e.email_id, _e.person_id).where(func.lower(_e.email_address) == normal.lower(), _e.person_id != 0)
    rows = connection.execute(like.order_by(_e.rank, _e.email_id)).all()
    people = {person for _, person in rows}
    if len(people) == 1:
        known = by_person(connection, people.pop())
        if known is not None:
            return replace(known, email=rows[0].email_id, mailbox=normal)
    return Somebody(Kind.BARE, "", mailbox=normal)


def mailbox_of(connection: Connection, person: int) -> str:
    """Give the first address of a person by rank (normalised), or nothing."""
    wanted = select(_e.email_address).where(_e.person_id == person, _e.email_address != "")
    first = connection.scalar(wanted.order_by(_e.rank, _e.email_id).limit(1)) if person else None
    return address.normalise(first or "")


def with_mailbox(connection: Connection, persons: Iterable[int]) -> set[int]:
    """Tell which persons the CRM knows any address of."""
    found: set[int] = set()
    for some in chunks(persons):
        found.update(connection.scalars(select(_e.person_id).where(_e.person_id.in_(some), _e.email_address != "")))
    return found


def addresses_of(connection: Connection, rows: Iterable[int]) -> dict[int, str]:
    """Give the addresses (normalised) of who is known by an address alone, by their rows."""
    found: dict[int, str] = {}
    for some in chunks(rows):
        wanted = select(_e.appointment_id, _e.email_address).where(_e.appointment_id.in_(some)).order_by(_e.email_id)
        for row, mailbox in connection.execute(wanted):
            found.setdefault(row, address.normalise(mailbox or ""))
    return found


_NAMED = (_p.person_id, _p.firstname, _p.lastname)
_COLUMNS = (
    *(_s.associate_id, _s.name.label("login"), _s.type, _s.isLocation, _s.group_idx, _s.tzLocationId),
    *_NAMED,
)


def _associates(connection: Connection, which: ColumnElement[bool]) -> list[Record[Any]]:
    joined = t.associate.outerjoin(t.person, (_p.person_id == _s.person_id) & (_s.person_id != 0))
    wanted = select(*_COLUMNS).select_from(joined).where(which, _s.deleted == 0, _s.type.in_((EMPLOYEE, RESOURCE)))
    return list(connection.execute(wanted.order_by(_s.associate_id)))


def _associate(r: Record[Any]) -> Somebody:
    kind = Kind.ASSOCIATE
    if r.type == RESOURCE and not r.person_id:
        kind = Kind.ROOM if r.isLocation else Kind.RESOURCE
    name = _full(r) or r.login
    return Somebody(kind, name, r.associate_id, r.person_id or 0, r.group_idx, zone=r.tzLocationId, login=r.login)


def _full(r: Any) -> str:
    return f"{r.firstname or ''} {r.lastname or ''}".strip()
