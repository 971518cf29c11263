"""Which occurrence of a series is meant: the one that begins, or was planned to begin, at a time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from gateway.crm import bookings
from gateway.errors import BadRequest, NotFound
from gateway.services.house import House
from gateway.services.verbs import acting
from gateway.services.verbs.acting import Desk
from mappings import reach as reaches
from mappings import times
from mappings.reach import Reach

NEAR: Final = 5  # of the occurrences that there are, how many are told
FIELD: Final = "occurrence"


def occurrence(house: House, login: str, appointment: int, wall: int, *, day: bool = False) -> int:
    """Give the row at another occurrence that is of the same person as an appointment, else the one that leads it.

    `wall` is when it begins, or was planned to begin, on the clock of the base zone; with `day` any time of that day.
    Raises UnknownPerson, NotFound, and BadRequest where there is no such occurrence, telling those nearest to it, or
    where there are several.
    """
    with house.store.reading() as connection:
        actor = acting.acting(connection, login)
        row = next(iter(bookings.of_rows(connection, [appointment] if appointment <= bookings.HIGHEST else [])), None)
        lead = next(iter(bookings.of_rows(connection, [row.event])), row) if row else None
        if row is None or lead is None or not acting.part_of(connection, actor, row, lead):
            raise NotFound(f"There is no appointment {appointment} that {actor.name} has a part in.")
        if not row.rule:
            raise BadRequest(FIELD, f"appointment {appointment} does not repeat")
        desk = Desk(house, connection, actor, row, lead, house.author(actor.associate))
        acting.spread(desk, bookings.of_series(connection, row.rule), Reach.SERIES)
    # Of a cancelled one nothing is left but the rows of who is to hear of it.
    there = [d for d in desk.series if d.held or d.lead.leads]
    starts = {d.row.row: tuple(dict.fromkeys((d.lead.start, d.place.planned))) for d in there}
    found = reaches.found(starts, wall, day=day)
    if not found:
        raise BadRequest(FIELD, f"begins at no such time; near it: {_told(reaches.near(starts, wall, NEAR))}")
    if len(found) > 1:
        raise BadRequest(FIELD, f"may be several: {_told(starts[number][0] for number in found)}")
    return found[0]


def _told(walls: Iterable[int]) -> str:
    return ", ".join(f"{times.naive(wall):%Y-%m-%d %H:%M}" for wall in walls)
