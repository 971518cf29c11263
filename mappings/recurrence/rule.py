"""The CRM's recurrencerule."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of `recurrencerule`; `start` and `end` are wall seconds of the base zone."""

    pattern: int
    sub_pattern: int
    weekdays: int
    start: int
    end: int
    cyclic_day: int
    cyclic_week: int
    cyclic_month: int
