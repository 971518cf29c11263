"""Make a series of a meeting, or let a series recur by another rule."""

from __future__ import annotations

from dataclasses import replace

from gateway.crm import recurrences, writing
from gateway.crm.bookings import Booking
from gateway.errors import BadRequest
from gateway.services.house import House
from gateway.services.verbs import acting, occurring, recurring, ruling, telling
from gateway.services.verbs.acting import Desk, Done
from gateway.services.verbs.occurring import Slot
from gateway.services.verbs.planning import When
from gateway.store import written_rules
from mappings.reach import Reach
from mappings.recurrence import kept
from mappings.recurrence.planning import Planned
from mappings.status import TODO_TYPES, Act, Written


def repeat(house: House, login: str, appointment: int, rrule: str, *, reach: Reach = Reach.SERIES) -> Done:
    """Let the owner say how a meeting recurs (RFC 5545 3.3.10): it is the first occurrence, and keeps event and UID.

    Of a series, as a whole or from this occurrence on, those that the new rule has too stay as they are, others are
    called off, and new ones ask everybody who is invited to the first. What is changed in the midst of a series becomes
    a series of its own. Raises UnknownPerson, NotFound, BadRequest for a rule that cannot be followed, and RefusedAct
    where the life of the meeting does not allow it.
    """
    if reach not in (Reach.SERIES, Reach.THIS_AND_FORWARD):
        raise BadRequest("reach", "is not the series, nor this occurrence and later ones")
    with acting.at(house, login, appointment, Act.CHANGE, reach) as desk:
        written = desk.allow(Act.CHANGE)
        alive = [d for d in desk.reached if d.lead.leads] if desk.lead.rule else [desk]
        first = alive[0] if desk.reach is not Reach.THIS_AND_FORWARD else desk
        planned = _planned(house, first, rrule)
        count = _changed(desk, first, alive, planned) if desk.lead.rule else _begun(desk, planned)
        return desk.led(written, changed=bool(count), occurrences=count)


def _planned(house: House, first: Desk, rrule: str) -> Planned:
    span, place = first.place.span, first.place
    when = When(span.start, span.end, span.all_day)
    if place.moved_out:  # the rule has it where it was planned
        when = replace(when, start=place.planned, end=place.planned + span.length)
    return recurring.of_rule(house, rrule, when, todo=first.lead.type in TODO_TYPES)


def _begun(desk: Desk, planned: Planned) -> int:
    """Make a series of a single meeting; gives how many occurrences were added."""
    telling.raised(desk)
    more = occurring.ruled(desk.connection, planned, desk.author)
    slots = [Slot.of(one) for one in planned.occurrences[1:]]
    occurring.like(desk, slots, more)
    writing.change(desk.connection, [desk.lead, *desk.daughters], more, desk.author)
    return len(slots) or 1


def _changed(desk: Desk, first: Desk, alive: list[Desk], planned: Planned) -> int:
    """Let occurrences go and come until there are those of another rule; gives how many went and came."""
    wanted = {one.planned: one for one in planned.occurrences}
    standing = {d.place.planned: d for d in alive}
    gone = [d for wall, d in standing.items() if wall not in wanted]
    new = [one for wall, one in wanted.items() if wall not in standing]
    stays = [d.place.planned for d in desk.series if d not in alive and d.lead.leads]
    telling.raised(desk)
    more = _ruled(desk, planned, apart=bool(stays))
    occurring.like(first, [Slot.of(one) for one in new], more)
    left = [d for d in alive if d not in gone]
    if stays:
        ruling.ended(desk, stays[-1])
    writing.change(desk.connection, [row for d in left for row in (d.lead, *d.daughters)], more, desk.author)
    writing.settle(desk.connection, _called_off(gone), desk.author)
    if stays:
        telling.parted(desk, [d.lead.row for d in left], more["recurrenceRuleId"])
    return len(gone) + len(new)


def _ruled(desk: Desk, planned: Planned, *, apart: bool) -> dict[str, int]:
    """Keep the new rule: in place of the former one, or beside it where part of the series still follows that."""
    if apart or planned.rule is None:
        return occurring.ruled(desk.connection, planned, desk.author)
    number = desk.lead.rule
    rule = recurrences.read(desk.connection, number)
    if rule is None:
        return occurring.ruled(desk.connection, planned, desk.author)
    recurrences.change(desk.connection, number, rule, planned.rule, desk.author)
    if planned.kept is not None:
        written_rules.keep(desk.connection, number, kept.to_json(planned.kept))
    else:
        written_rules.forget(desk.connection, [number])
    return {"recurrenceRuleId": number, "cautionWarning": planned.caution}


def _called_off(gone: list[Desk]) -> dict[Booking, Written]:
    becomes: dict[Booking, Written] = {}
    for d in gone:
        some = {row: d.becomes(row, Act.CANCEL) for row in d.daughters}
        becomes |= {row: after for row, after in some.items() if after.touched}
        becomes[d.lead] = d.becomes(d.lead, Act.CANCEL)
    return becomes
