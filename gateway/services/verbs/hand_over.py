"""Give a meeting, or an appointment, another owner."""

from __future__ import annotations

from gateway.crm import answers, people, writing
from gateway.crm.people import Somebody
from gateway.errors import BadRequest, UnknownPerson
from gateway.services.house import House
from gateway.services.verbs import acting, add, guests, telling
from gateway.services.verbs.acting import Desk, Done
from mappings.model import Kind
from mappings.status import Act


def hand_over(house: House, login: str, appointment: int, to: str, *, stay: bool = False) -> Done:
    """Let the owner make another associate the owner; with `stay` they take part themselves from then on, accepted.

    Nobody is asked again; a row that the new owner had as a participant goes. Raises UnknownPerson, NotFound,
    BadRequest for who cannot own a meeting, and RefusedAct where the life of the meeting does not allow it.
    """
    with acting.at(house, login, appointment, Act.HAND_OVER) as desk:
        lead = desk.allow(Act.HAND_OVER)
        other = people.by_login(desk.connection, to)
        if other is None:
            raise UnknownPerson(to)
        if other.kind is not Kind.ASSOCIATE:
            raise BadRequest("to", "is an associate, and no room")
        if other.associate == desk.lead.associate:
            return desk.led(lead, changed=False)
        if desk.lead.meeting:
            telling.handed_over(desk, other)
            _participants(desk, other, stay=stay)
        values = {"associate_id": other.associate, "group_idx": other.group, "invitedPersonId": other.person}
        mine = {"mother_associate_id": other.associate} if desk.lead.meeting else {"assignedBy": 0}
        writing.settle(desk.connection, {desk.lead: lead}, desk.author, values | mine | {"hasAlarm": 0, "alarm": 0})
        if desk.lead.meeting:
            answers.count(desk.connection, [desk.lead.row], desk.author)
        return desk.led(lead, changed=True)


def _participants(desk: Desk, other: Somebody, *, stay: bool) -> None:
    owned = {"mother_associate_id": other.associate}
    theirs = [d for d in desk.daughters if d.associate == other.associate]
    rest = [d for d in desk.daughters if d not in theirs]
    if stay:
        mother = desk.lead.row
        common = {mother: add.shared(desk, [desk])[mother] | owned}
        guests.seat(desk, {mother: [desk.actor]}, common, mail=False, settled=True)
    writing.remove(desk.connection, theirs, desk.author)
    writing.change(desk.connection, rest, owned, desk.author)
