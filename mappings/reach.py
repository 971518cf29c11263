"""How far an act on one occurrence of a series reaches (CRM: RecurrenceUpdateMode).

A series is all rows of one recurrence rule. Each occurrence is known by when it was *planned*: its
``original_start_date`` where it was moved out of the pattern, else its start; of two planned for one moment the lower
number comes first, as they are published.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

from mappings import times
from mappings.errors import RefusedAct
from mappings.status import Act


class Reach(StrEnum):
    """Which occurrences an act is meant for: this one, this and all later ones, only the later ones, or all."""

    ONLY_THIS = "only this"
    THIS_AND_FORWARD = "this and forward"
    STOP = "stop"
    SERIES = "series"


# The CRM's numbers. It has none for the whole series: there, one begins with the first occurrence.
UPDATE_MODES: Final[dict[int, Reach]] = {
    1: Reach.ONLY_THIS,
    2: Reach.THIS_AND_FORWARD,
    9: Reach.STOP,
}

_ONE: Final = frozenset({Reach.ONLY_THIS})
_SOME: Final = frozenset({Reach.ONLY_THIS, Reach.THIS_AND_FORWARD, Reach.SERIES})

# Which act reaches how far. What only one row can say, or only its holder has done, stays with that row.
REACHES: Final[dict[Act, frozenset[Reach]]] = {
    Act.INVITE: _SOME,
    Act.SEEN: _SOME,
    Act.ACCEPT: _SOME,
    Act.DECLINE: _SOME,
    Act.TENTATIVE: _SOME,
    Act.DELEGATE: _ONE,
    Act.MOVE: _SOME,
    Act.CHANGE: _SOME,
    Act.ADJUST: _SOME,
    Act.REMOVE: _SOME,
    Act.CANCEL: _SOME | {Reach.STOP},
    Act.ACKNOWLEDGE: _SOME,
    Act.NOTE: _ONE,
    Act.DISMISS: _SOME,
    Act.DISMISS_SILENTLY: _SOME,
    Act.COMPLETE: _ONE,
    Act.REOPEN: _ONE,
    Act.ASSIGN: _ONE,
    Act.HAND_OVER: _ONE,
}

# Acts that ask somebody, or answer: they leave alone what is over.
FORWARD_LOOKING: Final = frozenset({Act.INVITE, Act.SEEN, Act.ACCEPT, Act.DECLINE, Act.TENTATIVE})


def taken(act: Act, reach: Reach, *, repeats: bool) -> Reach:
    """Give how far an act reaches from a row, which may belong to no series; raises RefusedAct where it cannot."""
    if reach not in REACHES[act]:
        raise RefusedAct(act, f"it does not reach as far as {reach.value!r}")
    if reach is Reach.STOP and not repeats:
        raise RefusedAct(act, "it is no series that could be stopped")
    return reach if repeats else Reach.ONLY_THIS


def ordered(planned: Mapping[int, int]) -> list[int]:
    """Give the occurrences of a series in their order; `planned` are their wall times by number."""
    return sorted(planned, key=lambda number: (planned[number], number))


def reached(planned: Mapping[int, int], named: int, reach: Reach) -> list[int]:
    """Give the occurrences that an act on `named` reaches, in their order."""
    everything = ordered(planned)
    place = everything.index(named)
    return {
        Reach.ONLY_THIS: [named],
        Reach.THIS_AND_FORWARD: everything[place:],
        Reach.STOP: everything[place + 1 :],
        Reach.SERIES: everything,
    }[reach]


def over(start: int, end: int, now: int, *, all_day: bool) -> bool:
    """Tell whether an occurrence has ended by the wall time `now`."""
    return (times.whole_days(start, end)[1] if all_day else max(start, end)) <= now


def found(starts: Mapping[int, Sequence[int]], wanted: int, *, day: bool) -> list[int]:
    """Give the occurrences that begin, or were planned to begin, at a wall time; with `day` at any time of that day.

    `starts` are the wall times of each occurrence by number. Whoever begins then goes before who was planned for then.
    """

    def fits(wall: int) -> bool:
        return wall - wall % times.DAY == wanted if day else wall == wanted

    present = [number for number, walls in starts.items() if fits(walls[0])]
    return sorted(present or (number for number, walls in starts.items() if any(map(fits, walls))))


def near(starts: Mapping[int, Sequence[int]], wanted: int, most: int) -> list[int]:
    """Give the wall times, each once and in order, of the occurrences that begin nearest to one."""
    some = sorted({walls[0] for walls in starts.values()}, key=lambda wall: (abs(wall - wanted), wall))
    return sorted(some[:most])
