"""How what is planned recurs: a rule as somebody typed it, followed on the CRM's clock."""

from __future__ import annotations

from gateway.errors import BadRequest
from gateway.services.house import House
from gateway.services.verbs.planning import Plan, When
from mappings import times
from mappings.drafts import Draft, Sheet
from mappings.errors import Unmappable
from mappings.recurrence.pattern import checked
from mappings.recurrence.planning import Planned, planned
from mappings.times import DAY


def of_plan(house: House, plan: Plan) -> Planned | None:
    """Give the occurrences of a plan that has a rule; None for what happens once. Raises BadRequest."""
    return of_rule(house, plan.rrule, plan.when, todo=plan.todo) if plan.rrule.strip() else None


def of_rule(house: House, rrule: str, when: When, *, todo: bool) -> Planned:
    """Follow a rule from a time on, in the CRM's base zone; raises BadRequest for one that cannot be followed."""
    when.columns()
    zone = house.settings.timezone
    sheet = Sheet(when.start, when.end, zone, when.all_day)
    try:
        draft = Draft("", todo, sheet, rrule=checked(rrule))
        (found,) = planned(draft, base=zone, horizon=horizon(house), most=house.settings.max_occurrences)
    except Unmappable as error:
        raise BadRequest("rrule", error.rule) from error
    return found


def horizon(house: House) -> int:
    """Give until when a series without an end has rows, wall seconds of the base zone."""
    now = times.wall(house.clock.now(), house.settings.timezone)
    return now - now % DAY + house.settings.series_days * DAY
