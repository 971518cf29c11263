"""Who was invited to a meeting, and what each of them answered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from gateway.crm import viewing
from gateway.crm.viewing import Found
from gateway.errors import Forbidden, NotFound
from gateway.services.house import House
from gateway.services.views.entries import entries, fresh, looking
from gateway.store import answered, outbox, published
from gateway.store.answered import Given
from gateway.store.answers import OVERWRITTEN
from gateway.store.unit import Connection
from mappings.entry import Entry, status_name
from mappings.errors import Unmappable
from mappings.model import Kind
from mappings.privacy import Viewer
from mappings.projection import Row
from mappings.status import BOOKING_DELETED, BOOKING_MOVED_SEEN, BOOKING_SEEN, PENDING, partstat

_SEEN: Final = frozenset({BOOKING_SEEN, BOOKING_MOVED_SEEN})


@dataclass(frozen=True, slots=True)
class Response:
    """One participant and their answer.

    `status_name` is the CRM's, `partstat` what calendars say. `comment` and `received` (an instant) are of the live
    answer, if there is one, and `acknowledged` tells that the owner has taken note of it. `overwritten` is the
    PARTSTAT of an answer that was written over unread, while nobody has answered since. `delivery` is the
    SCHEDULE-STATUS (RFC 6638 3.2.9) of the last mail to them, empty where they were sent none.
    """

    row: int
    name: str
    address: str
    kind: Kind
    status: int
    status_name: str
    partstat: str
    seen: bool
    reason: str
    comment: str = ""
    received: int | None = None
    acknowledged: bool = False
    overwritten: str = ""
    delivery: str = ""


@dataclass(frozen=True, slots=True)
class Responses:
    """A meeting, how many declined it as the CRM counts them, and its participants, the owner first."""

    meeting: Entry
    reject_counter: int
    participants: tuple[Response, ...]


def responses(house: House, appointment: int, login: str = "") -> Responses:
    """Give a meeting, named by any of its rows, and what its participants answered.

    With a login only the owner and the participants may see it: raises Forbidden for others, and NotFound where they
    may not even read the meeting, or where it is gone. Raises UnknownPerson.
    """
    fresh(house)
    with house.store.reading() as connection:
        looks = looking(connection, login)
        lead = viewing.lead_of(connection, appointment)
        rows = house.reader.by_key(connection, [lead], []) if lead else []
        leader = next((r for r in rows if r.row == lead), None)
        if leader is None:
            raise NotFound
        meeting = _meeting(house, connection, leader, looks)
        people = [r for r in rows if r is leader or r.status != BOOKING_DELETED]
        return Responses(meeting, *_answered(connection, lead, people))


def _meeting(house: House, connection: Connection, leader: Row, looks: Viewer | None) -> Entry:
    shown = entries(house, connection, [Found(leader.row, leader.row)], looks)
    if leader.row not in shown:
        raise Unmappable("date", "the meeting lies outside the years 1900 to 2199")
    if shown[leader.row].cloaked:
        raise NotFound
    if looks and leader.row not in viewing.taking_part(connection, looks.associate, [leader.row]):
        raise Forbidden("Only its owner and its participants see what was answered.")
    return shown[leader.row]


def _answered(connection: Connection, lead: int, people: Iterable[Row]) -> tuple[int, tuple[Response, ...]]:
    rows = {r.row: r for r in sorted(people, key=lambda r: (r.row != lead, r.row))}
    particulars = viewing.particulars(connection, rows)
    seen = published.members(connection, rows)
    given = answered.newest(connection, {s.event_id for s in seen.values()}, rows)
    mailed = outbox.deliveries(connection, list(rows))
    made = (
        replace(_response(r, particulars[r.row].reason, given.get(r.row)), delivery=mailed.get(r.row, ""))
        for r in rows.values()
    )
    return particulars[lead].reject_counter, tuple(made)


def _response(row: Row, reason: str, given: Given | None) -> Response:
    live = given if given and given.ended is None and (given.type, given.status) == (row.type, row.status) else None
    said, _ = partstat(row.kind, row.status, live=live.partstat if live else "", mailed=row.asked)
    return Response(
        row=row.row,
        name=row.name,
        address=row.address,
        kind=row.kind,
        status=row.status,
        status_name=status_name(row.status),
        partstat=said,
        seen=row.status in _SEEN,
        reason=reason,
        comment=live.comment if live else "",
        received=live.received if live else None,
        acknowledged=live.acknowledged if live else False,
        overwritten=given.partstat if given and given.ended == OVERWRITTEN and row.status in PENDING else "",
    )
