"""Effects owed to the outside, and what became of each: claimed, sent, tried again, given up (DESIGN section 4)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, and_, func, insert, select, true, update

from gateway.store import tables as t

_o, _e = t.outbox.c, t.event.c

OWED: Final = "owed"
SENDING: Final = "sending"  # somebody is at it, until `due_at`
SENT: Final = "sent"
DEAD: Final = "dead"
STOPPED: Final = "stopped"
WITHHELD: Final = "withheld"

MAIL: Final = "mail"  # a notice to somebody who takes part
NOTE: Final = "note"  # a few words to the owner

# What may still be sent, and what a later mail to the same person about the same event must not overtake.
UNSENT: Final = (OWED, SENDING, STOPPED)


@dataclass(frozen=True, slots=True)
class Owed:
    """One effect: what is to be sent, to whom, how often it was tried; `last` is when its event ends, an instant."""

    outbox_id: int
    event_id: int
    kind: str
    appointment_id: int
    recipient: str
    payload: bytes
    planned_at: int
    attempts: int
    state: str
    error: str
    method: str
    last: int | None


_COLUMNS: Final = (
    _o.outbox_id, _o.event_id, _o.kind, _o.appointment_id, _o.recipient, _o.payload, _o.planned_at, _o.attempts,
    _o.state, _o.error, _o.method, _e.last,
)  # fmt: skip
_JOINED: Final = select(*_COLUMNS).select_from(t.outbox.outerjoin(t.event, _e.event_id == _o.event_id))


def _owed(row: Sequence[Any]) -> Owed:
    return Owed(*row)


def claim(connection: Connection, now: int, lease: int) -> Owed | None:
    """Take the next effect that is due, for `lease` seconds; None where nothing is.

    Whoever dies over one leaves it to be taken again when the lease has ended.
    """
    earlier = t.outbox.alias()
    ahead = select(earlier.c.outbox_id).where(
        earlier.c.event_id == _o.event_id,
        earlier.c.recipient == _o.recipient,
        earlier.c.state.in_(UNSENT),
        earlier.c.outbox_id < _o.outbox_id,
    )
    due = and_(_o.state.in_((OWED, SENDING)), _o.due_at <= now, ~ahead.exists())
    chosen = select(_o.outbox_id).where(due).order_by(_o.due_at, _o.outbox_id).limit(1)
    number = connection.scalar(chosen.with_for_update(skip_locked=True, of=t.outbox))
    if number is None:
        return None
    taken = {"state": SENDING, "due_at": now + lease, "attempts": _o.attempts + 1}
    connection.execute(update(t.outbox).where(_o.outbox_id == number).values(**taken))
    return _owed(tuple(connection.execute(_JOINED.where(_o.outbox_id == number)).one()))


def ended(connection: Connection, number: int, state: str, now: int, delivery: str, **more: str) -> None:
    """Write down how an effect ended; `more` are error, message_id and language."""
    values = {"state": state, "done_at": now, "delivery": delivery, **more}
    connection.execute(update(t.outbox).where(_o.outbox_id == number).values(**values))


def postpone(connection: Connection, number: int, due: int, error: str) -> None:
    """Owe an effect again from an instant on."""
    values = {"state": OWED, "due_at": due, "error": error}
    connection.execute(update(t.outbox).where(_o.outbox_id == number).values(**values))


@dataclass(frozen=True, slots=True)
class Thread:
    """What was mailed to a person about an event before: Message-IDs, the oldest first, and the language last used."""

    message_ids: tuple[str, ...]
    language: str


def thread(connection: Connection, event_id: int, row: int, before: int) -> Thread:
    """Give the first and the last mail to a row about an event, before one of them."""
    mine = and_(_o.event_id == event_id, _o.appointment_id == row, _o.outbox_id < before, _o.message_id != "")
    wanted = select(_o.message_id, _o.language).where(mine)
    first = connection.execute(wanted.order_by(_o.outbox_id).limit(1)).first()
    last = connection.execute(wanted.order_by(_o.outbox_id.desc()).limit(1)).first()
    if first is None or last is None:
        return Thread((), "")
    return Thread(tuple(dict.fromkeys((first.message_id, last.message_id))), last.language)


def listed(connection: Connection, states: Collection[str], limit: int) -> list[Owed]:
    """List effects in some states, the oldest first."""
    wanted = _JOINED.where(_o.state.in_(states)).order_by(_o.outbox_id).limit(limit)
    return [_owed(tuple(row)) for row in connection.execute(wanted)]


def turn(connection: Connection, states: Collection[str], into: str, now: int, number: int | None = None) -> int:
    """Turn effects in some states, or one of them, into another, due now and as if never tried; gives how many."""
    where = and_(_o.state.in_(states), _o.outbox_id == number if number is not None else true())
    values = {"state": into, "due_at": now, "attempts": 0, "error": "", "delivery": "1.0"}
    return connection.execute(update(t.outbox).where(where).values(**values)).rowcount


def planned_since(connection: Connection, moment: int) -> int:
    """Count the mails planned since an instant, but those that were never to be sent."""
    recent = and_(_o.planned_at > moment, _o.state != WITHHELD)
    return connection.scalar(select(func.count()).select_from(t.outbox).where(recent)) or 0


def reported(connection: Connection, event_id: int, row: int, delivery: str, error: str) -> bool:
    """Write down what a mail server reported of the last mail to a row about an event; tells whether there was one."""
    mine = and_(_o.event_id == event_id, _o.appointment_id == row, _o.state == SENT)
    number = connection.scalar(select(func.max(_o.outbox_id)).where(mine))
    if number is None:
        return False
    connection.execute(update(t.outbox).where(_o.outbox_id == number).values(delivery=delivery, error=error))
    return True


def deliveries(connection: Connection, rows: Collection[int]) -> dict[int, str]:
    """Give the SCHEDULE-STATUS of the last mail to each row that one was owed to."""
    wanted = select(_o.appointment_id, _o.delivery).where(_o.appointment_id.in_(rows), _o.state != WITHHELD)
    return dict(connection.execute(wanted.order_by(_o.outbox_id)).all())


def asked_since(connection: Connection, event_id: int, row: int, moment: int) -> bool:
    """Tell whether a REQUEST to a row about an event was planned since an instant."""
    mine = and_(_o.event_id == event_id, _o.appointment_id == row, _o.method == "REQUEST", _o.planned_at > moment)
    return connection.scalar(select(_o.outbox_id).where(mine).limit(1)) is not None


def last_to(connection: Connection, row: int) -> tuple[int, bytes] | None:
    """Give the event and the payload of the last notice that was owed to a row."""
    mine = and_(_o.appointment_id == row, _o.kind == MAIL)
    wanted = select(_o.event_id, _o.payload).where(mine).order_by(_o.outbox_id.desc()).limit(1)
    found = connection.execute(wanted).first()
    return (found.event_id, found.payload) if found is not None else None


def owe_note(connection: Connection, event_id: int, recipient: str, payload: bytes, now: int) -> None:
    """Owe the owner of an event a few words."""
    values: dict[str, object] = {"event_id": event_id, "kind": NOTE, "method": "NOTE", "recipient": recipient[:320]}
    values |= {"appointment_id": 0, "sequence": 0, "payload": payload, "state": OWED, "planned_at": now, "due_at": now}
    connection.execute(insert(t.outbox).values(**values))


def notes_since(connection: Connection, event_id: int, moment: int) -> list[bytes]:
    """Give the notes about an event that were owed since an instant."""
    mine = and_(_o.event_id == event_id, _o.kind == NOTE, _o.planned_at > moment)
    return list(connection.scalars(select(_o.payload).where(mine)))


def event_of(connection: Connection, message_ids: Collection[str]) -> int | None:
    """Give the event about which one of these mails was sent by us."""
    mine = and_(_o.message_id.in_(message_ids), _o.message_id != "")
    return connection.scalar(select(_o.event_id).where(mine).limit(1))
