"""Appointment rows as the verbs need them: whose, what, when and how far, read under the lock of their mother."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, select
from sqlalchemy.engine import Row as Record

from gateway.chunks import chunks
from gateway.crm import tables as t
from gateway.crm.rows import PEOPLE, kind_of
from mappings.model import Kind

_a, _s, _p = t.appointment.c, t.associate.c, t.person.c
TYPES = (1, 2, 6, 7)  # what is an appointment or a to-do at all
_TEXTS = (_a.text_id, _a.agenda_text_id, _a.internal_notes_text_id)
HIGHEST = 2**31 - 1  # the CRM's ids are integers of 32 bits

_COLUMNS = (
    *(_a.appointment_id, _a.mother_id, _a.recurrenceRuleId, _a.associate_id, _a.invitedPersonId, _a.group_idx),
    *(_a.type, _a.status, _a.text_id, _a.agenda_text_id, _a.internal_notes_text_id, _a.do_by, _a.endDate),
    *(_a.original_start_date, _a.alldayEvent, _a.assignedBy, _a.owned_externally, _a.rejectCounter, _a.private),
    *(_s.type.label("associate_type"), _s.isLocation, _p.person_id),
)


@dataclass(frozen=True, slots=True)
class Booking:
    """One appointment row; `associate` is 0 without a diary.

    `start`, `end` and `original` are wall seconds of the base zone; `original` is when an occurrence was planned that
    has another time by now, else 0.
    """

    row: int
    mother: int
    rule: int
    associate: int
    person: int
    group: int
    kind: Kind
    type: int
    status: int
    text: int
    agenda: int
    notes: int
    start: int
    end: int
    original: int
    all_day: bool
    assigned_by: int
    elsewhere: bool
    declines: int
    private: int

    @property
    def leads(self) -> bool:
        """Tell whether this row stands for the event itself: a mother, or a plain appointment."""
        return self.mother in (0, self.row)

    @property
    def meeting(self) -> bool:
        """Tell whether this row is a mother."""
        return self.mother == self.row

    @property
    def event(self) -> int:
        """Give the number of the row that leads the event, or led it."""
        return self.mother or self.row


def locked(connection: Connection, appointment: int) -> list[Booking]:
    """Lock the mother of a row (or the row that has none, or has outlived her) and give the row, its mother first.

    Empty where there is no such row.
    """
    if not 0 < appointment <= HIGHEST:
        return []
    row = next(iter(of_rows(connection, [appointment])), None)
    if row is None:
        return []
    lead = row.mother or row.row
    if not lock(connection, [lead]):
        lock(connection, [appointment])
    # Read again: what stood there before the lock may be another's by now.
    found = {b.row: b for b in of_rows(connection, {lead, appointment})}
    return [found[i] for i in dict.fromkeys((lead, appointment)) if i in found]


def lock(connection: Connection, rows: Iterable[int]) -> list[int]:
    """Lock rows, lowest first, so that two who act on one meeting take turns; gives those that there are."""
    wanted = select(_a.appointment_id).where(_a.appointment_id.in_(sorted(set(rows)))).order_by(_a.appointment_id)
    return list(connection.scalars(wanted.with_for_update()))


def locked_series(connection: Connection, rule: int) -> list[Booking]:
    """Lock every mother of a series and give all rows of its occurrences, lowest first.

    An occurrence that has come since its mothers were locked is left out.
    """
    standing = select(_a.appointment_id, _a.mother_id).where(_a.recurrenceRuleId == rule)
    events = {row: mother or row for row, mother in connection.execute(standing)}
    lock(connection, {*events.values(), *(row for row, event in events.items() if event not in events)})
    known = set(events.values())
    # Read again, as in `locked`.
    return [b for b in of_series(connection, rule) if b.event in known]


def of_series(connection: Connection, rule: int) -> list[Booking]:
    """Read each row of a series, and each daughter of a mother that is in it, lowest first."""
    found = {b.row: b for b in _read(connection, _a.recurrenceRuleId == rule)}
    for some in chunks(b.row for b in found.values() if b.meeting):
        found |= {b.row: b for b in _read(connection, _a.mother_id.in_(some))}
    return [found[row] for row in sorted(found)]


def daughters(connection: Connection, mother: int) -> list[Booking]:
    """Read the daughters of a mother, lowest first."""
    found = select(_a.appointment_id).where(_a.mother_id == mother, _a.appointment_id != mother)
    return of_rows(connection, connection.scalars(found).all())


def of_rows(connection: Connection, rows: Iterable[int]) -> list[Booking]:
    """Read rows by their numbers, lowest first; what is neither an appointment nor a to-do is left out."""
    return [b for some in chunks(rows) for b in _read(connection, _a.appointment_id.in_(some))]


def _read(connection: Connection, which: ColumnElement[bool]) -> list[Booking]:
    wanted = select(*_COLUMNS).select_from(PEOPLE).where(which).order_by(_a.appointment_id)
    found: list[Record[Any]] = list(connection.execute(wanted))
    return [_booking(r) for r in found if r.type in TYPES]


def _booking(r: Record[Any]) -> Booking:
    return Booking(
        row=r.appointment_id,
        mother=r.mother_id,
        rule=r.recurrenceRuleId,
        associate=r.associate_id,
        person=r.invitedPersonId,
        group=r.group_idx,
        kind=kind_of(r),
        type=r.type,
        status=r.status,
        text=r.text_id,
        agenda=r.agenda_text_id,
        notes=r.internal_notes_text_id,
        start=r.do_by,
        end=r.endDate,
        original=r.original_start_date,
        all_day=bool(r.alldayEvent),
        assigned_by=r.assignedBy,
        elsewhere=bool(r.owned_externally),
        declines=r.rejectCounter,
        private=r.private,
    )


def showing(connection: Connection, texts: Iterable[int]) -> dict[int, set[int]]:
    """Give the appointment rows that point at texts, by text."""
    found: dict[int, set[int]] = {}
    for some in chunks(text for text in texts if text):
        for column in _TEXTS:
            for row, text in connection.execute(select(_a.appointment_id, column).where(column.in_(some))):
                found.setdefault(text, set()).add(row)
    return found
