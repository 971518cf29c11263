"""What mail servers report of mails that we sent (RFC 3464): kept with the recipient, and no answer of theirs.

A report is believed when it came to the address that only this mail had as its sender.
"""

from __future__ import annotations

from typing import Final

from gateway.services import holders
from gateway.services.house import House
from gateway.store import outbox
from gateway.store.unit import Connection
from mappings.imip import Mail
from mappings.model import Outcome, Verdict

# What is reported (RFC 3464 2.3.3) -> the SCHEDULE-STATUS (RFC 6638 3.2.9) it makes, and the outcome.
ACTIONS: Final[dict[str, tuple[str, Outcome]]] = {
    "failed": ("5.1", Outcome.DELIVERY_FAILED),
    "delayed": ("1.1", Outcome.NO_CHANGE),
    "delivered": ("1.2", Outcome.NO_CHANGE),
    "relayed": ("1.1", Outcome.NO_CHANGE),
    "expanded": ("1.1", Outcome.NO_CHANGE),
}


def report(house: House, connection: Connection, mail: Mail) -> Verdict | None:
    """Write down what a mail reports of a mail of ours; None where it is no such report."""
    worst = next((one for action in ACTIONS for one in mail.reports if one.action == action), None)
    found = holders.event_and_row(house, connection, mail) if worst else None
    if worst is None or found is None:
        return None
    delivery, outcome = ACTIONS[worst.action]
    said = f"{worst.action} {worst.status}".strip()
    if not outbox.reported(connection, *found, delivery, said if outcome is Outcome.DELIVERY_FAILED else ""):
        return None
    return Verdict(outcome, f"a mail to {worst.recipient or 'somebody'}: {said}")
