"""Move a meeting, or a series: everybody is asked again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gateway.crm import answers, writing
from gateway.crm.bookings import Booking
from gateway.services.house import House
from gateway.services.verbs import acting, ruling, telling
from gateway.services.verbs.acting import Desk, Done
from gateway.services.verbs.planning import When
from mappings import reach as reaches
from mappings.reach import Reach
from mappings.recurrence.shifting import Place, Shift, Span
from mappings.status import TODO_TYPES, Act, Written


def move(house: House, login: str, appointment: int, when: When, *, reach: Reach = Reach.ONLY_THIS) -> Done:
    """Let the owner give a meeting another time (CRM: Move): all its rows have it, and who was invited answers anew.

    Of a series the occurrences in reach are shifted by the same difference on the clock, but for those that were moved
    by themselves before; where it is a part of the series it becomes a series of its own. Nobody is asked about what is
    over. The same time again is no change. Raises UnknownPerson, NotFound, BadRequest, and RefusedAct where the life of
    the meeting does not allow it.
    """
    with acting.at(house, login, appointment, Act.MOVE, reach) as desk:
        given = desk.each(Act.MOVE)
        times = when.columns()
        if (desk.lead.start, desk.lead.end, int(desk.lead.all_day)) == tuple(
            times[name] for name in ("do_by", "endDate", "alldayEvent")
        ):
            return desk.led(given.get(desk), changed=False)
        shift = Shift(desk.place.span, Span(when.start, when.end, when.all_day))
        moves = _alone(desk, given, times) if desk.reach is Reach.ONLY_THIS else _together(desk, given, shift)
        telling.raised(desk)
        writing.settle(desk.connection, {row: w for m in moves for row, w in m.becomes.items()}, desk.author)
        columns = {row.row: m.columns for m in moves for row in m.becomes}
        part = None if desk.reach is Reach.ONLY_THIS else ruling.moved(desk, shift)
        if part is not None:
            mine = [row.row for d in desk.reached if d.lead.leads for row in (d.lead, *d.following)]
            columns |= {row: columns.get(row, {}) | {"recurrenceRuleId": part} for row in mine}
        writing.rewrite(desk.connection, columns, desk.author)
        if part is not None:
            telling.parted(desk, [d.lead.row for d in desk.reached], part)
        answers.count(desk.connection, [m.mother for m in moves], desk.author)
        return desk.led(given.get(desk), changed=True, occurrences=len(moves))


@dataclass(frozen=True, slots=True)
class _Move:
    """What becomes of the rows of one meeting, and the columns that all of them get."""

    mother: int
    becomes: dict[Booking, Written]
    columns: dict[str, Any]


def _alone(desk: Desk, given: dict[Desk, Written], times: dict[str, int]) -> list[_Move]:
    becomes = {desk.lead: given[desk]} | {row: desk.becomes(row, Act.MOVE) for row in desk.following}
    # When an occurrence was first planned is how its series knows it (CRM: original_start_date).
    first = {"original_start_date": desk.place.planned} if desk.lead.rule else {}
    return [_Move(desk.lead.row, becomes, times | first)]


def _together(desk: Desk, given: dict[Desk, Written], shift: Shift) -> list[_Move]:
    moves: list[_Move] = []
    for d, lead in given.items():
        was = d.place
        now = shift.place(was, named=d is desk)
        asked = now.span != was.span and not _over(d, now)
        follow = {row: d.becomes(row, Act.MOVE) if asked else _as_it_is(row) for row in d.following}
        columns = {"original_start_date": now.original} if now.original != was.original else {}
        if now.span != was.span:
            columns |= When(now.start, now.end, now.all_day).columns()
        moves.append(_Move(d.lead.row, {d.lead: lead} | follow, columns))
    return moves


def _over(desk: Desk, now: Place) -> bool:
    over = reaches.over(now.start, now.end, desk.author.wall, all_day=now.all_day)
    return over and desk.lead.type not in TODO_TYPES


def _as_it_is(row: Booking) -> Written:
    return Written(row.type, row.status, touched=False)
