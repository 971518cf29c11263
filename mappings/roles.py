"""Participant kinds, privacy, priority and busy time <-> ROLE, CUTYPE, CLASS, PRIORITY and TRANSP.

Sources: the CRM's AppointmentPrivate, FreeBusy and priority lists; RFC 5545 3.2.3, 3.2.16, 3.8.1.3, 3.8.1.9, 3.8.2.7.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from mappings.model import Kind


class Role(NamedTuple):
    """CUTYPE and ROLE of an ATTENDEE."""

    cutype: str
    role: str


ROLES: Final[dict[Kind, Role]] = {
    Kind.OWNER: Role("INDIVIDUAL", "CHAIR"),
    Kind.ASSOCIATE: Role("INDIVIDUAL", "REQ-PARTICIPANT"),
    Kind.EXTERNAL: Role("INDIVIDUAL", "REQ-PARTICIPANT"),
    Kind.BARE: Role("INDIVIDUAL", "REQ-PARTICIPANT"),
    Kind.RESOURCE: Role("RESOURCE", "NON-PARTICIPANT"),
    Kind.ROOM: Role("ROOM", "NON-PARTICIPANT"),
    Kind.CHAIR: Role("INDIVIDUAL", "CHAIR"),
    Kind.OPTIONAL: Role("INDIVIDUAL", "OPT-PARTICIPANT"),
}

PUBLIC: Final = "PUBLIC"
CLASSES: Final[dict[int, str]] = {0: PUBLIC, 1: "PRIVATE", 2: "CONFIDENTIAL"}

# The CRM's list of priorities counts upwards, iCalendar's downwards; 0 is "undefined" in both.
PRIORITIES: Final[dict[int, int]] = {1: 9, 2: 5, 3: 1}

# What belongs to the holder of a copy alone and never travels to anybody else (RFC 6638 3.2.2 and 8).
PERSONAL: Final = frozenset({"TRANSP", "PRIORITY", "VALARM", "X-PARTSTAT-STATUS"})


def classification(private: int) -> str:
    """Give CLASS for the CRM's AppointmentPrivate; an undocumented number is the most private."""
    return CLASSES.get(private, "PRIVATE")


def priority(number: int) -> int:
    """Give PRIORITY (RFC 5545 3.8.1.9) for an entry of the CRM's priority list, 0 where there is none."""
    return PRIORITIES.get(number, 0)
