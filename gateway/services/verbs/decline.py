"""Decline an invitation, or an assignment."""

from __future__ import annotations

from gateway.services.house import House
from gateway.services.verbs.acting import Done
from gateway.services.verbs.answering import answer
from mappings.reach import Reach
from mappings.status import DECLINED


def decline(house: House, login: str, appointment: int, reason: str = "", *, reach: Reach = Reach.ONLY_THIS) -> Done:
    """Let `login` decline what stands in their row, also after accepting it (CRM: Reject); the reason is optional.

    Raises UnknownPerson, NotFound, BadRequest, and RefusedAct where the life of the row does not allow it.
    """
    return answer(house, login, appointment, DECLINED, reason, reach)
