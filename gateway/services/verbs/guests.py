"""Who is invited: from the words that name people, rooms and addresses to the rows that the CRM keeps for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from gateway.crm import people, writing
from gateway.crm.bookings import HIGHEST, Booking
from gateway.crm.people import Somebody
from gateway.errors import BadRequest
from gateway.services.verbs.acting import Desk
from gateway.store.unit import Connection
from mappings.model import Kind
from mappings.status import (
    BOOKING,
    BOOKING_DELETED,
    BOOKING_FOR_CHECKLIST,
    BOOKING_FOR_DIARY,
    IN_CHECKLIST,
    NOT_STARTED,
)

MOST: Final = 1_000  # participants of one meeting


def resolve(connection: Connection, words: Iterable[str], field: str = "with") -> list[Somebody]:
    """Find the people, rooms and addresses that words name, each once (CRM: ParticipantInfo, ValidateParticipant).

    A word is a login, a resource's name, ``associate:7``, ``person:42``, a mailbox, or a full name that only one person
    has. A person with a login is the associate; an address that only one person has is that person. Raises BadRequest,
    naming the word.
    """
    named = list(words)
    if len(named) > MOST:
        raise BadRequest(field, f"names more than {MOST} participants")
    first: dict[tuple[str, int | str], Somebody] = {}
    for word in named:
        one = _one(connection, word.strip(), field)
        first.setdefault(one.who, one)
    return list(first.values())


def _one(connection: Connection, word: str, field: str) -> Somebody:
    kind, colon, number = word.partition(":")
    found: Somebody | None = None
    if colon and number.isdecimal() and len(number) < 20 and kind in ("person", "associate"):
        by_number = people.by_person if kind == "person" else people.by_associate
        found = by_number(connection, int(number)) if int(number) <= HIGHEST else None
    elif word:
        found = people.by_login(connection, word)
        if found is None and "@" in word:
            found = people.by_mailbox(connection, word)
    if found is None and word:
        found = _named(connection, word, field)
    if found is None:
        raise BadRequest(field, f"{word!r} is no login, room, person or address that could be invited")
    return found


def _named(connection: Connection, word: str, field: str) -> Somebody | None:
    some = people.by_name(connection, word)
    if len(some) > 1:
        said = ", ".join(f"person:{one.person}" for one in some)
        raise BadRequest(field, f"{word!r} is the name of several: {said}")
    return some[0] if some else None


def seat(
    desk: Desk,
    guests: Mapping[int, Sequence[Somebody]],
    shared: Mapping[int, Mapping[str, Any]],
    *,
    mail: bool,
    settled: bool = False,
) -> list[int]:
    """Insert daughters of meetings, the guests of each by its mother; gives their ids.

    `shared` are the columns that all rows of a meeting have in common, by its mother, `type` as she has it among them;
    `settled`: they need not be asked.
    """
    seats = [(mother, one) for mother, some in guests.items() for one in some]
    reached = people.with_mailbox(desk.connection, {one.person for _, one in seats} - {0}) if mail else set()
    rows = [
        {"mother_associate_id": desk.lead.associate, **shared[mother], "mother_id": mother}
        | _begun(one, shared[mother]["type"], settled=settled)
        | {"SendEmail": int(mail and _mailed(one, reached))}
        for mother, one in seats
    ]
    numbers = writing.add(desk.connection, rows, desk.author)
    bare = {row: one.mailbox for row, (_, one) in zip(numbers, seats, strict=True) if one.kind is Kind.BARE}
    writing.add_mailboxes(desk.connection, bare, desk.author)
    return numbers


def _mailed(one: Somebody, reached: set[int]) -> bool:
    if one.kind in (Kind.RESOURCE, Kind.ROOM):
        return False
    return one.kind is Kind.BARE or bool(one.email) or one.person in reached


def _begun(one: Somebody, type_: int, *, settled: bool) -> dict[str, Any]:
    """Give the columns with which somebody's row begins, beside a mother of a type (CRM: create-invitation)."""
    invited = one.kind is Kind.ASSOCIATE and not settled
    booking = BOOKING_FOR_CHECKLIST if type_ == IN_CHECKLIST else BOOKING_FOR_DIARY
    return {
        "associate_id": one.associate,
        "group_idx": one.group,
        "invitedPersonId": one.person,
        "type": booking if invited else type_,
        "status": BOOKING if invited else NOT_STARTED,
        "emailId": one.email,
    }


Seats = dict[tuple[str, int | str], Booking]


def seated(desk: Desk, meetings: Iterable[Desk]) -> dict[Desk, Seats]:
    """Give the rows of meetings by who they are for; of several of one person the one that is not cancelled."""
    some = list(meetings)
    unnamed = [d.row for meeting in some for d in meeting.daughters if not d.associate and not d.person]
    bare = people.addresses_of(desk.connection, unnamed)
    return {meeting: _seats(meeting.daughters, bare) for meeting in some}


def _seats(daughters: Iterable[Booking], bare: Mapping[int, str]) -> Seats:
    found: Seats = {}
    for row in sorted(daughters, key=lambda d: d.status == BOOKING_DELETED):
        who: tuple[str, int | str] = ("address", bare.get(row.row, ""))
        if row.associate:
            who = ("associate", row.associate)
        elif row.person:
            who = ("person", row.person)
        found.setdefault(who, row)
    return found
