"""Complete one's own row of a meeting or a to-do, or open it again."""

from __future__ import annotations

from gateway.crm import writing
from gateway.services.house import House
from gateway.services.verbs import acting
from gateway.services.verbs.acting import Done
from mappings.status import Act


def complete(house: House, login: str, appointment: int) -> Done:
    """Let `login` say that it is done: their own row and nobody else's (CRM: SetCompleted).

    Raises UnknownPerson, NotFound, and RefusedAct where the life of the row does not allow it.
    """
    return _done(house, login, appointment, Act.COMPLETE)


def reopen(house: House, login: str, appointment: int) -> Done:
    """Let `login` say that it is not done after all; raises as `complete` does."""
    return _done(house, login, appointment, Act.REOPEN)


def _done(house: House, login: str, appointment: int, act: Act) -> Done:
    with acting.at(house, login, appointment, act) as desk:
        written = desk.allow(act)
        when = desk.author.wall if act is Act.COMPLETE else 0
        writing.settle(desk.connection, {desk.row: written}, desk.author, {"done": when} if written.touched else None)
        return desk.done(written)
