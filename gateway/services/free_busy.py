"""When somebody's time is taken, as a VFREEBUSY, for a report or behind a secret address (RFC 4791 7.10)."""

from __future__ import annotations

from gateway.errors import TooMuch
from gateway.services.house import House
from gateway.store import busy_time
from mappings import free_busy
from mappings.ics import writing


def text(house: House, calendar: int, start: int, end: int, *, head: bytes = b"", method: str = "") -> bytes:
    """Write the VCALENDAR of a calendar's busy time in [start, end), instants; `head` is what else it says.

    Raises TooMuch beyond `max_instances`.
    """
    most = house.settings.max_instances
    taken = busy_time.taken(house.store, calendar, start, end, most + 1)
    if len(taken) > most:
        raise TooMuch("occurrences", most)
    periods = free_busy.periods(taken, start, end)
    component = writing.free_busy(periods, start, end, house.clock.now(), head)
    told = f"METHOD:{method}\r\n".encode("ascii") if method else b""
    return writing.envelope([component], (), told)
