"""What organizers elsewhere have asked of people here, by the UID of their events (mappings.asked)."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from sqlalchemy import Connection, delete, insert, select

from gateway.store import tables as t
from mappings.asked import Asked

_a = t.asked.c
MANY = 500  # UIDs in one statement
_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Asked)


def known(connection: Connection, uids: Iterable[str]) -> dict[str, Asked]:
    """Read what was asked, by UID; others than those that came from elsewhere have nothing."""
    found: dict[str, Asked] = {}
    wanted = sorted(set(uids))
    for start in range(0, len(wanted), MANY):
        some = wanted[start : start + MANY]
        for uid, value in connection.execute(select(_a.uid, _a.value).where(_a.uid.in_(some))):
            found[uid] = _decoder.decode(value)
    return found


def keep(connection: Connection, it: Asked, now: int) -> None:
    """Write down what was asked, in place of what stood there."""
    connection.execute(delete(t.asked).where(_a.uid == it.uid))
    connection.execute(insert(t.asked).values(uid=it.uid, value=_encoder.encode(it), heard_at=now))
