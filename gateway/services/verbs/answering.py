"""The frame of the answers: what a REPLY by mail would do, done by whoever's row it is."""

from __future__ import annotations

from typing import Final

from gateway.crm import answers as crm
from gateway.errors import DatabaseBusy
from gateway.services.house import House
from gateway.services.respond import Evidence, Unsettled, respond
from gateway.services.verbs import acting, assignments, planning
from gateway.services.verbs.acting import Desk, Done
from gateway.store import answers, published
from gateway.store.published import Seen
from mappings.errors import NotWhole
from mappings.model import Answer, Kind, Trust
from mappings.status import ACT_OF, LOSSY

ATTEMPTS: Final = 5
DOOR: Final = "verb"


def answer(house: House, login: str, appointment: int, partstat: str, comment: str = "") -> Done:
    """Let somebody answer for a row: their own, or, as the owner, that of who has no diary.

    Raises RefusedAct where the life of the row does not allow it, BadRequest for a comment that cannot be kept, and
    NotWhole for an answer that the CRM's row cannot hold while the row is not published yet, for then there is nothing
    to keep it beside.
    """
    said = planning.within("comment", comment.strip(), planning.TEXT)
    for _ in range(ATTEMPTS):
        acting.published(house)  # what the CRM has moved meanwhile ends what was answered before
        try:
            with acting.at(house, login, appointment) as desk:
                return _answered(desk, partstat, said)
        except Unsettled:
            continue
    raise DatabaseBusy("The CRM keeps changing the row that is answered.")


def _answered(desk: Desk, partstat: str, comment: str) -> Done:
    if assignments.assigned(desk):
        return assignments.answered(desk, ACT_OF[partstat], comment)
    written = desk.allow(ACT_OF[partstat])
    row, connection = desk.row, desk.connection
    if not written.touched and _says_so(desk, partstat):
        return desk.done(written)
    seen = published.members(connection, [row.row]).get(row.row)
    if seen is not None:
        with_evidence(desk, seen, partstat, comment)
    elif partstat in LOSSY:
        raise NotWhole(f"appointment {row.row} is not published yet, and the CRM's row cannot hold {partstat}")
    elif written.touched:
        crm.write(connection, row.row, row.mother, written, comment, desk.author)
    return desk.done(written, changed=True)


def _says_so(desk: Desk, partstat: str) -> bool:
    """Tell whether the same was answered before: the row of an associate says it, else the answer that is live."""
    if desk.row.kind is Kind.ASSOCIATE and partstat not in LOSSY:
        return True
    return answers.standing(desk.connection, desk.row.row) == partstat


def with_evidence(desk: Desk, seen: Seen, partstat: str, comment: str) -> None:
    """Answer for the row, keeping the answer as it is given; raises Unsettled where the row has just changed."""
    row, connection, now = desk.row, desk.connection, desk.author.now
    event = published.events(connection, ids=[seen.event_id])[seen.event_id]
    rows = {r.row: r for r in desk.house.reader.by_row(connection, [row.row])}
    if (rows[row.row].type, rows[row.row].status) != (row.type, row.status):
        raise Unsettled
    given = Answer(seen.key, row.row, partstat, event.sequence, now, now, now, comment)
    evidence = Evidence(DOOR, Trust.VOUCHED.value, by=desk.actor.associate)
    respond(desk.house, connection, seen.event_id, [given], rows, {row.row: seen.reset_sequence}, evidence)
