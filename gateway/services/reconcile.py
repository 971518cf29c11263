"""Look at everything again, in silence: what no trigger saw is found, and what is stored is compared with the rows."""

from __future__ import annotations

from gateway.crm import touched
from gateway.services import adopt, publish
from gateway.services.house import House
from gateway.services.publish import Report
from gateway.store import adopting, marks, published, quarantined, residence
from gateway.store.marks import Lane, Mark
from mappings import times

ROWS = 500


def reconcile(house: House, *, rebuild: bool = False) -> Report:
    """Project every event anew and store what differs; nothing is announced.

    `rebuild` first throws away what can be made again: parts, copies and their cursors. UIDs, SEQUENCE, answers and
    frozen copies stay; clients fetch their calendars afresh.
    """
    with house.store.publishing() as connection:
        if rebuild:
            published.demolish(connection, house.clock.now())
            residence.stand(connection, adopted=False)
            adopting.begin_again(connection)
        marks.add_every_event(connection)
        aside = quarantined.listed(connection)
        marks.add(connection, Lane.LATER, [Mark(kind, key) for kind, key, _, _ in aside])
    report = publish.catch_up(house, Lane.NOW)
    report += publish.catch_up(house, Lane.LATER)
    report += publish.catch_up(house, Lane.WAITING)
    report += _unseen(house)
    if rebuild:
        adopt.adopt(house)
    return report


def _unseen(house: House) -> Report:
    """Publish rows that nothing has marked: written while our triggers were away."""
    report = Report()
    since = times.wall(house.reach(house.clock.now()), house.settings.timezone)
    after = 0
    while True:
        with house.store.publishing() as connection:
            report += publish.aloud(house, connection)
            if report.more:
                continue
            rows = list(connection.scalars(touched.rows_after(after, since, ROWS)))
            if not rows:
                return report
            after = rows[-1]
            report += adopt.publish_rows(house, connection, rows)
