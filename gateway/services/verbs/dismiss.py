"""Delete one's copy of a meeting from one's calendar; the meeting goes on."""

from __future__ import annotations

from contextlib import suppress

from gateway.crm import answers, writing
from gateway.errors import DatabaseBusy
from gateway.services.house import House
from gateway.services.respond import Unsettled
from gateway.services.verbs import acting
from gateway.services.verbs.acting import Desk, Done
from gateway.services.verbs.answering import ATTEMPTS, with_evidence
from gateway.store import dismissing, marks, published
from gateway.store.marks import Lane, Mark
from mappings.status import DECLINED, Act


def dismiss(house: House, login: str, appointment: int, *, silently: bool = False) -> Done:
    """Let `login` delete a meeting from their calendar: they decline it, and it stays away until they are asked anew.

    `silently` leaves the answer as it was (RFC 6638 8.1: Schedule-Reply: F); of a cancelled meeting it is taken note.
    Raises UnknownPerson, NotFound, and RefusedAct where the life of the row does not allow it.
    """
    for _ in range(ATTEMPTS):
        acting.published(house)
        with suppress(Unsettled), acting.at(house, login, appointment) as desk:
            return _dismissed(desk, Act.DISMISS_SILENTLY if silently else Act.DISMISS)
    raise DatabaseBusy("The CRM keeps changing the row that is answered.")


def _dismissed(desk: Desk, act: Act) -> Done:
    written = desk.allow(act)
    row, connection = desk.row, desk.connection
    seen = published.members(connection, [row.row]).get(row.row)
    if written.gone:
        writing.settle(connection, {row: written}, desk.author)
    elif written.touched and seen is not None:
        with_evidence(desk, seen, DECLINED, "")
    elif written.touched:
        answers.write(connection, row.row, row.mother, written, "", desk.author)
    away = seen is not None and not written.gone and _takes_away(desk, seen.event_id)
    return desk.done(written, changed=written.touched or away)


def _takes_away(desk: Desk, event_id: int) -> bool:
    """Write down that the copy stays away; tells whether there was one."""
    events = published.events(desk.connection, ids=[event_id])
    published.load_copies(desk.connection, events, [desk.actor.associate])
    event = events[event_id]
    copy = next((c for c in event.copies_of(desk.actor.associate) if not c.gone), None)
    if copy is None:
        return False
    marks.add(desk.connection, Lane.NOW, [Mark("event", event_id)])
    return dismissing.dismiss(desk.connection, event_id, copy.calendar_id, event.sequence)
