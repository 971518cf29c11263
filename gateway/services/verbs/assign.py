"""Hand a single appointment or to-do over to somebody, who accepts it or gives it back."""

from __future__ import annotations

from gateway.crm import people, writing
from gateway.errors import BadRequest, UnknownPerson
from gateway.services.house import House
from gateway.services.verbs import acting
from gateway.services.verbs.acting import Done
from mappings.errors import RefusedAct
from mappings.model import Kind
from mappings.status import Act


def assign(house: House, login: str, appointment: int, to: str) -> Done:
    """Let the owner of a single row assign it to another associate (CRM: AssignTo): status 11 in their diary.

    Raises UnknownPerson, NotFound, BadRequest for who cannot take it over, and RefusedAct where the life of the row
    does not allow it, or for a meeting: that is handed over instead.
    """
    with acting.at(house, login, appointment, Act.ASSIGN) as desk:
        if desk.lead.meeting or desk.row.mother:
            raise RefusedAct(Act.ASSIGN, "a meeting with participants is handed over, not assigned")
        written = desk.allow(Act.ASSIGN)
        other = people.by_login(desk.connection, to)
        if other is None:
            raise UnknownPerson(to)
        if other.kind is not Kind.ASSOCIATE or other.associate == desk.actor.associate:
            raise BadRequest("to", "is another associate than the owner, and no room")
        values = {"associate_id": other.associate, "group_idx": other.group, "assignedBy": desk.row.associate}
        writing.settle(desk.connection, {desk.row: written}, desk.author, values | {"rejectReason": ""})
        return desk.done(written)
