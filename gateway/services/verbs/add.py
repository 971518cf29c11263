"""Invite somebody more to a meeting; the first guest makes a plain appointment a meeting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from gateway.crm import bookings, people, writing
from gateway.services.house import House
from gateway.services.verbs import acting, guests, telling
from gateway.services.verbs.acting import Desk, Done
from mappings.status import Act

# What a daughter has from her mother (CRM: create-invitation); everything else is her own.
SHARED: Final = (
    *("contact_id", "person_id", "do_by", "activeDate", "endDate", "alldayEvent", "leadtime", "lagTime", "location"),
    *("type", "text_id", "agenda_text_id", "internal_notes_text_id", "task_idx", "priority_idx", "private", "freeBusy"),
    *("join_videomeet_url", "centralservice_videomeet_id", "preferredTZLocation", "project_id", "sale_id"),
    *("recurrenceRuleId", "original_start_date"),
)


def add(house: House, login: str, appointment: int, words: Sequence[str], *, mail: bool = True) -> Done:
    """Let the owner invite more guests, named as for `invite`; who is invited already stays as they are.

    Somebody who was uninvited is invited anew: their row asks again. Raises UnknownPerson, NotFound, BadRequest naming
    the word, and RefusedAct where the life of the meeting does not allow it.
    """
    with acting.at(house, login, appointment) as desk:
        written = desk.allow(Act.INVITE)
        wanted = [one for one in guests.resolve(desk.connection, words) if one.who != desk.actor.who]
        standing = guests.seated(desk.connection, desk.daughters)
        common = shared(desk)
        again = {one: standing[one.who] for one in wanted if one.who in standing}
        asked = {row: desk.becomes(row, Act.INVITE) for row in again.values()}
        asked = {row: after for row, after in asked.items() if after.touched}
        writing.settle(desk.connection, asked, desk.author, _without_type(common))
        new = [one for one in wanted if one.who not in standing]
        if new:
            _become_mother(desk)
            guests.seat(desk, new, common, mail=mail)
            telling.invited(desk)
        if written.touched:
            writing.settle(desk.connection, {desk.lead: written}, desk.author)
        return desk.led(written, changed=bool(new or asked) or written.touched)


def shared(desk: Desk) -> dict[str, Any]:
    """Give what a daughter of this meeting has from her mother."""
    mother = writing.standing(desk.connection, desk.lead.row)
    return {name: mother[name] for name in SHARED}


def _without_type(columns: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in columns.items() if name != "type"}


def _become_mother(desk: Desk) -> None:
    """Turn a plain row into a mother: known by mother_id = appointment_id (CRM: appointment table page)."""
    if desk.lead.meeting:
        return
    values = {"mother_id": desk.lead.row, "mother_associate_id": desk.lead.associate, "assignedBy": 0}
    owner = people.by_associate(desk.connection, desk.lead.associate)
    if owner is not None:
        values["invitedPersonId"] = owner.person
    writing.change(desk.connection, [desk.lead], values, desk.author)
    desk.lead = bookings.of_rows(desk.connection, [desk.lead.row])[0]
