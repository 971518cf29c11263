"""Look at an invitation without answering it."""

from __future__ import annotations

from gateway.crm import writing
from gateway.services.house import House
from gateway.services.verbs import acting
from gateway.services.verbs.acting import Done
from mappings.status import Act


def seen(house: House, login: str, appointment: int) -> Done:
    """Let `login` see what stands in their row (CRM: SetSeen); nobody else's calendar shows it.

    Raises UnknownPerson, NotFound, and RefusedAct where the life of the row does not allow it.
    """
    with acting.at(house, login, appointment) as desk:
        written = desk.allow(Act.SEEN)
        writing.settle(desk.connection, {desk.row: written}, desk.author)
        return desk.done(written)
