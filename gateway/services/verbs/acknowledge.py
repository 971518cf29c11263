"""Take note of a cancellation: the row that told of it goes."""

from __future__ import annotations

from gateway.crm import answers, writing
from gateway.services.house import House
from gateway.services.verbs import acting, ruling
from gateway.services.verbs.acting import Done
from mappings.reach import Reach
from mappings.status import Act


def acknowledge(house: House, login: str, appointment: int, *, reach: Reach = Reach.ONLY_THIS) -> Done:
    """Let `login` take note that they were uninvited, or that the meeting is off (CRM: CleanUpBookingDeleted).

    With the last row of a series goes its rule. Raises UnknownPerson, NotFound, and RefusedAct where nothing was
    cancelled.
    """
    with acting.at(house, login, appointment, Act.ACKNOWLEDGE, reach) as desk:
        given = desk.each(Act.ACKNOWLEDGE)
        writing.settle(desk.connection, {d.row: written for d, written in given.items()}, desk.author)
        answers.count(desk.connection, [d.lead.row for d in given if d.lead.meeting], desk.author)
        ruling.tidy(desk, {d.row.rule for d in given})
        return desk.done(given.get(desk), changed=True, occurrences=len(given))
