"""When several people are free together, and what else stands where a meeting was put."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from gateway.crm import viewing
from gateway.crm.viewing import Busy, Found
from gateway.errors import BadRequest, NotFound, UnknownPerson
from gateway.services.house import DAY, House
from gateway.services.views.entries import MOST, between, bounded, entries
from gateway.store import access
from gateway.store.unit import Connection
from mappings import free_time, times
from mappings.entry import Entry, span
from mappings.errors import Unmappable
from mappings.free_time import Span
from mappings.model import Kind
from mappings.projection import Row

PEOPLE: Final = 300  # who can be asked together
ROWS: Final = 100_000  # that they may have in that time
SLOTS: Final = 1_000
LONGEST: Final = 366 * DAY
OFFICE_HOURS: Final = (8 * 3_600, 17 * 3_600)
WORKING_DAYS: Final = 0b0011111


def next_free(  # noqa: PLR0913 - what a slot has to keep to is a list of rules
    house: House,
    logins: Collection[str],
    start: int,
    end: int,
    minutes: int,
    *,
    count: int = 1,
    hours: Span = OFFICE_HOURS,
    weekdays: int = WORKING_DAYS,
    zone: str = "",
) -> list[Span]:
    """Give the first `count` slots, as instants, in which none of the associates and resources is busy.

    They lie within one day's `hours` (seconds of the day in `zone`, else the base zone) on `weekdays` (the CRM's
    flags), begin at full quarters of an hour and do not overlap. Pending invitations, lead and lag time block; to-dos
    do not. Raises UnknownPerson, and BadRequest for what makes no question.
    """
    clock = zone or house.settings.timezone
    _check(logins, (start, end), minutes, count, hours, weekdays, clock)
    walls = between(house, start, end)
    with house.store.reading() as connection:
        known = access.associates_of(connection, logins)
        for login in logins:
            if login not in known:
                raise UnknownPerson(login)
        rows = viewing.busy(connection, set(known.values()), walls, ROWS + 1)
    bounded(rows, ROWS)
    busy = free_time.merged(span for _, span in _spans(house, rows))
    open_hours = free_time.working((start, end), hours, weekdays, clock)
    return free_time.slots(busy, open_hours, minutes * 60, clock, count)


def _check(  # one line for each argument
    logins: Collection[str], within: Span, minutes: int, count: int, hours: Span, weekdays: int, zone: str
) -> None:
    rules = (
        ("logins", 1 <= len(logins) <= PEOPLE, f"name 1 to {PEOPLE} people"),
        ("end", within[1] - within[0] <= LONGEST, "is more than a year after start"),
        ("minutes", 1 <= minutes <= DAY // 60, "is not from 1 to 1440"),
        ("count", 1 <= count <= SLOTS, f"is not from 1 to {SLOTS}"),
        ("hours", 0 <= hours[0] < hours[1] <= DAY, "are not two times of one day, in order"),
        ("weekdays", 0 < weekdays < 128, "name at least one day: Monday 1, Tuesday 2 to Sunday 64"),
    )
    for field, holds, rule in rules:
        if not holds:
            raise BadRequest(field, rule)
    try:
        times.zone(zone)
    except Unmappable as error:
        raise BadRequest("zone", error.rule) from error


def _spans(house: House, rows: Iterable[Busy]) -> Iterator[tuple[Busy, Span]]:
    for row in rows:
        with suppress(Unmappable):  # what no calendar can show is not looked for
            yield row, row.span(house.settings.timezone)


@dataclass(frozen=True, slots=True)
class Conflict:
    """What else stands in somebody's diary where a meeting was put; `row` is theirs in the meeting."""

    row: int
    name: str
    login: str
    kind: Kind
    entry: Entry


def conflicts(house: House, appointment: int) -> list[Conflict]:
    """Give for each associate and resource of a meeting, named by any of its rows, the other rows that overlap it.

    What the meeting's owner may not read is cloaked. Who declined, and whose row is marked free, has no conflict.
    Raises NotFound where the meeting is gone.
    """
    with house.store.reading() as connection:
        lead = viewing.lead_of(connection, appointment)
        rows = {r.row: r for r in house.reader.by_key(connection, [lead], [])} if lead else {}
        if lead not in rows:
            raise NotFound
        own = _blocked(connection, rows, lead)
        people = viewing.colleagues(connection, {rows[lead].associate, *(rows[row].associate for row in own)})
        clashes = _clashes(house, connection, rows, own, lead)
        owner = people.get(rows[lead].associate)
        shown = entries(house, connection, {place for _, place in clashes}, owner.viewer if owner else None)
    found = [
        Conflict(row, rows[row].name, people[rows[row].associate].login, rows[row].kind, shown[place.row])
        for row, place in clashes
        if place.row in shown
    ]
    return sorted(found, key=lambda c: (c.row != lead, c.row, c.entry.begins))


def _blocked(connection: Connection, rows: Mapping[int, Row], lead: int) -> dict[int, Span]:
    """Give the time that each row of a meeting blocks; raises Unmappable where no calendar can show the meeting."""
    it = rows[lead]
    begins, ends = (times.instant(moment, it.zone) for moment in span(it))
    blocking = {r.row for r in rows.values() if r.associate and free_time.blocks(r.type, r.status, free=r.free)}
    particulars = viewing.particulars(connection, blocking)
    return {row: (begins - p.lead_time * 60, ends + p.lag_time * 60) for row, p in particulars.items()}


def _clashes(
    house: House, connection: Connection, rows: Mapping[int, Row], own: Mapping[int, Span], lead: int
) -> list[tuple[int, Found]]:
    """Give (row of the meeting, the other row) wherever the two overlap."""
    if not own:
        return []
    whole = min(start for start, _ in own.values()), max(end for _, end in own.values())
    walls = between(house, whole[0], max(whole[1], whole[0] + 1))
    busy = viewing.busy(connection, {rows[row].associate for row in own}, walls, MOST + 1)
    bounded(busy)
    others: dict[int, list[tuple[Busy, Span]]] = {}
    for other, blocked in _spans(house, busy):
        if other.found.lead != lead:
            others.setdefault(other.associate, []).append((other, blocked))
    return [
        (row, other.found)
        for row, (start, end) in own.items()
        for other, blocked in others.get(rows[row].associate, ())
        if max(start, blocked[0]) < min(end, blocked[1])
    ]
