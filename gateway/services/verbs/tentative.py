"""Answer an invitation with *perhaps*."""

from __future__ import annotations

from gateway.services.house import House
from gateway.services.verbs.acting import Done
from gateway.services.verbs.answering import answer
from mappings.reach import Reach
from mappings.status import TENTATIVE


def tentative(house: House, login: str, appointment: int, comment: str = "", *, reach: Reach = Reach.ONLY_THIS) -> Done:
    """Let `login` say that they may come (RFC 5545 3.2.12 TENTATIVE); the CRM's row becomes *seen*.

    Raises UnknownPerson, NotFound, BadRequest, and RefusedAct where the life of the row does not allow it.
    """
    return answer(house, login, appointment, TENTATIVE, comment, reach)
