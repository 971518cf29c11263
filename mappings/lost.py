"""Lost updates: what the life of a row does not lead to, somebody wrote who had not read it (DESIGN section 5)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from mappings.model import Kind
from mappings.status import BOOKING_MOVED, LIFE, STARTED, Act

# What the CRM does to a row by itself; being asked anew goes with another time.
_UNMOVED: Final = (Act.SEEN, Act.ACCEPT, Act.DECLINE, Act.REMOVE, Act.COMPLETE, Act.REOPEN)


def reachable(kind: Kind, before: int, now: int, *, moved: bool) -> bool:
    """Tell whether a row's life leads from one status to another, without being invited anew.

    `moved` tells that the row has other times. Where it is not reachable, somebody wrote over an answer who had not
    read it: a lost update (DESIGN section 5). To be asked again (6) is never one, and nor is a row begun (2).
    """
    acts = (*_UNMOVED, Act.MOVE) if moved else _UNMOVED
    seen = {before}
    fresh = {before}
    while fresh:
        fresh = {after for status in fresh for after in _after(kind, status, acts)} - seen
        seen |= fresh
    return now in seen or now in (STARTED, BOOKING_MOVED)


def _after(kind: Kind, status: int, acts: Iterable[Act]) -> set[int]:
    steps = (LIFE[kind].get(act, {}).get(status) for act in acts)
    return {step.status for step in steps if step is not None and step.status is not None}
