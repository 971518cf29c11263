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
    desk: Desk, guests: Sequence[Somebody], shared: Mapping[str, Any], *, mail: bool, settled: bool = False
) -> list[int]:
    """Insert the daughters of a meeting, whose mother is `desk.lead`; gives their ids.

    `shared` are the columns that all rows of the meeting have in common, `type` as the mother has it among them;
    `settled`: they need not be asked.
    """
    reached = people.with_mailbox(desk.connection, {one.person for one in guests} - {0}) if mail else set()
    common = {"mother_associate_id": desk.lead.associate, **shared, "mother_id": desk.lead.row}
    rows = [
        common | _begun(one, shared["type"], settled=settled) | {"SendEmail": int(mail and _mailed(one, reached))}
        for one in guests
    ]
    numbers = writing.add(desk.connection, rows, desk.author)
    for number, one in zip(numbers, guests, strict=True):
        if one.kind is Kind.BARE:
            writing.add_mailbox(desk.connection, one.mailbox, number, desk.author)
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


def seated(connection: Connection, daughters: Sequence[Booking]) -> dict[tuple[str, int | str], Booking]:
    """Give the rows of a meeting by who they are for; of several of one person the one that is not cancelled."""
    found: dict[tuple[str, int | str], Booking] = {}
    bare = {row: mailbox for mailbox, row in people.of_rows(connection, [d.row for d in daughters]).items()}
    for row in sorted(daughters, key=lambda d: d.status == BOOKING_DELETED):
        who: tuple[str, int | str] = ("address", bare.get(row.row, ""))
        if row.associate:
            who = ("associate", row.associate)
        elif row.person:
            who = ("person", row.person)
        found.setdefault(who, row)
    return found
