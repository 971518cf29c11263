"""What leaves calendars as time passes: cancelled copies a week after their end, and what is older than we reach."""

from __future__ import annotations

from gateway.services.house import DAY, House
from gateway.store import published
from gateway.store.published import Draft

CANCELLED_FOR = 7 * DAY  # seconds a cancelled copy stays after its end
COPIES = 500


def sweep(house: House) -> int:
    """Take some copies out of calendars whose time has passed, leaving tombstones; gives how many."""
    now = house.clock.now()
    with house.store.publishing() as connection:
        old = published.outlived(connection, house.reach(now), now - CANCELLED_FOR, COPIES)
        draft = Draft(connection, now)
        for event_id, calendar_id in old:
            draft.add("object_gone", b_event_id=event_id, b_calendar_id=calendar_id)
            draft.add("thaw", b_event_id=event_id, b_calendar_id=calendar_id)
            draft.touched(event_id, calendar_id, live=False)
        draft.flush()
    return len(old)
