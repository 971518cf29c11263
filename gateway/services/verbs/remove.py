"""Uninvite somebody."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.crm import answers, writing
from gateway.crm.bookings import Booking
from gateway.errors import BadRequest
from gateway.services.house import House
from gateway.services.verbs import acting, guests, telling
from gateway.services.verbs.acting import Desk, Done
from mappings.status import Act


def remove(house: House, login: str, appointment: int, words: Sequence[str]) -> Done:
    """Let the owner uninvite participants, named as for `invite` or by their row, ``row:741``.

    An associate keeps a row that says *cancelled* until they have taken note; others go at once. Raises UnknownPerson,
    NotFound, BadRequest for who is not invited, and RefusedAct where the life of the meeting does not allow it.
    """
    with acting.at(house, login, appointment) as desk:
        lead = desk.allow(Act.REMOVE)
        becomes = {row: desk.becomes(row, Act.REMOVE) for row in _named(desk, words)}
        changed = {row: after for row, after in becomes.items() if after.touched}
        if changed:
            telling.raised(desk)
            writing.settle(desk.connection, changed, desk.author)
            answers.count(desk.connection, desk.lead.row, desk.author)
        return desk.led(lead, changed=bool(changed))


def _named(desk: Desk, words: Sequence[str]) -> list[Booking]:
    by_row = {f"row:{d.row}": d for d in desk.daughters}
    standing = guests.seated(desk.connection, desk.daughters)
    found: dict[int, Booking] = {}
    for word in words:
        row = by_row.get(word.strip())
        if row is None:
            (one,) = guests.resolve(desk.connection, [word])
            row = standing.get(one.who)
        if row is None:
            raise BadRequest("with", f"{word!r} is not invited")
        found[row.row] = row
    return list(found.values())
