"""Call a meeting off, or delete an appointment of one's own."""

from __future__ import annotations

from gateway.crm import writing
from gateway.services.house import House
from gateway.services.verbs import acting, telling
from gateway.services.verbs.acting import Done
from mappings.status import Act


def cancel(house: House, login: str, appointment: int) -> Done:
    """Let the owner delete a meeting: who was invited keeps a row that says so until they have taken note.

    Who declined, rooms and people without a diary go at once, and so does a plain appointment. Raises UnknownPerson,
    NotFound, and RefusedAct where the life of the meeting does not allow it.
    """
    with acting.at(house, login, appointment) as desk:
        lead = desk.allow(Act.CANCEL)
        if desk.lead.meeting:
            telling.raised(desk)
        becomes = {row: desk.becomes(row, Act.CANCEL) for row in desk.daughters}
        changed = {row: after for row, after in becomes.items() if after.touched}
        writing.settle(desk.connection, changed | {desk.lead: lead}, desk.author)
        return desk.led(lead, changed=True)
