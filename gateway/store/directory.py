"""Who is in the house: associates and resources as principals, with every mailbox of theirs (RFC 3744 2).

Each question is one statement that is bounded. Whether a name fits is decided in Python, because databases disagree
about what a small letter is beyond ASCII; so nothing that somebody searches for is ever part of a pattern.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from sqlalchemy import and_, bindparam, func, or_, select
from sqlalchemy.engine import Row

from gateway.crm.people import EMPLOYEE, RESOURCE
from gateway.crm.tables import associate, email, person
from gateway.store.unit import Store
from mappings import address
from mappings.model import Kind

MOST: Final = 20_000  # mailboxes, and people without one, that one search reads

_s, _p, _e = associate.c, person.c, email.c


@dataclass(frozen=True, slots=True)
class Principal:
    """An associate or a resource: number, login, names, what they are, and mailboxes (normalised, by rank)."""

    associate_id: int
    login: str
    first: str = ""
    last: str = ""
    kind: Kind = Kind.ASSOCIATE
    mailboxes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Give what to call them: the full name, or the login of who has none."""
        return f"{self.first} {self.last}".strip() or self.login


_READ = (
    select(
        *(_s.associate_id, _s.name, _s.type, _s.isLocation, _s.person_id),
        *(_p.firstname, _p.lastname, _e.email_address),
    )
    .outerjoin(person, and_(_p.person_id == _s.person_id, _s.person_id != 0))
    .outerjoin(email, and_(_e.person_id == _s.person_id, _s.person_id != 0))
    .order_by(_s.associate_id, _e.rank, _e.email_id)
    .limit(MOST + 1)
)
_ONE = _READ.where(_s.associate_id == bindparam("associate"))
_HERE = and_(_s.deleted == 0, _s.type.in_((EMPLOYEE, RESOURCE)))
_EVERYBODY = _READ.where(_HERE)
_NAMED = _READ.where(
    or_(_s.associate_id == bindparam("associate"), and_(_HERE, func.lower(_s.name) == bindparam("low")))
)


def one(store: Store, associate_id: int) -> Principal | None:
    """Give an associate or resource by number."""
    return next(iter(_principals(store.rows(_ONE, {"associate": associate_id}))), None)


def named(store: Store, asker: int, login: str) -> tuple[Principal | None, Principal | None]:
    """Give who asks, and who goes by a login here: written so, else without regard to case."""
    known = {"associate": asker, "low": login.lower()}
    found = _principals(store.rows(_NAMED, known) if login.isascii() else store.rows(_EVERYBODY))
    fitting = [one for one in found if one.login.casefold() == login.casefold()]
    exact = [one for one in fitting if one.login == login]
    return next((one for one in found if one.associate_id == asker), None), next(iter(exact or fitting), None)


def everybody(store: Store) -> tuple[list[Principal], bool]:
    """List all who have a diary and have not retired, by number; tells too whether there are more than are read."""
    rows = store.rows(_EVERYBODY)
    return _principals(rows[:MOST]), len(rows) > MOST


def _principals(rows: Iterable[Row[Any]]) -> list[Principal]:
    found = []
    for _, group in groupby(rows, lambda r: r.associate_id):
        some = list(group)
        boxes = (address.normalise(r.email_address or "") for r in some)
        r = some[0]
        names = (r.firstname or "", r.lastname or "")
        found.append(Principal(r.associate_id, r.name, *names, _kind(r), tuple(dict.fromkeys(filter(None, boxes)))))
    return found


def _kind(r: Row[Any]) -> Kind:
    if r.type == RESOURCE and not r.person_id:
        return Kind.ROOM if r.isLocation else Kind.RESOURCE
    return Kind.ASSOCIATE
