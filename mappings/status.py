"""THE TABLES: CRM (type, status) <-> PARTSTAT, RSVP and STATUS, and what an answer does to a row.

Sources: the CRM's AppointmentType and AppointmentStatus enumerations and its raw-SQL how-tos; RFC 5545 3.2.12
(PARTSTAT), 3.2.17 (RSVP), 3.8.1.11 (STATUS); RFC 5546 2.1.5. README prints these tables, and a test keeps both alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from mappings.errors import RefusedAct
from mappings.model import Kind

NEEDS_ACTION: Final = "NEEDS-ACTION"
ACCEPTED: Final = "ACCEPTED"
DECLINED: Final = "DECLINED"
TENTATIVE: Final = "TENTATIVE"
DELEGATED: Final = "DELEGATED"

# The CRM's numbers by the names of its own enumerations.
IN_DIARY: Final = 1
IN_CHECKLIST: Final = 2
BOOKING_FOR_DIARY: Final = 6
BOOKING_FOR_CHECKLIST: Final = 7

NOT_STARTED: Final = 1
STARTED: Final = 2
COMPLETED: Final = 3
BOOKING: Final = 5
BOOKING_MOVED: Final = 6
BOOKING_SEEN: Final = 7
BOOKING_MOVED_SEEN: Final = 8
BOOKING_DECLINED: Final = 9
BOOKING_DELETED: Final = 10

# Invited, and not answered (whatever a live answer of ours says beside it).
PENDING: Final = frozenset({BOOKING, BOOKING_MOVED, BOOKING_SEEN, BOOKING_MOVED_SEEN})

DIARY_TYPES: Final = frozenset({IN_DIARY, BOOKING_FOR_DIARY})
TODO_TYPES: Final = frozenset({IN_CHECKLIST, BOOKING_FOR_CHECKLIST})
PUBLISHED_TYPES: Final = DIARY_TYPES | TODO_TYPES


@dataclass(frozen=True, slots=True)
class Shown:
    """How one status of an associate's daughter row is shown.

    `live` names the answers that override `partstat` while they are live; `feed` is the STATUS in the invitee's
    personal feed (empty: left out); `published` is false where the row is in nobody's calendar.
    """

    name: str
    partstat: str
    rsvp: bool
    feed: str
    live: frozenset[str] = frozenset()
    published: bool = True
    cancelled: bool = False


_UNDECIDED: Final = frozenset({TENTATIVE, DELEGATED})

DAUGHTER: Final[dict[int, Shown]] = {
    0: Shown("UnknownOrPostIt", NEEDS_ACTION, False, "", published=False),
    1: Shown("NotStarted", ACCEPTED, False, "CONFIRMED"),
    2: Shown("Started", ACCEPTED, False, "CONFIRMED"),
    3: Shown("Completed", ACCEPTED, False, "CONFIRMED"),
    4: Shown("Hidden", NEEDS_ACTION, False, "", published=False),
    5: Shown("Booking", NEEDS_ACTION, True, "TENTATIVE"),
    6: Shown("BookingMoved", NEEDS_ACTION, True, "TENTATIVE"),
    7: Shown("BookingSeen", NEEDS_ACTION, True, "TENTATIVE", live=_UNDECIDED),
    8: Shown("BookingMovedSeen", NEEDS_ACTION, True, "TENTATIVE", live=_UNDECIDED),
    9: Shown("BookingDeclined", DECLINED, False, ""),
    10: Shown("BookingDeleted", NEEDS_ACTION, False, "CANCELLED", cancelled=True),
    11: Shown("Assignment", NEEDS_ACTION, False, "TENTATIVE"),
    12: Shown("AssignmentSeen", NEEDS_ACTION, False, "TENTATIVE"),
    13: Shown("AssignmentDeclined", ACCEPTED, False, "CONFIRMED"),
}

# The STATUS of a holder's own copy of a to-do (RFC 5545 3.8.1.11). Completion is personal: done by its owner, on that
# row only; what others see of it is the PARTSTAT above.
IN_PROCESS: Final = "IN-PROCESS"
DONE: Final = "COMPLETED"
CANCELLED: Final = "CANCELLED"
TODO: Final[dict[int, str]] = {
    1: NEEDS_ACTION,
    2: IN_PROCESS,
    3: DONE,
    5: NEEDS_ACTION,
    6: NEEDS_ACTION,
    7: NEEDS_ACTION,
    8: NEEDS_ACTION,
    9: NEEDS_ACTION,
    10: CANCELLED,
    11: NEEDS_ACTION,
    12: NEEDS_ACTION,
    13: NEEDS_ACTION,
}

# A row that nobody asked: a mother, a plain appointment, a resource.
UNASKED: Final = frozenset({Kind.OWNER, Kind.RESOURCE, Kind.ROOM})
OUTSIDE: Final = frozenset({Kind.EXTERNAL, Kind.BARE})


def shown(status: int) -> Shown:
    """Return how a daughter's CRM status is shown; a number the CRM does not document is shown as hidden."""
    return DAUGHTER.get(status, DAUGHTER[4])


def partstat(kind: Kind, status: int, *, live: str = "", mailed: bool = False) -> tuple[str, bool]:
    """Give (PARTSTAT, RSVP) of a participant from their kind and CRM status (DESIGN: the table of meanings).

    `live` is the raw PARTSTAT of a live answer or empty; `mailed` tells that somebody mails this outsider.
    """
    if kind in UNASKED:
        return ACCEPTED, False
    if kind in OUTSIDE:
        return _outsider(status, live, mailed=mailed)
    row = shown(status)
    if live in row.live:
        return live, row.rsvp
    return row.partstat, row.rsvp


def _outsider(status: int, live: str, *, mailed: bool) -> tuple[str, bool]:
    if live:  # first: a TENTATIVE after a DECLINED leaves the row at 9
        return live, mailed
    if status == BOOKING_DECLINED:
        return DECLINED, mailed
    return (NEEDS_ACTION, True) if mailed else (ACCEPTED, False)


# --- what an answer does to a row --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Written:
    """The (type, status) that an answer leaves in the row, and whether the row is touched at all."""

    type: int
    status: int
    touched: bool = True


ACCEPT: Final = "accept"
DECLINE: Final = "decline"
TENTATIVELY: Final = "tentative"
DELEGATE: Final = "delegate"

ACT_OF: Final[dict[str, str]] = {
    ACCEPTED: ACCEPT,
    DECLINED: DECLINE,
    TENTATIVE: TENTATIVELY,
    DELEGATED: DELEGATE,
}

# (act, status of an associate's daughter) -> the status it gets. The same answer again is no change.
ANSWERS: Final[dict[tuple[str, int], int]] = {
    **{(ACCEPT, s): NOT_STARTED for s in (1, 5, 6, 7, 8, 9)},
    (ACCEPT, 2): STARTED,
    (ACCEPT, 3): COMPLETED,
    **{(DECLINE, s): BOOKING_DECLINED for s in (1, 2, 3, 5, 6, 7, 8, 9)},
    (TENTATIVELY, 1): BOOKING_SEEN,
    (TENTATIVELY, 5): BOOKING_SEEN,
    (TENTATIVELY, 6): BOOKING_MOVED_SEEN,
    (TENTATIVELY, 7): BOOKING_SEEN,
    (TENTATIVELY, 8): BOOKING_MOVED_SEEN,
    (TENTATIVELY, 9): BOOKING_SEEN,
    (DELEGATE, 5): BOOKING_SEEN,
    (DELEGATE, 6): BOOKING_MOVED_SEEN,
    (DELEGATE, 7): BOOKING_SEEN,
    (DELEGATE, 8): BOOKING_MOVED_SEEN,
}

# act -> status of an outsider's row; None leaves the row as it is and keeps the answer beside it.
OUTSIDERS: Final[dict[str, int | None]] = {
    ACCEPT: NOT_STARTED,
    DECLINE: BOOKING_DECLINED,
    TENTATIVELY: None,
    DELEGATE: None,
}

# Answers that the CRM's row cannot hold, and what is kept instead (the lossy rows of the mapping).
LOSSY: Final[dict[str, str]] = {
    TENTATIVE: "the row becomes seen (7 or 8); TENTATIVE itself is kept in our `answer` while it is live",
    DELEGATED: "the row becomes seen (7 or 8); DELEGATED itself is kept in our `answer` while it is live",
}


def write(kind: Kind, type_: int, status: int, act: str) -> Written:
    """Give the (type, status) that `act` leaves in a participant's row (DESIGN: the life of a row).

    Raises RefusedAct, naming the rule, where the life of a row does not allow it.
    """
    if kind in UNASKED:
        raise RefusedAct(act, "only who was invited can answer")
    if kind in OUTSIDE:
        target = OUTSIDERS[act]
        if target is None or status == target:
            return Written(type_, status, touched=False)
        return Written(type_, target)
    return _associate(type_, status, act)


def _associate(type_: int, status: int, act: str) -> Written:
    if status == BOOKING_DELETED:
        raise RefusedAct(act, "the meeting is cancelled")
    target = ANSWERS.get((act, status))
    if target is None:
        raise RefusedAct(act, f"not allowed while the row's status is {status}")
    if target == status:
        return Written(type_, status, touched=False)
    checklist = type_ in TODO_TYPES
    asked = target in (BOOKING_SEEN, BOOKING_MOVED_SEEN, BOOKING_DECLINED)
    if asked:
        return Written(BOOKING_FOR_CHECKLIST if checklist else BOOKING_FOR_DIARY, target)
    return Written(IN_CHECKLIST if checklist else IN_DIARY, target)
