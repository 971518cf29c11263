"""Let the rows of a meeting that another calendar owns be as its organizer says (RFC 5546 3.2.2, 3.2.5).

Its first associate here leads it, as in the CRM; they and every other one hold a row that is asked. Who is not named in
a message stays as they are: an organizer who hides the guests from one another writes to each of them alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gateway.crm import bookings, identities, people, recurrences, writing
from gateway.crm import rows as crm
from gateway.crm.bookings import Booking
from gateway.crm.journal import Author
from gateway.crm.people import Somebody
from gateway.services.house import House
from gateway.services.verbs import change, guests, occurring, ruling, sheets
from gateway.services.verbs.acting import Desk
from gateway.services.verbs.change import Changes
from gateway.services.verbs.occurring import Slot
from gateway.store import written_rules
from gateway.store.unit import Connection
from mappings import elsewhere, status
from mappings.drafts import Sheet
from mappings.model import Person
from mappings.recurrence import kept
from mappings.recurrence.planning import Occurrence, Planned
from mappings.status import (
    ACCEPTED,
    ACT_OF,
    BOOKING,
    BOOKING_DELETED,
    BOOKING_FOR_DIARY,
    DECLINED,
    PENDING,
    Act,
    Written,
)

OTHER: Final = 1  # CRM: AppointmentExternalOwner
_SINGLE: Final = {"recurrenceRuleId": 0, "original_start_date": 0, "cautionWarning": 0}
# What is not the same for everybody who takes part.
_OWN: Final = occurring.OWN | {"hasAlarm", "alarm", "freeBusy", "priority_idx", "external_participants"}


@dataclass(frozen=True, slots=True)
class Said:
    """What an organizer says of an event: its UID, whose it is (a name and a mailbox), SEQUENCE, and whom it invites.

    `guests` are associates, at least one.
    """

    uid: str
    organizer: Person
    sequence: int
    guests: tuple[Somebody, ...]


def follow(house: House, connection: Connection, said: Said, planned: Planned, *, whole: bool) -> bool:
    """Write rows for what a message invites to; tells whether any row came, went or changed.

    `whole` tells that it speaks of the event as a whole: what it does not have is called off. Raises BadRequest.
    """
    desks = standing(house, connection, said.uid)
    whole = whole or not desks
    leader = people.by_associate(connection, desks[0].lead.associate) if desks else None
    owner = leader or said.guests[0]
    author = house.author(owner.associate)
    pairs, new, gone = _paired(desks, planned.occurrences, whole=whole)
    if not whole and not desks[0].lead.rule:
        new = []  # an occurrence of what happens once
    more = _ruled(connection, desks, planned, author) if whole else {"recurrenceRuleId": desks[0].lead.rule}
    changed = [call_off(connection, {d: (d.lead, *d.daughters) for d in gone}, author)]
    changed.append(_retimed(connection, pairs, more, author))
    for sheet, some in sheets.alike(one for one, _ in pairs).items():
        changed.append(_reworded(connection, [d for one, d in pairs if one in some], sheet, said, author))
    changed.append(_invited(connection, [d for _, d in pairs], said, author))
    leads = [d.lead.row for _, d in pairs]
    for sheet, some in sheets.alike(new).items():
        leads += _planted(house, connection, owner, said, sheet, some, more)
    if desks:
        ruling.tidy(desks[0], {d.lead.rule for d in desks} - {more.get("recurrenceRuleId", 0), 0})
    identities.told(connection, min(leads), said.uid, said.sequence, _signature(said), author)
    changed.append(_answered(house, connection, said, planned, author))
    return bool(new) or any(changed)


def call_off(connection: Connection, rows: Mapping[Desk, Iterable[Booking]], author: Author) -> bool:
    """Call rows off for their holders; tells whether any was not called off before.

    The lead of somebody who has declined stays while others take part: without it nobody could say when and what.
    """
    becomes = {}
    for d, some in rows.items():
        mine = list(some)
        others = any(r not in mine and r.status != BOOKING_DELETED for r in d.daughters)
        for row in mine:
            written = d.becomes(row, Act.CANCEL)
            if (written.touched or written.gone) and not (written.gone and row is d.lead and others):
                becomes[row] = written
    writing.settle(connection, becomes, author)
    return bool(becomes)


def standing(house: House, connection: Connection, uid: str) -> list[Desk]:
    """Lock and give the occurrences of an event that another calendar owns, by when they are; none where there are not.

    Their `row` is that of who leads them.
    """
    known = crm.mother_of_uid(connection, uid)
    found = bookings.locked(connection, known) if known else []
    if not found or not found[0].leads or not found[0].elsewhere:
        return []
    lead = found[0]
    rows = (
        bookings.locked_series(connection, lead.rule) if lead.rule else [lead, *bookings.daughters(connection, known)]
    )
    by_event: dict[int, list[Booking]] = {}
    for row in rows:
        by_event.setdefault(row.event, []).append(row)
    desks = []
    for event, some in by_event.items():
        first = next((r for r in some if r.row == event), None)
        actor = people.by_associate(connection, first.associate) if first else None
        if first and actor:
            desk = Desk(house, connection, actor, first, first, house.author(first.associate))
            desk.__dict__["daughters"] = [r for r in some if r is not first]
            desks.append(desk)
    return sorted(desks, key=lambda d: d.place.planned)


Pairs = list[tuple[Occurrence, Desk]]


def _paired(
    desks: list[Desk], wanted: Sequence[Occurrence], *, whole: bool
) -> tuple[Pairs, list[Occurrence], list[Desk]]:
    """Find for each wanted occurrence the one that stands there: planned for the same time, else in order.

    In order only where as many are left of both: a series that was moved as a whole.
    """
    by_plan = {d.place.planned: d for d in desks}
    pairs = [(one, by_plan.pop(one.planned)) for one in wanted if one.planned in by_plan]
    met = {one.planned for one, _ in pairs}
    new, gone = [one for one in wanted if one.planned not in met], list(by_plan.values())
    if whole and len(new) == len(gone):
        return [*pairs, *zip(new, gone, strict=True)], [], []
    return pairs, new, gone if whole else []


def _ruled(connection: Connection, desks: Sequence[Desk], planned: Planned, author: Author) -> dict[str, int]:
    """Keep how the event recurs; gives the columns that say so in its rows."""
    number = desks[0].lead.rule if desks else 0
    if planned.rule is None:
        return dict(_SINGLE) if number else {}
    was = recurrences.read(connection, number) if number else None
    if was is None:
        return occurring.ruled(connection, planned, author)
    recurrences.change(connection, number, was, planned.rule, author)
    if planned.kept is not None:
        written_rules.keep(connection, number, kept.to_json(planned.kept))
    else:
        written_rules.forget(connection, [number])
    return {"recurrenceRuleId": number, "cautionWarning": planned.caution}


def _retimed(connection: Connection, pairs: Pairs, more: Mapping[str, int], author: Author) -> bool:
    """Give occurrences their times; who takes part in one that has another is asked again, unless it is over."""
    before = writing.standing(connection, [d.lead.row for _, d in pairs])
    becomes: dict[Booking, Written] = {}
    values: dict[int, dict[str, Any]] = {}
    for one, d in pairs:
        wanted: dict[str, Any] = {**Slot.of(one).columns(), **more}
        differs = {name: value for name, value in wanted.items() if before[d.lead.row][name] != value}
        if not differs:
            continue
        rows = (d.lead, *d.following)
        if differs.keys() & {"do_by", "endDate", "alldayEvent"} and one.end > author.wall:
            becomes |= {row: d.becomes(row, Act.MOVE) for row in rows}
        values |= {row.row: differs for row in rows}
    writing.settle(connection, becomes, author)
    writing.rewrite(connection, values, author)
    return bool(values)


def _reworded(connection: Connection, desks: Sequence[Desk], sheet: Sheet, said: Said, author: Author) -> bool:
    """Give occurrences their words, and write down who takes part in them."""
    words = Changes(title=sheet.summary, description=sheet.description, place=sheet.location, video=sheet.video)
    changed = change.shared(desks[0], desks, words)
    told = elsewhere.write(said.organizer, sheet.guests)
    before = writing.standing(connection, [d.lead.row for d in desks])
    others = [row for row, columns in before.items() if columns["external_participants"] != told]
    writing.rewrite(connection, {row: {"external_participants": told} for row in others}, author)
    return bool(changed or others)


def _invited(connection: Connection, desks: Sequence[Desk], said: Said, author: Author) -> bool:
    """Give a row to every guest who has none, and ask anew who was called off."""
    again: dict[Booking, Written] = {}
    seats: dict[Desk, list[Somebody]] = {}
    for d in desks:
        rows = {row.associate: row for row in (d.lead, *d.daughters)}
        again |= {
            rows[g.associate]: d.becomes(rows[g.associate], Act.INVITE)
            for g in said.guests
            if g.associate in rows and rows[g.associate].status == BOOKING_DELETED
        }
        missing = [g for g in said.guests if g.associate not in rows]
        if missing:
            seats[d] = missing
    writing.settle(connection, again, author)
    before = writing.standing(connection, [d.lead.row for d in seats])
    shared = {row: {n: v for n, v in columns.items() if n not in _OWN} for row, columns in before.items()}
    for d, some in seats.items():
        guests.seat(d, {d.lead.row: some}, shared, mail=False)
    return bool(again or seats)


def _planted(  # what a meeting is made of
    house: House,
    connection: Connection,
    owner: Somebody,
    said: Said,
    sheet: Sheet,
    some: Sequence[Occurrence],
    more: Mapping[str, int],
) -> list[int]:
    """Insert the rows of new occurrences: their lead is asked, as every other guest is; gives the leads."""
    plan = sheets.plan(sheet, some[0], todo=False, mail=False)
    invited = [g for g in said.guests if g.associate != owner.associate]
    slots = [Slot.of(one) for one in some]
    made = occurring.plant(house, connection, owner, plan, invited, slots, {**more, "owned_externally": OTHER})
    numbers = [d.lead.row for d in made]
    writing.link(connection, numbers, {}, mothers=True)
    asked: dict[str, Any] = {"type": BOOKING_FOR_DIARY, "status": BOOKING, "emailId": owner.email}
    asked["external_participants"] = elsewhere.write(said.organizer, sheet.guests)
    writing.rewrite(connection, dict.fromkeys(numbers, asked), house.author(owner.associate))
    return numbers


def _answered(house: House, connection: Connection, said: Said, planned: Planned, author: Author) -> bool:
    """Write what the organizer says that guests have answered, where their rows are still asked."""
    told = {one.planned: {g.address: g.partstat for g in one.sheet.guests} for one in planned.occurrences}
    becomes = {}
    for d in standing(house, connection, said.uid):
        answers = told.get(d.place.planned, {})
        for row in (d.lead, *d.daughters):
            who = next((g for g in said.guests if g.associate == row.associate), None)
            partstat = answers.get(who.mailbox, "") if who else ""
            if partstat in (ACCEPTED, DECLINED) and row.status in PENDING:
                becomes[row] = status.write(row.kind, row.type, row.status, ACT_OF[partstat])
    writing.settle(connection, becomes, author)
    return bool(becomes)


def _signature(said: Said) -> tuple[str, str]:
    return said.organizer.address, said.organizer.name
