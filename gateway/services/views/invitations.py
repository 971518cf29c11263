"""The lists around invitations: what waits for an answer, what was cancelled, what I declined, who declined mine.

Source: the CRM's archive providers (invitation, cancelled, rejected, response, repeating) and its default notification
list. "Today" is the day of the CRM's base zone.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from gateway.crm import viewing
from gateway.crm.viewing import Found
from gateway.errors import BadRequest
from gateway.services.house import DAY, House
from gateway.services.views.entries import MOST, associate, bounded, entries, fresh, looking
from gateway.store import answered
from gateway.store.unit import Connection
from mappings.entry import Entry

LIMIT: Final = 1_000


class View(StrEnum):
    """One of the lists around invitations."""

    PENDING = "pending"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    RESPONSE = "response"
    REPEATING = "repeating"


def invitations(house: House, login: str, view: View, *, limit: int = LIMIT) -> list[Entry]:
    """Give one list of an associate, in order of its starts and never more than `limit`.

    RESPONSE lists the rows of those who declined, each with its reason, until they are acknowledged. A resource has
    lists too, and reads nothing private in them. Raises UnknownPerson, and BadRequest for a limit that is none.
    """
    if not 1 <= limit <= MOST:
        raise BadRequest("limit", f"is not from 1 to {MOST}")
    if view is View.RESPONSE:
        fresh(house)
    with house.store.reading() as connection:
        found = _found(house, connection, associate(connection, login), view, limit)
        return list(entries(house, connection, found, looking(connection, login)).values())


def _found(house: House, connection: Connection, mine: int, view: View, limit: int) -> list[Found]:
    today = house.today()
    midnight = today - today % DAY
    match view:
        case View.PENDING | View.REPEATING:
            return viewing.pending(connection, mine, limit, repeating=view is View.REPEATING)
        case View.CANCELLED:
            return viewing.cancelled(connection, mine, midnight, limit)
        case View.REJECTED:
            return viewing.declined(connection, mine, midnight - DAY, limit)
        case View.RESPONSE:
            return _responses(connection, mine, midnight)[:limit]


def _responses(connection: Connection, owner: int, midnight: int) -> list[Found]:
    refused = viewing.refusals(connection, owner, midnight, MOST + 1)
    bounded(refused)
    known = answered.acknowledged(connection, [place.row for place in refused])
    return [place for place, state in refused.items() if known.get(place.row) != state]
