"""Look at an invitation without answering it."""

from __future__ import annotations

from gateway.crm import writing
from gateway.services.house import House
from gateway.services.verbs import acting
from gateway.services.verbs.acting import Done
from mappings.reach import Reach
from mappings.status import Act


def seen(house: House, login: str, appointment: int, *, reach: Reach = Reach.ONLY_THIS) -> Done:
    """Let `login` see what stands in their row (CRM: SetSeen); nobody else's calendar shows it.

    Raises UnknownPerson, NotFound, and RefusedAct where the life of the row does not allow it.
    """
    with acting.at(house, login, appointment, Act.SEEN, reach) as desk:
        given = desk.each(Act.SEEN)
        becomes = {d.row: written for d, written in given.items() if written.touched}
        writing.settle(desk.connection, becomes, desk.author)
        return desk.done(given.get(desk), changed=bool(becomes), occurrences=len(becomes))
