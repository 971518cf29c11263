"""Answer once more what somebody wrote over without having read it (DESIGN section 5: a lost update)."""

from __future__ import annotations

from contextlib import suppress

from gateway.crm import bookings, people
from gateway.errors import DatabaseBusy, NotFound
from gateway.services.house import House
from gateway.services.respond import Unsettled
from gateway.services.verbs import acting
from gateway.services.verbs.acting import OWNER, Desk, Done
from gateway.services.verbs.answering import ATTEMPTS, with_evidence
from gateway.store import answers, published
from mappings import status
from mappings.errors import RefusedAct
from mappings.status import ACT_OF


def reapply(house: House, appointment: int, login: str = "") -> Done:
    """Apply to a row the answer that was lost there: as the owner, or as whoever's row it is (without a login).

    Raises UnknownPerson, NotFound where nothing was lost, and RefusedAct where the life of the row does not allow it.
    """
    who = login or _holder(house, appointment)
    for _ in range(ATTEMPTS):
        acting.published(house)
        with suppress(Unsettled), acting.at(house, who, appointment) as desk:
            return _again(desk)
    raise DatabaseBusy("The CRM keeps changing the row that is answered.")


def _again(desk: Desk) -> Done:
    lost = next(iter(answers.lost(desk.connection, desk.row.row)), None)
    seen = published.members(desk.connection, [desk.row.row]).get(desk.row.row)
    if lost is None or seen is None:
        raise NotFound(f"No answer of appointment {desk.row.row} was lost.")
    act = ACT_OF[lost.partstat]
    if not (desk.owns or desk.holds):
        raise RefusedAct(act, OWNER)
    written = status.write(desk.row.kind, desk.row.type, desk.row.status, act)
    with_evidence(desk, {desk.row: seen}, lost.partstat, lost.comment)
    return desk.done(written, changed=True)


def _holder(house: House, appointment: int) -> str:
    with house.store.writing(durable=False) as connection:
        row = next(iter(bookings.of_rows(connection, [appointment])), None)
        holder = people.by_associate(connection, row.associate) if row else None
    if holder is None:
        raise NotFound(f"There is no appointment {appointment} in anybody's diary.")
    return holder.login
