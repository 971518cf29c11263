"""What a company or a person is involved in: planned about them, or with them invited."""

from __future__ import annotations

from gateway.crm import viewing
from gateway.errors import BadRequest, NotFound
from gateway.services.house import House
from gateway.services.views.entries import MOST, between, bounded, entries, looking
from mappings.entry import Entry
from mappings.free_time import overlap


def activities(
    house: House, *, start: int, end: int, contact: int = 0, person: int = 0, viewer: str = ""
) -> list[Entry]:
    """Give the appointments, to-dos and meetings of a company or of a person, each once, between two instants.

    They are those about them, and those to which they, or the company's people, are invited from outside. To a
    `viewer` what they may not read is cloaked; without one the house itself looks. Raises NotFound for a company or
    person that the CRM does not have, and BadRequest unless exactly one is named.
    """
    if bool(contact) == bool(person):
        raise BadRequest("contact", "name either a contact or a person")
    walls = between(house, start, end)
    with house.store.reading() as connection:
        if not viewing.exists(connection, contact=contact, person=person):
            raise NotFound(f"The CRM has no {'company' if contact else 'person'} {contact or person}.")
        looks = looking(connection, viewer)
        if contact:
            found = viewing.of_contact(connection, contact, walls, MOST + 1)
        else:
            found = viewing.of_person(connection, person, walls, MOST + 1)
        bounded(found)
        shown = entries(house, connection, found, looks).values()
    return [it for it in shown if overlap((it.begins, it.ends), (start, end))]
