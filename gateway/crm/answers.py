"""Writing an answer into the CRM's rows, as the CRM itself would (audit columns, counter and log included).

Sources: the CRM's accept-invitation how-to (one UPDATE of the daughter, one log row of type 4608), its appointment
table page (rejectCounter is kept on the mother), DESIGN section 3.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, func, select

from gateway.chunks import chunks
from gateway.crm import journal
from gateway.crm.journal import Author
from gateway.crm.rows import mailboxes_like
from gateway.crm.tables import appointment, associate
from mappings.status import BOOKING_DECLINED, Written

_a = appointment.c
REASON: Final = 254  # characters the CRM keeps of a reason


class Given(NamedTuple):
    """An answer as it is to be written: the row, its mother, what the answer leaves there, and the reason."""

    row: int
    mother: int
    written: Written
    reason: str


def write(connection: Connection, some: Sequence[Given], by: Author) -> None:
    """Write what answers leave in rows: type, status, reason, audit and log; and the mothers' counts of declines."""
    values: dict[int, dict[str, Any]] = {}
    for given in some:
        declined = given.written.status == BOOKING_DECLINED
        changed = {"type": given.written.type, "status": given.written.status}
        # No answer leaves a row completed.
        values[given.row] = changed | {"rejectReason": given.reason[:REASON] if declined else "", "done": 0}
    journal.change(connection, appointment, values, by)
    count(connection, (given.mother for given in some if given.mother not in (0, given.row)), by)


def count(connection: Connection, mothers: Iterable[int], by: Author) -> None:
    """Set the rejectCounter of mothers to the number of their daughters who declined, where it is another."""
    daughter = appointment.alias("daughter")
    nines = select(func.count()).where(daughter.c.mother_id == _a.appointment_id, daughter.c.status == BOOKING_DECLINED)
    wanted = select(_a.appointment_id, _a.rejectCounter, nines.scalar_subquery())
    changed: dict[int, dict[str, int]] = {}
    for numbers in chunks(mothers):
        for mother, stood, counted in connection.execute(wanted.where(_a.appointment_id.in_(numbers))):
            if stood != counted:
                changed[mother] = {"rejectCounter": counted}
    journal.change(connection, appointment, changed, by)


def states(connection: Connection, rows: Iterable[int]) -> dict[int, tuple[int, int]]:
    """Read (type, status) of rows as they are at this moment, and keep them so until the transaction ends."""
    wanted = select(_a.appointment_id, _a.type, _a.status).where(_a.appointment_id.in_(sorted(set(rows))))
    locked = wanted.order_by(_a.appointment_id).with_for_update()
    return {r.appointment_id: (r.type, r.status) for r in connection.execute(locked)}


def rows_of_addresses(connection: Connection, mothers: Iterable[int], addresses: Iterable[str]) -> dict[int, set[str]]:
    """Find the rows of meetings whose person the CRM knows under one of these mailboxes: row to those mailboxes.

    Addresses are compared without case, as the CRM's users type them.
    """
    of_person = mailboxes_like(connection, addresses)
    if not of_person:
        return {}
    person = func.coalesce(associate.c.person_id, _a.invitedPersonId)
    joined = appointment.outerjoin(associate, (associate.c.associate_id == _a.associate_id) & (_a.associate_id != 0))
    wanted = select(_a.appointment_id, person).select_from(joined).where(_a.mother_id.in_(sorted(set(mothers))))
    found = connection.execute(wanted.where(person.in_(sorted(of_person))))
    return {row: of_person[who] for row, who in found}
