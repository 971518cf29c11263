"""Plan a meeting and invite people to it; or note an appointment or a to-do for oneself."""

from __future__ import annotations

from typing import Any

from gateway.crm import bookings, writing
from gateway.crm.people import Somebody
from gateway.services.house import House
from gateway.services.verbs import acting, guests, planning, telling
from gateway.services.verbs.acting import Desk, Done
from gateway.services.verbs.planning import Plan
from gateway.store.unit import Connection
from mappings.model import Kind
from mappings.status import IN_CHECKLIST, IN_DIARY, NOT_STARTED


def invite(house: House, login: str, plan: Plan) -> Done:
    """Let `login` plan something and invite the guests of the plan; gives the mother's row (CRM: create-invitation).

    Without guests it is a plain appointment. Whoever is named twice is invited once, and the owner not at all; a room
    gives its name to a plan that says no place. Raises UnknownPerson for `login`, and BadRequest, naming the field.
    """
    with house.store.writing() as connection:
        owner = acting.acting(connection, login)
        invited = [one for one in guests.resolve(connection, plan.guests) if one.who != owner.who]
        desk = _mother(house, connection, owner, plan, invited)
        if invited:
            shared = _shared(plan, invited) | {"text_id": desk.lead.text, "agenda_text_id": desk.lead.agenda}
            shared |= {"preferredTZLocation": owner.zone}
            guests.seat(desk, {desk.lead.row: invited}, {desk.lead.row: shared}, mail=plan.mail)
            telling.invited(desk)
        done = Done(desk.lead.row, True, desk.lead.type, desk.lead.status)
    acting.published(house)
    return done


def _mother(house: House, connection: Connection, owner: Somebody, plan: Plan, invited: list[Somebody]) -> Desk:
    author = house.author(owner.associate)
    words = planning.words(plan.title, plan.description)
    agenda = planning.within("agenda", plan.agenda.strip(), planning.TEXT)
    row = _shared(plan, invited) | {
        "associate_id": owner.associate,
        "group_idx": owner.group,
        "invitedPersonId": owner.person,
        "preferredTZLocation": owner.zone,
        "status": NOT_STARTED,
        "mother_associate_id": owner.associate if invited else 0,
        "hasAlarm": int(plan.alarm is not None),
        "alarm": planning.minutes("alarm", plan.alarm or 0),
    }
    number = writing.add(connection, [row], author)[0]
    texts = {"text_id": writing.add_text(connection, words, number, author)}
    texts["agenda_text_id"] = writing.add_text(connection, agenda, number, author)
    writing.link(connection, number, texts | ({"mother_id": number} if invited else {}))
    lead = bookings.of_rows(connection, [number])[0]
    return Desk(house, connection, owner, lead, lead, author)


def _shared(plan: Plan, invited: list[Somebody]) -> dict[str, Any]:
    """Give the columns that all rows of a meeting have alike when it is planned."""
    rooms = (one.name for one in invited if one.kind is Kind.ROOM)
    place = next(rooms, "") if plan.place is None else plan.place.strip()
    return {
        **plan.when.columns(),
        "type": IN_CHECKLIST if plan.todo else IN_DIARY,
        "location": planning.within("place", place, planning.PLACE),
        "join_videomeet_url": planning.within("video", plan.video.strip(), planning.LINK),
        "private": planning.privacy(plan.private),
        "freeBusy": int(plan.free),
        "task_idx": planning.number("task", plan.task),
        "priority_idx": planning.number("priority", plan.priority),
        "contact_id": planning.number("contact", plan.contact),
        "person_id": planning.number("person", plan.person),
    }
