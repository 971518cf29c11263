"""What is still to be sent, what was stopped and what was given up; and somebody's word on it."""

from __future__ import annotations

from typing import Final

from gateway.errors import NotFound
from gateway.services.house import House
from gateway.store import outbox
from gateway.store.outbox import Owed

MOST: Final = 500  # mails listed at once
WAITING: Final = (outbox.OWED, outbox.SENDING, outbox.STOPPED, outbox.DEAD)
_UNSENT: Final = (outbox.OWED, outbox.STOPPED, outbox.DEAD)


def waiting(house: House) -> list[Owed]:
    """List what has not been sent and may be, the oldest first; at most MOST."""
    with house.store.reading() as connection:
        return outbox.listed(connection, WAITING, MOST)


def release(house: House, number: int | None = None) -> int:
    """Let a mail go that was stopped or given up, or with None every one that the brake stopped; gives how many.

    Raises NotFound where no such mail waits.
    """
    states = (outbox.STOPPED,) if number is None else (outbox.STOPPED, outbox.DEAD)
    with house.store.writing() as connection:
        return _found(outbox.turn(connection, states, outbox.OWED, house.clock.now(), number), number)


def discard(house: House, number: int) -> int:
    """Decide that a mail is never sent; raises NotFound where none of that number waits."""
    with house.store.writing() as connection:
        return _found(outbox.turn(connection, _UNSENT, outbox.WITHHELD, house.clock.now(), number), number)


def _found(count: int, number: int | None) -> int:
    if number is not None and not count:
        raise NotFound(f"There is no mail {number} that waits.")
    return count
