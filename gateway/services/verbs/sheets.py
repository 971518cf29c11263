"""What a calendar program wrote of an occurrence, as the plan of a meeting."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from gateway.services.verbs.planning import LINK, PLACE, TEXT, TITLE, Plan, When
from mappings import roles
from mappings.drafts import Sheet
from mappings.recurrence.planning import Occurrence

PRIVATE: Final = {"PRIVATE": "me", "CONFIDENTIAL": "group"}
_URGENT: Final = {value: key for key, value in roles.PRIORITIES.items()}


def alike(occurrences: Iterable[Occurrence]) -> dict[Sheet, list[Occurrence]]:
    """Put occurrences together that differ in nothing but when they are."""
    found: dict[Sheet, list[Occurrence]] = {}
    for one in occurrences:
        found.setdefault(replace(one.sheet, start=0, end=0, zone="", all_day=False), []).append(one)
    return found


def plan(sheet: Sheet, one: Occurrence, *, todo: bool, mail: bool) -> Plan:
    """Give the plan of an occurrence."""
    return Plan(
        title=sheet.summary.partition("\n")[0].strip() or "-",
        when=When(one.start, one.end, one.all_day),
        description=sheet.description,
        place=sheet.location.replace("\n", ", "),
        video=sheet.video,
        private=PRIVATE.get(sheet.classification, "no"),
        free=sheet.free,
        todo=todo,
        priority=_URGENT.get(_nearest(sheet.priority), 0),
        alarm=sheet.alarm,
        mail=mail,
    )


def held(sheet: Sheet) -> Sheet:
    """Give as much of a sheet as the CRM's columns can hold: what somebody else wrote cannot be sent back to them."""
    title = _cut(sheet.summary.partition("\n")[0].strip() or "-", TITLE)
    return replace(
        sheet,
        summary=title,
        description=_cut(sheet.description.strip("\n").rstrip(), TEXT - len(title) - 1),
        location=_cut(sheet.location.replace("\n", ", "), PLACE),
        video=sheet.video if len(sheet.video) <= LINK else "",
        alarm=None,
    )


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 2].rstrip() + " \N{HORIZONTAL ELLIPSIS}"


def _nearest(priority: int) -> int:
    """Give the priority of the CRM's that is nearest to one of iCalendar's (RFC 5545 3.8.1.9: high, medium, low)."""
    return 0 if not priority else 1 if priority < 5 else 5 if priority == 5 else 9
