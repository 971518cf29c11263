"""What a publication leaves to be announced, and what it settles in silence (DESIGN section 4: adoption is silent)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, case, delete, func, insert, select, update

from gateway.chunks import chunks
from gateway.store import asked as asked_store
from gateway.store import tables as t
from gateway.store.outbox import UNSENT, WITHHELD
from gateway.store.published import upsert
from gateway.store.values import tell, told
from mappings import asked, notices
from mappings.model import Announced, Event, Header, Instance, Notice

PATIENCE = 15  # times SETTLE: however restless an event is, its news waits no longer


@dataclass(frozen=True, slots=True)
class News:
    """One event that changed: what it is now, and whether in silence.

    `named` tells of a silent change of names and addresses: who could not be mailed before, and can now, is news.
    """

    event_id: int
    header: Header
    silent: bool
    instances: tuple[Instance, ...]
    named: bool = False


def after(connection: Connection, news: Sequence[News], now: int, settle: int) -> None:
    """Note what has to be announced of `news`, and write down as told what changed in silence.

    An event whose news is owed already keeps owing it, whatever else changes in silence.
    """
    if not news:
        return
    known = told_of(connection, [n.event_id for n in news])
    asks = asked_store.known(connection, [n.header.uid for n in news if any(i.owned_externally for i in n.instances)])
    for n in news:
        if n.silent and n.header.uid in asks:  # no reply is owed
            asked_store.keep(connection, asked.settled(asks[n.header.uid], Event(n.header, n.instances)), now)
    note(connection, [n.event_id for n in news if not n.silent and n.header.uid in asks], now, settle)
    mailed = [n for n in news if n.event_id in known or _anybody_mailed(n.instances)]
    reached = [n.event_id for n in mailed if n.named and _reached(known.get(n.event_id), n.instances)]
    note(connection, [n.event_id for n in mailed if not n.silent] + reached, now, settle)
    silent = [n for n in mailed if n.silent]
    owed = _owed(connection, [n.event_id for n in silent])
    told_now: dict[int, Announced | None] = {}
    for n in silent:
        if n.event_id not in owed:
            event = Event(n.header, n.instances) if n.instances else None
            told_now[n.event_id] = notices.announced(known.get(n.event_id), event)
    # Who was reached just now is owed a notice: `owed` has them, and what was told stays as it was.
    write_down(connection, told_now, now)


def note(connection: Connection, events: Iterable[int], now: int, settle: int) -> None:
    """Note that events have news, due when they have been quiet for `settle` seconds."""
    rows = [{"event_id": e, "noted_at": now, "due_at": now + settle} for e in sorted(set(events))]
    if not rows:
        return
    statement = upsert(connection, t.announce)
    latest, quiet = t.announce.c.noted_at + PATIENCE * settle, statement.excluded.due_at
    due = case((latest < quiet, latest), else_=quiet)
    connection.execute(statement.on_conflict_do_update(index_elements=["event_id"], set_={"due_at": due}), rows)


def vanished(connection: Connection, header: Header, event_id: int, now: int, settle: int, *, silent: bool) -> None:
    """Note that an event has gone for good."""
    after(connection, [News(event_id, header, silent, ())], now, settle)


def write_down(connection: Connection, values: Mapping[int, Announced | None], now: int) -> None:
    """Write down what the outside has been told of events; None: it knows nothing of one any more."""
    for some in chunks(values):
        connection.execute(delete(t.announced).where(t.announced.c.event_id.in_(some)))
    rows = [{"event_id": e, "value": tell(v), "told_at": now} for e, v in values.items() if v is not None]
    if rows:
        connection.execute(insert(t.announced), rows)


def told_of(connection: Connection, events: Iterable[int]) -> dict[int, Announced]:
    """Read what the outside was last told of events."""
    a = t.announced.c
    found: dict[int, Announced] = {}
    for some in chunks(events):
        for event_id, value in connection.execute(select(a.event_id, a.value).where(a.event_id.in_(some))):
            found[event_id] = told(value)
    return found


def _reached(told_before: Announced | None, instances: Iterable[Instance]) -> bool:
    mailed = {p.row for i in instances for p in i.participants if p.mailed}
    return not mailed <= set(told_before.told if told_before else ())


def _owed(connection: Connection, events: Iterable[int]) -> set[int]:
    found: set[int] = set()
    for some in chunks(events):
        found.update(connection.scalars(select(t.announce.c.event_id).where(t.announce.c.event_id.in_(some))))
    return found


def _anybody_mailed(instances: Iterable[Instance]) -> bool:
    return any(p.mailed for i in instances for p in i.participants)


def due(connection: Connection, now: int, limit: int) -> list[int]:
    """List events whose news is due, the longest waiting first."""
    n = t.announce.c
    return list(connection.scalars(select(n.event_id).where(n.due_at <= now).order_by(n.due_at).limit(limit)))


def settled(connection: Connection, events: Iterable[int]) -> None:
    """Forget that events had news."""
    for some in chunks(events):
        connection.execute(delete(t.announce).where(t.announce.c.event_id.in_(some)))


def owe(connection: Connection, event_id: int, some: Iterable[Notice], now: int, *, state: str) -> None:
    """Put notices into the outbox in a state of `gateway.store.outbox`."""
    rows = [
        {
            "event_id": event_id, "method": n.method, "recipient": n.to.address[:320], "appointment_id": n.row,
            "sequence": n.sequence, "payload": tell(n), "state": state, "planned_at": now, "due_at": now,
        }
        for n in some
    ]  # fmt: skip
    if rows:
        connection.execute(insert(t.outbox), rows)


def withhold(connection: Connection) -> None:
    """Withhold every effect that is still owed: it is never sent."""
    connection.execute(update(t.outbox).where(t.outbox.c.state.in_(UNSENT)).values(state=WITHHELD))


def waiting(connection: Connection) -> list[int]:
    """List every event whose news waits to be announced, due or not."""
    return list(connection.scalars(select(t.announce.c.event_id).order_by(t.announce.c.event_id)))


def owed(connection: Connection) -> dict[str, int]:
    """Count the effects in the outbox by state, and the events whose news is ``announcing``."""
    o = t.outbox.c
    counted: dict[str, int] = dict(connection.execute(select(o.state, func.count()).group_by(o.state)).all())
    waiting = connection.scalar(select(func.count()).select_from(t.announce)) or 0
    return counted | ({"announcing": waiting} if waiting else {})
