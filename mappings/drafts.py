"""What a calendar program wrote of one event, as values: a master, its overrides, and how it recurs (RFC 5545 3.6).

Nothing here is decided yet: who the guests are, what the CRM's rows can hold of it, and until when it goes on.
Times are wall seconds of the zone beside them; what floats is on the CRM's base zone.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Guest:
    """One ATTENDEE: a normalised address, the name beside it, PARTSTAT, ROLE and CUTYPE in upper case, and RSVP."""

    address: str
    name: str = ""
    partstat: str = "NEEDS-ACTION"
    role: str = "REQ-PARTICIPANT"
    cutype: str = "INDIVIDUAL"
    rsvp: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """One VEVENT or VTODO; all-day ones are from midnight to the midnight after the last day.

    Of a to-do `start` and `end` are its deadline; of one that recurs, its DTSTART and DUE. `alarm` is minutes before
    the start, or None; `priority` is that of RFC 5545, 0 to 9.
    """

    start: int
    end: int
    zone: str
    all_day: bool = False
    summary: str = ""
    description: str = ""
    location: str = ""
    video: str = ""
    classification: str = "PUBLIC"
    free: bool = False
    priority: int = 0
    status: str = ""
    alarm: int | None = None
    organizer: str = ""
    guests: tuple[Guest, ...] = ()


@dataclass(frozen=True, slots=True)
class Override:
    """One RECURRENCE-ID and its sheet: which occurrence, wall seconds on the clock of `zone`, a midnight where `dated`.

    `forward` tells that all later occurrences are meant too (RANGE=THISANDFUTURE).
    """

    planned: int
    zone: str
    dated: bool
    forward: bool
    sheet: Sheet


@dataclass(frozen=True, slots=True)
class Draft:
    """One event: `master` is None where only single occurrences were sent.

    `rdates` and `exdates` are on the clock of the master, whole days where that is. `damage` is what was mended.
    """

    uid: str
    todo: bool
    master: Sheet | None
    overrides: tuple[Override, ...] = ()
    rrule: str = ""
    rdates: tuple[int, ...] = ()
    exdates: tuple[int, ...] = ()
    damage: tuple[str, ...] = ()
