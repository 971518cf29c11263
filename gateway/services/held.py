"""Messages that wait for a person: what is not trusted enough is neither dropped nor applied (itip-imip 3.3)."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.errors import NotFound
from gateway.services import ingest
from gateway.services.house import House
from gateway.services.ingest import Ended
from gateway.store import inbox
from mappings import imip
from mappings.model import Outcome, Trust

WAITING = (Outcome.HELD, Outcome.NEEDS_HUMAN)
MOST = 500  # messages listed at once


@dataclass(frozen=True, slots=True)
class Held:
    """One message that waits: its number, when it came (an instant) and by which door, and why it waits.

    `sender` are the addresses that it says it came from.
    """

    number: int
    received: int
    door: str
    outcome: str
    reason: str
    sender: tuple[str, ...]


def held(house: House) -> list[Held]:
    """List the messages that wait for a person, the oldest first; at most MOST."""
    with house.store.reading() as connection:
        found = inbox.ended_as(connection, [outcome.value for outcome in WAITING], MOST)
    return [
        Held(one.inbox_id, one.received, one.door, one.outcome or "", one.reason, _sender(one.raw)) for one in found
    ]


def raw(house: House, number: int) -> bytes:
    """Give a message that waits, as it was received; raises NotFound."""
    with house.store.reading() as connection:
        return _waiting(inbox.read(connection, number), number).raw


def release(house: House, number: int) -> Ended:
    """Vouch for the sender of a message that waits, and judge it anew; raises NotFound."""
    with house.store.writing() as connection:
        _waiting(inbox.lock(connection, number), number)
        inbox.vouch(connection, number, Trust.VOUCHED.value)
    return ingest.finish(house, number)


def discard(house: House, number: int) -> Ended:
    """Decide that nothing is to become of a message that waits; its bytes stay. Raises NotFound."""
    ended = Ended(Outcome.NO_CHANGE, "somebody decided that nothing comes of it", number)
    with house.store.writing() as connection:
        _waiting(inbox.lock(connection, number), number)
        inbox.judged(connection, number, ended.outcome.value, ended.reason, judged_at=house.clock.now())
    return ended


def _waiting(one: inbox.Received | None, number: int) -> inbox.Received:
    if one is None or one.outcome not in {outcome.value for outcome in WAITING}:
        raise NotFound(f"There is no message {number} that waits for somebody.")
    return one


def _sender(raw: bytes) -> tuple[str, ...]:
    return imip.from_bytes(raw).sender.addresses
