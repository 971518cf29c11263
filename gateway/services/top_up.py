"""What never ends goes on: rows for the next occurrences of series that have no last one.

Nobody is asked and nobody is told: whoever has accepted a series has accepted what is added to it.
"""

from __future__ import annotations

from gateway.crm import bookings
from gateway.crm.bookings import Booking
from gateway.crm.people import Somebody
from gateway.services.house import House
from gateway.services.verbs import acting, occurring, recurring
from gateway.services.verbs.acting import Desk
from gateway.services.verbs.occurring import Slot
from gateway.services.verbs.planning import When
from gateway.store import written_rules
from gateway.store.unit import Connection
from mappings import times
from mappings.model import Kind
from mappings.recurrence import kept
from mappings.recurrence.expanding import endless, expand
from mappings.recurrence.kept import Kept
from mappings.times import DAY

RULES = 50  # looked at in one turn


def top_up(house: House, after: int = 0) -> int:
    """Add what is lacking to some series above rule `after`, each in a transaction of its own; gives the last, or 0.

    A series that has been cut off, or whose first occurrence is another now, is left as it is.
    """
    with house.store.writing() as connection:
        some = written_rules.every(connection, after, RULES)
    for number, text in some:
        own = kept.from_json(text)
        if endless(own.rrule) and _until(house, own) > own.horizon:
            _extended(house, number)
    acting.published(house)
    return some[-1][0] if len(some) == RULES else 0


def _until(house: House, own: Kept) -> int:
    """Give until when a series is to have rows now, on its own clock; by whole weeks, so that few days have some."""
    wall = recurring.horizon(house)
    wall -= wall % (7 * DAY)
    return wall if own.all_day else times.rezone(wall, house.settings.timezone, own.zone)


def _extended(house: House, number: int) -> None:
    with house.store.writing() as connection:
        found = bookings.locked_series(connection, number)
        text = written_rules.of_rules(connection, [number]).get(number)
        own = kept.from_json(text) if text else None
        leads = sorted((b for b in found if b.leads), key=_planned)
        if own is None or not leads or not _follows(house, own, leads):
            return
        source = _desk(house, connection, leads, found)
        until = _until(house, own)
        room = max(0, house.settings.max_occurrences - sum(_planned(b) >= house.author(0).wall for b in leads))
        walls = [w for w in _walls(own, until) if w > own.horizon and w not in own.exdates][:room]
        slots = [_slot(house, own, wall, source) for wall in walls]
        more = {"recurrenceRuleId": number, "original_start_date": 0}
        occurring.like(source, slots, more, as_answered=True)
        reached = walls[-1] if len(walls) == room and walls else until
        written_rules.keep(connection, number, kept.to_json(_with_horizon(own, reached)))


def _with_horizon(own: Kept, until: int) -> Kept:
    return Kept(own.rrule, own.start, own.zone, own.all_day, own.rdates, own.exdates, until)


def _walls(own: Kept, until: int) -> list[int]:
    ruled = expand(own.rrule, own.start, last=until, most=40_000, zone="UTC" if own.all_day else own.zone)
    return sorted({*ruled, *(w for w in own.rdates if w <= until)})


def _follows(house: House, own: Kept, leads: list[Booking]) -> bool:
    """Tell whether the series still goes as far as it was followed: its end has not been cut off."""
    last = [w for w in _walls(own, own.horizon) if w not in own.exdates][-1:]
    return bool(last) and _on_clock(house, own, _planned(leads[-1])) >= last[0]


def _on_clock(house: House, own: Kept, wall: int) -> int:
    return wall if own.all_day else times.rezone(wall, house.settings.timezone, own.zone)


def _planned(lead: Booking) -> int:
    return lead.original or lead.start


def _desk(house: House, connection: Connection, leads: list[Booking], found: list[Booking]) -> Desk:
    """Give the last occurrence that is where it was planned, as an example for what follows; else the last."""
    regular = [b for b in leads if b.original in (0, b.start)] or leads
    lead = regular[-1]
    author = house.author(lead.associate)
    desk = Desk(house, connection, Somebody(Kind.ASSOCIATE, "", lead.associate), lead, lead, author)
    desk.__dict__["daughters"] = [b for b in found if b.mother == lead.row and b.row != lead.row]
    return desk


def _slot(house: House, own: Kept, wall: int, source: Desk) -> Slot:
    span = source.place.span
    start = wall if own.all_day else times.rezone(wall, own.zone, house.settings.timezone)
    return Slot(When(start, start + span.length, span.all_day))
