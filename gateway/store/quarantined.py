"""Events that could not be projected, set aside one by one so that they stop nobody else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, delete, insert, select, update

from gateway.chunks import chunks
from gateway.store.tables import event, quarantine

_COLUMNS = {"rule": (quarantine.c.rule_id, event.c.rule_id), "mother": (quarantine.c.mother_id, event.c.mother_id)}


def put(connection: Connection, failed: Mapping[tuple[str, int], str], now: int) -> None:
    """Set events aside by their CRM keys, with the reason; what is published of them stays as it is."""
    for (kind, key), reason in failed.items():
        mine, theirs = _COLUMNS[kind]
        known = connection.execute(update(quarantine).where(mine == key).values(reason=reason)).rowcount
        if not known:
            connection.execute(insert(quarantine).values({mine.name: key, "reason": reason, "since": now}))
        connection.execute(update(event).where(theirs == key).values(quarantined=True))


def release(connection: Connection, keys: Iterable[tuple[str, int]]) -> None:
    """Take events back that can be projected again."""
    wanted = list(keys)
    for kind, (mine, _) in _COLUMNS.items():
        for some in chunks(k for which, k in wanted if which == kind):
            connection.execute(delete(quarantine).where(mine.in_(some)))


def listed(connection: Connection) -> list[tuple[str, int, str, int]]:
    """List (kind of key, key, reason, since) of everything set aside."""
    q = quarantine.c
    found = connection.execute(select(q.rule_id, q.mother_id, q.reason, q.since).order_by(q.since)).all()
    return [("rule" if r.rule_id else "mother", r.rule_id or r.mother_id, r.reason, r.since) for r in found]
