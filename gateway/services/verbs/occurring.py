"""The rows of occurrences: planned together, or like those of one that stands there already.

Whatever the number of occurrences, the statements are the same few, in chunks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gateway.crm import answers, bookings, people, recurrences, writing
from gateway.crm.bookings import Booking
from gateway.crm.journal import Author
from gateway.crm.people import Somebody
from gateway.services.house import House
from gateway.services.verbs import guests, planning
from gateway.services.verbs.acting import Desk
from gateway.services.verbs.planning import Plan, When
from gateway.store import written_rules
from gateway.store.unit import Connection
from mappings.model import Kind
from mappings.recurrence import kept
from mappings.recurrence.planning import Occurrence, Planned
from mappings.status import (
    BOOKING,
    BOOKING_DECLINED,
    BOOKING_FOR_CHECKLIST,
    BOOKING_FOR_DIARY,
    IN_CHECKLIST,
    IN_DIARY,
    NOT_STARTED,
    TODO_TYPES,
)

# What a row has for itself, and no copy of it: who wrote it and when, and how far its holder has come.
OWN: Final = frozenset({
    "appointment_id", "mother_id", "registered", "registered_associate_id", "updated", "updated_associate_id",
    "updatedCount", "rejectReason", "rejectCounter", "done", "assignedBy",
})  # fmt: skip
_ACCEPTED: Final = frozenset({1, 2, 3})


@dataclass(frozen=True, slots=True)
class Slot:
    """When one occurrence is, and when it was planned (wall seconds; 0: as it is)."""

    when: When
    original: int = 0

    @classmethod
    def of(cls, it: Occurrence) -> Slot:
        """Give the slot of a planned occurrence."""
        return cls(When(it.start, it.end, it.all_day), it.planned if it.moved_out else 0)

    def columns(self) -> dict[str, int]:
        """Give the CRM's columns; raises BadRequest where the times break a rule."""
        return self.when.columns() | {"original_start_date": self.original}


def ruled(connection: Connection, planned: Planned, author: Author) -> dict[str, int]:
    """Keep how a series recurs, and give the columns that say so in its rows; none for what happens once."""
    if planned.rule is None:
        return {}
    number = recurrences.add(connection, planned.rule, author)
    if planned.kept is not None:
        written_rules.keep(connection, number, kept.to_json(planned.kept))
    return {"recurrenceRuleId": number, "cautionWarning": planned.caution}


def plant(  # what a meeting is made of
    house: House,
    connection: Connection,
    owner: Somebody,
    plan: Plan,
    invited: Sequence[Somebody],
    slots: Sequence[Slot],
    more: dict[str, int],
) -> list[Desk]:
    """Insert the mothers and daughters of a meeting at each of some slots, all with the same words; gives the mothers.

    `more` are columns of every row. Raises BadRequest, naming the field.
    """
    author = house.author(owner.associate)
    words = planning.words(plan.title, plan.description)
    agenda = planning.within("agenda", plan.agenda.strip(), planning.TEXT)
    common = _shared(plan, invited) | more | {"preferredTZLocation": owner.zone}
    mine = {
        "associate_id": owner.associate,
        "group_idx": owner.group,
        "invitedPersonId": owner.person,
        "status": NOT_STARTED,
        "mother_associate_id": owner.associate if invited else 0,
        "hasAlarm": int(plan.alarm is not None),
        "alarm": planning.minutes("alarm", plan.alarm or 0),
    }
    numbers = writing.add(connection, [common | mine | slot.columns() for slot in slots], author)
    texts = {"text_id": writing.add_text(connection, words, numbers[0], author)}
    texts["agenda_text_id"] = writing.add_text(connection, agenda, numbers[0], author)
    writing.link(connection, numbers, texts, mothers=bool(invited))
    leads = bookings.of_rows(connection, numbers)
    desks = [Desk(house, connection, owner, lead, lead, author) for lead in leads]
    if invited:
        shared = {n: common | texts | s.columns() for n, s in zip(numbers, slots, strict=True)}
        guests.seat(desks[0], dict.fromkeys(numbers, invited), shared, mail=plan.mail)
    return desks


def _shared(plan: Plan, invited: Iterable[Somebody]) -> dict[str, Any]:
    """Give the columns that all rows of a meeting have alike when it is planned, but its times."""
    rooms = (one.name for one in invited if one.kind is Kind.ROOM)
    place = next(rooms, "") if plan.place is None else plan.place.strip()
    return {
        "type": IN_CHECKLIST if plan.todo else IN_DIARY,
        "location": planning.within("place", place, planning.PLACE),
        "join_videomeet_url": planning.within("video", plan.video.strip(), planning.LINK),
        "private": planning.privacy(plan.private),
        "freeBusy": int(plan.free),
        "task_idx": planning.number("task", plan.task),
        "priority_idx": planning.number("priority", plan.priority),
        "contact_id": planning.number("contact", plan.contact),
        "person_id": planning.number("person", plan.person),
    }


def like(source: Desk, slots: Sequence[Slot], more: dict[str, int], *, as_answered: bool = False) -> list[int]:
    """Insert further occurrences with the rows of one that stands there; gives their mothers.

    Everybody is invited anew, or stands where they stand in `source` where it is `as_answered`: who has accepted a
    series has accepted what is added to it. `more` are columns of every row.
    """
    if not slots:
        return []
    connection, lead = source.connection, source.lead
    standing = writing.standing(connection, [lead.row, *(d.row for d in source.following)])
    plain = {row: {n: v for n, v in columns.items() if n not in OWN} for row, columns in standing.items()}
    own = plain[lead.row] | more | {"status": NOT_STARTED}
    numbers = writing.add(connection, [own | slot.columns() for slot in slots], source.author)
    writing.link(connection, numbers, {}, mothers=lead.meeting)
    seats = [(n, slot, d) for n, slot in zip(numbers, slots, strict=True) for d in source.following]
    rows = [
        plain[d.row] | more | slot.columns() | {"mother_id": n} | _begun(d, as_answered=as_answered)
        for n, slot, d in seats
    ]
    daughters = writing.add(connection, rows, source.author)
    bare = people.addresses_of(connection, [d.row for d in source.following if d.kind is Kind.BARE])
    known = {row: bare[d.row] for row, (_, _, d) in zip(daughters, seats, strict=True) if d.row in bare}
    writing.add_mailboxes(connection, known, source.author)
    if as_answered:
        answers.count(connection, numbers, source.author)
    return numbers


def _begun(row: Booking, *, as_answered: bool) -> dict[str, int]:
    """Give the type and status with which a copy of somebody's row begins."""
    todo = row.type in TODO_TYPES
    main, booking = (IN_CHECKLIST, BOOKING_FOR_CHECKLIST) if todo else (IN_DIARY, BOOKING_FOR_DIARY)
    declined = as_answered and row.status == BOOKING_DECLINED
    if row.kind is not Kind.ASSOCIATE:
        return {"type": main, "status": BOOKING_DECLINED if declined else NOT_STARTED}
    if as_answered and row.status in _ACCEPTED:
        return {"type": main, "status": NOT_STARTED}
    return {"type": booking, "status": BOOKING_DECLINED if declined else BOOKING}
