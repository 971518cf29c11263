"""What the outside is owed, once an event has been quiet: planned, and put into the outbox (DESIGN: announcing)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from gateway.services.house import HOUR, House
from gateway.store import announcing, answers, outbox, published
from gateway.store import asked as asked_store
from gateway.store.published import Stored
from gateway.store.unit import Connection
from mappings import asked, notices
from mappings.model import Announced, Event, Header, Notice, Organizer
from mappings.notices import CANCEL

EVENTS = 100


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
        asks = asked_store.known(connection, [e.uid for e in events.values()])
        brake = _Brake(house, outbox.planned_since(connection, now - HOUR))
        after: dict[int, Announced | None] = {}
        for event_id in due:
            event = events.get(event_id)
            known, present = told.get(event_id), _present(event)
            over = event is None or event.last < now  # nobody wants mail about what is over
            heard = asks.get(event.uid) if event else None
            if heard is not None and present is not None:
                replied = () if over else asked.replies(heard, present)
                owed = [replace(n, organizer=_organizer(house, None)) for n in replied]
                announcing.owe(connection, event_id, owed, now, state=brake.state(len(owed)))
                asked_store.keep(connection, asked.settled(heard, present), now)
                count += len(owed)
                continue
            planned = () if over else _wanted(connection, event_id, notices.plan(known, present))
            organizer = _organizer(house, known)
            addressed = [replace(n, organizer=organizer) for n in planned]
            announcing.owe(connection, event_id, addressed, now, state=brake.state(len(addressed)))
            if addressed and organizer:
                published.also_organized_by(connection, event_id, f"mailto:{organizer.mailbox}")
            now_told = notices.announced(known, present)
            after[event_id] = replace(now_told, organizer=organizer) if now_told and addressed else now_told
            count += len(planned)
        announcing.write_down(connection, after, now)
        announcing.settled(connection, due)
    return count


class _Brake:
    """Stops what would be more mails in an hour than anybody meant to send."""

    def __init__(self, house: House, planned: int) -> None:
        self._mails, self._left = house.settings.mails, house.settings.mail_brake - planned

    def state(self, count: int) -> str:
        """Give the state of the notices of one event, all together."""
        self._left -= count
        if not self._mails:
            return outbox.WITHHELD
        return outbox.OWED if self._left >= 0 else outbox.STOPPED


def _organizer(house: House, told: Announced | None) -> Organizer | None:
    """Give the organizer that mails about an event name: the first mail chose it."""
    if told and told.organizer:
        return told.organizer
    return Organizer(house.settings.mail_address, house.settings.organizer_tokens) if house.settings.mails else None


def _wanted(connection: Connection, event_id: int, planned: tuple[Notice, ...]) -> list[Notice]:
    """Leave out cancellations for who has declined what is cancelled."""
    refused = answers.refused(connection, event_id, [n.row for n in planned if n.method == CANCEL])
    return [n for n in planned if n.method != CANCEL or n.row not in refused]


def take_as_told(house: House, connection: Connection) -> None:
    """Write down what waits to be announced as if it had been told: nothing is owed of it any more."""
    waiting = announcing.waiting(connection)
    told = announcing.told_of(connection, waiting)
    events = published.events(connection, ids=waiting)
    published.load_parts(connection, events)
    silently(connection, [p for p in map(_present, events.values()) if p], house.clock.now())
    after = {e: notices.announced(told.get(e), _present(events.get(e))) for e in waiting}
    announcing.write_down(connection, after, house.clock.now())
    announcing.settled(connection, waiting)


def silently(connection: Connection, events: Iterable[Event], now: int) -> None:
    """Take for said what people here answer to invitations from elsewhere: no reply is owed."""
    some = {e.header.uid: e for e in events if any(i.owned_externally for i in e.instances)}
    for uid, known in asked_store.known(connection, some).items():
        asked_store.keep(connection, asked.settled(known, some[uid]), now)


def _present(event: Stored | None) -> Event | None:
    if event is None or not event.parts:
        return None
    return Event(Header(event.uid, event.sequence, event.dtstamp), event.instances())
