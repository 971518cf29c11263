"""What the outside is owed, once an event has been quiet: planned, and put into the outbox (DESIGN: announcing)."""

from __future__ import annotations

from gateway.services.house import House
from gateway.store import announcing, published
from gateway.store.published import Stored
from gateway.store.unit import Connection
from mappings import notices
from mappings.model import Announced, Event, Header

EVENTS = 100

# No transport sends mail yet, so that every notice is planned, kept, and withheld for good.
STATE = "withheld"


def announce(house: House) -> int:
    """Plan the notices of events whose news is due and move on what was told, in one transaction; gives how many."""
    now = house.clock.now()
    count = 0
    with house.store.publishing() as connection:
        due = announcing.due(connection, now, EVENTS)
        if not due:
            return 0
        told = announcing.told_of(connection, due)
        events = published.events(connection, ids=due)
        published.load_parts(connection, events)
        after: dict[int, Announced | None] = {}
        for event_id in due:
            event = events.get(event_id)
            present = _present(event)
            over = event is None or event.last < now  # nobody wants mail about what is over
            planned = () if over else notices.plan(told.get(event_id), present)
            announcing.owe(connection, event_id, planned, now, state=STATE)
            after[event_id] = notices.announced(told.get(event_id), present)
            count += len(planned)
        announcing.write_down(connection, after, now)
        announcing.settled(connection, due)
    return count


def take_as_told(house: House, connection: Connection) -> None:
    """Write down what waits to be announced as if it had been told: nothing is owed of it any more."""
    waiting = announcing.waiting(connection)
    told = announcing.told_of(connection, waiting)
    events = published.events(connection, ids=waiting)
    published.load_parts(connection, events)
    after = {e: notices.announced(told.get(e), _present(events.get(e))) for e in waiting}
    announcing.write_down(connection, after, house.clock.now())
    announcing.settled(connection, waiting)


def _present(event: Stored | None) -> Event | None:
    if event is None or not event.parts:
        return None
    return Event(Header(event.uid, event.sequence, event.dtstamp), event.instances())
