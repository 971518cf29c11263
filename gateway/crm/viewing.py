"""Which rows a view shows, and what it tells of them that `rows` does not: owner, reason, who may read them.

A finder gives rows with the row that leads their meeting, in the order of their dates and never more than `limit`.
Times are wall seconds of the base zone. Sources: the CRM's appointment, visiblefor and associate tables and its
archive providers for invitations.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select

from gateway.chunks import chunks
from gateway.crm import tables as t
from mappings import times
from mappings.free_time import BUSY
from mappings.privacy import Viewer, Visible
from mappings.status import (
    ASSIGNED,
    ASSIGNMENT_DECLINED,
    BOOKING_DECLINED,
    BOOKING_DELETED,
    BOOKING_FOR_CHECKLIST,
    DAUGHTER,
    DIARY_TYPES,
    IN_CHECKLIST,
    PENDING,
)

EVENTS: Final = DIARY_TYPES
TODOS: Final = frozenset({IN_CHECKLIST, BOOKING_FOR_CHECKLIST})
PLANNED: Final = EVENTS | TODOS

_NOTE = 3
_APPOINTMENTS = 9
_RESOURCE = 1
_ASKED = PENDING | ASSIGNED  # the CRM's own list of what waits for an answer
_SHOWN = frozenset(number for number, shown in DAUGHTER.items() if shown.published)
_LONGEST_LAG = 65_536 * 60  # seconds; leadtime and lagTime are short unsigned numbers of minutes

_a, _v = t.appointment.c, t.visiblefor.c
_mother = t.appointment.alias("mother")
_m = _mother.c


class Found(NamedTuple):
    """A row, and the row that leads its meeting: its mother, or itself."""

    row: int
    lead: int


_FOUND = (_a.appointment_id, _a.mother_id)
_LEADS = or_(_a.mother_id == 0, _a.mother_id == _a.appointment_id)


def _found(connection: Connection, wanted: Select[Any], limit: int) -> list[Found]:
    ordered = wanted.order_by(_a.activeDate, _a.appointment_id).limit(limit)
    return [Found(row, mother or row) for row, mother in connection.execute(ordered)]


def _ends_after(moment: int) -> ColumnElement[bool]:
    return or_(_a.endDate > moment, _a.do_by >= moment)


# --- invitations -----------------------------------------------------------------------------------------------------


def pending(connection: Connection, associate: int, limit: int, *, repeating: bool = False) -> list[Found]:
    """Find what waits for an associate's answer: invitations and assignments, or only those of a series."""
    mine = (_a.associate_id == associate) & _a.type.in_(PLANNED) & _a.status.in_(_ASKED)
    wanted = select(*_FOUND).where(mine)
    return _found(connection, wanted.where(_a.recurrenceRuleId != 0) if repeating else wanted, limit)


def cancelled(connection: Connection, associate: int, since: int, limit: int) -> list[Found]:
    """Find the cancelled invitations of an associate that had not ended at `since`."""
    return _mine(connection, associate, BOOKING_DELETED, since, limit)


def declined(connection: Connection, associate: int, since: int, limit: int) -> list[Found]:
    """Find what an associate declined and that had not ended at `since`."""
    return _mine(connection, associate, BOOKING_DECLINED, since, limit)


def _mine(connection: Connection, associate: int, status: int, since: int, limit: int) -> list[Found]:
    mine = (_a.associate_id == associate) & _a.type.in_(PLANNED) & (_a.status == status) & (_a.mother_id != 0)
    return _found(connection, select(*_FOUND).where(mine, _ends_after(since)), limit)


def refusals(connection: Connection, owner: int, since: int, limit: int) -> dict[Found, tuple[int, int]]:
    """Find who declined the meetings of an owner that begin at or after `since`, and the owner's declined assignments.

    Gives the (type, status) of each row.
    """
    columns = (*_FOUND, _a.type, _a.status)
    invited = (_m.associate_id == owner) & (_m.mother_id == _m.appointment_id) & (_m.activeDate >= since)
    answered = (_a.mother_id == _m.appointment_id) & (_a.appointment_id != _m.appointment_id)
    mine = select(*columns).join(_mother, answered).where(invited, _a.status == BOOKING_DECLINED)
    # A declined assignment comes back to who made it; where the CRM's SQL left that out, it is still theirs.
    back = (_a.assignedBy == owner) | ((_a.associate_id == owner) & (_a.assignedBy == 0))
    handed = select(*columns).where(
        _a.mother_id == 0, _a.status == ASSIGNMENT_DECLINED, _a.activeDate >= since, _a.type.in_(PLANNED), back
    )
    found: dict[Found, tuple[int, int]] = {}
    for wanted in (mine, handed):
        ordered = wanted.order_by(_a.activeDate, _a.appointment_id).limit(limit)
        found |= {Found(r[0], r[1] or r[0]): (r[2], r[3]) for r in connection.execute(ordered)}
    return found


# --- diaries and activities ------------------------------------------------------------------------------------------


def in_diary(
    connection: Connection, associate: int, between: tuple[int, int], limit: int, *, todos: bool, everything: bool
) -> list[Found]:
    """Find the rows of a diary that overlap a time; `everything`: also declined, cancelled, hidden ones and notes."""
    types = set(EVENTS) | (TODOS if todos else set()) | ({_NOTE, 0} if everything else set())
    wanted = select(*_FOUND).where(_a.associate_id == associate, _a.type.in_(types), *_overlaps(between))
    if not everything:
        of_mother = (_a.mother_id != 0) & (_m.appointment_id == _a.mother_id)
        visible = or_(_m.status.is_(None), _m.status.in_(_SHOWN))
        wanted = wanted.outerjoin(_mother, of_mother).where(_a.status.in_(BUSY), visible)
    return _found(connection, wanted, limit)


def of_contact(connection: Connection, contact: int, between: tuple[int, int], limit: int) -> list[Found]:
    """Find the meetings and appointments that a company is involved in: about it, or with its people invited."""
    people = _a.invitedPersonId.in_(select(t.person.c.person_id).where(t.person.c.contact_id == contact))
    return _involving(connection, _a.contact_id == contact, people, between, limit)


def of_person(connection: Connection, person: int, between: tuple[int, int], limit: int) -> list[Found]:
    """Find the meetings and appointments that a person is involved in: about them, or with them invited."""
    return _involving(connection, _a.person_id == person, _a.invitedPersonId == person, between, limit)


def _involving(
    connection: Connection,
    about: ColumnElement[bool],
    invited: ColumnElement[bool],
    between: tuple[int, int],
    limit: int,
) -> list[Found]:
    outside = (_a.associate_id == 0) & (_a.mother_id != 0) & (_a.status != BOOKING_DELETED)
    leads = select(_a.appointment_id).where(about, _LEADS, *_overlaps(between))
    # Of the mother only the key is joined: her own times are checked with all others.
    mothers = select(_a.mother_id).where(invited, outside, *_overlaps(between))
    either = leads.union(mothers).subquery()
    wanted = select(*_FOUND).where(
        _a.appointment_id.in_(select(either.c.appointment_id)), _LEADS, _a.type.in_(PLANNED), _a.status.in_(BUSY)
    )
    return _found(connection, wanted, limit)


def exists(connection: Connection, *, contact: int = 0, person: int = 0) -> bool:
    """Tell whether the CRM has this company or this person."""
    key, wanted = (t.contact.c.contact_id, contact) if contact else (t.person.c.person_id, person)
    return connection.scalar(select(key).where(key == wanted)) is not None


def _overlaps(between: tuple[int, int]) -> tuple[ColumnElement[bool], ...]:
    return _a.do_by < between[1], _a.endDate >= between[0]


def lead_of(connection: Connection, row: int) -> int:
    """Give the row that leads the meeting of a row; 0 where there is no such row in a diary or to-do list."""
    wanted = select(_a.mother_id).where(_a.appointment_id == row, _a.type.in_(PLANNED))
    mother = connection.scalar(wanted)
    return 0 if mother is None else mother or row


# --- busy time -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Busy:
    """A row that blocks time in a diary, with the lead and lag time (minutes) that it blocks besides."""

    found: Found
    associate: int
    start: int
    end: int
    all_day: bool
    lead_time: int
    lag_time: int

    def span(self, zone: str) -> tuple[int, int]:
        """Give the blocked time in instants; raises Unmappable for times that no calendar shows."""
        start, end = times.whole_days(self.start, self.end) if self.all_day else (self.start, self.end)
        begins, ends = times.instant(start, zone), times.instant(max(start, end), zone)
        return begins - self.lead_time * 60, ends + self.lag_time * 60


def busy(connection: Connection, associates: Collection[int], between: tuple[int, int], limit: int) -> list[Busy]:
    """Find what blocks time of associates and resources between two walls, mothers' times before the rows' own."""
    columns = (
        *(_a.appointment_id, _a.mother_id, _a.associate_id, func.coalesce(_m.do_by, _a.do_by)),
        *(func.coalesce(_m.endDate, _a.endDate), func.coalesce(_m.alldayEvent, _a.alldayEvent)),
        *(_a.leadtime, _a.lagTime),
    )
    of_mother = (_a.mother_id != 0) & (_m.appointment_id == _a.mother_id)
    low, high = between
    near = and_(_a.endDate > low - _LONGEST_LAG, _a.do_by < high + _LONGEST_LAG)
    reach = and_(_a.endDate + _a.lagTime * 60 > low, _a.do_by - _a.leadtime * 60 < high)
    visible = or_(_m.status.is_(None), _m.status.in_(_SHOWN))
    found: list[Busy] = []
    for some in chunks(associates):
        mine = and_(_a.associate_id.in_(some), _a.type.in_(EVENTS), _a.status.in_(BUSY), _a.freeBusy == 0)
        wanted = select(*columns).outerjoin(_mother, of_mother).where(mine, near, reach, visible).limit(limit)
        for row, mother, associate, start, end, all_day, lead, lag in connection.execute(wanted):
            found.append(Busy(Found(row, mother or row), associate, start, end, bool(all_day), lead, lag))
    return found


# --- what is told of rows --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Particulars:
    """What a row says beside what calendars show; `group` is its owner's when it was made."""

    associate: int
    group: int
    private: int
    assigned_by: int
    reason: str
    reject_counter: int
    mother_associate: int
    lead_time: int
    lag_time: int


@dataclass(frozen=True, slots=True)
class Colleague:
    """An associate or resource, retired ones too: login, full name and group."""

    associate: int
    login: str
    name: str
    group: int
    resource: bool

    @property
    def viewer(self) -> Viewer:
        """Give them as somebody who looks."""
        return Viewer(self.associate, self.group, self.resource)


def particulars(connection: Connection, rows: Iterable[int]) -> dict[int, Particulars]:
    """Read the particulars of rows."""
    columns = (
        *(_a.associate_id, _a.group_idx, _a.private, _a.assignedBy, _a.rejectReason, _a.rejectCounter),
        *(_a.mother_associate_id, _a.leadtime, _a.lagTime),
    )
    found: dict[int, Particulars] = {}
    for some in chunks(rows):
        for r in connection.execute(select(_a.appointment_id, *columns).where(_a.appointment_id.in_(some))):
            found[r.appointment_id] = Particulars(*tuple(r)[1:])
    return found


def colleagues(connection: Connection, associates: Iterable[int]) -> dict[int, Colleague]:
    """Read associates and resources by number."""
    s, p = t.associate.c, t.person.c
    columns = (s.associate_id, s.name, s.group_idx, s.type, s.person_id, p.firstname, p.lastname)
    listed = select(*columns).outerjoin(t.person, and_(p.person_id == s.person_id, s.person_id != 0))
    found: dict[int, Colleague] = {}
    for some in chunks(set(associates) - {0}):
        for r in connection.execute(listed.where(s.associate_id.in_(some))):
            full = f"{r.firstname or ''} {r.lastname or ''}".strip()
            resource = bool(r.type & _RESOURCE) and not r.person_id
            found[r.associate_id] = Colleague(r.associate_id, r.name, full or r.name, r.group_idx, resource)
    return found


def visible(connection: Connection, rows: Iterable[int]) -> dict[int, list[Visible]]:
    """Read the `visiblefor` rows of appointments."""
    found: dict[int, list[Visible]] = {}
    columns = (_v.recordId, _v.forAll, _v.forGroupId, _v.forAssocId)
    for some in chunks(rows):
        wanted = select(*columns).where(_v.tableId == _APPOINTMENTS, _v.recordId.in_(some))
        for record, everyone, group, associate in connection.execute(wanted):
            found.setdefault(record, []).append(Visible(bool(everyone), group, associate))
    return found


def taking_part(connection: Connection, associate: int, leads: Iterable[int]) -> set[int]:
    """Give those of some meetings and appointments that an associate owns or has a row in that was not cancelled."""
    found: set[int] = set()
    for some in chunks(leads):
        mine = (_a.associate_id == associate) & (_a.status != BOOKING_DELETED)
        theirs = or_(_a.appointment_id.in_(some), _a.mother_id.in_(some))
        found.update(mother or row for row, mother in connection.execute(select(*_FOUND).where(mine, theirs)))
    return found
