"""What an act does to how a series recurs: the CRM's rule, and beside it what its maker wrote."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from gateway.crm import recurrences
from gateway.services.verbs.acting import Desk
from gateway.store import written_rules
from mappings.recurrence import kept, shifting, written
from mappings.recurrence.kept import Kept
from mappings.recurrence.shifting import Shift


def moved(desk: Desk, shift: Shift) -> int | None:
    """Let the rule of a series follow; gives the number of a new one where part of the series has another from now on.

    The former one ends before that part (CRM: a rule changed mid-series ends, and another begins).
    """
    connection, number, planned = desk.connection, desk.lead.rule, desk.place.planned
    stays = [d.place.planned for d in desk.series if d not in desk.reached and d.lead.leads]
    rule = recurrences.read(connection, number)
    own = _written(desk)
    if not stays:
        if rule is not None:
            recurrences.change(connection, number, rule, shift.rule(rule, planned), desk.author)
        _keep(desk, number, own, lambda it: _shifted(desk, it, shift))
        return None
    if rule is None:
        rule = shifting.unknown(stays[0], desk.series[-1].place.planned)
    first = shift.moment(planned)
    new = recurrences.add(connection, shifting.begun(shift.rule(rule, planned), first, first), desk.author)
    _keep(desk, new, own, lambda it: _shifted(desk, written.begun(it, _on_clock(desk, it, planned)), shift))
    ended(desk, stays[-1])
    return new


def ended(desk: Desk, last: int) -> bool:
    """Let the rule of a series end with the occurrence that was planned for `last`; tells whether it did not before."""
    connection, number, planned = desk.connection, desk.lead.rule, desk.place.planned
    rule = recurrences.read(connection, number)
    _keep(desk, number, _written(desk), lambda it: written.stopped(it, _on_clock(desk, it, last)))
    if rule is None:
        return False
    return recurrences.change(connection, number, rule, shifting.ended(rule, last, planned), desk.author)


def tidy(desk: Desk, rules: Iterable[int]) -> None:
    """Let rules go that no row points at any more."""
    gone = recurrences.tidy(desk.connection, rules, desk.author)
    written_rules.forget(desk.connection, gone)


def _written(desk: Desk) -> Kept | None:
    text = written_rules.of_rules(desk.connection, [desk.lead.rule]).get(desk.lead.rule)
    return kept.from_json(text) if text else None


def _keep(desk: Desk, number: int, own: Kept | None, becomes: Callable[[Kept], Kept | None]) -> None:
    """Keep what becomes of what was written; what nobody can say any more is forgotten."""
    if own is None:
        return
    now = becomes(own)
    if now is None:
        written_rules.forget(desk.connection, [number])
    elif now != own or number != desk.lead.rule:
        written_rules.keep(desk.connection, number, kept.to_json(now))


def _shifted(desk: Desk, it: Kept | None, shift: Shift) -> Kept | None:
    if it is None or it.all_day is not shift.was.all_day or it.all_day is not shift.now.all_day:
        return None
    planned = desk.place.planned
    return written.moved(it, _on_clock(desk, it, planned), _on_clock(desk, it, shift.moment(planned)))


def _on_clock(desk: Desk, it: Kept, wall: int) -> int:
    return written.on_clock(it, wall, desk.house.settings.timezone)
