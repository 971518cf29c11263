"""Every message received, stored before it is judged (DESIGN: nothing disappears in silence)."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, Row, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from gateway.store.tables import inbox

_i = inbox.c


@dataclass(frozen=True, slots=True)
class Received:
    """One stored message; `outcome` is None until it has been judged."""

    inbox_id: int
    raw: bytes
    received: int
    door: str
    trust: str
    outcome: str | None
    attempts: int
    reason: str


_COLUMNS = (_i.inbox_id, _i.raw, _i.received, _i.door, _i.trust, _i.outcome, _i.attempts, _i.reason)


def keep(connection: Connection, raw: bytes, *, received: int, door: str, trust: str) -> Received:
    """Store a message byte for byte, or give what is stored of the same bytes already."""
    digest = hashlib.sha256(raw).digest()
    known = _by_digest(connection, digest)
    if known is None:
        values = {"digest": digest, "raw": raw, "received": received, "door": door, "trust": trust}
        try:
            with connection.begin_nested():
                connection.execute(insert(inbox).values(**values))
        except IntegrityError:  # the same message came by another door at this moment
            pass
        known = _by_digest(connection, digest)
    assert known is not None
    return known


def _by_digest(connection: Connection, digest: bytes) -> Received | None:
    return _received(connection.execute(select(*_COLUMNS).where(_i.digest == digest)).first())


def _received(row: Row[int, bytes, int, str, str, str | None, int, str] | None) -> Received | None:
    return Received(*row) if row is not None else None


def lock(connection: Connection, inbox_id: int) -> Received | None:
    """Read a message behind a lock on it, so that it is judged once at a time."""
    wanted = select(*_COLUMNS).where(_i.inbox_id == inbox_id).with_for_update()
    return _received(connection.execute(wanted).first())


def read(connection: Connection, inbox_id: int) -> Received | None:
    """Read a message, if there is one of that number."""
    return _received(connection.execute(select(*_COLUMNS).where(_i.inbox_id == inbox_id)).first())


def ended_as(connection: Connection, outcomes: Collection[str], limit: int) -> list[Received]:
    """List messages that ended under some outcomes, the oldest first."""
    wanted = select(*_COLUMNS).where(_i.outcome.in_(outcomes)).order_by(_i.inbox_id).limit(limit)
    return [Received(*row) for row in connection.execute(wanted)]


def unjudged(connection: Connection, before: int, limit: int = 20) -> list[int]:
    """List messages that were stored before an instant and have no outcome yet: somebody died over them."""
    wanted = select(_i.inbox_id).where(_i.outcome.is_(None), _i.received <= before).order_by(_i.inbox_id)
    return list(connection.scalars(wanted.limit(limit)))


def vouch(connection: Connection, inbox_id: int, trust: str) -> None:
    """Write down that somebody vouches for a message that was held, so that it is judged anew."""
    connection.execute(
        update(inbox).where(_i.inbox_id == inbox_id).values(trust=trust, outcome=None, reason="", attempts=0)
    )


def attempted(connection: Connection, inbox_id: int) -> None:
    """Count one more attempt at judging a message."""
    connection.execute(update(inbox).where(_i.inbox_id == inbox_id).values(attempts=_i.attempts + 1))


def judged(connection: Connection, inbox_id: int, outcome: str, reason: str, **more: object) -> None:
    """Write down the outcome of a message; `more` are event_id, message_id, verdict (JSON) and judged_at."""
    connection.execute(update(inbox).where(_i.inbox_id == inbox_id).values(outcome=outcome, reason=reason, **more))


def outcomes(connection: Connection) -> dict[str, int]:
    """Count the messages by outcome; those without one are counted as ``received``."""
    found = connection.execute(select(_i.outcome, func.count()).group_by(_i.outcome))
    return {outcome or "received": count for outcome, count in found}
