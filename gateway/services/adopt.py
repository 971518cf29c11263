"""Adoption: what stood in the CRM before us is published calendar by calendar, and in silence (DESIGN section 4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gateway.crm import touched
from gateway.services import publish
from gateway.services.house import House
from gateway.services.publish import Publication, Report
from gateway.store import adopting, published, residence
from gateway.store.unit import PATIENCE, Connection
from mappings import times
from mappings.identity import DIARY, TASKS
from mappings.status import DIARY_TYPES, TODO_TYPES

# Which of the CRM's types each calendar shows.
TYPES = {DIARY: DIARY_TYPES, TASKS: TODO_TYPES}
ROWS = 300  # rows published in one transaction, so that writers and other calendars are never kept long


@dataclass(frozen=True, slots=True)
class Adopted:
    """How many calendars and events were published."""

    calendars: int
    events: int


def adopt(house: House, *, progress: Callable[[int, int], None] | None = None) -> Adopted:
    """Publish every calendar that is not adopted yet; `progress` is told (calendars done, calendars in all)."""
    with house.store.publishing() as connection:
        open_calendars(connection)
    done = events = 0
    while True:
        step = adopt_some(house)
        if step is None:
            return Adopted(done, events)
        events += step.report.changed
        done += step.finished
        if progress is not None:
            progress(done, done + step.left)


def open_calendars(connection: Connection) -> None:
    """Make what calendars lack for every associate and resource with a diary; to be adopted, or empty."""
    adopted, _ = published.adoption(connection)
    published.calendars(connection, connection.scalars(touched.diaries()).all(), adopted=adopted)


@dataclass(frozen=True, slots=True)
class Step:
    """One transaction of adopting: what it published, whether a calendar was finished, and how many are left."""

    report: Report
    finished: bool
    left: int


def adopt_some(house: House, wait: float = PATIENCE) -> Step | None:
    """Publish some rows of the calendar that is next in line; None when there is nothing left to adopt."""
    with house.store.publishing(wait) as connection:
        adopted, _ = published.adoption(connection)
        if adopted:
            return None
        it = adopting.next_in_line(connection)
        if it is None:
            residence.stand(connection, adopted=True)
            return None
        aloud = publish.aloud(house, connection, ROWS)
        if aloud.more:
            return Step(aloud, finished=False, left=adopting.left(connection))
        now = house.clock.now()
        since = times.wall(house.reach(now), house.settings.timezone)
        place = (it.cursor_date, it.cursor_id)
        rows = connection.execute(touched.in_calendar(it.associate_id, TYPES[it.name], place, since, ROWS)).all()
        report = aloud
        report += publish_rows(house, connection, [row for _, row in rows])
        finished = len(rows) < ROWS
        last = (rows[-1][0], rows[-1][1]) if rows else place
        adopting.advance(connection, it, last, finished=finished)
        return Step(report, finished, adopting.left(connection))


def publish_rows(house: House, connection: Connection, rows: list[int]) -> Report:
    """Publish, in silence, the events of CRM rows that we have not seen yet."""
    publication = Publication(house, house.reader, connection, silent=True)
    seen = published.members(connection, rows)
    publication.ids |= {r for r in rows if r not in seen}
    return publication.run() if publication.ids else Report()
