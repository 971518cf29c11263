"""The occurrences of one event, and what a series makes of them: a master that says when it recurs, and overrides.

Each occurrence of a series is a group of rows of its own. The master stands for the form that most of them have; an
override is written wherever one has another, for everybody or in what its holder alone sees (RFC 5545 3.8.4.4, 3.8.5).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Final, NamedTuple

from mappings import times
from mappings.model import Instance, Kind, Participant, Personal
from mappings.recurrence.fitting import Candidate, Fit, fit
from mappings.recurrence.rule import Rule, readings
from mappings.rows import Holding, Row

# What takes nobody's time and is in no feed: an occurrence of a series that its holder has no part in.
ABSENT: Final = Personal(free=True, priority=0, alarm=None, crm_status=0, feed_status="")


ONCE: Final = Fit()


@dataclass(frozen=True, slots=True)
class Recurrence:
    """What is known of how a series recurs, besides its rows.

    `rule` is the CRM's, in wall seconds of the `base` zone. `written` is what the owner's own program said, on the
    clock of the zone `clock`, or of days where it is `dated`. `related` is the UID of the series that it goes on from.
    """

    base: str = ""
    rule: Rule | None = None
    written: Candidate | None = None
    clock: str = ""
    dated: bool = False
    related: str = ""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One occurrence: as everybody who may read it sees it, and the rows of who takes part."""

    instance: Instance
    rows: tuple[Row, ...]


class _Clock(NamedTuple):
    """On what an occurrence is told from its like: wall seconds of a zone, or days."""

    zone: str
    all_day: bool

    def planned(self, lead: Row) -> int:
        """Give when an occurrence was first planned, on this clock."""
        wall = lead.original or lead.start
        if self.all_day:
            return wall - wall % times.DAY
        return wall if lead.all_day else times.rezone(wall, lead.zone, self.zone)


@dataclass(frozen=True, slots=True)
class Series:
    """Occurrences by their keys, in order, and how they recur; `recurs` is false for what happens once."""

    occurrences: tuple[Occurrence, ...]
    fit: Fit = ONCE
    recurs: bool = False
    related: str = ""

    def key_of(self, lead: Row) -> int:
        """Give the key of an occurrence of which nothing is left but who was called off."""
        first = next((o.instance for o in self.occurrences), None)
        if not lead.rule:
            return 0
        clock = _Clock(first.key_zone, first.key_all_day) if first else _Clock(lead.zone, lead.all_day)
        return clock.planned(lead)


def series(groups: Sequence[list[Row]], make: Callable[[list[Row]], Instance], known: Recurrence) -> Series:
    """Put the groups of one event in order, each under its key; `make` gives the instance of a group.

    What happens once has the key 0; an occurrence has the wall time at which it was first planned.
    """
    ordered = sorted(groups, key=lambda g: (g[0].original or g[0].start, g[0].row))
    if not any(g[0].rule for g in ordered):
        return Series(tuple(Occurrence(make(g), _present(g)) for g in ordered[-1:]))
    clock, keys, found = _fitted([g[0] for g in ordered], known)
    natural = ordered[0][0].zone
    occurrences = {
        key: Occurrence(_on(replace(make(g), key=key), clock, natural), _present(g))
        for key, g in zip(keys, ordered, strict=True)
    }
    return Series(tuple(occurrences[k] for k in sorted(occurrences)), found, recurs=True, related=known.related)


def _present(group: Iterable[Row]) -> tuple[Row, ...]:
    """Leave out who was called off."""
    return tuple(r for r in group if not r.called_off)


def _fitted(leads: Sequence[Row], known: Recurrence) -> tuple[_Clock, list[int], Fit]:
    """Choose the clock on which the series is told with the fewest words: its own, else the CRM's base zone."""
    first = leads[0]
    zones = dict.fromkeys(z for z in ("" if known.dated else known.clock, first.zone, known.base) if z)
    found: list[tuple[_Clock, list[int], Fit]] = []
    for zone in zones:
        clock = _Clock(zone, first.all_day)
        keys = _keys(leads, clock)
        fitted = fit(sorted(keys), _candidates(keys, clock, known), zone=zone, all_day=clock.all_day)
        found.append((clock, keys, fitted))
        if not fitted.cost:
            break
    whole = [f for f in found if f[2].rrule] or [next(f for f in found if f[0].zone == first.zone)]
    return min(whole, key=lambda f: f[2].cost)


def _candidates(keys: Sequence[int], clock: _Clock, known: Recurrence) -> list[Candidate]:
    written = known.written
    mine = (
        [written] if written and (known.clock == clock.zone or clock.all_day) and known.dated == clock.all_day else []
    )
    if known.rule is None:
        return mine
    base = min(keys) if clock.all_day or not known.base else times.rezone(min(keys), clock.zone, known.base)
    return mine + [Candidate(text) for text in readings(known.rule, base)]


def _keys(leads: Iterable[Row], clock: _Clock) -> list[int]:
    """Give each occurrence its key; of two that were planned for one moment the later row's is a second later."""
    taken: dict[int, None] = {}
    for lead in leads:
        key = clock.planned(lead)
        while key in taken:
            key += times.DAY if clock.all_day else 1
        taken[key] = None
    return list(taken)


def _on(it: Instance, clock: _Clock, natural: str) -> Instance:
    """Read an occurrence on the clock of its series, where that is another than the one most of its rows have."""
    it = replace(it, key_zone=clock.zone, key_all_day=clock.all_day)
    if it.all_day or clock.all_day or it.zone != natural or natural == clock.zone:
        return it
    start, end = (times.rezone(w, natural, clock.zone) for w in (it.start, it.end))
    return replace(it, zone=clock.zone, start=start, end=end)


# --- one master, and overrides ---------------------------------------------------------------------------------------


def folded(it: Series, mine: Callable[[Row], Personal]) -> tuple[tuple[Instance, ...], dict[int, Holding]]:
    """Give the instances of an event, the master first, and each associate's copy; `mine` is what is personal."""
    held, cloaked = _held(it.occurrences, mine)
    if not it.recurs:
        copies = {a: Holding(a, (0,), p, cloaked=a in cloaked) for a, p in held.items()}
        return tuple(o.instance for o in it.occurrences), copies
    master = _master(it)
    own = {o.instance.key for o in it.occurrences if not _alike(o.instance, master)}
    wholes = {a: p for a, p in held.items() if 2 * len(p) > len(it.occurrences)}
    usual = {a: _usual(p, own) for a, p in wholes.items()}
    own |= {k for a, p in wholes.items() for k, one in p.items() if _seen(one) != _seen(usual[a])}
    every = [o.instance.key for o in it.occurrences]
    clock = _Clock(it.occurrences[0].instance.key_zone, it.occurrences[0].instance.key_all_day)
    copies = {
        a: _whole(a, p, usual[a], every, own, clock, cloaked=a in cloaked)
        if a in wholes
        else Holding(a, tuple(p), p, cloaked=a in cloaked)
        for a, p in held.items()
    }
    # Who takes part in few occurrences holds those alone (RFC 4791 4.1: overrides without a master).
    own |= set(chain.from_iterable(c.shows for a, c in copies.items() if a not in wholes))
    return (master, *(o.instance for o in it.occurrences if o.instance.key in own)), copies


def _held(
    occurrences: Iterable[Occurrence], mine: Callable[[Row], Personal]
) -> tuple[dict[int, dict[int, Personal]], set[int]]:
    held: dict[int, dict[int, Personal]] = {}
    cloaked: set[int] = set()
    for it in occurrences:
        for row in it.rows:
            if row.associate:
                held.setdefault(row.associate, {}).setdefault(it.instance.key, mine(row))
            if row.kind in (Kind.RESOURCE, Kind.ROOM):
                cloaked.add(row.associate)
    return held, cloaked


def _whole(
    associate: int,
    held: Mapping[int, Personal],
    usual: Personal,
    every: Sequence[int],
    own: set[int],
    clock: _Clock,
    *,
    cloaked: bool,
) -> Holding:
    shows = (0, *(k for k in every if k in own and k in held))
    without = tuple(k for k in every if k not in held)
    series = replace(usual, exdates=without, clock=clock.zone, dated=clock.all_day) if without else usual
    personal = {0: series} | {k: held[k] for k in shows[1:]} | dict.fromkeys(without, ABSENT)
    return Holding(associate, shows, personal, without, cloaked=cloaked)


def _usual(held: Mapping[int, Personal], own: set[int]) -> Personal:
    """Give what most of a holder's occurrences say that the master speaks for; the first, where none says it more."""
    spoken = [one for k, one in held.items() if k not in own] or list(held.values())
    return Counter(spoken).most_common(1)[0][0]


def _seen(mine: Personal) -> Personal:
    """Leave out the CRM's raw number: that somebody looked at one occurrence makes no override for everybody."""
    return replace(mine, crm_status=0)


def _master(it: Series) -> Instance:
    """Give the master: when it recurs by `fit`, and all else as in most of the occurrences that are where planned."""
    first = it.occurrences[0].instance
    forms = Counter(_form(o.instance) for o in it.occurrences if _regular(o.instance))
    usual = forms.most_common(1)[0][0] if forms else None
    model = next((o.instance for o in it.occurrences if _regular(o.instance) and _form(o.instance) == usual), first)
    return replace(
        model, key=0, key_zone="", key_all_day=False, zone=first.key_zone, all_day=first.key_all_day,
        start=first.key, end=first.key + model.end - model.start, created=first.created,
        rrule=it.fit.rrule, rdates=it.fit.rdates, exdates=it.fit.exdates, related=it.related,
    )  # fmt: skip


def _regular(it: Instance) -> bool:
    return it.start == it.key and it.zone == it.key_zone and it.all_day == it.key_all_day


def _form(it: Instance) -> Instance:
    """Give what two occurrences have in common that need no override."""
    people = tuple(sorted((replace(p, row=0) for p in it.participants), key=_by_person))
    return replace(it, key=0, start=0, end=it.end - it.start, created=0, participants=people)


def _by_person(p: Participant) -> tuple[str, int, str, str]:
    return p.kind, p.associate, p.address, p.name


def _alike(it: Instance, master: Instance) -> bool:
    as_one = replace(
        master, key_zone=it.key_zone, key_all_day=it.key_all_day, rrule="", rdates=(), exdates=(), related=""
    )
    return _regular(it) and _form(it) == _form(as_one)
