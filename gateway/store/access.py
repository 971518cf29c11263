"""Who may come in: tokens, and the one *gate* statement that answers a reader's first questions together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, and_, bindparam, exists, func, insert, select, update

from gateway.crm.tables import associate, person
from gateway.store.prepared import Prepared
from gateway.store.tables import calendar, credential, dirty, sync
from gateway.store.unit import Store
from mappings.identity import DIARY


@dataclass(frozen=True, slots=True)
class Entry:
    """Who asks, and where one of their calendars stands: the one that they asked for, or their diary.

    `marked` tells that something waits to be published; `revision` and `nonce` are the highest of the calendar's
    objects (0 and 0 while it has none).
    """

    credential_id: int
    scope: str
    vouch: bool
    associate_id: int
    login: str
    name: str
    calendar_id: int
    adopted: bool
    marked: bool
    revision: int
    nonce: int
    calendar: str = DIARY

    @property
    def token(self) -> str:
        """Give the calendar's token, ``<revision>-<nonce>`` (DESIGN section 4: tick)."""
        return token(self.revision, self.nonce)


def token(revision: int, nonce: int) -> str:
    """Write a token; the nonce is hexadecimal."""
    return f"{revision}-{nonce:x}"


_c, _k, _s, _p, _y = credential.c, calendar.c, associate.c, person.c, sync.c


def _highest(column: Any) -> Any:
    newest = select(column).where(_y.calendar_id == _k.calendar_id).order_by(_y.revision.desc()).limit(1)
    return func.coalesce(newest.correlate(calendar).scalar_subquery(), 0)


_GATE = Prepared(
    select(
        *(_c.credential_id, _c.scope, _c.vouch, _c.associate_id, _s.name.label("login"), _p.firstname, _p.lastname),
        *(_k.calendar_id, _k.adopted),
        exists().where(dirty.c.lane == 0).label("marked"),
        _highest(_y.revision).label("revision"),
        _highest(_y.nonce).label("nonce"),
    )
    .join(associate, and_(_s.associate_id == _c.associate_id, _s.deleted == 0))
    .outerjoin(person, and_(_p.person_id == _s.person_id, _s.person_id != 0))
    .outerjoin(calendar, and_(_k.associate_id == _c.associate_id, _k.name == bindparam("calendar")))
    .where(_c.digest == bindparam("digest"), _c.revoked.is_(None))
)
_STANDS = select(
    *(_k.calendar_id, _k.adopted),
    _highest(_y.revision).label("revision"),
    _highest(_y.nonce).label("nonce"),
).where(_k.associate_id == bindparam("associate"), _k.name == bindparam("calendar"))


def enter(store: Store, digest: bytes, calendar: str = DIARY) -> Entry | None:
    """Ask the gate: by the SHA-256 of a token; None for an unknown or revoked one, and for who has retired."""
    found = store.fetch(_GATE, digest=digest, calendar=calendar)
    if not found:
        return None
    number, scope, vouch, associate_id, login, first, last, place, adopted, marked, revision, nonce = found[0]
    name = f"{first or ''} {last or ''}".strip() or login
    who = (number, scope, bool(vouch), associate_id, login, name)
    return Entry(*who, place or 0, bool(adopted), bool(marked), revision, nonce, calendar)


def beside(store: Store, entry: Entry, calendar: str) -> Entry:
    """Give who asks at another of their calendars, for what speaks of several; one that is not there stands at 0."""
    found = store.row(_STANDS, {"associate": entry.associate_id, "calendar": calendar})
    nothing = {"calendar_id": 0, "adopted": False, "revision": 0, "nonce": 0}
    return replace(entry, calendar=calendar, **(dict(found) if found else nothing))


def associate_of(connection: Connection, login: str) -> int | None:
    """Give the associate of a login who has not retired; the CRM compares logins without regard to case."""
    return associates_of(connection, [login]).get(login)


def associates_of(connection: Connection, logins: Iterable[str]) -> dict[str, int]:
    """Give the associates of logins as `associate_of` does; a login that nobody has is left out."""
    wanted = set(logins)
    folded = {login.casefold() for login in wanted}
    known = select(_s.associate_id, _s.name).where(_s.deleted == 0).order_by(_s.associate_id)
    if all(login.isascii() for login in wanted):  # beyond that, databases disagree about what a small letter is
        known = known.where(func.lower(_s.name).in_(sorted(folded)))
    by_name: dict[str, int] = {}
    by_folded: dict[str, int] = {}
    for associate_id, name in connection.execute(known):
        by_name[name] = associate_id
        by_folded.setdefault(name.casefold(), associate_id)
    found = {login: by_name.get(login, by_folded.get(login.casefold())) for login in wanted}
    return {login: associate_id for login, associate_id in found.items() if associate_id is not None}


def people(connection: Connection) -> list[Mapping[str, Any]]:
    """List every associate and resource with a diary: associate_id, login, type, isLocation, first and last name."""
    columns = (_s.associate_id, _s.name, _s.type, _s.isLocation, _p.firstname, _p.lastname)
    listed = select(*columns).outerjoin(person, and_(_p.person_id == _s.person_id, _s.person_id != 0))
    wanted = listed.where(_s.deleted == 0, _s.type.in_((0, 1))).order_by(_s.associate_id)
    return [dict(r) for r in connection.execute(wanted).mappings()]


def grant(connection: Connection, digest: bytes, associate_id: int, scope: str, **more: Any) -> None:
    """Keep a new token's SHA-256; `more` are `vouch`, `label` and `created` (an instant)."""
    connection.execute(insert(credential).values(digest=digest, associate_id=associate_id, scope=scope, **more))


def granted(connection: Connection, associate_id: int) -> list[Mapping[str, Any]]:
    """List an associate's tokens that still open something: credential_id, scope, vouch, label, created, last_used."""
    columns = (_c.credential_id, _c.scope, _c.vouch, _c.label, _c.created, _c.last_used)
    wanted = select(*columns).where(_c.associate_id == associate_id, _c.revoked.is_(None)).order_by(_c.credential_id)
    return [dict(r) for r in connection.execute(wanted).mappings()]


def revoke(connection: Connection, credential_id: int, now: int) -> bool:
    """End a token at once; tells whether it opened anything until then."""
    mine = (_c.credential_id == credential_id) & _c.revoked.is_(None)
    return bool(connection.execute(update(credential).where(mine).values(revoked=now)).rowcount)


def used(connection: Connection, moments: Mapping[int, int]) -> None:
    """Write down when tokens were last used: credential_id to instant."""
    statement = update(credential).where(_c.credential_id == bindparam("b_id")).values(last_used=bindparam("at"))
    if moments:
        connection.execute(statement, [{"b_id": i, "at": at} for i, at in moments.items()])


def want(connection: Connection, associate_id: int, name: str, now: int) -> None:
    """Let a calendar of an associate go next in line for adoption."""
    where = (_k.associate_id == associate_id) & (_k.name == name) & _k.wanted_at.is_(None)
    connection.execute(update(calendar).where(where).values(wanted_at=now))
