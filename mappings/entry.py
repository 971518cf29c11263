"""One line of a list or diary: a CRM row with its meeting's times and texts, whole or cloaked.

Published are the mother's times, texts and privacy; type, status, busy time and reason are the row's own.
"""

from __future__ import annotations

from dataclasses import dataclass

from mappings import times
from mappings.free_time import blocks
from mappings.privacy import PRIVATE_USER
from mappings.projection import Row
from mappings.status import BOOKING_FOR_CHECKLIST, DAUGHTER, IN_CHECKLIST


@dataclass(frozen=True, slots=True)
class Entry:
    """What one row shows to whoever may read it.

    `row` is its appointment_id, `mother` its mother_id, `rule` its recurrenceRuleId; `start` and `end` are wall seconds
    in `zone` (all day: midnights, `end` exclusive), `begins` and `ends` the same as instants. `status_name` is the
    CRM's, `private` its AppointmentPrivate. `assigned_by` is the login of another associate who handed this row over,
    else empty; `name` is whose row it is. `planned` is when an occurrence was to begin that was moved out of its
    series, in wall seconds, else 0. Of a cloaked entry only the times and `free` are true.
    """

    row: int
    mother: int
    rule: int
    todo: bool
    title: str
    description: str
    location: str
    start: int
    end: int
    zone: str
    all_day: bool
    begins: int
    ends: int
    type: int
    status: int
    status_name: str
    free: bool
    private: int
    owner: str
    owner_login: str
    assigned_by: str
    reason: str
    category: str
    cloaked: bool = False
    name: str = ""
    planned: int = 0


@dataclass(frozen=True, slots=True)
class Beside:
    """What an entry tells beside its two rows: the owner's name and login, who assigned it, the reason, its privacy."""

    owner: str
    owner_login: str
    assigned_by: str
    reason: str
    private: int


def entry(row: Row, lead: Row, beside: Beside) -> Entry:
    """Give the entry of a row whose meeting `lead` stands for; raises Unmappable for times that no calendar shows."""
    start, end = span(lead)
    return Entry(
        row=row.row,
        mother=row.mother,
        rule=row.rule,
        todo=row.type in (IN_CHECKLIST, BOOKING_FOR_CHECKLIST),
        title=lead.summary or "",
        description=lead.description,
        location=lead.location,
        start=start,
        end=end,
        zone=lead.zone,
        all_day=lead.all_day,
        begins=times.instant(start, lead.zone),
        ends=times.instant(end, lead.zone),
        type=row.type,
        status=row.status,
        status_name=status_name(row.status),
        free=row.free,
        private=beside.private,
        owner=beside.owner,
        owner_login=beside.owner_login,
        assigned_by=beside.assigned_by,
        reason=beside.reason,
        category=lead.category,
        name=row.name,
        planned=lead.original if lead.rule and lead.original != lead.start else 0,
    )


def span(lead: Row) -> tuple[int, int]:
    """Give (start, end) in wall seconds of the row's zone; raises Unmappable for times that no calendar shows."""
    times.naive(lead.start), times.naive(lead.end)
    return times.whole_days(lead.start, lead.end) if lead.all_day else (lead.start, max(lead.start, lead.end))


def status_name(number: int) -> str:
    """Give the name that the CRM's enumeration has for a status; empty for a number it does not document."""
    return DAUGHTER[number].name if number in DAUGHTER else ""


def cloak(it: Entry, zone: str) -> Entry:
    """Give what is left for who may not read it: when it is, on the clock of the base `zone`, and if it blocks time.

    Its own zone would tell its place, and its numbers its kind.
    """
    return Entry(
        row=0,
        mother=0,
        rule=0,
        todo=False,
        title="Busy",
        description="",
        location="",
        start=it.start if it.all_day else times.wall(it.begins, zone),
        end=it.end if it.all_day else times.wall(it.ends, zone),
        zone=zone,
        all_day=it.all_day,
        begins=it.begins,
        ends=it.ends,
        type=0,
        status=0,
        status_name="",
        free=not blocks(it.type, it.status, free=it.free),
        private=PRIVATE_USER,
        owner="",
        owner_login="",
        assigned_by="",
        reason="",
        category="",
        cloaked=True,
    )
