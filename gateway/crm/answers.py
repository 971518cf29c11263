"""Writing an answer into the CRM's rows, as the CRM itself would (audit columns, counter and log included).

Sources: the CRM's accept-invitation how-to (one UPDATE of the daughter, one log row of type 4608), its appointment
table page (rejectCounter is kept on the mother), DESIGN section 3.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, func, select, update

from gateway.crm import ids
from gateway.crm.rows import mailboxes_like
from gateway.crm.tables import appointment, associate, traveltransactionlog
from mappings.status import BOOKING_DECLINED, Written

_a = appointment.c
_UPDATED = 4_608
_TABLE = 9
REASON = 254  # characters the CRM keeps of a reason


@dataclass(frozen=True, slots=True)
class Act:
    """Who acts and when: the associate (0: somebody outside), the instant, and the same on the CRM's wall clock."""

    associate: int
    now: int
    wall: int


def lock(connection: Connection, mothers: Iterable[int]) -> None:
    """Lock mother rows, lowest first, so that two who answer at once take turns."""
    wanted = select(_a.appointment_id).where(_a.appointment_id.in_(sorted(set(mothers)))).order_by(_a.appointment_id)
    connection.execute(wanted.with_for_update()).all()


def write(connection: Connection, row: int, mother: int, written: Written, reason: str, act: Act) -> None:
    """Write what an answer leaves in a row: type, status, reason, audit and log; and the mother's count of declines."""
    declined = written.status == BOOKING_DECLINED
    values = {"type": written.type, "status": written.status, "rejectReason": reason[:REASON] if declined else ""}
    _audited(connection, row, values, act)
    _log(connection, row, act)
    if mother not in (0, row):
        _count(connection, mother, act)


def _audited(connection: Connection, row: int, values: dict[str, object], act: Act) -> None:
    connection.execute(
        update(appointment)
        .where(_a.appointment_id == row)
        .values(
            **values, updated=act.now, updated_associate_id=act.associate, updatedCount=appointment.c.updatedCount + 1
        )
    )


def _count(connection: Connection, mother: int, act: Act) -> None:
    """Set the mother's rejectCounter to the number of her daughters who declined, where it is another."""
    nines = select(func.count()).where(_a.mother_id == mother, _a.status == BOOKING_DECLINED)
    counted = connection.scalar(nines) or 0
    if connection.scalar(select(_a.rejectCounter).where(_a.appointment_id == mother)) != counted:
        _audited(connection, mother, {"rejectCounter": counted}, act)
        _log(connection, mother, act)


def _log(connection: Connection, row: int, act: Act) -> None:
    values = {"ttime": act.wall, "type": _UPDATED, "associate_id": act.associate, "tablenumber": _TABLE}
    ids.insert_with_id(connection, traveltransactionlog, {**values, "record_id": row, "prev_record_id": 0})


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
