"""Record an answer, whichever door it came through: the CRM's row, the evidence, and the mark, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gateway.crm import answers as crm
from gateway.crm import bookings
from gateway.services.house import House
from gateway.store import answers as store
from gateway.store import marks
from gateway.store.marks import Lane, Mark
from gateway.store.unit import Connection
from mappings import status
from mappings.model import Answer
from mappings.projection import Row
from mappings.status import Written


class Unsettled(Exception):
    """The CRM changed a row while its answer was being weighed: publish what it did, and weigh again."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """How an answer came: through which door, how far it was trusted, and the stored message, if it was one.

    `by` is the associate who wrote it down; None for whoever's row it is.
    """

    door: str
    trust: str
    inbox_id: int | None = None
    by: int | None = None


def respond(
    house: House,
    connection: Connection,
    event_id: int,
    answers: Iterable[Answer],
    rows: Mapping[int, Row],
    resets: Mapping[int, int],
    evidence: Evidence,
) -> None:
    """Apply answers to the rows they are for, all together.

    `rows` are the rows that the answers were weighed against. Their mothers are locked, and raises Unsettled where a
    row has changed since. Raises RefusedAct where the life of a row forbids an answer; then nothing is written.
    """
    wanted = sorted(answers, key=lambda a: a.row)
    bookings.lock(connection, [rows[a.row].mother for a in wanted])
    states = crm.states(connection, [a.row for a in wanted])
    given: list[tuple[Answer, Written]] = []
    for answer in wanted:
        row = rows[answer.row]
        if states.get(answer.row) != (row.type, row.status):
            raise Unsettled
        given.append((answer, status.write(row.kind, row.type, row.status, status.ACT_OF[answer.partstat])))
    for who, some in _by_author(given, rows, evidence).items():
        crm.write(connection, some, house.author(who))
    recorded = [(answer, written, resets.get(answer.row, 0)) for answer, written in given]
    store.record(
        connection, event_id, recorded, now=house.clock.now(), door=evidence.door, trust=evidence.trust,
        inbox_id=evidence.inbox_id,
    )  # fmt: skip
    # A row may look the same while the answer does not: mark it ourselves, beside the triggers.
    marks.add(connection, Lane.NOW, [Mark("appointment", row) for row in dict.fromkeys(a.row for a in wanted)])


def _by_author(
    given: Iterable[tuple[Answer, Written]], rows: Mapping[int, Row], evidence: Evidence
) -> dict[int, list[crm.Given]]:
    """Give what is to be written into rows, by who does it."""
    found: dict[int, list[crm.Given]] = {}
    for answer, written in given:
        row = rows[answer.row]
        if written.touched:
            who = row.associate if evidence.by is None else evidence.by
            found.setdefault(who, []).append(crm.Given(row.row, row.mother, written, answer.comment))
    return found
