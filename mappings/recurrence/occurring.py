"""When a master takes place: its start, its rule and the dates beside it (RFC 5545 3.8.5), never more than a bound."""

from __future__ import annotations

from mappings.model import Instance
from mappings.recurrence.expanding import expand
from mappings.recurrence.fitting import MOST
from mappings.times import LATEST


def starts(master: Instance, last: int = LATEST) -> list[int]:
    """Give the planned starts of a master until `last`, in order: wall seconds of its zone; of any rule only so many.

    Its overrides are among them.
    """
    zone = "UTC" if master.all_day else master.zone
    ruled = expand(master.rrule, master.start, last=last, most=MOST, zone=zone) if master.rrule else (master.start,)
    every = {*ruled, *(wall for wall in master.rdates if wall <= last)} - set(master.exdates)
    return sorted(every)
