"""Invite somebody more to a meeting; the first guest makes a plain appointment a meeting."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

from gateway.crm import writing
from gateway.crm.bookings import Booking
from gateway.services.house import House
from gateway.services.verbs import acting, guests, telling
from gateway.services.verbs.acting import Desk, Done
from mappings.reach import Reach
from mappings.status import Act, Written

# What a daughter has from her mother (CRM: create-invitation); everything else is her own.
SHARED: Final = (
    *("contact_id", "person_id", "do_by", "activeDate", "endDate", "alldayEvent", "leadtime", "lagTime", "location"),
    *("type", "text_id", "agenda_text_id", "internal_notes_text_id", "task_idx", "priority_idx", "private", "freeBusy"),
    *("join_videomeet_url", "centralservice_videomeet_id", "preferredTZLocation", "project_id", "sale_id"),
    *("recurrenceRuleId", "original_start_date"),
)


def add(
    house: House,
    login: str,
    appointment: int,
    words: Sequence[str],
    *,
    mail: bool = True,
    reach: Reach = Reach.ONLY_THIS,
) -> Done:
    """Let the owner invite more guests, named as for `invite`; who is invited already stays as they are.

    Somebody who was uninvited is invited anew: their row asks again. Of a series they are invited to what is not over.
    Raises UnknownPerson, NotFound, BadRequest naming the word, and RefusedAct where the life of the meeting does not
    allow it.
    """
    with acting.at(house, login, appointment, Act.INVITE, reach) as desk:
        given = desk.each(Act.INVITE)
        wanted = [one for one in guests.resolve(desk.connection, words) if one.who != desk.actor.who]
        standing = guests.seated(desk, given)
        common = shared(desk, given)
        asked = {d: _asked(d, [standing[d][one.who] for one in wanted if one.who in standing[d]]) for d in given}
        new = {d: [one for one in wanted if one.who not in standing[d]] for d in given}
        writing.settle(desk.connection, {row: after for some in asked.values() for row, after in some.items()},
                       desk.author)  # fmt: skip
        again = {row.row: _without_type(common[d.lead.row]) for d, some in asked.items() for row in some}
        writing.rewrite(desk.connection, again, desk.author)
        if any(new.values()):
            _become_mothers(desk, [d for d, some in new.items() if some and not d.lead.meeting])
            guests.seat(desk, {d.lead.row: some for d, some in new.items()}, common, mail=mail)
            telling.invited(desk)
        settled = {d.lead: written for d, written in given.items() if written.touched}
        writing.settle(desk.connection, settled, desk.author)
        changed = [d for d, written in given.items() if new[d] or asked[d] or written.touched]
        return desk.led(given.get(desk), changed=bool(changed), occurrences=len(changed))


def _asked(desk: Desk, rows: Iterable[Booking]) -> dict[Booking, Written]:
    """Give those of the rows that are asked anew, and what becomes of them."""
    becomes = {row: desk.becomes(row, Act.INVITE) for row in rows}
    return {row: after for row, after in becomes.items() if after.touched}


def shared(desk: Desk, meetings: Iterable[Desk]) -> dict[int, dict[str, Any]]:
    """Give what the daughters of meetings have from their mothers, by the mothers."""
    mothers = writing.standing(desk.connection, [d.lead.row for d in meetings])
    return {number: {name: mother[name] for name in SHARED} for number, mother in mothers.items()}


def _without_type(columns: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in columns.items() if name != "type"}


def _become_mothers(desk: Desk, plain: Sequence[Desk]) -> None:
    """Turn plain rows into mothers: known by mother_id = appointment_id (CRM: appointment table page)."""
    if not plain:
        return
    owned = {"mother_associate_id": desk.actor.associate, "assignedBy": 0, "invitedPersonId": desk.actor.person}
    writing.rewrite(desk.connection, {d.lead.row: owned | {"mother_id": d.lead.row} for d in plain}, desk.author)
    for d in plain:
        d.lead = replace(d.lead, mother=d.lead.row)
