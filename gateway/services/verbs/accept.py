"""Accept an invitation, or an assignment."""

from __future__ import annotations

from gateway.services.house import House
from gateway.services.verbs.acting import Done
from gateway.services.verbs.answering import answer
from mappings.reach import Reach
from mappings.status import ACCEPTED


def accept(house: House, login: str, appointment: int, comment: str = "", *, reach: Reach = Reach.ONLY_THIS) -> Done:
    """Let `login` accept what stands in their row (RFC 5545 3.2.12 ACCEPTED; CRM: Accept).

    Raises UnknownPerson, NotFound, BadRequest, and RefusedAct where the life of the row does not allow it.
    """
    return answer(house, login, appointment, ACCEPTED, comment, reach)
