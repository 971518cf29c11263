"""Answering an assignment: a single row that was handed over, which is no invitation (statuses 11 to 13)."""

from __future__ import annotations

from typing import Any

from gateway.crm import people, writing
from gateway.crm.answers import REASON
from gateway.services.verbs.acting import Desk, Done
from mappings.status import COMPLETED, NOT_STARTED, STARTED, Act, Written


def assigned(desk: Desk) -> bool:
    """Tell whether the row is one that was assigned to somebody."""
    return desk.row.mother == 0 and bool(desk.row.assigned_by)


def answered(desk: Desk, act: Act, reason: str) -> Done:
    """Let the assignee take the row over, or give it back to who assigned it (CRM: 11, 12 -> 1 or 13)."""
    row = desk.row
    taken_over = row.assigned_by == row.associate and row.status in (NOT_STARTED, STARTED, COMPLETED)
    if act is Act.ACCEPT and desk.holds and taken_over:
        return desk.done(Written(row.type, row.status, touched=False))
    written = desk.allow(act)
    more = {"assignedBy": row.associate} if act is Act.ACCEPT else _back(desk, reason)
    writing.settle(desk.connection, {row: written}, desk.author, more)
    return desk.done(written)


def _back(desk: Desk, reason: str) -> dict[str, Any]:
    """Give the row back; to who has retired meanwhile too, for it was theirs."""
    assigner = people.by_associate(desk.connection, desk.row.assigned_by)
    group = {"group_idx": assigner.group} if assigner else {}
    return {"associate_id": desk.row.assigned_by, "rejectReason": reason[:REASON], **group}
