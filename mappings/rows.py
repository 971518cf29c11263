"""The CRM's rows as the projection reads them, and what it makes of them: values only (DESIGN sections 3 and 5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mappings.model import Instance, Kind, Participant, Person, Personal
from mappings.status import BOOKING_DELETED, TODO_TYPES


@dataclass(frozen=True, slots=True)
class Row:
    """One CRM appointment row with what it points at already looked up.

    `start`, `end` and `original` are wall seconds in `zone`; `summary` is None while the text row is missing;
    `associate` is 0 for people without a diary; `alarm` is minutes or None; `created` and `done` are
    instants (0: never, or nobody knows). `asked` tells that somebody mails this person, `mailed` that we do.
    `owned_externally` tells that another calendar owns the meeting; then a leading row has the `organizer` whom the CRM
    names, and those who take part by that calendar's word (`elsewhere`).
    """

    row: int
    mother: int
    rule: int
    associate: int
    kind: Kind
    name: str
    address: str
    type: int
    status: int
    start: int
    end: int
    original: int
    zone: str
    all_day: bool
    free: bool
    priority: int
    private: int
    alarm: int | None
    asked: bool
    mailed: bool
    summary: str | None
    description: str
    location: str
    video: str
    category: str
    created: int
    done: int = 0
    owned_externally: bool = False
    organizer: Person | None = None
    elsewhere: tuple[Participant, ...] = ()

    @property
    def leads(self) -> bool:
        """Tell whether this row stands for the event itself: a mother, or a plain appointment."""
        return self.mother in (0, self.row)

    @property
    def last(self) -> int:
        """Give the last wall second that this row speaks of: nothing of a to-do is later than its deadline."""
        return self.start if self.type in TODO_TYPES else self.end

    @property
    def invited(self) -> bool:
        """Tell whether somebody else asks whoever holds this row: its mother, or the owner in another calendar."""
        return not self.leads or self.owned_externally

    @property
    def called_off(self) -> bool:
        """Tell whether it says no more than that its holder was uninvited, or that the meeting is off."""
        return self.invited and self.status == BOOKING_DELETED


@dataclass(frozen=True, slots=True)
class Holding:
    """One calendar's copy: the instances it shows, what is personal in each, and whether it was cancelled.

    Of a series that it shows as a whole, `without` are the occurrences that its holder does not take part in.
    """

    associate: int
    shows: tuple[int, ...]
    personal: Mapping[int, Personal]
    without: tuple[int, ...] = ()
    cancelled: bool = False
    cloaked: bool = False


@dataclass(frozen=True, slots=True)
class Projection:
    """What one group of rows is to the outside: its instances, its holders by associate, and each row's instance.

    `instances` is empty when nothing is left but copies of what was cancelled. `todo` tells which calendar it is for.
    """

    instances: tuple[Instance, ...]
    holdings: Mapping[int, Holding]
    keys: Mapping[int, int]
    spans: Mapping[int, tuple[int, int]]
    todo: bool = False
