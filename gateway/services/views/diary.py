"""The diary of an associate or a resource between two instants."""

from __future__ import annotations

from gateway.crm import viewing
from gateway.services.house import House
from gateway.services.views.entries import MOST, associate, between, bounded, entries, looking
from mappings.entry import Entry
from mappings.free_time import overlap


def diary(  # what a diary shows is a list of choices
    house: House,
    login: str,
    start: int,
    end: int,
    *,
    viewer: str = "",
    todos: bool = False,
    everything: bool = False,
) -> list[Entry]:
    """Give what stands in a diary between two instants, half-open; pending invitations included.

    `everything` adds what was declined or cancelled, hidden rows and notes. To a `viewer` what they may not read is
    cloaked; without one the house itself looks. Raises UnknownPerson, and BadRequest for a time that is none, or too
    long.
    """
    walls = between(house, start, end)
    with house.store.reading() as connection:
        owner, looks = associate(connection, login), looking(connection, viewer)
        found = viewing.in_diary(connection, owner, walls, MOST + 1, todos=todos, everything=everything)
        bounded(found)
        shown = entries(house, connection, found, looks).values()
    return [it for it in shown if overlap((it.begins, it.ends), (start, end))]
