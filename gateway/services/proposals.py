"""Other times that guests propose: listed, and decided by the owner of the meeting (RFC 5546 3.2.7, 3.2.8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gateway.crm import people
from gateway.errors import NotFound
from gateway.services import telling_again
from gateway.services.house import House
from gateway.services.verbs.acting import Done
from gateway.services.verbs.move import move
from gateway.services.verbs.planning import When
from gateway.store import proposals as store
from gateway.store.proposals import Kept
from gateway.store.unit import Connection
from mappings import times
from mappings.notices import DECLINECOUNTER
from mappings.projection import Row

MOST: Final = 500  # proposals listed at once


@dataclass(frozen=True, slots=True)
class Proposed:
    """One proposal that waits: its number, whose and for which meeting, from when to when (instants), and a comment.

    `owner` is the login of whoever decides. `former` tells that the meeting was another when it was made.
    """

    number: int
    appointment: int
    title: str
    owner: str
    name: str
    address: str
    start: int
    end: int
    comment: str
    former: bool
    received: int


def waiting(house: House) -> list[Proposed]:
    """List the proposals that nobody has decided about, the oldest first; at most MOST."""
    with house.store.reading() as connection:
        kept = store.waiting(connection, house.clock.now(), MOST)
        rows = {row.row: row for row in house.reader.by_row(connection, [one.row for one in kept])}
        return [_shown(house, connection, one, rows[one.row]) for one in kept if one.row in rows]


def _shown(house: House, connection: Connection, one: Kept, row: Row) -> Proposed:
    owner = _owner(house, connection, row.mother)
    return Proposed(one.number, row.mother, row.summary or "", owner, row.name, row.address.removeprefix("mailto:"),
                    one.start, one.end, one.comment, one.former, one.received)  # fmt: skip


def accept(house: House, number: int) -> Done:
    """Let the owner move the meeting to the time that was proposed: everybody is asked again.

    Raises NotFound, and whatever `move` raises; then the proposal waits on.
    """
    with house.store.writing() as connection:
        one, row, owner = _open(house, connection, number)
    zone = house.settings.timezone
    when = When(times.wall(one.start, zone), times.wall(one.end, zone), row.all_day)
    done = move(house, owner, row.mother, when)
    with house.store.writing() as connection:
        store.decided(connection, number, store.ACCEPTED, house.clock.now())
    return done


def decline(house: House, number: int) -> None:
    """Let the time stand, and tell who proposed another, if we mail them (DECLINECOUNTER); raises NotFound."""
    with house.store.writing() as connection:
        one, row, _ = _open(house, connection, number)
        store.decided(connection, number, store.DECLINED, house.clock.now())
        telling_again.owe(house, connection, one.event_id, row.row, DECLINECOUNTER)


def _open(house: House, connection: Connection, number: int) -> tuple[Kept, Row, str]:
    one = store.read(connection, number)
    row = next(iter(house.reader.by_row(connection, [one.row])), None) if one else None
    if one is None or row is None:
        raise NotFound(f"There is no proposal {number} that waits.")
    return one, row, _owner(house, connection, row.mother)


def _owner(house: House, connection: Connection, mother: int) -> str:
    """Give the login of a meeting's owner; empty where it is gone."""
    lead = next(iter(house.reader.by_row(connection, [mother])), None)
    owner = people.by_associate(connection, lead.associate) if lead else None
    return owner.login if owner else ""
