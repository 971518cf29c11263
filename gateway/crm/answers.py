"""Writing an answer into the CRM's rows, as the CRM itself would (audit columns, counter and log included).

Sources: the CRM's accept-invitation how-to (one UPDATE of the daughter, one log row of type 4608), its appointment
table page (rejectCounter is kept on the mother), DESIGN section 3.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection, func, select

from gateway.crm import journal
from gateway.crm.journal import Author
from gateway.crm.rows import mailboxes_like
from gateway.crm.tables import appointment, associate
from mappings.status import BOOKING_DECLINED, Written

_a = appointment.c
REASON: Final = 254  # characters the CRM keeps of a reason


def write(connection: Connection, row: int, mother: int, written: Written, reason: str, by: Author) -> None:
    """Write what an answer leaves in a row: type, status, reason, audit and log; and the mother's count of declines."""
    declined = written.status == BOOKING_DECLINED
    values = {"type": written.type, "status": written.status, "rejectReason": reason[:REASON] if declined else ""}
    journal.change(connection, appointment, {row: values | {"done": 0}}, by)  # no answer leaves a row completed
    if mother not in (0, row):
        count(connection, mother, by)


def count(connection: Connection, mother: int, by: Author) -> None:
    """Set the mother's rejectCounter to the number of her daughters who declined, where it is another."""
    nines = select(func.count()).where(_a.mother_id == mother, _a.status == BOOKING_DECLINED)
    counted = connection.scalar(nines) or 0
    stood = connection.scalar(select(_a.rejectCounter).where(_a.appointment_id == mother))
    if stood is not None and stood != counted:
        journal.change(connection, appointment, {mother: {"rejectCounter": counted}}, by)


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
