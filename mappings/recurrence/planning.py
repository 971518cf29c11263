"""A draft of an event -> the occurrences that the CRM has rows of, and the rule that it keeps for them.

What the CRM's rule can say becomes that. What it cannot, an end that never comes or an hour of every third day, becomes
rows up to a horizon, and the words of whoever wrote it are kept beside them (crm-domain 3.5, 3.6).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from mappings import times
from mappings.drafts import Draft, Override, Sheet
from mappings.errors import Unmappable
from mappings.ics.drafting import on_clock
from mappings.recurrence.expanding import ended, endless, expand
from mappings.recurrence.kept import Kept
from mappings.recurrence.rule import CUSTOM, Rule, held, readings

NOT_SUPPORTED: Final = 3  # CRM: AppointmentCautionWarning RecurrencePatternNotSupported
CANCELLED: Final = "CANCELLED"
_MANY: Final = 40_000  # of a rule without an end, those of a hundred years of days


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One occurrence as its rows have it: wall seconds of the base zone; `planned` is when the rule has it."""

    planned: int
    start: int
    end: int
    all_day: bool
    sheet: Sheet

    @property
    def moved_out(self) -> bool:
        """Tell whether it is at another time than planned."""
        return self.planned != self.start


@dataclass(frozen=True, slots=True)
class Planned:
    """What becomes of a draft: its occurrences in order, and how they recur; no `rule` for what happens once.

    `kept` is what was written where the CRM's rule cannot say it. `sheet` is what most of the occurrences are like.
    """

    sheet: Sheet
    occurrences: tuple[Occurrence, ...]
    rule: Rule | None = None
    kept: Kept | None = None

    @property
    def caution(self) -> int:
        """Give the CRM's warning for its rows."""
        return NOT_SUPPORTED if self.kept and self.rule and self.rule.pattern == CUSTOM else 0


def planned(draft: Draft, *, base: str, horizon: int, most: int) -> tuple[Planned, ...]:
    """Give what becomes of a draft: one event, or where it is another from some occurrence on, one after the other.

    `base` is the CRM's zone; a series without an end goes to `horizon`, wall seconds of it. Raises Unmappable for more
    than `most` occurrences, for none, and for times that no calendar shows.
    """
    if draft.master is None:
        return (_of_dates(draft, base),)
    forward = sorted((o for o in draft.overrides if o.forward), key=lambda o: _at(o, draft.master))
    rest = tuple(o for o in draft.overrides if not o.forward)
    parts: list[Planned] = []
    now = replace(draft, overrides=rest)
    for override in forward:
        before, now = _split(now, override, times.rezone(horizon, base, draft.master.zone))
        parts += [_one(before, base, horizon, most)] if before is not None else []
    return (*parts, _one(now, base, horizon, most))


def _one(draft: Draft, base: str, horizon: int, most: int) -> Planned:
    master = draft.master
    assert master is not None
    if not (draft.rrule or draft.rdates or draft.overrides):
        return Planned(master, (_row(master.start, master, master, base),))
    clock = "UTC" if master.all_day else master.zone
    last = times.LATEST - 1
    if draft.rrule and endless(draft.rrule):
        last = horizon if master.all_day else times.rezone(horizon, base, clock)
    walls = _walls(draft, master, clock, last, most)
    sheets = dict.fromkeys(walls, master)
    for override in draft.overrides:
        at = _at(override, master)
        sheets.pop(at, None)
        if override.sheet.status != CANCELLED:
            sheets[at] = override.sheet
    if not sheets:
        raise Unmappable("RRULE", "leaves no occurrence")
    occurrences = tuple(_row(wall, master, sheets[wall], base) for wall in sorted(sheets))
    rule = _rule(draft, master, occurrences, base)
    kept = _kept(draft, master, min(walls), last) if rule is None or base != clock or _open(draft) else None
    if kept is not None and not draft.rrule:
        kept = None
    return Planned(master, occurrences, rule or _dates(occurrences), kept)


def _open(draft: Draft) -> bool:
    return bool(draft.rrule) and endless(draft.rrule)


def _walls(draft: Draft, master: Sheet, clock: str, last: int, most: int) -> list[int]:
    ruled: tuple[int, ...] = (master.start,)
    if draft.rrule:
        ruled = expand(draft.rrule, master.start, last=last, most=_MANY if _open(draft) else most, zone=clock)
    every = {*ruled, *(wall for wall in draft.rdates if wall <= last)} - set(draft.exdates)
    if len(every) > most and not _open(draft):
        raise Unmappable("RRULE", f"has more than {most} occurrences")
    # Of one that began long ago and never ends, the latest.
    return sorted(every)[-most:]


def _at(override: Override, master: Sheet | None) -> int:
    assert master is not None
    return on_clock(override.planned, override.zone, master, dated=override.dated)


def _row(wall: int, master: Sheet, sheet: Sheet, base: str) -> Occurrence:
    """Give an occurrence as its rows have it; the master's sheet is where the rule puts it, any other has its own."""
    start, end = (wall, wall + sheet.end - sheet.start) if sheet is master else (sheet.start, sheet.end)
    on_base = _based(wall, master, base)
    if sheet.all_day:
        return Occurrence(on_base, start, end, all_day=True, sheet=sheet)
    start, end = (times.rezone(w, sheet.zone, base) for w in (start, end))
    return Occurrence(on_base, start, end, all_day=False, sheet=sheet)


def _based(wall: int, master: Sheet, base: str) -> int:
    return wall if master.all_day else times.rezone(wall, master.zone, base)


def _rule(draft: Draft, master: Sheet, occurrences: Iterable[Occurrence], base: str) -> Rule | None:
    """Give the CRM's rule that says the same on its own clock; None where it cannot."""
    if not draft.rrule or draft.rdates or _open(draft):
        return None
    zone = "UTC" if master.all_day else master.zone
    start = _based(master.start, master, base)
    last = _based(expand(draft.rrule, master.start, last=times.LATEST - 1, most=_MANY, zone=zone)[-1], master, base)
    rule = held(ended(draft.rrule, last, "UTC", all_day=master.all_day), start, last)
    if rule is None or master.all_day or zone == base:
        return rule
    # On another clock it is the same only where both go alike all along.
    meant = set(expand(readings(rule, start)[0], start, last=last, most=_MANY, zone="UTC"))
    return rule if {o.planned for o in occurrences} <= meant else None


def _kept(draft: Draft, master: Sheet, first: int, last: int) -> Kept:
    zone = "UTC" if master.all_day else master.zone
    horizon = last if _open(draft) else 0
    return Kept(draft.rrule, first, zone, master.all_day, draft.rdates, draft.exdates, horizon)


def _dates(occurrences: tuple[Occurrence, ...]) -> Rule:
    """Give the CRM's rule for dates that follow none of its patterns."""
    first, last = occurrences[0].planned, occurrences[-1].planned
    return Rule(CUSTOM, 0, 0, first - first % times.DAY, last - last % times.DAY, 0, 0, 0)


def _of_dates(draft: Draft, base: str) -> Planned:
    """Give what becomes of single occurrences of a series that is not ours: a series of just those."""
    alive = [o for o in draft.overrides if o.sheet.status != CANCELLED]
    if not alive:
        raise Unmappable("RECURRENCE-ID", "leaves no occurrence")
    found = []
    for override in sorted(alive, key=lambda o: o.planned):
        row = _row(override.sheet.start, override.sheet, override.sheet, base)
        at = override.planned if override.dated else times.rezone(override.planned, override.zone, base)
        found.append(replace(row, planned=at))
    return Planned(alive[0].sheet, tuple(found), _dates(tuple(found)) if len(found) > 1 else None)


def _split(draft: Draft, override: Override, horizon: int) -> tuple[Draft | None, Draft]:
    """Part a draft at an override for this and later occurrences, which shift as that one does (RFC 5545 3.2.13)."""
    master = draft.master
    assert master is not None
    at, sheet = _at(override, master), override.sheet
    zone = "UTC" if master.all_day else master.zone
    where = at if sheet.zone == master.zone or sheet.all_day else times.rezone(at, master.zone, sheet.zone)
    shift = sheet.start - where
    earlier = expand(draft.rrule, master.start, last=at - 1, most=_MANY, zone=zone) if draft.rrule else (master.start,)
    rrule = _later(draft.rrule, len(earlier))
    rdates = [w for w in draft.rdates if w >= at]
    if rrule and sheet.start // times.DAY != where // times.DAY:  # a rule may name the days: they are told one by one
        last = horizon if endless(rrule) else times.LATEST - 1
        rdates += [w for w in expand(draft.rrule, master.start, last=last, most=_MANY, zone=zone) if w > at]
        rrule = ""
    mine = [o for o in draft.overrides if _at(o, master) >= at]
    later = Draft(
        draft.uid, draft.todo, sheet,
        tuple(replace(o, planned=_at(o, master) + shift, zone=sheet.zone, dated=sheet.all_day) for o in mine), rrule,
        tuple(w + shift for w in rdates), tuple(w + shift for w in draft.exdates if w >= at),
    )  # fmt: skip
    if at <= master.start:
        return None, later
    before = replace(
        draft,
        overrides=tuple(o for o in draft.overrides if _at(o, master) < at),
        rrule=ended(draft.rrule, earlier[-1], zone, all_day=master.all_day) if draft.rrule else "",
        rdates=tuple(w for w in draft.rdates if w < at),
        exdates=tuple(w for w in draft.exdates if w < at),
    )
    return before, later


def _later(rrule: str, gone: int) -> str:
    """Leave of a counted rule what is left to count."""
    found = re.search(r";COUNT=(\d+)", rrule)
    if found is None:
        return rrule
    return rrule.replace(found[0], f";COUNT={max(1, int(found[1]) - gone)}")
