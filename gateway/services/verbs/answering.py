"""The frame of the answers: what a REPLY by mail would do, done by whoever's row it is."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from gateway.crm import answers as crm
from gateway.crm.bookings import Booking
from gateway.errors import DatabaseBusy
from gateway.services.house import House
from gateway.services.respond import Evidence, Unsettled, respond
from gateway.services.verbs import acting, assignments, planning
from gateway.services.verbs.acting import Desk, Done
from gateway.store import answers, published
from gateway.store.published import Seen
from mappings.errors import NotWhole
from mappings.model import Answer, Kind, Trust
from mappings.reach import Reach
from mappings.status import ACT_OF, LOSSY, Written

ATTEMPTS: Final = 5
DOOR: Final = "verb"


def answer(house: House, login: str, appointment: int, partstat: str, comment: str, reach: Reach) -> Done:
    """Let somebody answer for a row: their own, or, as the owner, that of who has no diary.

    Of a series they answer for their rows at all occurrences in reach that are not over. Raises RefusedAct where the
    life of the row does not allow it, BadRequest for a comment that cannot be kept, and NotWhole for an answer that the
    CRM's row cannot hold while the row is not published yet, for then there is nothing to keep it beside.
    """
    said = planning.within("comment", comment.strip(), planning.TEXT)
    for _ in range(ATTEMPTS):
        acting.published(house)  # what the CRM has moved meanwhile ends what was answered before
        try:
            with acting.at(house, login, appointment, ACT_OF[partstat], reach) as desk:
                return _answered(desk, partstat, said)
        except Unsettled:
            continue
    raise DatabaseBusy("The CRM keeps changing the row that is answered.")


def _answered(desk: Desk, partstat: str, comment: str) -> Done:
    if assignments.assigned(desk):
        return assignments.answered(desk, ACT_OF[partstat], comment)
    given = desk.each(ACT_OF[partstat])
    same = _said_before(desk, [d.row for d, written in given.items() if not written.touched], partstat)
    new = {d.row: written for d, written in given.items() if d.row.row not in same}
    give(desk, new, partstat, comment)
    return desk.done(given.get(desk), changed=bool(new), occurrences=len(new))


def give(desk: Desk, new: Mapping[Booking, Written], partstat: str, comment: str) -> None:
    """Write answers into rows, with evidence beside each row that is published; raises NotWhole and Unsettled."""
    seen = published.members(desk.connection, [row.row for row in new])
    unseen = {row: written for row, written in new.items() if row.row not in seen}
    for row in unseen:
        if partstat in LOSSY:
            raise NotWhole(f"appointment {row.row} is not published yet, and the CRM's row cannot hold {partstat}")
    some = [crm.Given(row.row, row.mother, written, comment) for row, written in unseen.items() if written.touched]
    crm.write(desk.connection, some, desk.author)
    with_evidence(desk, {row: seen[row.row] for row in new if row.row in seen}, partstat, comment)


def _said_before(desk: Desk, rows: Collection[Booking], partstat: str) -> set[int]:
    """Give those of the rows that answered the same before: the row of an associate says it, else the live answer."""
    says = {row.row for row in rows if row.kind is Kind.ASSOCIATE and partstat not in LOSSY}
    standing = answers.standing(desk.connection, [row.row for row in rows if row.row not in says])
    return says | {row for row, stands in standing.items() if stands == partstat}


def with_evidence(desk: Desk, seen: Mapping[Booking, Seen], partstat: str, comment: str) -> None:
    """Answer for rows, keeping the answer as it is given; raises Unsettled where a row has just changed."""
    connection, now = desk.connection, desk.author.now
    rows = {r.row: r for r in desk.house.reader.by_row(connection, [row.row for row in seen])}
    if any((rows[row.row].type, rows[row.row].status) != (row.type, row.status) for row in seen):
        raise Unsettled
    evidence = Evidence(DOOR, Trust.VOUCHED.value, by=desk.actor.associate)
    events = published.events(connection, ids={was.event_id for was in seen.values()})
    for event_id, event in events.items():
        mine = {row: was for row, was in seen.items() if was.event_id == event_id}
        given = [
            Answer(was.key, row.row, partstat, event.sequence, now, now, now, comment) for row, was in mine.items()
        ]
        resets = {row.row: was.reset_sequence for row, was in mine.items()}
        respond(desk.house, connection, event_id, given, rows, resets, evidence)
