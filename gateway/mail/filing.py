"""Where a message is filed once it has its outcome: one table for every kind of mailbox."""

from __future__ import annotations

from typing import Final

from gateway.services.ingest import Ended
from mappings.model import Outcome

PROCESSED: Final = "Processed"
HELD: Final = "Held"
IGNORED: Final = "Ignored"

# What waits for a person is apart, and so is what is no answer to anything of ours.
FOLDERS: Final[dict[Outcome, str]] = {
    Outcome.APPLIED: PROCESSED,
    Outcome.NO_CHANGE: PROCESSED,
    Outcome.DUPLICATE: PROCESSED,
    Outcome.STALE: PROCESSED,
    Outcome.PROPOSAL: PROCESSED,
    Outcome.DELIVERY_FAILED: PROCESSED,
    Outcome.HELD: HELD,
    Outcome.NEEDS_HUMAN: HELD,
    Outcome.REFUSED_UNKNOWN: IGNORED,
    Outcome.REFUSED_NOT_INVITED: IGNORED,
    Outcome.REFUSED_INSTANCE: IGNORED,
    Outcome.REFUSED_ORGANIZER: IGNORED,
    Outcome.REFUSED_ROLE: IGNORED,
    Outcome.REFUSED_AMBIGUOUS: IGNORED,
    Outcome.REFUSED_LIMIT: IGNORED,
    Outcome.REFUSED_UNREADABLE: IGNORED,
}


def folder(ended: Ended) -> str:
    """Give the folder of a message; one that was received before goes where it would have gone then."""
    return FOLDERS[ended.before or ended.outcome]
