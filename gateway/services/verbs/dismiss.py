"""Delete one's copy of a meeting from one's calendar; the meeting goes on."""

from __future__ import annotations

from contextlib import suppress

from gateway.crm import writing
from gateway.errors import DatabaseBusy
from gateway.services.house import House
from gateway.services.respond import Unsettled
from gateway.services.verbs import acting, ruling
from gateway.services.verbs.acting import Desk, Done
from gateway.services.verbs.answering import ATTEMPTS, give
from gateway.store import dismissing, marks, published
from gateway.store.marks import Lane, Mark
from mappings.errors import RefusedAct
from mappings.reach import Reach
from mappings.status import BOOKING_DELETED, DECLINED, Act, Written


def dismiss(
    house: House, login: str, appointment: int, *, silently: bool = False, reach: Reach = Reach.ONLY_THIS
) -> Done:
    """Let `login` delete a meeting from their calendar: they decline it, and it stays away until they are asked anew.

    `silently` leaves the answer as it was (RFC 6638 8.1: Schedule-Reply: F); of a cancelled meeting it is taken note.
    A copy shows a whole series: it stays away when all of it is dismissed; occurrences by themselves are declined, and
    cannot be dismissed silently. Raises UnknownPerson, NotFound, and RefusedAct where the life of the row does not
    allow it.
    """
    act = Act.DISMISS_SILENTLY if silently else Act.DISMISS
    for _ in range(ATTEMPTS):
        acting.published(house)
        with suppress(Unsettled), acting.at(house, login, appointment, act, reach) as desk:
            return _dismissed(desk, act)
    raise DatabaseBusy("The CRM keeps changing the row that is answered.")


def _dismissed(desk: Desk, act: Act) -> Done:
    given = desk.each(act)
    gone = {d: written for d, written in given.items() if written.gone}
    left = _left(desk)
    if left and act is Act.DISMISS_SILENTLY and not gone:
        raise RefusedAct(act, "the copy shows other occurrences too: decline this one, or dismiss the series")
    declined = {d: written for d, written in given.items() if written.touched and not written.gone and desk.asks(d)}
    writing.settle(desk.connection, {d.row: written for d, written in gone.items()}, desk.author)
    ruling.tidy(desk, {d.row.rule for d in gone})
    give(desk, {d.row: written for d, written in declined.items()}, DECLINED, "")
    away = not left and _takes_away(desk, given)
    return desk.done(given.get(desk), changed=bool(gone or declined) or away, occurrences=len(gone) + len(declined))


def _left(desk: Desk) -> bool:
    """Tell whether whoever acts has a row at an occurrence of the series that the act does not reach."""
    if not desk.row.rule:
        return False
    if desk.reach is Reach.ONLY_THIS:
        return writing.repeats_for(desk.connection, desk.row.rule, desk.row.associate, desk.row.row)
    others = (d for d in desk.series if d.held and d not in desk.reached)
    return any(d.row.status != BOOKING_DELETED for d in others)


def _takes_away(desk: Desk, given: dict[Desk, Written]) -> bool:
    """Write down that the copy stays away; tells whether there was one."""
    rows = [d.row.row for d, written in given.items() if not written.gone]
    seen = next(iter(published.members(desk.connection, rows).values()), None)
    if seen is None:
        return False
    events = published.events(desk.connection, ids=[seen.event_id])
    published.load_copies(desk.connection, events, [desk.actor.associate])
    event = events[seen.event_id]
    copy = next((c for c in event.copies_of(desk.actor.associate) if not c.gone), None)
    if copy is None:
        return False
    marks.add(desk.connection, Lane.NOW, [Mark("event", seen.event_id)])
    return dismissing.dismiss(desk.connection, seen.event_id, copy.calendar_id, event.sequence)
