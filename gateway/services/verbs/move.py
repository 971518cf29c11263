"""Move a meeting: everybody is asked again."""

from __future__ import annotations

from gateway.crm import answers, writing
from gateway.services.house import House
from gateway.services.verbs import acting, telling
from gateway.services.verbs.acting import Done
from gateway.services.verbs.planning import When
from mappings.status import Act


def move(house: House, login: str, appointment: int, when: When) -> Done:
    """Let the owner give a meeting another time (CRM: Move): all its rows have it, and who was invited answers anew.

    The same time again is no change. Raises UnknownPerson, NotFound, BadRequest, and RefusedAct where the life of the
    meeting does not allow it.
    """
    with acting.at(house, login, appointment) as desk:
        lead = desk.allow(Act.MOVE)
        times = when.columns()
        if (times["do_by"], times["endDate"], bool(times["alldayEvent"])) == (
            *(desk.lead.start, desk.lead.end),
            desk.lead.all_day,
        ):
            return desk.led(lead, changed=False)
        telling.raised(desk)
        becomes = {desk.lead: lead} | {row: desk.becomes(row, Act.MOVE) for row in desk.following}
        writing.settle(desk.connection, becomes, desk.author, times)
        if desk.lead.meeting:
            answers.count(desk.connection, desk.lead.row, desk.author)
        return desk.led(lead, changed=True)
