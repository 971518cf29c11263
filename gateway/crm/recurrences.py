"""The CRM's recurrence rules: reading one, making one, changing one, and removing those that no row points at.

Source: the CRM's `recurrencerule` table page.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple
from typing import Final

from sqlalchemy import Connection, select

from gateway.chunks import chunks
from gateway.crm import journal
from gateway.crm import tables as t
from gateway.crm.journal import Author
from mappings.recurrence.rule import Rule

_r, _a = t.recurrencerule.c, t.appointment.c
# The columns in the order of `Rule`.
_COLUMNS: Final = (
    *(_r.pattern, _r.subPattern, _r.weekdays, _r.startDate, _r.endDate),
    *(_r.cyclicDay, _r.cyclicWeek, _r.cyclicMonth),
)


def read(connection: Connection, rule: int) -> Rule | None:
    """Read a rule; None where the CRM has none of that number."""
    found = connection.execute(select(*_COLUMNS).where(_r.RecurrenceRule_id == rule)).first()
    return Rule(*found) if found else None


def of_numbers(connection: Connection, numbers: Iterable[int]) -> dict[int, Rule]:
    """Read rules by their numbers; those that there are."""
    found: dict[int, Rule] = {}
    for some in chunks(numbers):
        for number, *rest in connection.execute(
            select(_r.RecurrenceRule_id, *_COLUMNS).where(_r.RecurrenceRule_id.in_(some))
        ):
            found[number] = Rule(*rest)
    return found


def add(connection: Connection, rule: Rule, by: Author) -> int:
    """Insert a rule and give its number."""
    return journal.add(connection, t.recurrencerule, [_columns(rule)], by)[0]


def change(connection: Connection, number: int, was: Rule, now: Rule, by: Author) -> bool:
    """Write what differs of a rule; tells whether anything does."""
    before = _columns(was)
    values = {name: value for name, value in _columns(now).items() if value != before[name]}
    if values:
        journal.change(connection, t.recurrencerule, {number: values}, by)
    return bool(values)


def tidy(connection: Connection, rules: Iterable[int], by: Author) -> list[int]:
    """Remove those of these rules that no appointment row points at any more, and give their numbers."""
    gone: list[int] = []
    for some in chunks(rule for rule in rules if rule):
        pointing = select(_a.appointment_id).where(_a.recurrenceRuleId == _r.RecurrenceRule_id)
        idle = select(_r.RecurrenceRule_id).where(_r.RecurrenceRule_id.in_(some), ~pointing.exists())
        gone += connection.scalars(idle)
    journal.remove(connection, t.recurrencerule, gone, by)
    return gone


def _columns(rule: Rule) -> dict[str, int]:
    return {column.name: value for column, value in zip(_COLUMNS, astuple(rule), strict=True)}
