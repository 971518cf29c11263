"""Answering an assignment: a single row that was handed over, which is no invitation (statuses 11 to 13)."""

from __future__ import annotations

from typing import Any

from gateway.crm import people, writing
from gateway.crm.answers import REASON
from gateway.services.verbs.acting import Desk, Done
from mappings.errors import RefusedAct
from mappings.status import COMPLETED, NOT_STARTED, STARTED, Act


def assigned(desk: Desk) -> bool:
    """Tell whether the row is one that was assigned to somebody."""
    return desk.row.mother == 0 and bool(desk.row.assigned_by)


def answered(desk: Desk, act: Act, reason: str) -> Done:
    """Let the assignee take rows over, or give them back to who assigned them (CRM: 11, 12 -> 1 or 13)."""
    try:
        given = {d: written for d, written in desk.each(act).items() if assigned(d)}
    except RefusedAct:
        if act is Act.ACCEPT and desk.holds and _taken_over(desk):
            return desk.done(None, changed=False)
        raise
    for assigner in sorted({d.row.assigned_by for d in given}):
        becomes = {d.row: written for d, written in given.items() if d.row.assigned_by == assigner}
        more = {"assignedBy": desk.row.associate} if act is Act.ACCEPT else _back(desk, assigner, reason)
        writing.settle(desk.connection, becomes, desk.author, more)
    return desk.done(given.get(desk), changed=bool(given), occurrences=len(given))


def _taken_over(desk: Desk) -> bool:
    row = desk.row
    return row.assigned_by == row.associate and row.status in (NOT_STARTED, STARTED, COMPLETED)


def _back(desk: Desk, assigner: int, reason: str) -> dict[str, Any]:
    """Give rows back; to who has retired meanwhile too, for they were theirs."""
    known = people.by_associate(desk.connection, assigner)
    group = {"group_idx": known.group} if known else {}
    return {"associate_id": assigner, "rejectReason": reason[:REASON], **group}
