"""What a mark touches: from a text, a rule, a person, an address … to the appointment rows that show it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from sqlalchemy import ColumnElement, Connection, Select, exists, func, or_, select

from gateway.chunks import chunks
from gateway.crm import tables as t
from mappings.status import PUBLISHED_TYPES

_a, _s, _e = t.appointment.c, t.associate.c, t.email.c
_m = t.appointment.alias("mother")


def of_texts(connection: Connection, texts: Iterable[int]) -> set[int]:
    """Give the mothers and plain appointments that show texts: their daughters share it through them."""
    found: set[int] = set()
    for some in chunks(texts):
        leads = (_a.mother_id == 0) | (_a.mother_id == _a.appointment_id)
        for column in (_a.text_id, _a.agenda_text_id):
            found.update(connection.scalars(select(_a.appointment_id).where(column.in_(some), leads)))
    return found


def keys(connection: Connection, rows: Iterable[int]) -> dict[int, tuple[int, int]]:
    """Give (mother_id or own id, recurrenceRuleId) of appointment rows that exist, by appointment_id."""
    found: dict[int, tuple[int, int]] = {}
    for some in chunks(rows):
        wanted = select(_a.appointment_id, _a.mother_id, _a.recurrenceRuleId).where(_a.appointment_id.in_(some))
        for row, mother, rule in connection.execute(wanted):
            found[row] = (mother or row, rule)
    return found


def _associate(ref: int) -> Select[int]:
    return select(_a.appointment_id).where(_a.associate_id == ref)


def _person(ref: int) -> Select[int]:
    logins = select(_s.associate_id).where(_s.person_id == ref)
    return select(_a.appointment_id).where(or_(_a.invitedPersonId == ref, _a.associate_id.in_(logins)))


def _email(ref: int) -> Select[int]:
    return select(_a.appointment_id).where(_a.emailId == ref)


def _task(ref: int) -> Select[int]:
    return select(_a.appointment_id).where(_a.task_idx == ref)


def _zone(ref: int) -> Select[int]:
    return select(_a.appointment_id).where(_a.preferredTZLocation == ref)


# source of a mark of the slow lane -> the appointment rows whose names, addresses or types it is.
NAMED: Final[dict[str, Callable[[int], Select[int]]]] = {
    "associate": _associate,
    "person": _person,
    "email": _email,
    "task": _task,
    "zone": _zone,
}


def in_calendar(
    associate: int, types: Iterable[int], after: tuple[int, int], since: int, limit: int
) -> Select[int, int]:
    """Select (activeDate, appointment_id) of an associate's rows, oldest first, that follow `after` in that order.

    Of `types` are they, or their mothers, who decide about an event. `since` is wall seconds: rows that ended before
    are left out.
    """
    date, row = after
    some = sorted(types)
    follows = (_a.activeDate > date) | ((_a.activeDate == date) & (_a.appointment_id > row))
    leads = exists().where(_m.c.appointment_id == _a.mother_id, _m.c.type.in_(some))
    ordered = select(_a.activeDate, _a.appointment_id).where(
        _a.associate_id == associate, follows, _reaches(since), or_(_a.type.in_(some), leads)
    )
    return ordered.order_by(_a.activeDate, _a.appointment_id).limit(limit)


def _reaches(since: int) -> ColumnElement[bool]:
    """Tell rows that begin or end after `since`: a to-do has a deadline, and often no end."""
    return or_(_a.endDate >= since, _a.do_by >= since)


def diaries() -> Select[int]:
    """Select the associates who have a diary: employees and resources that are not retired (CRM: AssociateType)."""
    return select(_s.associate_id).where(_s.deleted == 0, _s.type.in_((0, 1)))


def highest(connection: Connection) -> int:
    """Give the highest key that an event can have now: of an appointment or of a recurrence rule."""
    keys = (_a.appointment_id, t.recurrencerule.c.RecurrenceRule_id)
    return max(connection.scalar(select(func.max(key))) or 0 for key in keys)


def rows_after(row: int, since: int, limit: int) -> Select[int]:
    """Select the rows of calendars by number, the next after `row`; what ended before `since` (wall) is left out."""
    of_calendars = _a.type.in_(sorted(PUBLISHED_TYPES))
    wanted = select(_a.appointment_id).where(_a.appointment_id > row, _reaches(since), of_calendars)
    return wanted.order_by(_a.appointment_id).limit(limit)
