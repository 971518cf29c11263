"""Take note of a cancellation: the row that told of it goes."""

from __future__ import annotations

from gateway.crm import answers, writing
from gateway.services.house import House
from gateway.services.verbs import acting
from gateway.services.verbs.acting import Done
from mappings.status import Act


def acknowledge(house: House, login: str, appointment: int) -> Done:
    """Let `login` take note that they were uninvited, or that the meeting is off (CRM: CleanUpBookingDeleted).

    Raises UnknownPerson, NotFound, and RefusedAct where nothing was cancelled.
    """
    with acting.at(house, login, appointment) as desk:
        written = desk.allow(Act.ACKNOWLEDGE)
        writing.settle(desk.connection, {desk.row: written}, desk.author)
        if desk.lead.meeting:
            answers.count(desk.connection, desk.lead.row, desk.author)
        return desk.done(written)
