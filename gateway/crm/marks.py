"""Which column of which CRM table is marked as what: the one table that all triggers are made from."""

from dataclasses import dataclass
from itertools import groupby
from typing import Final

NOW: Final = 0
LATER: Final = 1

DIRTY: Final = "gateway_dirty"
"""Where marks go: our table, columns (lane, source, ref)."""

PREFIX: Final = "partstat_"
"""Every trigger and function of ours begins so; what begins so is ours to drop."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A row that changes marks `source` with the value in `key`, unless that is 0 or `only` does not hold."""

    table: str
    key: str
    source: str
    lane: int
    only: tuple[str, int] | None = None


MARKS: Final = (
    Mark("appointment", "appointment_id", "appointment", NOW),
    Mark("text", "text_id", "text", NOW),
    # VisibleFor speaks of sales and selections too; 9 is the number of the appointment table.
    Mark("visiblefor", "recordId", "appointment", NOW, only=("tableId", 9)),
    Mark("invitation", "appointment_id", "appointment", NOW),
    Mark("recurrencerule", "RecurrenceRule_id", "rule", NOW),
    Mark("person", "person_id", "person", LATER),
    Mark("associate", "associate_id", "associate", LATER),
    Mark("email", "email_id", "email", LATER),
    Mark("email", "person_id", "person", LATER),
    Mark("email", "appointment_id", "appointment", LATER),
    Mark("task", "Task_id", "task", LATER),
    Mark("tzlocation", "TZLocation_id", "zone", LATER),
)

BY_TABLE: Final = {table: tuple(marks) for table, marks in groupby(MARKS, key=lambda mark: mark.table)}
