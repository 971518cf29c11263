"""Other times that were proposed, and what the owner decided."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, insert, select, update

from gateway.store import tables as t
from mappings.model import Proposal

_p, _e = t.proposal.c, t.event.c

OPEN: Final = "open"
ACCEPTED: Final = "accepted"
DECLINED: Final = "declined"
OVERTAKEN: Final = "overtaken"  # by another proposal of the same person


@dataclass(frozen=True, slots=True)
class Kept:
    """One proposal that waits for a decision; `received`, `start` and `end` are instants."""

    number: int
    event_id: int
    key: int
    row: int
    start: int
    end: int
    comment: str
    former: bool
    received: int


_COLUMNS: Final = (
    _p.proposal_id, _p.event_id, _p.key, _p.appointment_id, _p.start, _p.end, _p.comment, _p.former, _p.received,
)  # fmt: skip


def keep(
    connection: Connection, event_id: int, some: Iterable[Proposal], *, received: int, inbox_id: int | None
) -> None:
    """Write proposals down; a person's latest one for an instance stands in the place of the one before."""
    for one in some:
        mine = (_p.event_id == event_id) & (_p.key == one.key) & (_p.appointment_id == one.row) & (_p.state == OPEN)
        connection.execute(update(t.proposal).where(mine).values(state=OVERTAKEN, decided_at=received))
        values: dict[str, object] = {"event_id": event_id, "key": one.key, "appointment_id": one.row}
        values |= {"start": one.start, "end": one.end, "comment": one.comment, "former": one.former}
        values |= {"received": received, "inbox_id": inbox_id}
        connection.execute(insert(t.proposal).values(**values))


def waiting(connection: Connection, now: int, limit: int) -> list[Kept]:
    """List the proposals that nobody has decided about and that are not over, the oldest first."""
    wanted = select(*_COLUMNS).where(_p.state == OPEN, _p.start > now).order_by(_p.proposal_id).limit(limit)
    return [Kept(*row) for row in connection.execute(wanted)]


def read(connection: Connection, number: int) -> Kept | None:
    """Read a proposal that waits, behind a lock on it."""
    wanted = select(*_COLUMNS).where(_p.proposal_id == number, _p.state == OPEN).with_for_update()
    row = connection.execute(wanted).first()
    return Kept(*row) if row is not None else None


def decided(connection: Connection, number: int, state: str, now: int) -> None:
    """Write down what was decided about a proposal."""
    connection.execute(update(t.proposal).where(_p.proposal_id == number).values(state=state, decided_at=now))
