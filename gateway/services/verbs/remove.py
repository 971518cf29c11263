"""Uninvite somebody."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from gateway.crm import answers, writing
from gateway.crm.bookings import Booking
from gateway.errors import BadRequest
from gateway.services.house import House
from gateway.services.verbs import acting, guests, ruling, telling
from gateway.services.verbs.acting import Desk, Done
from mappings.reach import Reach
from mappings.status import BOOKING_DELETED, Act


def remove(house: House, login: str, appointment: int, words: Sequence[str], *, reach: Reach = Reach.ONLY_THIS) -> Done:
    """Let the owner uninvite participants, named as for `invite` or by their row, ``row:741``.

    An associate keeps a row that says *cancelled* until they have taken note; others go at once. Of a series it is
    enough to be invited to one occurrence in reach. Raises UnknownPerson, NotFound, BadRequest for who is not invited,
    and RefusedAct where the life of the meeting does not allow it.
    """
    with acting.at(house, login, appointment, Act.REMOVE, reach) as desk:
        given = desk.each(Act.REMOVE)
        leaving = _named(desk, given, words)
        changed = {
            d: {row: after for row in rows if (after := d.becomes(row, Act.REMOVE)).touched}
            for d, rows in leaving.items()
        }
        changed = {d: becomes for d, becomes in changed.items() if becomes}
        if changed:
            telling.raised(desk)
            all_rows = {row: after for becomes in changed.values() for row, after in becomes.items()}
            writing.settle(desk.connection, all_rows, desk.author)
            answers.count(desk.connection, [d.lead.row for d in changed], desk.author)
            ruling.tidy(desk, {row.rule for row in all_rows})
        return desk.led(given.get(desk), changed=bool(changed), occurrences=len(changed))


def _named(desk: Desk, meetings: Collection[Desk], words: Sequence[str]) -> dict[Desk, list[Booking]]:
    """Find the rows of who is named, at each of the meetings."""
    everybody = [d for meeting in desk.series for d in meeting.daughters]
    by_row = {f"row:{d.row}": d for d in everybody}
    standing = guests.seated(desk, meetings)
    found: dict[Desk, dict[int, Booking]] = {meeting: {} for meeting in meetings}
    for word in words:
        row = by_row.get(word.strip())
        if row is not None:
            same = acting.same_person(desk.connection, row, everybody)
            rows = {m: [d for d in m.daughters if d.row in same] for m in meetings}
            rows = {m: [row] if row in some else _standing(some) for m, some in rows.items()}
        else:
            (one,) = guests.resolve(desk.connection, [word])
            rows = {m: [seats[one.who]] if one.who in seats else [] for m, seats in standing.items()}
        if not any(rows.values()):
            raise BadRequest("with", f"{word!r} is not invited")
        for meeting, some in rows.items():
            found[meeting] |= {d.row: d for d in some}
    return {meeting: list(rows.values()) for meeting, rows in found.items()}


def _standing(rows: list[Booking]) -> list[Booking]:
    """Give the one of a person's rows at a meeting that is not cancelled, where there is one."""
    return sorted(rows, key=lambda d: d.status == BOOKING_DELETED)[:1]
