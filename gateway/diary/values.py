"""What a diary shows, with Python's own dates and times: typed, frozen, and nothing left to look up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from gateway.diary import clocks
from gateway.services.verbs.planning import PRIVATE
from gateway.services.views.free_time import Conflict
from gateway.services.views.responses import Response, Responses
from mappings.entry import Entry

_PRIVATE: Final = {number: word for word, number in PRIVATE.items()}


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a diary or list: the row of `name` in a meeting, an appointment or a to-do.

    `appointment` is the number to act on. `start` and `end` are aware datetimes in the event's own zone, or, where it
    is `all_day`, the first day and the day after the last. `repeating` tells that it is an occurrence of a series,
    `planned` when it was to begin, where it was moved by itself. `private` is ``no``, ``me`` or ``group``. Of a
    `cloaked` one, which whoever looks may not read, only the times and `free` are true, and its number is 0.
    """

    appointment: int
    mother: int
    name: str
    title: str
    description: str
    place: str
    start: date
    end: date
    all_day: bool
    todo: bool
    type: int
    status: int
    status_name: str
    free: bool
    private: str
    owner: str
    owner_login: str
    assigned_by: str
    reason: str
    task: str
    repeating: bool
    cloaked: bool
    planned: date | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What one participant answered; `appointment` is the number of their row, `kind` what they are to the CRM.

    `partstat` is what calendars say; `answered` is when the answer came that stands. `overwritten` is an answer
    that the CRM wrote over.
    """

    appointment: int
    name: str
    address: str
    kind: str
    status: int
    status_name: str
    partstat: str
    seen: bool
    reason: str
    comment: str
    answered: datetime | None
    acknowledged: bool
    overwritten: str
    delivery: str


@dataclass(frozen=True, slots=True)
class Answers:
    """A meeting, how many declined it as the CRM counts them, and everybody's answer, the owner's first."""

    meeting: Item
    declined: int
    people: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Clash:
    """What else stands in a participant's diary at the time of a meeting; `appointment` is their row in it."""

    appointment: int
    name: str
    login: str
    kind: str
    other: Item


@dataclass(frozen=True, slots=True)
class Slot:
    """A time in which everybody who was named is free."""

    start: datetime
    end: datetime


def item(it: Entry) -> Item:
    """Give an entry of a view as a line of a diary."""
    return Item(
        appointment=it.row,
        mother=it.mother,
        name=it.name,
        title=it.title,
        description=it.description,
        place=it.location,
        start=clocks.moment(it.start, it.zone, all_day=it.all_day),
        end=clocks.moment(it.end, it.zone, all_day=it.all_day),
        all_day=it.all_day,
        todo=it.todo,
        type=it.type,
        status=it.status,
        status_name=it.status_name,
        free=it.free,
        private=_PRIVATE.get(it.private, "me"),
        owner=it.owner,
        owner_login=it.owner_login,
        assigned_by=it.assigned_by,
        reason=it.reason,
        task=it.category,
        repeating=bool(it.rule),
        cloaked=it.cloaked,
        planned=clocks.moment(it.planned, it.zone, all_day=False) if it.planned else None,
    )


def answers(found: Responses, zone: str) -> Answers:
    """Give the responses to a meeting; instants are told in `zone`."""
    return Answers(item(found.meeting), found.reject_counter, tuple(_answer(r, zone) for r in found.participants))


def _answer(r: Response, zone: str) -> Answer:
    return Answer(
        appointment=r.row,
        name=r.name,
        address=r.address,
        kind=r.kind.value,
        status=r.status,
        status_name=r.status_name,
        partstat=r.partstat,
        seen=r.seen,
        reason=r.reason,
        comment=r.comment,
        answered=None if r.received is None else clocks.aware(r.received, zone),
        acknowledged=r.acknowledged,
        overwritten=r.overwritten,
        delivery=r.delivery,
    )


def clash(found: Conflict) -> Clash:
    """Give a conflict of the view."""
    return Clash(found.row, found.name, found.login, found.kind.value, item(found.entry))


def slot(span: tuple[int, int], zone: str) -> Slot:
    """Give a free span, told in `zone`."""
    return Slot(clocks.aware(span[0], zone), clocks.aware(span[1], zone))
