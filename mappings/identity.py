"""Event <-> UID <-> resource name, and in which calendar: stable for life, without a host or a person in it.

Sources: RFC 7986 5.3 (UID); RFC 4791 4.1 and 5.2.3 (one component type per object, and which a calendar takes).
"""

from __future__ import annotations

import hashlib
import re
from typing import Final
from uuid import UUID, uuid5

_PLAIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,180}\Z")
MAX_UID: Final = 255

# The calendars that every associate has, and the component that each takes.
DIARY: Final = "diary"
TASKS: Final = "tasks"
COMPONENTS: Final[dict[str, str]] = {DIARY: "VEVENT", TASKS: "VTODO"}


def calendar_of(*, todo: bool) -> str:
    """Give the name of the calendar that shows an event, or a to-do."""
    return TASKS if todo else DIARY


def uid_of(house: UUID, kind: str, number: int) -> str:
    """Give the UID of an event that has none yet.

    `house` is the random identity of this installation, `kind` is ``mother`` or ``rule``, and `number` the CRM's
    key, so that the same event gets the same UID after its published form was lost and made anew.
    """
    return str(uuid5(house, f"{kind}:{number}"))


def usable(uid: str) -> bool:
    """Tell whether a UID the CRM gives can stand in a calendar: short enough, and nothing but printable characters."""
    return 0 < len(uid) <= MAX_UID and uid.isprintable()


def resource_name(uid: str) -> str:
    """Give the last path segment of an event's CalDAV resource: its UID where that is plain, else a digest of it."""
    if _PLAIN.match(uid):
        return f"{uid}.ics"
    return f"x-{hashlib.sha256(uid.encode('utf-8', 'replace')).hexdigest()[:40]}.ics"


def row_address(house: UUID, row: int) -> str:
    """Give the calendar-user address of somebody who has no mailbox: ``urn:uuid:`` of their row (RFC 4122)."""
    return f"urn:uuid:{uuid5(house, f'row:{row}')}"


def seat_address(house: UUID, rule: int, kind: str, number: int) -> str:
    """Give the address of somebody without a mailbox in a series: the same at every occurrence, though not elsewhere.

    `kind` is ``associate`` or ``person``, and `number` the CRM's key. By their rows everybody would be another one at
    each occurrence, which could then not be told by one rule.
    """
    return f"urn:uuid:{uuid5(house, f'rule:{rule}:{kind}:{number}')}"
