"""Move a meeting: everybody is asked again."""

from __future__ import annotations

from gateway.crm import answers, writing
from gateway.services.house import House
from gateway.services.verbs import acting, telling
from gateway.services.verbs.acting import Desk, Done
from gateway.services.verbs.planning import When
from mappings.status import Act


def move(house: House, login: str, appointment: int, when: When) -> Done:
    """Let the owner give a meeting another time (CRM: Move): all its rows have it, and who was invited answers anew.

    The same time again is no change. Raises UnknownPerson, NotFound, BadRequest, and RefusedAct where the life of the
    meeting does not allow it.
    """
    with acting.at(house, login, appointment) as desk:
        lead = desk.allow(Act.MOVE)
        if _there_already(desk, times := when.columns()):
            return desk.led(lead, changed=False)
        telling.raised(desk)
        becomes = {row: desk.becomes(row, Act.MOVE) for row in desk.following}
        writing.settle(desk.connection, {desk.lead: lead} | becomes, desk.author, times | _first_planned(desk))
        if desk.lead.meeting:
            answers.count(desk.connection, desk.lead.row, desk.author)
        return desk.led(lead, changed=True)


def _there_already(desk: Desk, times: dict[str, int]) -> bool:
    standing = writing.standing(desk.connection, desk.lead.row)
    return all(standing[name] == times[name] for name in ("do_by", "endDate", "alldayEvent"))


def _first_planned(desk: Desk) -> dict[str, int]:
    """Keep when an occurrence was first planned, by which its series knows it (CRM: original_start_date)."""
    planned = writing.standing(desk.connection, desk.lead.row)["original_start_date"]
    return {"original_start_date": planned or desk.lead.start} if desk.lead.rule else {}
