"""THE TABLES: CRM (type, status) <-> PARTSTAT, RSVP and STATUS, and the life of a row (DESIGN section 3).

Sources: the CRM's AppointmentType and AppointmentStatus enumerations and its raw-SQL how-tos; RFC 5545 3.2.12
(PARTSTAT), 3.2.17 (RSVP), 3.8.1.11 (STATUS); RFC 5546 2.1.5. README prints these tables, and a test keeps both alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
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
ASSIGNMENT: Final = 11
ASSIGNMENT_SEEN: Final = 12
ASSIGNMENT_DECLINED: Final = 13

# Invited, and not answered (whatever a live answer of ours says beside it).
PENDING: Final = frozenset({BOOKING, BOOKING_MOVED, BOOKING_SEEN, BOOKING_MOVED_SEEN})

# Handed over, and not answered.
ASSIGNED: Final = frozenset({ASSIGNMENT, ASSIGNMENT_SEEN})

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


# --- the life of a row -------------------------------------------------------------------------------------------


class Act(StrEnum):
    """What can happen to a row; each is a verb of ours, or a statement of the CRM's."""

    INVITE = "invite"
    SEEN = "seen"
    ACCEPT = "accept"
    DECLINE = "decline"
    TENTATIVE = "tentative"
    DELEGATE = "delegate"
    MOVE = "move"
    CHANGE = "change"
    ADJUST = "adjust"
    REMOVE = "remove"
    CANCEL = "cancel"
    ACKNOWLEDGE = "acknowledge"
    NOTE = "note"
    DISMISS = "dismiss"
    DISMISS_SILENTLY = "dismiss silently"
    COMPLETE = "complete"
    REOPEN = "reopen"
    ASSIGN = "assign"
    HAND_OVER = "hand over"


ACT_OF: Final[dict[str, Act]] = {
    ACCEPTED: Act.ACCEPT,
    DECLINED: Act.DECLINE,
    TENTATIVE: Act.TENTATIVE,
    DELEGATED: Act.DELEGATE,
}


@dataclass(frozen=True, slots=True)
class Step:
    """What an act leaves of a row: its status (None: as it was), which kind of type, or nothing at all.

    `asked` is True for the types of bookings (6, 7), False for the settled ones (1, 2), None for the type it had.
    """

    status: int | None = None
    asked: bool | None = None
    gone: bool = False


SAME: Final = Step()
GONE: Final = Step(gone=True)
Cells = Mapping[int, Step]


def _asks(status: int, *before: int) -> dict[int, Step]:
    return dict.fromkeys(before, Step(status, asked=True))


def _settles(status: int, *before: int) -> dict[int, Step]:
    return dict.fromkeys(before, Step(status, asked=False))


def _keeps(status: int, *before: int) -> dict[int, Step]:
    return dict.fromkeys(before, Step(status))


def _same(*before: int) -> dict[int, Step]:
    return dict.fromkeys(before, SAME)


def _gone(*before: int) -> dict[int, Step]:
    return dict.fromkeys(before, GONE)


_ANY: Final = tuple(DAUGHTER)

# An associate's daughter row, by what happens and the status it happens at. What is not here is refused.
INVITEE: Final[dict[Act, Cells]] = {
    Act.INVITE: {**_asks(5, 10), **_same(1, 2, 3, 5, 6, 7, 8, 9)},
    Act.SEEN: {**_keeps(7, 5), **_keeps(8, 6), **_same(1, 2, 3, 7, 8, 9, 10)},
    Act.ACCEPT: {**_settles(1, 5, 6, 7, 8, 9), **_same(1, 2, 3)},
    Act.DECLINE: {**_asks(9, 1, 2, 3, 5, 6, 7, 8), **_same(9)},
    Act.TENTATIVE: {**_asks(7, 1, 5, 9), **_asks(8, 6), **_same(7, 8)},
    Act.DELEGATE: {**_asks(7, 5), **_asks(8, 6), **_same(7, 8)},
    Act.MOVE: {**_asks(6, 1, 2, 3, 5, 6, 7, 8, 9), **_same(0, 4, 10)},
    Act.CHANGE: _same(*_ANY),
    Act.ADJUST: _same(1, 2, 3, 5, 6, 7, 8, 9),
    Act.REMOVE: {**_keeps(10, 1, 2, 3, 5, 6, 7, 8), **_same(10), **_gone(0, 4, 9)},
    Act.CANCEL: {**_keeps(10, 1, 2, 3, 5, 6, 7, 8), **_same(10), **_gone(0, 4, 9)},
    Act.ACKNOWLEDGE: _gone(10),
    Act.NOTE: _same(9),
    Act.DISMISS: {**_asks(9, 1, 2, 3, 5, 6, 7, 8), **_same(9), **_gone(10)},
    Act.DISMISS_SILENTLY: {**_same(1, 2, 3, 5, 6, 7, 8, 9), **_gone(10)},
    Act.COMPLETE: {**_keeps(3, 1, 2), **_same(3)},
    Act.REOPEN: {**_keeps(1, 3), **_same(1, 2)},
    Act.HAND_OVER: _same(*_ANY),
}
# Somebody without a diary: an external person, a bare address. An answer the row cannot hold is kept beside it.
OUTSIDER: Final[dict[Act, Cells]] = {
    Act.INVITE: _same(*_ANY),
    Act.ACCEPT: {**_settles(1, *(s for s in _ANY if s != 1)), **_same(1)},
    Act.DECLINE: {**_keeps(9, *(s for s in _ANY if s != 9)), **_same(9)},
    Act.TENTATIVE: _same(*_ANY),
    Act.DELEGATE: _same(*_ANY),
    Act.MOVE: _settles(1, *_ANY),
    Act.CHANGE: _same(*_ANY),
    Act.REMOVE: _gone(*_ANY),
    Act.CANCEL: _gone(*_ANY),
    Act.NOTE: _same(9),
    Act.HAND_OVER: _same(*_ANY),
}
# A room or a thing: always accepted, and a conflict is only flagged.
RESOURCE: Final[dict[Act, Cells]] = {
    Act.INVITE: _same(*_ANY),
    Act.MOVE: _settles(1, *_ANY),
    Act.CHANGE: _same(*_ANY),
    Act.REMOVE: _gone(*_ANY),
    Act.CANCEL: _gone(*_ANY),
    Act.HAND_OVER: _same(*_ANY),
}
# A mother, a plain appointment, and (11 to 13) a plain one that was assigned to somebody.
OWNER: Final[dict[Act, Cells]] = {
    Act.INVITE: {**_same(1, 2), **_settles(1, 13)},
    Act.SEEN: {**_keeps(12, 11), **_same(1, 2, 3, 12, 13)},
    Act.ACCEPT: _settles(1, 11, 12),
    Act.DECLINE: _keeps(13, 11, 12),
    Act.MOVE: _same(1, 2, 13),
    Act.CHANGE: _same(1, 2, 13),
    Act.ADJUST: _same(1, 2, 3, 11, 12, 13),
    Act.REMOVE: _same(1, 2),
    Act.CANCEL: _gone(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 13),
    Act.NOTE: _same(13),
    Act.COMPLETE: {**_keeps(3, 1, 2, 13), **_same(3)},
    Act.REOPEN: {**_keeps(1, 3), **_same(1, 2)},
    Act.ASSIGN: _keeps(11, 1, 2, 13),
    Act.HAND_OVER: {**_same(1, 2), **_settles(1, 13)},
}

LIFE: Final[dict[Kind, Mapping[Act, Cells]]] = {
    Kind.OWNER: OWNER,
    Kind.ASSOCIATE: INVITEE,
    Kind.EXTERNAL: OUTSIDER,
    Kind.BARE: OUTSIDER,
    Kind.RESOURCE: RESOURCE,
    Kind.ROOM: RESOURCE,
    # Named by the calendar that owns the meeting, without a row here.
    Kind.CHAIR: {},
    Kind.OPTIONAL: {},
}


class By(StrEnum):
    """Who may act: the owner of the meeting, or whoever's row it is."""

    OWNER = "owner"
    HOLDER = "holder"


MAY: Final[dict[Act, By]] = {
    **dict.fromkeys(
        (Act.INVITE, Act.MOVE, Act.CHANGE, Act.REMOVE, Act.CANCEL, Act.NOTE, Act.ASSIGN, Act.HAND_OVER), By.OWNER
    ),
    **dict.fromkeys(
        (Act.SEEN, Act.ACCEPT, Act.DECLINE, Act.TENTATIVE, Act.DELEGATE, Act.ACKNOWLEDGE, Act.DISMISS), By.HOLDER
    ),
    **dict.fromkeys((Act.DISMISS_SILENTLY, Act.COMPLETE, Act.REOPEN, Act.ADJUST), By.HOLDER),
}

_ANSWERS: Final = frozenset({Act.ACCEPT, Act.DECLINE, Act.TENTATIVE, Act.DELEGATE})
# Why an act is not allowed, the first that fits: (acts, kinds, statuses) -> the rule; empty fits all.
_RULES: Final[tuple[tuple[frozenset[Act], frozenset[Kind], frozenset[int], str], ...]] = (
    (_ANSWERS, frozenset({Kind.RESOURCE, Kind.ROOM}), frozenset(), "only who was invited can answer"),
    (_ANSWERS, frozenset({Kind.OWNER}), frozenset(), "only who was invited can answer"),
    (
        frozenset({Act.DISMISS, Act.DISMISS_SILENTLY}),
        frozenset({Kind.OWNER}),
        frozenset(),
        "it is one's own: cancel it, or decline what was assigned",
    ),
    (frozenset({Act.ACKNOWLEDGE}), frozenset(), frozenset(), "nothing was cancelled here"),
    (frozenset({Act.NOTE}), frozenset(), frozenset(), "nobody has declined here"),
    (frozenset(), frozenset(), frozenset({BOOKING_DELETED}), "the meeting is cancelled"),
    (
        frozenset({Act.INVITE, Act.MOVE, Act.CHANGE, Act.REMOVE, Act.ASSIGN, Act.HAND_OVER}),
        frozenset({Kind.OWNER}),
        frozenset({COMPLETED}),
        "it is completed: reopen it first",
    ),
    (frozenset(), frozenset({Kind.OWNER}), ASSIGNED, "it was assigned: accept or decline it first"),
    (frozenset({Act.COMPLETE, Act.REOPEN}), frozenset({Kind.ASSOCIATE}), PENDING, "answer the invitation first"),
)

# Answers that the CRM's row cannot hold, and what is kept instead (the lossy rows of the mapping).
LOSSY: Final[dict[str, str]] = {
    TENTATIVE: "the row becomes seen (7 or 8); TENTATIVE itself is kept in our `answer` while it is live",
    DELEGATED: "the row becomes seen (7 or 8); DELEGATED itself is kept in our `answer` while it is live",
}


@dataclass(frozen=True, slots=True)
class Written:
    """The (type, status) that an act leaves in a row, whether the row is touched at all, and whether it goes."""

    type: int
    status: int
    touched: bool = True
    gone: bool = False


def write(kind: Kind, type_: int, status: int, act: Act) -> Written:
    """Give what `act` leaves in a row of this kind (DESIGN section 3: the life of a row).

    Raises RefusedAct, naming the rule, where the life of a row does not allow it.
    """
    step = LIFE[kind].get(act, {}).get(status)
    if step is None:
        raise RefusedAct(act, rule(kind, status, act))
    if step.gone:
        return Written(type_, status, gone=True)
    if step.status is None:
        return Written(type_, status, touched=False)
    return Written(type_ if step.asked is None else _typed(type_, asked=step.asked), step.status)


def rule(kind: Kind, status: int, act: Act) -> str:
    """Give the rule that forbids an act to a row."""
    for acts, kinds, statuses, said in _RULES:
        if (not acts or act in acts) and (not kinds or kind in kinds) and (not statuses or status in statuses):
            return said
    name = DAUGHTER[status].name if status in DAUGHTER else "no status of the CRM"
    return f"not allowed while the row's status is {status} ({name})"


def _typed(type_: int, *, asked: bool) -> int:
    checklist = type_ in TODO_TYPES
    if asked:
        return BOOKING_FOR_CHECKLIST if checklist else BOOKING_FOR_DIARY
    return IN_CHECKLIST if checklist else IN_DIARY
