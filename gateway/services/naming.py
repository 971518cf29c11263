"""What a new event is called: a UID that nobody else has, and the row that it begins with (RFC 7986 5.3)."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from gateway.store import published
from gateway.store.unit import Connection
from mappings import identity

Key = tuple[str, int]  # ("rule", recurrenceRuleId) or ("mother", mother_id or appointment_id)
ATTEMPTS = 8


def free_uids(connection: Connection, house: UUID, new: Iterable[Key]) -> dict[Key, str]:
    """Give new events the UIDs of their keys, passing over one that another event took along to another key."""
    uids: dict[Key, str] = {}
    for attempt in range(ATTEMPTS):
        left = {k: identity.uid_of(house, k[0] + "'" * attempt, k[1]) for k in new if k not in uids}
        used = published.taken(connection, left.values())
        uids |= {k: uid for k, uid in left.items() if uid not in used}
    return uids


def fresh_event(key: Key, uid: str, now: int, related: str) -> dict[str, object]:
    """Give the row of an event that nobody has seen yet."""
    rule, mother = (key[1], None) if key[0] == "rule" else (None, key[1])
    return {
        "rule_id": rule, "mother_id": mother, "uid": uid, "name": identity.resource_name(uid), "sequence": 0,
        "dtstamp": now, "related": related,
    }  # fmt: skip
