"""What views are asked about: days of one known week, assignments, series, privacy, and a busy company.

Today is Wednesday, 5 August 2026, 10:00 on the clock of the base zone, Europe/Oslo.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import insert, select, update

from gateway.crm import ids, tables
from gateway.services.house import DAY
from mappings import times
from tests.outside import Clock
from tests.seed import ADA, BO, DAG, Seeded, seed

OSLO: Final = "Europe/Oslo"
MIDNIGHT: Final = 1_785_888_000  # of today, on the wall
HOUR: Final = 3_600
EVA, FAY = 20, 21  # associates: Eva is of Ada's group, Fay has retired
GROUP, OTHER_GROUP = 4, 5
NEW_YORK = 600  # a row of tzlocation
_a = tables.appointment.c


def planned(url: str, **settings: Any) -> Seeded:
    """Seed a database in which Ada and Eva are of one group, Bo and Dag of another, and Fay has retired."""
    clock = Clock(times.instant(MIDNIGHT + 10 * HOUR, OSLO))
    seeded = seed(url, clock=clock, timezone=OSLO, **settings)
    with seeded.crm() as connection:
        connection.execute(insert(tables.person), [
            {"person_id": 900, "contact_id": 2, "firstname": "Eva", "lastname": "Moen"},
            {"person_id": 901, "contact_id": 2, "firstname": "Fay", "lastname": "Old"},
        ])  # fmt: skip
        connection.execute(insert(tables.associate), [
            {"associate_id": EVA, "name": "Eva.Moen", "person_id": 900, "group_idx": GROUP, "deleted": 0},
            {"associate_id": FAY, "name": "FAY", "person_id": 901, "group_idx": GROUP, "deleted": 1},
        ])  # fmt: skip
        for associate, group in ((ADA, GROUP), (BO, OTHER_GROUP), (DAG, OTHER_GROUP)):
            where = tables.associate.c.associate_id == associate
            connection.execute(update(tables.associate).where(where).values(group_idx=group))
        zone = {"TZLocation_id": NEW_YORK, "locationCode": "US-NY", "isActive": 1}
        connection.execute(insert(tables.tzlocation).values(**zone))
    seeded.publish()
    return seeded


def at(days: int, hour: float = 0) -> int:
    """Give the instant of an hour of a day, counted from today."""
    return times.instant(MIDNIGHT + days * DAY + int(hour * HOUR), OSLO)


def row_of(seeded: Seeded, mother: int, associate: int = 0, person: int = 0) -> int:
    """Give the row of a participant."""
    where = (_a.mother_id == mother) & (_a.associate_id == associate) & (_a.appointment_id != mother)
    where = where & (_a.invitedPersonId == person) if person else where
    with seeded.crm() as connection:
        return int(connection.scalars(select(_a.appointment_id).where(where)).one())


def change(seeded: Seeded, *rows: int, **columns: Any) -> None:
    """Let the CRM write columns of rows."""
    with seeded.crm() as connection:
        connection.execute(update(tables.appointment).where(_a.appointment_id.in_(rows)).values(**columns))
    seeded.publish()


def assigned(seeded: Seeded, title: str, to: int, *, by: int = ADA, status: int = 11, **columns: Any) -> int:
    """Let `by` hand an appointment over to another associate."""
    return seeded.appointment(title, owner=to, assignedBy=by, status=status, **columns)


def series(seeded: Seeded, title: str, count: int = 3, **more: Any) -> list[int]:
    """Let Ada invite to a daily series; gives the mothers."""
    with seeded.crm() as connection:
        rule = ids.insert_with_ids(connection, tables.recurrencerule, [{"pattern": 1}])[0]
    return [seeded.meeting(title, days=1 + n, recurrenceRuleId=rule, **more) for n in range(count)]


def visible_to(
    seeded: Seeded, mother: int, *, everyone: int = 0, group: int = 0, associate: int = 0, private: int = 0
) -> None:
    """Let the CRM say who may read a meeting: one row of visiblefor for each row of it."""
    with seeded.crm() as connection:
        where = (_a.appointment_id == mother) | (_a.mother_id == mother)
        for row in connection.scalars(select(_a.appointment_id).where(where)).all():
            says = {"forAll": everyone, "forGroupId": group, "forAssocId": associate}
            ids.insert_with_ids(connection, tables.visiblefor, [{"tableId": 9, "recordId": row, **says}])[0]
        connection.execute(update(tables.appointment).where(where).values(private=private))
    seeded.publish()
