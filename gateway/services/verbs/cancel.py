"""Call a meeting off, or delete an appointment of one's own; stop a series."""

from __future__ import annotations

from typing import Final

from gateway.crm import writing
from gateway.crm.bookings import Booking
from gateway.services.house import House
from gateway.services.verbs import acting, ruling, telling
from gateway.services.verbs.acting import Desk, Done
from mappings.errors import RefusedAct
from mappings.reach import Reach
from mappings.status import Act, Written

SINGLE: Final = {"recurrenceRuleId": 0, "original_start_date": 0}


def cancel(house: House, login: str, appointment: int, *, reach: Reach = Reach.ONLY_THIS) -> Done:
    """Let the owner delete a meeting: who was invited keeps a row that says so until they have taken note.

    Who declined, rooms and people without a diary go at once, and so does a plain appointment. A series that loses its
    later occurrences ends; to stop it leaves the one that is named, and one stopped at its first is a series no more.
    Raises UnknownPerson, NotFound, and RefusedAct where the life of the meeting does not allow it.
    """
    with acting.at(house, login, appointment, Act.CANCEL, reach) as desk:
        if desk.reach is Reach.STOP:
            return _stopped(desk)
        given = desk.each(Act.CANCEL)
        gone = _called_off(desk, given)
        _ended(desk, given, gone)
        return desk.led(given.get(desk), changed=True, occurrences=len(given))


def _stopped(desk: Desk) -> Done:
    desk.allow(Act.CANCEL)
    try:
        given = desk.each(Act.CANCEL) if desk.reached else {}
    except RefusedAct:
        given = {}
    gone = _called_off(desk, given)
    alone = [d for d in desk.series if d not in given and d.lead.leads] == [desk]
    if alone:
        rows = [desk.lead, *desk.following]
        writing.change(desk.connection, rows, SINGLE, desk.author)
        ruling.tidy(desk, [desk.lead.rule])
    ends = not alone and _ended(desk, given, gone)
    return desk.led(None, changed=alone or bool(given) or ends, occurrences=len(given) or 1)


def _called_off(desk: Desk, given: dict[Desk, Written]) -> dict[Booking, Written]:
    """Write what the cancellation of meetings leaves of their rows, and give it."""
    becomes: dict[Booking, Written] = {}
    for d, lead in given.items():
        some = {row: d.becomes(row, Act.CANCEL) for row in d.daughters}
        becomes |= {row: after for row, after in some.items() if after.touched} | {d.lead: lead}
    if any(d.lead.meeting for d in given):
        telling.raised(desk)
    writing.settle(desk.connection, becomes, desk.author)
    return becomes


def _ended(desk: Desk, given: dict[Desk, Written], gone: dict[Booking, Written]) -> bool:
    """Let the rule of a series end with the last occurrence that is left; one that no row points at goes.

    Tells whether it has another end than before.
    """
    changed = False
    if desk.reach in (Reach.THIS_AND_FORWARD, Reach.STOP):
        last = max((d.place.planned for d in desk.series if d not in given and d.lead.leads), default=None)
        changed = last is not None and ruling.ended(desk, last)
    ruling.tidy(desk, {desk.lead.rule, *(row.rule for row in gone)})
    return changed
