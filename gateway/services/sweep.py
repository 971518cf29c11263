"""What leaves calendars as time passes: cancelled copies a week after their end, and what is older than we reach."""

from __future__ import annotations

from gateway.services.house import House
from gateway.services.projecting import CANCELLED_FOR, remove_copy
from gateway.store import published
from gateway.store.published import Draft

COPIES = 500


def sweep(house: House) -> int:
    """Take some copies out of calendars whose time has passed, leaving tombstones; gives how many."""
    now = house.clock.now()
    with house.store.publishing() as connection:
        old = set(published.outlived(connection, house.reach(now), now - CANCELLED_FOR, COPIES))
        draft = Draft(connection, now)
        events = published.events(connection, ids={event_id for event_id, _ in old})
        published.load_copies(connection, events)
        for event in events.values():
            for copy in event.copies.values():
                if (event.event_id, copy.calendar_id) in old:
                    remove_copy(draft, event.event_id, copy)
        draft.flush()
    return len(old)
