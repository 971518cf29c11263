"""What time takes: cancelled copies a week after their end, what we no longer reach, and the memory of what left."""

from __future__ import annotations

from gateway.services.house import DAY, House
from gateway.services.projecting import CANCELLED_FOR, remove_copy
from gateway.store import pruning, published
from gateway.store.published import Draft

COPIES = 500
TOMBSTONES = 500
TICKS = 2_000


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


def prune(house: House) -> int:
    """Forget some of what left calendars, or was published, longer ago than `tombstone_days`; gives how much.

    A client that has been away for longer is told to begin anew. Each kind is a short transaction of its own.
    """
    before = house.clock.now() - house.settings.tombstone_days * DAY
    with house.store.publishing() as connection:
        pruned = pruning.forget_what_left(connection, before, TOMBSTONES)
    # What no copy names any more is never named again, so that it can be looked for without keeping writers waiting.
    unnamed = pruning.unnamed(house.store, before, TICKS)
    if unnamed:
        with house.store.publishing() as connection:
            pruning.forget_ticks(connection, unnamed)
    return pruned + len(unnamed)
