"""Plan a meeting and invite people to it; or note an appointment or a to-do for oneself."""

from __future__ import annotations

from gateway.services.house import House
from gateway.services.verbs import acting, guests, occurring, recurring, telling
from gateway.services.verbs.acting import Done
from gateway.services.verbs.occurring import Slot
from gateway.services.verbs.planning import Plan


def invite(house: House, login: str, plan: Plan) -> Done:
    """Let `login` plan something and invite the guests of the plan; gives the mother's row (CRM: create-invitation).

    Without guests it is a plain appointment, and with a rule a series, of which the first occurrence is given. Whoever
    is named twice is invited once, and the owner not at all; a room gives its name to a plan that says no place. Raises
    UnknownPerson for `login`, and BadRequest, naming the field.
    """
    planned = recurring.of_plan(house, plan)
    with house.store.writing() as connection:
        owner = acting.acting(connection, login)
        invited = [one for one in guests.resolve(connection, plan.guests) if one.who != owner.who]
        author = house.author(owner.associate)
        more = occurring.ruled(connection, planned, author) if planned else {}
        slots = [Slot.of(one) for one in planned.occurrences] if planned else [Slot(plan.when)]
        desks = occurring.plant(house, connection, owner, plan, invited, slots, more)
        if invited:
            telling.invited(desks[0])
        lead = desks[0].lead
        done = Done(lead.row, True, lead.type, lead.status, occurrences=len(desks))
    acting.published(house)
    return done
